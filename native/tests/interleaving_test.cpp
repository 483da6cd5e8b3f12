/// The real loop, its workers interleaved by a seed: the result is the sequential one, and a seed
/// that fails can be replayed.
#include "parallel/optimistic_loop.hpp"

#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/random_runs.hpp"
#include "tests/scheduler.hpp"

#include <string>

namespace braid::test {
namespace {

/// A random block in which some transactions are plain transfers for sure, and some are held back:
/// for no reason, for the one before, or for one of those that a chain of hints leads to.
class HintedBlock : public ConflictingBlock {
  public:
    HintedBlock(evmc_revision revision, uint64_t seed, size_t count)
        : ConflictingBlock{revision, seed, count}, random_{~seed} {
        for (wire::Transaction& transaction : transactions)
            if (random_.chance(25)) {
                transaction.gas_limit = 21'000;
                transaction.data_size = 0;
                transaction.to = address_of(0xe0 + random_.below(4));
            }
        if (random_.chance(30))
            return;
        const auto percent = static_cast<unsigned>(random_.below(100));
        for (uint32_t i = 1; i < count; ++i)
            if (random_.chance(percent))
                transactions[i].predecessor =
                    random_.chance(50) ? i : 1 + static_cast<uint32_t>(random_.below(i));
    }

    wire::BlockRecords run_stepping(block::TransactionLoop& loop) {
        SteppingState stepping{state};
        transaction::Machine machine;
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        wire::BlockRecords result;
        result.clear();
        block.execute(stepping, view(), senders, result, loop);
        return result;
    }

  private:
    Random random_;
};

/// Calls that all count in one slot, each claimed alone.
class HotBlock : public ConflictingBlock {
  public:
    explicit HotBlock(size_t count) : ConflictingBlock{EVMC_OSAKA, 1, 0} {
        for (size_t i = 0; i < count; ++i)
            add_call(address_of(0xc001)).gas_limit = 700'000;
        header.gas_limit = 1'000'000'000;
    }
};

/// What a run did when, but for the times.
std::vector<uint64_t> history(const wire::BlockRecords& records) {
    std::vector<uint64_t> history;
    for (const wire::TransactionRun& run : records.runs)
        history.insert(history.end(), {run.transaction, run.worker, run.incarnation, run.flags,
                                       static_cast<uint64_t>(run.waited_for)});
    for (const wire::Conflict& conflict : records.conflicts)
        history.insert(history.end(), {conflict.transaction, conflict.kind,
                                       static_cast<uint64_t>(conflict.writer)});
    return history;
}

parallel::WorkerPool& pool() {
    static auto* const pool = new parallel::WorkerPool{3}; // lives as long as its threads
    return *pool;
}

std::unique_ptr<transaction::Machine> make_machine() {
    auto machine = std::make_unique<transaction::Machine>();
    machine->set_gas_slice(1); // it looks at every other instruction whether it is to stop
    return machine;
}

} // namespace

TEST("interleaving: workers in any order that a seed gives have the sequential result") {
    SeededScheduler scheduler;
    size_t reexecutions = 0;
    for (const size_t workers : {2, 3}) {
        parallel::OptimisticLoop loop{pool(), make_machine};
        loop.set_workers(workers);
        loop.set_interleaving(&scheduler);
        for (uint64_t seed = 0; seed < random_runs(400); ++seed) {
            HintedBlock block{conflict_revisions[seed % std::size(conflict_revisions)], seed / 2,
                              2 + seed / 2 % 9};
            scheduler.seed(seed);
            const wire::BlockRecords records = block.run_stepping(loop);
            if (!same_records(block.run_sequentially(), records))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", workers " + std::to_string(workers));
            CHECK_EQ(loop.left_over(), size_t{0});
            reexecutions += loop.reexecutions();
        }
    }
    CHECK(reexecutions > 50 || random_runs(400) < 400);
}

TEST("interleaving: one worker takes up what waits for a plain transfer, or for its own batch") {
    parallel::OptimisticLoop loop{pool(), make_machine};
    for (uint64_t seed = 0; seed < 200; ++seed) {
        HintedBlock block{EVMC_OSAKA, seed, 2 + seed % 20};
        const wire::BlockRecords expected = block.run_sequentially();
        CHECK(same_records(expected, block.run_with(loop)));
        CHECK_EQ(loop.left_over(), size_t{0});
    }
}

TEST("interleaving: workers retire where running ahead is in vain, and nothing is left over") {
    SeededScheduler scheduler;
    size_t most = 0;
    for (const size_t workers : {2, 3}) {
        parallel::OptimisticLoop loop{pool(), make_machine};
        loop.set_workers(workers);
        loop.set_interleaving(&scheduler);
        for (uint64_t seed = 0; seed < 40; ++seed) {
            HotBlock block{80};
            scheduler.seed(seed);
            if (!same_records(block.run_sequentially(), block.run_with(loop)))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", workers " + std::to_string(workers));
            CHECK_EQ(loop.left_over(), size_t{0});
            most = std::max(most, loop.reexecutions());
        }
    }
    // Enough to give up, and not all.
    CHECK(most >= 18 && most < 60);
}

TEST("interleaving: the same seed gives the same interleaving, another one another") {
    SeededScheduler scheduler;
    parallel::OptimisticLoop loop{pool(), make_machine};
    loop.set_workers(3);
    loop.set_interleaving(&scheduler);
    size_t different = 0;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        HintedBlock block{EVMC_OSAKA, seed, 12};
        scheduler.seed(seed);
        const wire::BlockRecords first = block.run_stepping(loop);
        const std::vector<uint8_t> decisions = scheduler.decisions();
        CHECK(decisions.size() > 12);
        scheduler.seed(seed);
        const wire::BlockRecords again = block.run_stepping(loop);
        if (decisions != scheduler.decisions() || history(first) != history(again))
            fail(__FILE__, __LINE__, "replayed", "seed " + std::to_string(seed));
        scheduler.seed(seed + 1);
        block.run_stepping(loop);
        different += decisions != scheduler.decisions();
    }
    CHECK(different > 25);
}

} // namespace braid::test
