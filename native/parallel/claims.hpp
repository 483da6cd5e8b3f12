/// Which of a block's transactions are run ahead, and who takes them.
#pragma once

#include "transaction/block_environment.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace braid::parallel {

/// Hands out the transactions that are worth running ahead: in the order of the block, a batch at a
/// time, each once. It knows nothing of what becomes of them.
///
/// begin() is for one thread alone; everything else for any thread at any time, and wait-free.
/// What is handed out stays until the next block begins.
class Claims {
  public:
    /// Lists the transactions of a block, which must outlive it. Plain transfers, by their looks,
    /// are nobody's to claim unless all must run ahead: doing one takes less than handing it over.
    void begin(const transaction::BlockEnvironment& environment, bool always_ahead);

    /// The number of transactions to claim.
    [[nodiscard]] size_t size() const noexcept { return queue_.size(); }

    /// Whether nobody claims a transaction: a plain transfer, by its looks.
    [[nodiscard]] bool is_transfer(uint32_t index) const noexcept { return transfers_[index] != 0; }

    /// Claims the next batch; empty where none is left.
    [[nodiscard]] std::span<const uint32_t> take() noexcept {
        // relaxed: a claim says nothing about other data.
        return batch(next_.fetch_add(1, std::memory_order_relaxed));
    }

    /// Whether a batch that was claimed is the last one.
    [[nodiscard]] bool is_last(std::span<const uint32_t> claimed) const noexcept {
        return !claimed.empty() && claimed.data() + claimed.size() == queue_.data() + queue_.size();
    }

    /// The batch that is to be claimed next, if the one before it lies within the first `committed`
    /// transactions; else, and where there is none, empty. It may be somebody's by now.
    [[nodiscard]] std::span<const uint32_t> peek(uint32_t committed) const noexcept;

    /// Claims some keys to prefetch; empty where none are left.
    [[nodiscard]] std::span<const wire::PrefetchKey> take_keys() noexcept;

  private:
    void cut_batches(std::span<const wire::Transaction> transactions);
    [[nodiscard]] std::span<const uint32_t> batch(size_t number) const noexcept {
        return number + 1 < batches_.size()
                   ? std::span{queue_}.subspan(batches_[number],
                                               batches_[number + 1] - batches_[number])
                   : std::span<const uint32_t>{};
    }

    // Written by begin() alone.
    std::vector<uint32_t> queue_;    ///< the transactions to claim, in order
    std::vector<uint32_t> batches_;  ///< where in it the batches begin; last, its end
    std::vector<uint8_t> transfers_; ///< by transaction: 1 where nobody claims it
    std::span<const wire::PrefetchKey> keys_;

    /// The first batch that nobody has claimed. All workers write it.
    alignas(64) std::atomic<uint32_t> next_{0};
    /// The first key that nobody has claimed. All workers write it, while the block begins.
    alignas(64) std::atomic<uint32_t> next_key_{0};
};

} // namespace braid::parallel
