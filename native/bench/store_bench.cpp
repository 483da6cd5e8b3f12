/// What a large store costs: `store_bench FOLDER [accounts] [changes]` imports that many accounts
/// and as many slots into the folder, unless it holds them already, then measures opening, reading
/// and committing. STORE_BENCH_NO_SYNC: commits don't wait for the disk; STORE_BENCH_NO_READS:
/// without reading first.
#include "crypto/keccak.hpp"
#include "parallel/worker_pool.hpp"
#include "store/importer.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

using namespace braid;

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// What all threads of the process have computed: less of it is others' than of the time.
double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Address address_of(uint64_t number) {
    Address address{};
    store_be64(address.bytes, mix64(number));
    store_be64(address.bytes + 12, number);
    return address;
}

Bytes32 word(uint64_t number) { return to_bytes32(uint256{number}); }

/// Resident memory that is the process's own, and with the file's pages that are mapped.
void print_memory(const char* when) {
    long total = 0;
    long resident = 0;
    long shared = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld %ld", &total, &resident, &shared) != 3)
            resident = shared = 0;
        std::fclose(file);
    }
    std::printf("%s: resident %ld MB, of it mapped files %ld MB\n", when, resident / 256,
                shared / 256);
}

void must(const store::Status& status, const char* what) {
    if (!status.failed())
        return;
    std::printf("%s: status %u (%d)\n", what, static_cast<unsigned>(status.code), status.error);
    std::exit(1);
}

/// Half of the accounts have slots: two each.
uint64_t slot_account(uint64_t slot) { return slot / 2 * 2; }

void import(const std::string& folder, uint64_t accounts) {
    const double start = seconds();
    std::unique_ptr<store::Importer> importer;
    must(store::Importer::begin(folder, {}, importer), "begin");
    for (uint64_t i = 0; i < accounts; ++i) {
        must(importer->add_account(address_of(i), i % 5, uint256{1'000'000'000'000 + i},
                                   empty_code_hash),
             "account");
        must(importer->add_slot(address_of(slot_account(i)), word(i), word(i * i + 1)), "slot");
    }
    const double added = seconds();
    Bytes32 root{};
    must(importer->finish({}, nullptr, root), "finish");
    const double end = seconds();
    std::printf("import of %lu accounts and slots: %.1f s (%.1f adding), %.0f accounts/s\n",
                accounts, end - start, added - start,
                static_cast<double>(accounts) / (end - start));
    print_memory("after import");
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2)
        return 2;
    const bool is_synced = std::getenv("STORE_BENCH_NO_SYNC") == nullptr;
    const std::string folder = argv[1];
    const uint64_t accounts = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000;
    const uint64_t changes = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 2000;

    store::StoreOptions options;
    options.threads = 2;
    if (const char* mapped = std::getenv("STORE_BENCH_MAPPED"))
        options.mapped_bytes = std::strtoull(mapped, nullptr, 10);
    options.durability = is_synced ? store::Durability::sync : store::Durability::no_sync;
    options.jobs.run_all = [](void*, size_t count, store::JobRunner::Call call, void* job) {
        parallel::WorkerPool::shared().parallel_for(count, 1, 2, [&](size_t begin, size_t end) {
            for (size_t i = begin; i < end; ++i)
                call(job, i);
        });
    };
    std::unique_ptr<store::Store> store;
    if (store::Store::open(folder, options, store).failed())
        import(folder, accounts);
    store.reset();
    const double opening = seconds();
    must(store::Store::open(folder, options, store), "open");
    std::printf("open: %.2f ms; file %.0f MB\n", (seconds() - opening) * 1e3,
                static_cast<double>(store->file_bytes()) / 1e6);
    print_memory("open");

    std::mt19937_64 random{1};
    const int rounds = std::getenv("STORE_BENCH_NO_READS") == nullptr ? 2 : 0;
    for (int round = 0; round < rounds; ++round) {
        const auto view = store->view();
        constexpr uint64_t reads = 500'000;
        const double start = seconds();
        uint64_t sum = 0;
        for (uint64_t i = 0; i < reads; ++i) {
            state::AccountState account;
            bool exists = false;
            (void)view->load_account(address_of(random() % accounts), account, exists);
            sum += account.nonce;
        }
        const double middle = seconds();
        for (uint64_t i = 0; i < reads; ++i) {
            const uint64_t slot = random() % accounts;
            Bytes32 value{};
            (void)view->load_storage(address_of(slot_account(slot)), word(slot), value);
            sum += value.bytes[31];
        }
        std::printf("random reads: account %.0f ns, slot %.0f ns (%lu)\n",
                    (middle - start) / reads * 1e9, (seconds() - middle) / reads * 1e9, sum % 2);
    }
    print_memory("after reads");

    for (int block = 0; block < 12; ++block) {
        std::vector<wire::AccountChange> changed;
        std::vector<wire::SlotChange> slots;
        const auto view = store->view();
        for (uint64_t i = 0; i < changes / 2; ++i) {
            const uint64_t number = random() % accounts / changes * changes + 2 * i;
            wire::AccountChange change{};
            change.address = address_of(number % accounts);
            state::AccountState before;
            bool exists = false;
            (void)view->load_account(change.address, before, exists);
            change.flags = wire::account_flag::existed_before | wire::account_flag::exists_after;
            change.nonce_before = change.nonce_after = before.nonce;
            change.balance_before = to_bytes32(before.balance);
            change.balance_after = word(random());
            change.code_hash_before = change.code_hash_after = empty_code_hash;
            change.slot_start = static_cast<uint32_t>(slots.size());
            change.slot_count = 1;
            wire::SlotChange slot{word(number % accounts), {}, word(random())};
            (void)view->load_storage(change.address, slot.key, slot.before);
            slots.push_back(slot);
            changed.push_back(change);
        }
        wire::OutputView output;
        output.accounts = changed;
        output.slots = slots;
        Bytes32 root{};
        const double cpu = cpu_seconds();
        const double start = seconds();
        must(store->stage(output, root), "stage");
        const double staged = seconds();
        const double cpu_staged = cpu_seconds();
        must(store->keep(store->head().number + 1, word(1)), "keep");
        const double kept = seconds();
        must(store->flush(), "flush");
        std::printf("%lu accounts and slots: root %.2f ms (CPU %.2f), keep %.2f ms, write and sync "
                    "%.2f ms (CPU %.2f)\n",
                    changed.size(), (staged - start) * 1e3, (cpu_staged - cpu) * 1e3,
                    (kept - staged) * 1e3, (seconds() - kept) * 1e3,
                    (cpu_seconds() - cpu_staged) * 1e3);
    }
    for (int i = 0; i < 2; ++i) {
        const double start = seconds();
        must(store->revert(), "revert");
        std::printf("revert: %.2f ms\n", (seconds() - start) * 1e3);
    }
    while (store->undoable() != 0)
        must(store->revert(), "revert");
    print_memory("end");
}
