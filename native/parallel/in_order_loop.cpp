#include "parallel/in_order_loop.hpp"

#include "parallel/read_ahead.hpp"

#include <algorithm>

namespace braid::parallel {
namespace {

/// How many transactions are left between what executes and what is read: those before are looked
/// up by who executes them before it could be ready.
constexpr size_t lead = 4;

} // namespace

bool InOrderLoop::run(block::BlockExecutor& block) {
    bool is_done = false;
    // The first range is always taken first: somebody executes, whoever helps.
    pool_.parallel_for(threads_, 1, threads_, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i) {
            if (i == 0)
                is_done = execute(block);
            else
                help(block);
        }
    });
    return is_done;
}

bool InOrderLoop::execute(block::BlockExecutor& block) noexcept {
    const size_t count = block.environment().block.transactions.size();
    bool is_done = true;
    for (size_t i = 0; i < count && is_done; ++i) {
        position_.store(i, std::memory_order_relaxed);
        wait_for_sender(block, i);
        is_done =
            block.run_transaction(i); // which ends a cancelled block before it looks at a sender
    }
    position_.store(count, std::memory_order_relaxed); // nobody need read any more
    return is_done;
}

void InOrderLoop::help(block::BlockExecutor& block) noexcept {
    while (!block.cancelled() && recovery_.recover_next()) {
    }
    if (block.base().keeps_reads())
        read_ahead(block);
}

void InOrderLoop::read_ahead(block::BlockExecutor& block) noexcept {
    const auto transactions = block.environment().block.transactions;
    for (size_t i = claim_ahead(); i < transactions.size() && !block.cancelled();
         i = claim_ahead()) {
        if (senders_.is_ready(i) && senders_.sender(i).valid)
            touch(block.base(), {&senders_.sender(i).address, nullptr});
        if ((transactions[i].flags & wire::transaction_flag::has_to) != 0)
            touch(block.base(), {&transactions[i].to, nullptr});
    }
}

size_t InOrderLoop::claim_ahead() noexcept {
    size_t claimed = next_ahead_.load(std::memory_order_relaxed);
    size_t at = 0;
    do
        at = std::max(claimed, position_.load(std::memory_order_relaxed) + lead);
    while (!next_ahead_.compare_exchange_weak(claimed, at + 1, std::memory_order_relaxed));
    return at;
}

void InOrderLoop::wait_for_sender(const block::BlockExecutor& block, size_t index) noexcept {
    // If it gives up, run_transaction() finds out why.
    static_cast<void>(recovery_.wait_for(index, [&] { return block.cancelled(); }));
}

} // namespace braid::parallel
