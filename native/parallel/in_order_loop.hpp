/// Executes a block's transactions one after another while other threads recover their senders.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/sender_recovery.hpp"
#include "parallel/worker_pool.hpp"

namespace braid::parallel {

/// One thread executes, in the order of the block; whenever the next sender is not known yet, it
/// recovers some itself. The others do nothing else. So nothing runs ahead and nothing is in vain,
/// and a block takes no longer than the slower of the two, or than both shared by all threads.
class InOrderLoop final : public block::TransactionLoop {
  public:
    /// A loop on up to `threads` threads of a pool, the calling one included. The block executor
    /// must have been given the same table, of which nothing is recovered yet.
    InOrderLoop(WorkerPool& pool, size_t threads, block::SenderTable& senders) noexcept
        : pool_{pool}, threads_{threads} {
        recovery_.begin(&senders);
    }

    bool run(block::BlockExecutor& block) override;

    /// How the recovery of the latest block's senders went.
    [[nodiscard]] const SenderRecovery& recovery() const noexcept { return recovery_; }

  private:
    [[nodiscard]] bool execute(block::BlockExecutor& block) noexcept;
    void wait_for_sender(const block::BlockExecutor& block, size_t index) noexcept;

    WorkerPool& pool_;
    const size_t threads_;
    SenderRecovery recovery_;
};

} // namespace braid::parallel
