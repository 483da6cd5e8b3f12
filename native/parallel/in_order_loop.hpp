/// Executes a block's transactions one after another while other threads recover their senders, and
/// read what they name.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/sender_recovery.hpp"
#include "parallel/worker_pool.hpp"

#include <atomic>

namespace braid::parallel {

/// One thread executes, in the order of the block; whenever the next sender is not known yet, it
/// recovers some itself. The others do nothing else, and then, where the state keeps what was read,
/// look up senders and recipients of transactions that come a little later. So nothing runs ahead,
/// and a block takes no longer than the slower of the two, or than both shared by all threads.
class InOrderLoop final : public block::TransactionLoop {
  public:
    /// A loop on up to `threads` threads of a pool, the calling one included. The block executor
    /// must have been given the same table, of which nothing is recovered yet.
    InOrderLoop(WorkerPool& pool, size_t threads, block::SenderTable& senders) noexcept
        : pool_{pool}, threads_{threads}, senders_{senders} {
        recovery_.begin(&senders);
    }

    bool run(block::BlockExecutor& block) override;

    /// How the recovery of the latest block's senders went.
    [[nodiscard]] const SenderRecovery& recovery() const noexcept { return recovery_; }

  private:
    [[nodiscard]] bool execute(block::BlockExecutor& block) noexcept;
    void wait_for_sender(const block::BlockExecutor& block, size_t index) noexcept;

    void help(block::BlockExecutor& block) noexcept;
    void read_ahead(block::BlockExecutor& block) noexcept;
    [[nodiscard]] size_t claim_ahead() noexcept;

    WorkerPool& pool_;
    const size_t threads_;
    const block::SenderTable& senders_;
    SenderRecovery recovery_;
    // relaxed both: they say where reading pays, and nothing is read because of them that must not
    // be.
    std::atomic<size_t> position_{0};   ///< the transaction that executes; the executing thread's
    std::atomic<size_t> next_ahead_{0}; ///< what nobody has claimed for reading ahead
};

} // namespace braid::parallel
