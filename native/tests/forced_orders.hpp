/// Runs a block in many orders that make it go wrong where it can, and compares.
#pragma once

#include "parallel/optimistic_loop.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/scheduler.hpp"

#include <numeric>
#include <string>

namespace braid::test {

/// Runs a block on the built-in VM, in a loop or, without one, one transaction after another.
inline wire::BlockRecords run_block(const BlockFixture& block, state::StateView& base,
                                    block::TransactionLoop* loop = nullptr) {
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(block.view());
    senders.recover(0, senders.job_count());
    wire::BlockRecords records;
    records.clear();
    if (loop == nullptr)
        executor.execute(base, block.view(), senders, records);
    else
        executor.execute(base, block.view(), senders, records, *loop);
    return records;
}

/// One thread that runs all transactions ahead in a given order, each on what those before it in
/// that order have published, and then commits them.
class AheadLoop : public block::TransactionLoop {
  public:
    /// `order`: all transactions of the block, each once.
    explicit AheadLoop(std::vector<uint32_t> order) : order_{std::move(order)} {}

    bool run(block::BlockExecutor& block) override {
        const size_t count = order_.size();
        parallel::VersionStore store;
        store.begin(count, count);
        parallel::SpeculativeView view{store};
        view.begin_block(block.base());
        parallel::VersionArena arena;
        transaction::Machine machine;
        transaction::TransactionExecutor ahead{machine};
        ahead.begin_block(block.environment());
        ahead.set_trace(block.trace_options());
        std::vector<transaction::TransactionOutcome> outcomes(count);
        std::vector<transaction::TransactionReads> reads(count);
        for (const uint32_t i : order_) {
            const transaction::TransactionInput input = block.input(i);
            view.begin(i, input.sender.address, input.record->nonce);
            ahead.execute(view, input, outcomes[i], reads[i]);
            reads[i].from_base = !view.saw_versions();
            if (outcomes[i].failure.code == wire::ErrorCode::ok)
                store.publish(i, 0, outcomes[i], arena, &input.sender.address);
        }
        stale.clear();
        for (uint32_t i = 0; i < count; ++i) {
            const block::CommitStatus status = block.commit(i, outcomes[i], reads[i]);
            if (status == block::CommitStatus::failed)
                return false;
            if (status == block::CommitStatus::stale) {
                stale.push_back(i);
                if (!block.run_transaction(i))
                    return false;
            }
        }
        return true;
    }

    std::vector<uint32_t> stale; ///< the transactions that ran again

  private:
    std::vector<uint32_t> order_;
};

inline std::vector<uint32_t> in_order(size_t count) {
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    return order;
}

inline std::vector<uint32_t> latest_first(size_t count) {
    std::vector<uint32_t> order = in_order(count);
    std::ranges::reverse(order);
    return order;
}

/// The pool of the tests that order a loop's workers; it lives as long as its threads.
inline parallel::WorkerPool& ordered_pool() {
    static auto* const pool = new parallel::WorkerPool{3};
    return *pool;
}

/// A VM that looks at every other instruction whether it is to stop.
inline std::unique_ptr<transaction::Machine> impatient_machine() {
    auto machine = std::make_unique<transaction::Machine>();
    machine->set_gas_slice(1);
    return machine;
}

/// Runs a block one transaction after another, and checks that the same comes out where all of it
/// runs ahead (in every order, if there are few transactions, else in many), and where two and
/// three workers of the real loop are interleaved by seeds. What came out.
inline wire::BlockRecords same_in_every_order(const BlockFixture& block, const char* file,
                                              int line) {
    state::MemoryState state;
    state.assign(block.state);
    const wire::BlockRecords expected = run_block(block, state);
    const size_t count = block.transactions.size();
    const auto compare = [&](block::TransactionLoop& loop, state::StateView& base,
                             const std::string& how) {
        if (!same_records(expected, run_block(block, base, &loop)))
            fail(file, line, "same_in_every_order", how);
    };

    std::vector<uint32_t> order = in_order(count);
    Random random{count};
    for (size_t i = 0; i < 120; ++i) {
        std::string name = "ahead:";
        for (const uint32_t index : order)
            name.append(1, ' ').append(std::to_string(index));
        AheadLoop loop{order};
        compare(loop, state, name);
        if (count <= 5) {
            if (!std::ranges::next_permutation(order).found)
                break;
        } else {
            for (size_t place = count; place > 1; --place)
                std::swap(order[place - 1], order[random.below(place)]);
        }
    }
    AheadLoop backward{latest_first(count)};
    compare(backward, state, "ahead, latest first");

    SeededScheduler scheduler;
    SteppingState stepping{state};
    for (const size_t workers : {2, 3}) {
        parallel::OptimisticLoop loop{ordered_pool(), impatient_machine};
        loop.set_workers(workers);
        loop.set_interleaving(&scheduler);
        for (uint64_t seed = 0; seed < 25; ++seed) {
            scheduler.seed(seed);
            compare(loop, stepping,
                    "workers " + std::to_string(workers) + ", seed " + std::to_string(seed));
        }
    }
    return expected;
}

} // namespace braid::test

/// The records of a block that must come out the same in every order.
#define RECORDS_IN_EVERY_ORDER(block) ::braid::test::same_in_every_order(block, __FILE__, __LINE__)
