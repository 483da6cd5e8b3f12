#include "parallel/optimistic_loop.hpp"

#include <algorithm>

namespace braid::parallel {

bool OptimisticLoop::run(block::BlockExecutor& block) {
    if (!is_ahead_)
        begin_block(block, nullptr, 0);
    if (block_.workers > 1 || is_helped_)
        block.track_dependencies();
    const bool is_done = run_workers() && run_left_over();
    end_block();
    return is_done;
}

void OptimisticLoop::begin_ahead(block::BlockExecutor& block, const UpcomingBase& base,
                                 size_t helpers, std::function<void()> on_all_claimed) {
    begin_block(block, &base, helpers);
    block_.on_all_claimed = std::move(on_all_claimed);
    is_ahead_ = true;
}

bool OptimisticLoop::run_ahead(size_t helper) noexcept {
    if (block_.workers == 0)
        return false;
    return workers_[block_.workers + helper]->work_ahead();
}

void OptimisticLoop::abandon() noexcept {
    if (is_ahead_)
        end_block();
}

void OptimisticLoop::forget() noexcept {
    for (const std::unique_ptr<Worker>& worker : workers_)
        worker->forget();
}

void OptimisticLoop::begin_block(block::BlockExecutor& block, const UpcomingBase* upcoming,
                                 size_t helpers) {
    block_.begin(block, senders_, upcoming);
    const size_t wanted =
        std::min(worker_limit_, std::max(block_.claims.size(), block_.recovery.chunks()));
    const size_t made = make_workers(wanted == 0 ? 0 : wanted + helpers);
    const size_t workers = std::min(made, wanted);
    helpers_ = made - workers;
    std::vector<Cancellation*> recalls;
    for (size_t i = 0; i < made; ++i) {
        workers_[i]->begin_block();
        recalls.push_back(&workers_[i]->recall());
    }
    lane_.begin(std::move(recalls), upcoming != nullptr);
    left_over_ = 0;
    is_helped_ = false;
    if (workers != 0)
        block_.begin_work(workers);
}

void OptimisticLoop::end_block() noexcept {
    for (size_t i = 0; i < block_.workers + helpers_; ++i)
        workers_[i]->end_block();
    // Those of runs that did not count may be large.
    if (block_.executor->trace_options().records_anything())
        for (const std::unique_ptr<Turn>& turn : block_.turns)
            turn->trace.reset();
    is_ahead_ = false;
    wait_ = nullptr;
    block_.on_all_claimed = nullptr;
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
        if (wait_ != nullptr)
            wait_();
        return true;
    }
    pool_.parallel_for(workers, 1, workers, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            workers_[i]->work(is_ahead_ && i == 0);
    });
    if (wait_ != nullptr)
        wait_();
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
