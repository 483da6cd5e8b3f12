#include "parallel/optimistic_loop.hpp"

#include <algorithm>

namespace braid::parallel {

bool OptimisticLoop::run(block::BlockExecutor& block) {
    begin_block(block);
    const bool is_done = run_workers() && run_left_over();
    for (size_t i = 0; i < block_.workers; ++i)
        workers_[i]->end_block();
    return is_done;
}

void OptimisticLoop::begin_block(block::BlockExecutor& block) {
    block_.begin(block, senders_);
    const size_t workers = make_workers(
        std::min(worker_limit_, std::max(block_.claims.size(), block_.recovery.chunks())));
    std::vector<Cancellation*> recalls;
    for (size_t i = 0; i < workers; ++i) {
        workers_[i]->begin_block();
        recalls.push_back(&workers_[i]->recall());
    }
    lane_.begin(std::move(recalls));
    left_over_ = 0;
    if (workers > 1)
        block.track_dependencies();
    if (workers != 0)
        block_.begin_work(workers);
}

/// How many workers there are for a block that has use for so many: fewer where no VM is to be had
/// for one.
size_t OptimisticLoop::make_workers(size_t wanted) {
    while (workers_.size() < wanted) {
        std::unique_ptr<transaction::Machine> machine = make_machine_();
        if (machine == nullptr)
            break;
        workers_.push_back(std::make_unique<Worker>(std::move(machine), block_, lane_,
                                                    static_cast<uint16_t>(workers_.size())));
    }
    return std::min(workers_.size(), wanted);
}

/// False where the block has ended with an error.
bool OptimisticLoop::run_workers() {
    const size_t workers = block_.workers;
    if (workers == 0) { // nothing for workers to do, or no VM to be had for one
        while (block_.recovery.recover_next()) {
        }
        return true;
    }
    pool_.parallel_for(workers, 1, workers, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            workers_[i]->work();
    });
    if (lane_.stopped())
        return false;
    // With the workers every request for the lane has ended: all is committed, or cancelled before
    // it was known who had sent what.
    left_over_ = block_.count - lane_.committed();
    return true;
}

/// Runs what no worker has, one after another.
bool OptimisticLoop::run_left_over() {
    for (uint32_t i = lane_.committed(); i < block_.count; ++i)
        if (!block_.executor->run_transaction(i))
            return false;
    return true;
}

} // namespace braid::parallel
