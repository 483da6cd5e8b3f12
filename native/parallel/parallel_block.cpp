#include "parallel/parallel_block.hpp"

#include <algorithm>

namespace braid::parallel {

void ParallelBlock::begin(block::BlockExecutor& block, block::SenderTable* senders,
                          const UpcomingBase* base) {
    executor = &block;
    upcoming = base;
    const wire::BlockView& view = block.environment().block;
    count = static_cast<uint32_t>(view.transactions.size());
    workers = 0;
    has_hints = std::ranges::any_of(
        view.transactions, [](const wire::Transaction& item) { return item.predecessor != 0; });
    always_ahead = (view.header->flags & wire::block_flag::always_run_ahead) != 0;
    recovery.begin(senders);
    claims.begin(block.environment(), always_ahead);
    while (turns.size() < count)
        turns.push_back(std::make_unique<Turn>());
    for (uint32_t i = 0; i < count; ++i)
        if (!claims.is_transfer(i) || has_hints) // else nobody looks at the turn
            turns[i]->reset();
}

void ParallelBlock::begin_work(size_t worker_count) {
    workers = worker_count;
    retirement.begin(worker_count);
    store.begin(count, claims.size(), executor->environment().block.header->gas_limit);
}

} // namespace braid::parallel
