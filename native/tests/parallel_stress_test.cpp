/// Many threads at once on what they share: the version store, a turn's list of those that wait,
/// the commit lane, the pool.
#include "tests/forced_orders.hpp"

#include <chrono>
#include <thread>

namespace braid::test {
namespace {

/// Fewer rounds where a sanitizer makes each ten times as long.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int effort = 1;
#else
constexpr int effort = 2;
#endif

/// Runs `body(i)` on `count` threads that start at once.
template <typename Body>
void on_threads(size_t count, Body&& body) {
    std::atomic<size_t> missing{count};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            missing.fetch_sub(1);
            while (missing.load() != 0)
                std::this_thread::yield();
            body(i);
        });
    for (std::thread& thread : threads)
        thread.join();
}

/// A run of a transaction that writes its own number, and which run it was, to shared slots.
transaction::TransactionOutcome outcome_of(uint32_t transaction, uint32_t incarnation) {
    transaction::TransactionOutcome outcome;
    for (uint64_t account = 0; account < 2; ++account) {
        transaction::AccountWrite& write = outcome.accounts.emplace_back();
        write.address = address_of(0x1000 + account);
        write.balance_change = uint256{transaction + 1};
        write.nonce_changed = true;
        write.nonce = uint64_t{transaction} << 8 | incarnation;
        write.slot_start = static_cast<uint32_t>(outcome.slots.size());
        write.slot_count = 2;
        for (uint64_t slot = 0; slot < 2; ++slot)
            outcome.slots.push_back({word(slot), {}, word(transaction * 2 + incarnation)});
    }
    return outcome;
}

} // namespace

TEST("stress: versions published on many threads are seen in order, and only the latest run's") {
    constexpr size_t threads = 6;
    constexpr uint32_t each = 10;
    constexpr uint32_t count = threads * each;
    for (int round = 0; round < 20 * effort; ++round) {
        parallel::VersionStore store;
        store.begin(count, count);
        std::vector<parallel::VersionArena> arenas(threads);
        std::vector<std::atomic<int>> published(count); // how many runs
        std::atomic<int> wrong{0};
        const auto look = [&](uint32_t reader) {
            // What was published before must be seen, or something later.
            int64_t least = -1;
            for (uint32_t i = 0; i < reader; ++i)
                if (published[i].load() == 2)
                    least = i;
            const parallel::AccountLocation* account = store.find(address_of(0x1001));
            const parallel::SlotLocation* slot =
                account == nullptr ? nullptr : store.find(*account, word(1));
            const Bytes32* value = slot == nullptr ? nullptr : store.latest_before(*slot, reader);
            if (value == nullptr
                    ? least >= 0
                    : static_cast<int64_t>(to_uint256(*value).word[0]) < least * 2 + 1 ||
                          to_uint256(*value).word[0] / 2 >= reader)
                wrong.fetch_add(1);
            if (account == nullptr)
                return;
            int64_t last = INT64_MAX;
            store.for_each_before(
                *account, nullptr, reader, [&](const transaction::AccountWrite& write) {
                    const auto writer = static_cast<int64_t>(write.nonce >> 8);
                    if (writer >= last || writer >= reader ||
                        write.balance_change != uint256{static_cast<uint64_t>(writer) + 1})
                        wrong.fetch_add(1);
                    last = writer;
                    return true;
                });
        };
        on_threads(threads, [&](size_t thread) {
            // Its own transactions, the first time forwards, then backwards.
            for (uint32_t run = 0; run < 2; ++run)
                for (uint32_t place = 0; place < each; ++place) {
                    const auto transaction = static_cast<uint32_t>(
                        thread + threads * (run == 0 ? place : each - 1 - place));
                    store.publish(transaction, run, outcome_of(transaction, run), arenas[thread]);
                    published[transaction].fetch_add(1);
                    look(static_cast<uint32_t>((transaction * 7 + thread) % (count + 1)));
                }
        });
        CHECK_EQ(wrong.load(), 0);
        const parallel::AccountLocation* account = store.find(address_of(0x1000));
        uint64_t expected = count;
        store.for_each_before(*account, nullptr, count,
                              [&](const transaction::AccountWrite& write) {
                                  CHECK_EQ(write.nonce, --expected << 8 | 1);
                                  return true;
                              });
        CHECK_EQ(expected, uint64_t{0});
    }
}

