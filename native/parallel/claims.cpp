#include "parallel/claims.hpp"

#include "transaction/plain_transfer.hpp"

#include <algorithm>

namespace braid::parallel {
namespace {

/// What a transfer that has no gas for anything else asks for (Yellow Paper, appendix G).
constexpr uint64_t transfer_gas = 21'000;

// Transactions that may not use more gas together are claimed in one go: handing one over to the
// lane costs about as much as 20,000 gas take to execute. Few enough that what one of them reads is
// not old when its turn comes.
constexpr uint64_t max_batch_gas = 1'000'000;
constexpr uint32_t max_batch_size = 16;

/// How many keys a worker claims for prefetching at a time.
constexpr uint32_t prefetch_chunk = 8;

} // namespace

void Claims::begin(const transaction::BlockEnvironment& environment, bool always_ahead) {
    const auto transactions = environment.block.transactions;
    queue_.clear();
    transfers_.assign(transactions.size(), 0);
    for (uint32_t i = 0; i < transactions.size(); ++i) {
        if (!always_ahead && transactions[i].gas_limit == transfer_gas &&
            transaction::may_be_plain_transfer(environment, transactions[i]))
            transfers_[i] = 1;
        else
            queue_.push_back(i);
    }
    cut_batches(transactions);
    keys_ = environment.block.prefetch_keys;
    // relaxed: the workers start after this.
    next_.store(0, std::memory_order_relaxed);
    next_key_.store(0, std::memory_order_relaxed);
}

void Claims::cut_batches(std::span<const wire::Transaction> transactions) {
    batches_.assign(1, 0);
    uint64_t gas = 0;
    for (uint32_t place = 0; place < queue_.size(); ++place) {
        const uint64_t limit = transactions[queue_[place]].gas_limit;
        const uint32_t size = place - batches_.back();
        if (size != 0 && (size == max_batch_size || limit > max_batch_gas - gas)) {
            batches_.push_back(place);
            gas = 0;
        }
        gas = std::min(gas + limit, max_batch_gas);
    }
    if (!queue_.empty())
        batches_.push_back(static_cast<uint32_t>(queue_.size()));
}

std::span<const uint32_t> Claims::peek(uint32_t committed) const noexcept {
    // relaxed: whoever claims it first makes it a batch that is not the next.
    const size_t number = next_.load(std::memory_order_relaxed);
    const std::span<const uint32_t> next = batch(number);
    if (next.empty() || (number != 0 && queue_[batches_[number] - 1] >= committed))
        return {};
    return next;
}

std::span<const wire::PrefetchKey> Claims::take_keys() noexcept {
    // relaxed: a claim says nothing about other data.
    const size_t first = next_key_.fetch_add(prefetch_chunk, std::memory_order_relaxed);
    if (first >= keys_.size())
        return {};
    return keys_.subspan(first, std::min<size_t>(prefetch_chunk, keys_.size() - first));
}

} // namespace braid::parallel
