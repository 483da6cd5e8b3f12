/// Ends or breaks a process at every step of commits, reversals, pruning and imports, and looks at
/// what is left: in builds with failpoints.
#include "store/checker.hpp"
#include "store/failpoints.hpp"
#include "store/importer.hpp"
#include "tests/store_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <sys/wait.h>

using namespace braid;
using namespace braid::test;
using store::StoreCode;

#ifdef BRAID_FAILPOINTS

namespace {

/// Every one of the first places a failpoint is met is tried, then one of so many more for each
/// multiple of it. Under a sanitizer fewer: forking its process takes a hundred times as long.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr size_t places_in_full = 2;
#else
constexpr size_t places_in_full = 24;
#endif

/// What a process does, and every state that it may leave.
class Scenario {
  public:
    explicit Scenario(uint64_t seed) : model_{seed, 60} {
        states_.emplace_back(0);
        note(word(0));
        for (int step = 1; step <= 14; ++step) {
            if (step % 5 == 0 && states_.size() > 2) {
                states_.pop_back();
                model_.state.assign(states_.back().state);
                steps_.push_back({});
                continue;
            }
            MadeOutput output = model_.make_block(step == 1 ? 50 : 12);
            model_.apply(output);
            states_.emplace_back(0);
            const Bytes32 hash = word(1000 + static_cast<uint64_t>(step));
            note(hash);
            steps_.push_back({std::move(output), hash, step % 3 == 0, true});
        }
    }

    /// In the child: all steps, with small batches and a short history. Stops at the first error
    /// that comes again.
    void run(const std::string& folder) const {
        std::unique_ptr<store::Store> store;
        auto options = options_of();
        if (store::Store::open(folder, options, store).failed() &&
            store::Store::open(folder, options, store).failed())
            return;
        for (const Step& step : steps_) {
            if (!step.is_block) {
                if (store->revert().failed() && store->revert().failed())
                    return;
                continue;
            }
            Bytes32 root{};
            if (store->stage(step.output.view(), root).failed())
                return;
            if (store->keep(store->head().number + 1, step.hash).failed())
                return;
            if (!step.is_batched && store->flush().failed() && store->flush().failed())
                return;
        }
        (void)store->flush();
    }

    /// In the parent: the folder holds one of the states, whole, and goes on.
    void check(const std::string& folder, const std::string& where) {
        std::unique_ptr<store::Store> store;
        const store::Status status = store::Store::open(folder, options_of(), store);
        if (status.failed())
            std::fprintf(stderr, "%s: open says %u\n", where.c_str(),
                         static_cast<unsigned>(status.code));
        CHECK(!status.failed());
        if (status.failed())
            return;
        check_whole(*store, where);
        const auto known = by_hash_.find(to_hex(store->head().hash.bytes, 32));
        CHECK(known != by_hash_.end());
        if (known == by_hash_.end())
            return;
        StateModel model{1, 60};
        model.state.assign(known->second->state);
        model.check(*store->view());
        // Undo works, back to the oldest one and forward again.
        while (store->undoable() != 0)
            CHECK(!store->revert().failed());
        check_whole(*store, where);
        const auto before = by_hash_.find(to_hex(store->head().hash.bytes, 32));
        CHECK(before != by_hash_.end());
        if (before == by_hash_.end())
            return;
        model.state.assign(before->second->state);
        model.check(*store->view());
        commit_block(*store, model, model.make_block(20));
        CHECK(!store->flush().failed());
        check_whole(*store, where);
    }

  private:
    struct Step {
        MadeOutput output;
        Bytes32 hash{};
        bool is_batched = false;
        bool is_block = false;
    };

    static store::StoreOptions options_of() {
        auto options = small_store();
        options.history = 3;
        options.durability = store::Durability::sync;
        return options;
    }

    static void check_whole(store::Store& store, const std::string& where) {
        std::atomic<uint64_t> done{0};
        store::CheckReport report;
        (void)store::check_state(*store.snapshot(), done, nullptr, report);
        if (!report.problem.empty())
            std::fprintf(stderr, "%s: ", where.c_str());
        CHECK_EQ(report.problem, std::string{});
    }

    void note(const Bytes32& hash) {
        states_.back().state.assign(model_.state);
        auto kept = std::make_shared<StateModel>(0);
        kept->state.assign(model_.state);
        by_hash_[to_hex(hash.bytes, 32)] = std::move(kept);
    }