TEST("stress: an account is never counted twice while the lane settles it") {
    constexpr uint32_t count = 90; // with those of runs again not too many for one look
    constexpr size_t readers = 4;
    const Address hot = address_of(0x1000);
    const Address payer = address_of(0x5e);
    const auto credit_of = [&](uint32_t transaction) {
        transaction::TransactionOutcome outcome;
        transaction::AccountWrite& write = outcome.accounts.emplace_back();
        write.address = hot;
        write.balance_change = uint256{transaction + 1};
        return outcome;
    };
    for (int round = 0; round < 20 * effort; ++round) {
        parallel::VersionStore store;
        store.begin(count, count);
        parallel::VersionArena arena;
        for (uint32_t i = 0; i < count; ++i)
            store.publish(i, 0, credit_of(i), arena, &payer);
        state::MemoryState base;
        base.set_account({hot, 1, uint256{1000}});
        std::atomic<int> wrong{0};
        on_threads(readers + 1, [&](size_t thread) {
            if (thread == readers) {
                state::MemoryState committed;
                committed.assign(base);
                uint64_t balance = 1000;
                for (uint32_t i = 0; i < count; ++i) {
                    committed.set_account({hot, 1, uint256{balance += i + 1}});
                    // Every third has run again at the head, and its earlier run counts no more.
                    if (i % 3 == 0)
                        store.settle(i, 2, credit_of(i), committed, arena, payer);
                    else
                        store.settle_long(i, credit_of(i), committed, arena);
                }
                return;
            }
            parallel::SpeculativeView view{store};
            view.begin_block(base);
            for (uint32_t i = 0; i < 2 * count; ++i) {
                const uint32_t reader = count - i * 7 % 30;
                state::AccountState account;
                bool exists = false;
                view.begin(reader, payer, 0);
                if (view.load_account(hot, account, exists) != state::ReadStatus::ok || !exists)
                    wrong.fetch_add(1);
                // A run that counts no more may be missed, but nothing is ever added twice.
                if (account.balance < uint256{1000} ||
                    uint256{1000 + uint64_t{reader} * (reader + 1) / 2} < account.balance)
                    wrong.fetch_add(1);
            }
        });
        CHECK_EQ(wrong.load(), 0);
        parallel::SpeculativeView view{store};
        view.begin_block(base);
        view.begin(count, payer, 0);
        state::AccountState account;
        bool exists = false;
        CHECK(view.load_account(hot, account, exists) == state::ReadStatus::ok);
        CHECK(account.balance == uint256{1000 + uint64_t{count} * (count + 1) / 2});
    }
}

TEST("stress: of those that park on a turn while it closes nobody is lost, and nobody twice") {
    constexpr size_t threads = 5;
    constexpr uint32_t each = 8;
    parallel::Turn first;
    std::vector<parallel::Turn> turns(threads * each);
    size_t parked_in_all = 0;
    size_t refused_in_all = 0;
    for (int round = 0; round < 60 * effort; ++round) {
        first.reset();
        for (parallel::Turn& turn : turns)
            turn.reset();
        std::vector<std::vector<uint32_t>> refused(threads);
        std::vector<std::vector<uint32_t>> taken(2);
        on_threads(threads + 2, [&](size_t thread) {
            if (thread < threads) {
                for (uint32_t i = 0; i < each; ++i) {
                    const auto index = static_cast<uint32_t>(thread * each + i);
                    turns[index].start();
                    if (!first.park(turns[index], index))
                        refused[thread].push_back(index);
                }
                return;
            }
            for (int i = 0; i < round % 40; ++i)
                std::this_thread::yield();
            for (uint32_t waiting = first.close(); waiting != parallel::Turn::nobody;
                 waiting = turns[waiting].next_waiting)
                taken[thread - threads].push_back(waiting);
        });
        std::vector<int> seen(turns.size());
        for (const auto& list : refused)
            for (const uint32_t index : list) {
                ++seen[index];
                CHECK(turns[index].state() == parallel::Turn::State::running);
                ++refused_in_all;
            }
        CHECK(taken[0].empty() || taken[1].empty());
        for (const auto& list : taken)
            for (const uint32_t index : list) {
                ++seen[index];
                CHECK(turns[index].state() == parallel::Turn::State::parked);
                ++parked_in_all;
            }
        CHECK(seen == std::vector<int>(turns.size(), 1));
    }
    CHECK(parked_in_all + refused_in_all == turns.size() * 60 * effort);
}

