/// Runs the rest of a block ahead on what is known of the state, to find out what is missing.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/committed_view.hpp"
#include "parallel/speculative_view.hpp"
#include "parallel/version_store.hpp"
#include "parallel/worker_pool.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace braid::parallel {

/// The latest run of a transaction before its turn.
struct AheadRun {
    bool has_run = false;
    /// Whether it took nonce and funds of its sender on trust, to get further than it really does.
    bool is_trusting = false;
    block::RunRecord run;
    transaction::TransactionOutcome outcome;
    transaction::TransactionReads reads;
    /// Code that earlier runs made, which somebody may be executing: until Discovery::run() ends.
    std::vector<CodeRef> earlier_codes;
    /// What it asked for and guessed, in order. Empty: it rests on facts and on what transactions
    /// before it did.
    std::vector<wire::MissingKey> missing;

    /// Whether the outcome may be committed if what it observed holds.
    [[nodiscard]] bool may_commit() const noexcept {
        return has_run && !is_trusting && missing.empty() &&
               outcome.failure.code == wire::ErrorCode::ok;
    }
};

/// Keeps, for every transaction of a block that is not committed, its latest run, and repeats those
/// of which there is news: something that they missed is known by now, or a transaction before them
/// has done something else. All others stay as they are, however often the block is parked.
///
/// Each run sees what is committed under what the others before it have done. It is one thread's;
/// while run() lasts, the workers take transactions by an atomic counter, each of which is its
/// taker's until run() returns.
class Discovery {
  public:
    /// Makes the VM of one more worker, or null.
    using MachineFactory = std::function<std::unique_ptr<transaction::Machine>()>;

    Discovery(WorkerPool& pool, MachineFactory make_machine)
        : pool_{pool}, make_machine_{std::move(make_machine)} {}

    /// Starts a block of so many transactions.
    void begin(size_t transactions);

    /// Runs what there is news of from the next transaction on, on up to so many threads. `known`
    /// is the state before the block; its readers are made here. `waited`: ticks to be left out of
    /// the times of runs. Between the executor's open() and close().
    void run(block::BlockExecutor& block, state::StateView& known, size_t workers, uint64_t waited);

    /// The latest run of a transaction; the caller's while run() does not last.
    [[nodiscard]] AheadRun& operator[](size_t index) noexcept { return runs_[index]; }

    /// Forgets a run with its memory.
    void forget(size_t index) { runs_[index] = {}; }

    /// What system calls, withdrawals and rewards miss as far as anybody can tell.
    [[nodiscard]] const std::vector<wire::MissingKey>& surroundings() const noexcept {
        return surroundings_;
    }

    /// How many runs there were.
    [[nodiscard]] size_t run_count() const noexcept {
        return run_count_.load(std::memory_order_relaxed); // relaxed: a statistic
    }

    /// Ends the block: gives the memory of runs back.
    void end();

  private:
    struct Worker {
        Worker(std::unique_ptr<transaction::Machine> made, const VersionStore& store,
               uint16_t which)
            : machine{std::move(made)}, view{store}, number{which} {}
        std::unique_ptr<transaction::Machine> machine;
        transaction::TransactionExecutor executor{*machine};
        state::Misses misses;
        CommittedView committed;
        SpeculativeView view;
        VersionArena arena;
        const uint16_t number;
    };

    [[nodiscard]] size_t make_workers(size_t wanted);
    void publish_kept(block::BlockExecutor& block, uint32_t first);
    void bound_memory(uint32_t first);
    void work(Worker& worker, block::BlockExecutor& block, uint64_t waited) noexcept;
    [[nodiscard]] bool has_news(Worker& worker, const AheadRun& latest) noexcept;
    void look(Worker& worker, block::BlockExecutor& block, uint32_t index,
              uint64_t waited) noexcept;

    WorkerPool& pool_;
    const MachineFactory make_machine_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<AheadRun> runs_; ///< by transaction
    std::vector<wire::MissingKey> surroundings_;
    bool knows_surroundings_ = false;
    VersionStore store_;
    /// The next transaction to look at. All workers write it.
    std::atomic<uint32_t> next_{0};
    /// Raised by whoever runs a transaction.
    std::atomic<size_t> run_count_{0};
};

} // namespace braid::parallel
