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

    // A block that is begun before its turn: begin_ahead(), then recover_ahead() and run_ahead() by
    // helpers, then come_to_turn() and run(), or abandon().

    /// Begins a block on which up to `helpers` threads may work ahead of its turn, beside its
    /// workers. `base` is the executor's, open() has been called. `on_all_claimed` is called once,
    /// by any of them, when there is nothing left to be run ahead but what somebody is at; never,
    /// where there has been nothing.
    void begin_ahead(block::BlockExecutor& block, const UpcomingBase& base, size_t helpers,
                     std::function<void()> on_all_claimed);

    /// How many threads may call run_ahead() at once: fewer than wished where no VM is to be had.
    [[nodiscard]] size_t helpers() const noexcept { return helpers_; }

    /// Recovers some senders of the block, or else runs some transactions ahead, as the helper of
    /// that number, which nobody else may be meanwhile; false: there is nothing left.
    bool recover_ahead() noexcept { return block_.recovery.recover_next(); }
    bool run_ahead(size_t helper) noexcept;

    /// The block's turn has come, and run() follows. No helper may begin any more; `wait` waits
    /// until none is at the block. `is_helped`: whether any has, or may have, run transactions.
    void come_to_turn(std::function<void()> wait, bool is_helped) {
        wait_ = std::move(wait);
        is_helped_ = is_helped;
    }

    /// Ends a block that was begun ahead and whose turn will not come; nobody is at it.
    void abandon() noexcept;

    /// What the transactions of a block that has begun publish, to be read by anybody until
    /// forget(), or until the next one begins; null where one worker has no use for it.
    [[nodiscard]] const VersionStore* published() const noexcept {
        return block_.workers > 1 ? &block_.store : nullptr;
    }

    /// Gives the memory of the latest block back: nobody looks at what it did any more.
    void forget() noexcept;

    /// How many workers the latest block has had: its own, and the helpers where they ran anything.
    [[nodiscard]] size_t workers() const noexcept {
        return block_.workers + (is_helped_ ? helpers_ : 0);
    }

    /// How many transactions of the latest block ran again at the head.
    [[nodiscard]] size_t reexecutions() const noexcept { return lane_.reexecutions(); }

    /// How many transactions of the latest block the workers left to be run after them: none
    /// unless it was cancelled.
    [[nodiscard]] size_t left_over() const noexcept { return left_over_; }

  private:
    [[nodiscard]] size_t make_workers(size_t wanted);
    void begin_block(block::BlockExecutor& block, const UpcomingBase* upcoming, size_t helpers);
    [[nodiscard]] bool run_workers();
    [[nodiscard]] bool run_left_over();
    void end_block() noexcept;

    WorkerPool& pool_;
    const MachineFactory make_machine_;
    size_t worker_limit_ = 1;
    block::SenderTable* senders_ = nullptr; ///< null: all are known
    size_t left_over_ = 0;
    size_t helpers_ = 0;
    bool is_ahead_ = false;      ///< whether the block was begun ahead of its turn
    std::function<void()> wait_; ///< until no helper is at the block
    bool is_helped_ = false;
    ParallelBlock block_;
    CommitLane lane_{block_};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace braid::parallel
