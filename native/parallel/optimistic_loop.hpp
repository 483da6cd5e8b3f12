/// Executes a block's transactions ahead of their turn on several threads, and commits them in
/// order.
#pragma once

#include "executor/block_executor.hpp"
#include "parallel/speculative_view.hpp"
#include "parallel/version_store.hpp"
#include "parallel/worker_pool.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace braid::parallel {

/// Workers claim batches of transactions in order and run them on what is known so far: contract
/// calls one by one, plain transfers many at a time, since one alone costs less than claiming it.
/// One commit lane, taken by whichever worker gets there, commits the next transaction if what its
/// outcome rests on holds, compared by value with the committed state; if not, it runs it again
/// right there, at the head of the block, where nothing can be unknown. So every transaction runs
/// at most twice, nobody ever waits for another worker, and the outcome is that of running one
/// after another.
///
/// A worker that claims the batch at the head, with the lane free, runs it there at once:
/// nothing is guessed, nothing needs checking. With one worker all of them go that way.
class OptimisticLoop final : public executor::TransactionLoop {
  public:
    /// Makes the VM of one more worker, or null.
    using MachineFactory = std::function<std::unique_ptr<executor::Machine>()>;

    /// A loop on the threads of a pool, the calling one included.
    OptimisticLoop(WorkerPool& pool, MachineFactory make_machine)
        : pool_{pool}, make_machine_{std::move(make_machine)} {}

    /// Sets how many workers there may be from the next block on, at least 1.
    void set_workers(size_t workers) noexcept { worker_limit_ = workers; }

    bool run(executor::BlockExecutor& block) override;

    /// How many transactions of the latest block ran again at the head.
    [[nodiscard]] size_t reexecutions() const noexcept { return reexecutions_; }

  private:
    /// What one worker needs; used by one thread at a time.
    struct Worker {
        Worker(std::unique_ptr<executor::Machine> vm, const VersionStore& store)
            : machine{std::move(vm)}, view{store} {}
        std::unique_ptr<executor::Machine> machine;
        executor::TransactionExecutor executor{*machine};
        SpeculativeView view;
        VersionArena arena;
    };

    /// A transaction's speculative run. Written by the worker that claimed it until `executed`,
    /// then by the lane.
    struct Turn {
        executor::TransactionOutcome outcome;
        executor::TransactionReads reads;
        std::atomic<bool> executed{false};
    };

    void prepare(executor::BlockExecutor& block);
    void cut_batches();
    void work(Worker& worker) noexcept;
    void speculate(Worker& worker, uint32_t index) noexcept;

    // The lane. Those with a worker publish into its arena.
    bool try_head(Worker& worker, uint32_t begin, uint32_t end) noexcept;
    void request_commits(Worker& worker) noexcept;
    void drain_requests(Worker& worker) noexcept;
    void commit_ready(Worker& worker) noexcept;
    bool commit(Worker& worker, uint32_t index) noexcept;
    bool run_at_head(Worker& worker, uint32_t index) noexcept;

    WorkerPool& pool_;
    size_t worker_limit_ = 1;
    size_t active_workers_ = 1; ///< of the block under way
    const MachineFactory make_machine_;

    executor::BlockExecutor* block_ = nullptr; ///< the lane's, but for what never changes
    uint32_t count_ = 0;
    VersionStore store_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<Turn>> turns_;

    /// Where the batches begin; the last entry is the number of transactions.
    std::vector<uint32_t> batches_;
    /// The next batch nobody has claimed.
    alignas(64) std::atomic<uint32_t> next_{0};
    /// The next transaction to commit. Written by the lane alone.
    alignas(64) std::atomic<uint32_t> committed_{0};
    /// How often somebody wanted the lane since it was last free; 0: it is. Whoever raises it from
    /// 0 has the lane, and keeps it until it can bring it back to 0 with no request unseen.
    alignas(64) std::atomic<uint32_t> lane_requests_{0};
    /// Set by the lane where the block has ended with an error.
    alignas(64) std::atomic<bool> stopped_{false};
    size_t reexecutions_ = 0; ///< the lane's
};

} // namespace braid::parallel
