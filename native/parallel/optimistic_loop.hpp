/// Executes a block's transactions ahead of their turn on several threads, and commits them in
/// order.
#pragma once

#include "parallel/commit_lane.hpp"
#include "parallel/parallel_block.hpp"
#include "parallel/worker.hpp"
#include "parallel/worker_pool.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace braid::parallel {

/// Workers claim transactions in order and run them on what is known so far; one commit lane,
/// driven by whichever worker gets there, commits them in order, and runs again at the head of the
/// block what does not hold. So a transaction runs at most twice, or three times where it was
/// renewed, and the outcome is that of running one after another. Nobody waits for another worker.
///
/// This class sets a block up, and ends it. What there is to claim is in Claims, what a thread does
/// in Worker, how a transaction runs before its turn in Speculation, what is committed in
/// CommitLane; what they share is a ParallelBlock.
class OptimisticLoop final : public block::TransactionLoop {
  public:
    /// Makes the VM of one more worker, or null.
    using MachineFactory = std::function<std::unique_ptr<transaction::Machine>()>;

    /// A loop on the threads of a pool, the calling one included.
    OptimisticLoop(WorkerPool& pool, MachineFactory make_machine)
        : pool_{pool}, make_machine_{std::move(make_machine)} {}

    /// Sets how many workers there may be from the next block on, at least 1.
    void set_workers(size_t workers) noexcept { worker_limit_ = workers; }

    /// Has the workers recover the senders of the next block, instead of finding them known; null:
    /// they are known. The block executor must have been given the same table.
    void set_recovery(block::SenderTable* senders) noexcept { senders_ = senders; }

    /// How the recovery of the latest block's senders went.
    [[nodiscard]] const SenderRecovery& recovery() const noexcept { return block_.recovery; }

    /// Tells the workers' steps to somebody who orders them, from the next block on; null: nobody.
    /// It must outlive the blocks.
    void set_interleaving(Interleaving* interleaving) noexcept {
        block_.interleaving = interleaving;
    }

    bool run(block::BlockExecutor& block) override;

    /// How many transactions of the latest block ran again at the head.
    [[nodiscard]] size_t reexecutions() const noexcept { return lane_.reexecutions(); }

    /// How many transactions of the latest block the workers left to be run after them: none
    /// unless it was cancelled.
    [[nodiscard]] size_t left_over() const noexcept { return left_over_; }

  private:
    [[nodiscard]] size_t make_workers(size_t wanted);
    void begin_block(block::BlockExecutor& block);
    [[nodiscard]] bool run_workers();
    [[nodiscard]] bool run_left_over();

    WorkerPool& pool_;
    const MachineFactory make_machine_;
    size_t worker_limit_ = 1;
    block::SenderTable* senders_ = nullptr; ///< null: all are known
    size_t left_over_ = 0;
    ParallelBlock block_;
    CommitLane lane_{block_};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace braid::parallel