    StateModel model_;
    std::deque<StateModel> states_;
    std::vector<Step> steps_;
    std::map<std::string, std::shared_ptr<StateModel>> by_hash_;
};

/// Runs something in a child with a failpoint armed; whether the child was killed there.
template <typename Run>
bool dies_at(const std::string& failpoint, Run&& run) {
    const pid_t child = ::fork();
    if (child == 0) {
        store::arm_failpoint(failpoint.c_str());
        run();
        ::_exit(0);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    const bool ended = killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (!ended)
        std::fprintf(stderr, "%s: wait status %d\n", failpoint.c_str(), status);
    CHECK(ended);
    return killed;
}

/// Calls `attempt(failpoint)` for the first, second, … time at a place, until it is not met any
/// more. Long rows are thinned out towards their end.
template <typename Attempt>
size_t each_time(const char* name, Attempt&& attempt) {
    size_t times = 0;
    for (size_t count = 1;; count += 1 + count / places_in_full) {
        if (!attempt(std::string{name} + ':' + std::to_string(count)))
            return times;
        ++times;
    }
}

} // namespace

TEST("store crash: killed at every step of commits, reversals and pruning") {
    Scenario scenario{61};
    for (const char* name :
         {"begin", "commit", "write-accounts", "write-slots", "write-branches", "write-codes",
          "write-undo", "remove-undo", "write-meta", "flush", "lmdb-write", "lmdb-sync"}) {
        const size_t times = each_time(name, [&](const std::string& failpoint) {
            const TemporaryFolder folder;
            const bool died = dies_at(failpoint, [&] { scenario.run(folder.store()); });
            scenario.check(folder.store(), failpoint);
            return died;
        });
        CHECK(times != 0);
    }
}

TEST("store crash: failing writes and syncs of commits, reversals and pruning") {
    Scenario scenario{62};
    for (const char* name : {"begin", "commit", "write-slots", "write-undo", "remove-undo",
                             "write-meta", "flush", "lmdb-write", "lmdb-sync"})
        for (const char* error : {":ENOSPC", ":EIO"})
            for (size_t count = 1; count < 60;
                 count += 1 + count / std::min<size_t>(places_in_full, 4)) {
                const std::string failpoint =
                    std::string{name} + ':' + std::to_string(count) + error;
                const TemporaryFolder folder;
                CHECK(!dies_at(failpoint, [&] { scenario.run(folder.store()); }));
                scenario.check(folder.store(), failpoint);
            }
}

TEST("store crash: a copy that dies or fails at any step leaves no store, and can be made anew") {
    const TemporaryFolder folder;
    StateModel model{64, 400};
    auto store = open_store(folder.store(), small_store());
    commit_block(*store, model, model.make_block(400));
    CHECK(!store->flush().failed());
    for (const char* name : {"copy-write", "copy-sync", "folder-sync"}) {
        for (const char* error : {"", ":ENOSPC", ":EIO"}) {
            const TemporaryFolder other;
            const std::string failpoint = std::string{name} + ":1" + error;
            const bool died = dies_at(failpoint, [&] { (void)store->copy_to(other.path()); });
            CHECK_EQ(died, *error == '\0');
            auto options = small_store();
            options.create = false;
            std::unique_ptr<store::Store> copied;
            const StoreCode code = store::Store::open(other.path(), options, copied).code;
            // Behind the renaming it is there, whether the name lasts or not.
            const bool is_there = std::string_view{name} == "folder-sync";
            CHECK(code == (is_there ? StoreCode::ok : StoreCode::not_found));
            if (!is_there) {
                CHECK(!store->copy_to(other.path()).failed());
                copied = open_store(other.path(), options);
            }
            model.check(*copied->view());
        }
    }
}

TEST("store crash: an import that dies or fails at any step can be started anew") {
    StateModel model{63, 800};
    model.apply(model.make_block(800));
    const Bytes32 expected = model.root();
    const auto import = [&](const std::string& folder) -> store::Status {
        store::ImportOptions options;
        options.memory = 1 << 16;
        std::unique_ptr<store::Importer> importer;
        store::Status status = store::Importer::begin(folder, options, importer);
        model.state.for_each_account(
            [&](const Address& address, const state::AccountState& account) {
                Bytes32 hash{};
                if (!status.failed())
                    status = importer->add_account(address, account.nonce, account.balance,
                                                   account.code_hash);
                if (!status.failed() && !(account.code_hash == empty_code_hash))
                    status =
                        importer->add_code(model.state.find_code(account.code_hash)->bytes(), hash);
                model.state.for_each_slot(address, [&](const Bytes32& key, const Bytes32& value) {
                    if (!status.failed())
                        status = importer->add_slot(address, key, value);
                });
            });
        Bytes32 root{};
        return status.failed() ? status : importer->finish({}, &expected, root);
    };
    const auto check = [&](const std::string& folder, const std::string& where) {
        auto options = small_store();
        options.create = false;
        std::unique_ptr<store::Store> store;
        const StoreCode code = store::Store::open(folder, options, store).code;
        if (code != StoreCode::ok) {
            if (code != StoreCode::not_found && code != StoreCode::not_imported)
                std::fprintf(stderr, "%s: open says %u\n", where.c_str(),
                             static_cast<unsigned>(code));
            CHECK(code == StoreCode::not_found || code == StoreCode::not_imported);
            CHECK(!import(folder).failed());
            CHECK(!store::Store::open(folder, options, store).failed());
        }
        CHECK(store != nullptr && store->head().root == expected);
        model.check(*store->view());
    };
    for (const char* name :
         {"mark", "run-write", "folder-sync", "remove", "begin", "commit", "import-commit",
          "import-sync", "import-meta", "sync", "lmdb-write", "lmdb-sync"}) {
        const size_t times = each_time(name, [&](const std::string& failpoint) {
            const TemporaryFolder folder;
            const bool died = dies_at(failpoint, [&] { (void)import(folder.store()); });
            check(folder.store(), failpoint);
            return died;
        });
        CHECK(times != 0);
        for (size_t count = 1; count < (places_in_full < 3 ? 3 : 12);
             count += 1 + count / std::min<size_t>(places_in_full, 3)) {
            const std::string failpoint =
                std::string{name} + ':' + std::to_string(count) + ":ENOSPC";
            const TemporaryFolder folder;
            CHECK(!dies_at(failpoint, [&] { (void)import(folder.store()); }));
            check(folder.store(), failpoint);
        }
    }
}

#endif
