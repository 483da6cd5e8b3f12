/// The recovery of a block's senders as the workers share it, beside the execution.
#pragma once

#include "base/ticks.hpp"
#include "block/senders.hpp"
#include "parallel/pause.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace braid::parallel {

/// Hands out the chunks of a block's sender table. Wait-free; any thread at any time, but for
/// begin().
class SenderRecovery {
  public:
    /// Starts a block, whose table must outlive it; null: all senders are known. Nobody else may
    /// use it meanwhile.
    void begin(block::SenderTable* senders) noexcept {
        senders_ = senders;
        chunks_ = senders == nullptr ? 0 : senders->chunk_count();
        // relaxed: the workers start after this.
        next_.store(0, std::memory_order_relaxed);
        ended_at_.store(0, std::memory_order_relaxed);
    }

    /// The number of chunks, of which each keeps one worker busy for a while.
    [[nodiscard]] size_t chunks() const noexcept { return chunks_; }

    /// Takes the next chunk that nobody has taken: the caller's to recover. chunks() or more where
    /// there is none left.
    [[nodiscard]] size_t take() noexcept {
        // relaxed: a claim says nothing about other data; the table publishes what it holds.
        return next_.load(std::memory_order_relaxed) < chunks_
                   ? next_.fetch_add(1, std::memory_order_relaxed)
                   : chunks_;
    }

    /// Recovers the next chunk that nobody has taken; false where there is none left.
    bool recover_next() noexcept {
        const size_t chunk = take();
        if (chunk >= chunks_)
            return false;
        senders_->recover_chunk(chunk);
        ended_at_.store(read_ticks(), std::memory_order_relaxed); // relaxed: a statistic
        return true;
    }

    /// Whether the signers of a transaction are known. Then the calling thread may read them.
    [[nodiscard]] bool is_ready(size_t transaction) const noexcept {
        return senders_ == nullptr || senders_->is_ready(transaction);
    }

    /// Waits until the signers of a transaction are known; false where `gives_up()` says so first.
    /// Recovers what nobody has taken yet; else another thread is at the chunk that is missing, and
    /// after a moment this one sleeps until it is done.
    template <typename GivesUp>
    [[nodiscard]] bool wait_for(size_t transaction, GivesUp&& gives_up) noexcept {
        while (!is_ready(transaction)) {
            if (gives_up())
                return false;
            if (recover_next())
                continue;
            const uint32_t seen = senders_->chunks_done();
            spin_until([&] { return senders_->chunks_done() != seen; });
            if (!is_ready(transaction)) // looked at after `seen`: a chunk done since wakes it
                senders_->wait_beyond(seen);
        }
        return true;
    }

    /// When the latest chunk was done, in ticks; 0: none was. To be asked when all have ended.
    [[nodiscard]] uint64_t ended_at() const noexcept {
        return ended_at_.load(std::memory_order_relaxed); // relaxed: the workers have ended
    }

  private:
    block::SenderTable* senders_ = nullptr;
    size_t chunks_ = 0;
    /// The first chunk that nobody has taken.
    alignas(64) std::atomic<size_t> next_{0};
    /// Written by whoever did a chunk.
    std::atomic<uint64_t> ended_at_{0};
};

} // namespace braid::parallel
