/// The block under way, as its lane and its workers share it.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/claims.hpp"
#include "parallel/interleaving.hpp"
#include "parallel/retirement.hpp"
#include "parallel/sender_recovery.hpp"
#include "parallel/turn.hpp"
#include "parallel/upcoming_base.hpp"
#include "parallel/version_store.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace braid::parallel {

/// What everybody who works on a block looks at. The loop sets it up while nobody else is there;
/// then its members stay as they are, and each says itself who may use it how. The memory is kept
/// from block to block.
struct ParallelBlock {
    /// Starts a block whose senders are in `senders`, or known where null. The number of workers
    /// is set afterwards: it depends on what there is to do.
    /// `upcoming` is the state before it, where that is not known yet; it must be the executor's
    /// base, and outlive the block.
    void begin(block::BlockExecutor& block, block::SenderTable* senders,
               const UpcomingBase* upcoming = nullptr);

    /// Tells how many workers there will be, at least 1, before they start.
    void begin_work(size_t worker_count);

    /// Whether the state before the block is known. What was read of it before is a guess.
    [[nodiscard]] bool has_exact_base() const noexcept {
        return upcoming == nullptr || upcoming->is_exact();
    }

    /// A worker stands between two steps: others may come first.
    void step(uint16_t worker) const noexcept {
        if (interleaving != nullptr) [[unlikely]]
            interleaving->step(worker);
    }

    /// Ends the waiting of those that wait for a transaction, which has run; they are the caller's
    /// to run, and added to `released`.
    void end_waiting(uint32_t index, std::vector<uint32_t>& released) {
        if (!has_hints)
            return;
        for (uint32_t waiting = turns[index]->close(); waiting != Turn::nobody;
             waiting = turns[waiting]->next_waiting)
            released.push_back(waiting);
    }

    /// The lane's, but for environment(), base(), input() and cancelled().
    block::BlockExecutor* executor = nullptr;
    Interleaving* interleaving = nullptr; ///< null: nobody orders the steps
    uint32_t count = 0;                   ///< transactions
    bool has_hints = false;               ///< whether any transaction is to be held back
    bool always_ahead = false;            ///< whether nothing may run at the head first
    size_t workers = 0;
    const UpcomingBase* upcoming = nullptr; ///< null: the base has been known from the start
    /// Called once, by whoever claims the last batch; may be empty.
    std::function<void()> on_all_claimed;

    std::vector<std::unique_ptr<Turn>> turns; ///< by transaction, and some more
    Claims claims;
    Retirement retirement;
    SenderRecovery recovery;
    VersionStore store;
};

} // namespace braid::parallel
