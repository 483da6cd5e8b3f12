/// Runs transactions ahead of their turn.
#pragma once

#include "parallel/commit_lane.hpp"
#include "parallel/parallel_block.hpp"
#include "parallel/speculative_view.hpp"
#include "transaction/transaction_executor.hpp"

#include <memory>

namespace braid::parallel {

/// A worker's VM, and the way in which transactions run on it before their turn: on what is known
/// so far, with what they did and what that rests on handed over to the lane, and published to
/// later transactions.
///
/// A run that is under way when its turn comes is doubted: at the next call or stretch of gas it
/// looks whether what it has observed so far holds in the committed state. If not it ends there,
/// and the lane runs the transaction again.
///
/// For one thread at a time, but for recall(). Who runs a transaction owns its turn.
class Speculation {
  public:
    /// All of them must outlive it; the driver is that of the worker that runs.
    Speculation(std::unique_ptr<transaction::Machine> machine, ParallelBlock& block,
                CommitLane& lane, LaneDriver& driver);

    /// Starts and ends a block.
    void begin_block();
    void end_block();

    /// Runs a transaction. Its outcome is in its turn afterwards.
    void run(uint32_t index, uint8_t incarnation) noexcept;

    /// Runs a transaction again whose first run something published since has made stale; once.
    void renew(uint32_t index) noexcept;

    /// Asks the state before the block for something that will be needed.
    void touch(const wire::PrefetchKey& key) noexcept { view_.touch(key); }

    /// What asks the run under way to end; any thread may.
    [[nodiscard]] Cancellation& recall() noexcept { return recall_; }

  private:
    /// Ends the run when its block is cancelled or has failed, or when the lane doubts the run for
    /// a reason.
    class Recall final : public Cancellation {
      public:
        explicit Recall(Speculation& runs) noexcept : runs_{runs} {}
        void begin_block(const Cancellation* whole) noexcept { set_whole(whole); }
        using Cancellation::withdraw;

      private:
        [[nodiscard]] bool confirms() const noexcept override { return runs_.is_to_end(); }
        Speculation& runs_;
    };

    [[nodiscard]] bool is_to_end() noexcept;
    void hand_over(Turn& turn);

    ParallelBlock& block_;
    CommitLane& lane_;
    LaneDriver& driver_;
    const std::unique_ptr<transaction::Machine> machine_;
    transaction::TransactionExecutor executor_{*machine_};
    SpeculativeView view_;
    // Of the run under way.
    transaction::TransactionOutcome outcome_;
    transaction::TransactionReads reads_;
    uint32_t running_ = 0;     ///< its transaction
    bool is_on_facts_ = true;  ///< whether the state before the block was known when it began
    bool is_recalled_ = false; ///< whether it is to end, for what follows
    block::CheckResult recalled_for_;
    Recall recall_{*this};
};

} // namespace braid::parallel
