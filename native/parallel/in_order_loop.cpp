#include "parallel/in_order_loop.hpp"

namespace braid::parallel {

bool InOrderLoop::run(block::BlockExecutor& block) {
    bool is_done = false;
    // The first range is always taken first: somebody executes, whoever helps.
    pool_.parallel_for(threads_, 1, threads_, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i) {
            if (i == 0)
                is_done = execute(block);
            else
                while (!block.cancelled() && recovery_.recover_next()) {
                }
        }
    });
    return is_done;
}

bool InOrderLoop::execute(block::BlockExecutor& block) noexcept {
    const size_t count = block.environment().block.transactions.size();
    for (size_t i = 0; i < count; ++i) {
        wait_for_sender(block, i);
        if (!block.run_transaction(i)) // which ends a cancelled block before it looks at a sender
            return false;
    }
    return true;
}

void InOrderLoop::wait_for_sender(const block::BlockExecutor& block, size_t index) noexcept {
    // If it gives up, run_transaction() finds out why.
    static_cast<void>(recovery_.wait_for(index, [&] { return block.cancelled(); }));
}

} // namespace braid::parallel