TEST("stress: the lane commits everything in order, whoever comes and goes") {
    auto& pool = *new parallel::WorkerPool{7};
    parallel::OptimisticLoop loop{pool, [] { return std::make_unique<transaction::Machine>(); }};
    for (uint64_t seed = 0; seed < 40 * effort; ++seed) {
        ConflictingBlock block{seed % 2 == 0 ? EVMC_SHANGHAI : EVMC_OSAKA, seed, 60};
        Random random{seed};
        for (uint32_t i = 0; i < block.transactions.size(); ++i) {
            wire::Transaction& transaction = block.transactions[i];
            if (random.chance(30)) {
                transaction.gas_limit = 21'000;
                transaction.data_size = 0;
                transaction.to = address_of(0xe0 + random.below(3));
            } else if (random.chance(50)) {
                transaction.gas_limit = 800'000; // claimed alone
            }
            if (i > 0 && random.chance(30))
                transaction.predecessor = 1 + static_cast<uint32_t>(random.below(i));
        }
        block.header.gas_limit = 1'000'000'000;
        const wire::BlockRecords expected = block.run_sequentially();
        for (const size_t workers : {2, 5, 8}) {
            loop.set_workers(workers);
            if (!same_records(expected, block.run_with(loop)))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", workers " + std::to_string(workers));
            CHECK_EQ(loop.left_over(), size_t{0});
        }
    }
}

TEST("stress: a block may be given up while its senders are being recovered") {
    auto& pool = *new parallel::WorkerPool{5};
    parallel::OptimisticLoop loop{pool, [] { return std::make_unique<transaction::Machine>(); }};
    loop.set_workers(6);
    // The first transaction cannot be, the others have a signature of somebody.
    BlockFixture block{EVMC_OSAKA};
    block.add_call(address_of(0xabc)).gas_limit = 21'000;
    block.transactions[0].nonce = 7;
    for (uint64_t i = 1; i < 400; ++i) {
        wire::Transaction& transaction = block.add_call(address_of(0xabc));
        transaction.flags = wire::transaction_flag::has_to;
        transaction.r = word(i);
        transaction.s = word(1);
        if (i % 3 == 0)
            transaction.gas_limit = 21'000;
    }
    for (int round = 0; round < 10 * effort; ++round) {
        transaction::Machine machine;
        block::BlockExecutor executor{machine};
        block::SenderTable senders;
        senders.begin(block.view());
        loop.set_recovery(&senders);
        wire::BlockRecords records;
        records.clear();
        executor.execute(block.state, block.view(), senders, records, loop);
        CHECK(records.error == wire::ErrorCode::tx_nonce_too_high);
        CHECK_EQ(records.error_transaction, 0);
    }
}

TEST("stress: regions in regions, jobs meanwhile, and pauses of every length") {
    auto& pool = *new parallel::WorkerPool{4};
    std::atomic<int> jobs{0};
    std::atomic<int> items{0};
    constexpr int rounds = 40 * effort;
    constexpr size_t callers = 3;
    on_threads(callers, [&](size_t caller) {
        for (int round = 0; round < rounds; ++round) {
            pool.parallel_for(4, 1, 4, [&](size_t begin, size_t end) {
                for (size_t i = begin; i < end; ++i) {
                    auto job = parallel::make_job([&] { jobs.fetch_add(1); });
                    CHECK(pool.post(job));
                    pool.parallel_for(6, 2, 3, [&](size_t from, size_t to) {
                        pool.parallel_for(to - from, 1, 2, [&](size_t first, size_t last) {
                            items.fetch_add(static_cast<int>(last - first));
                        });
                    });
                }
            });
            // About as long as threads stay awake, to meet them while they fall asleep.
            std::this_thread::sleep_for(
                std::chrono::microseconds{(round * 13 + static_cast<int>(caller) * 7) % 120});
        }
    });
    CHECK_EQ(items.load(), rounds * static_cast<int>(callers) * 4 * 6);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (jobs.load() < rounds * static_cast<int>(callers) * 4 &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK_EQ(jobs.load(), rounds * static_cast<int>(callers) * 4);
}

} // namespace braid::test
