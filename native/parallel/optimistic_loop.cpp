#include "parallel/optimistic_loop.hpp"

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

} // namespace

bool OptimisticLoop::run(block::BlockExecutor& block) {
    prepare(block);
    const bool is_done = run_prepared(block);
    for (size_t i = 0; i < active_workers_; ++i) {
        workers_[i]->executor.end_block();
        workers_[i]->outcome.trim();
        workers_[i]->arena.reset();
    }
    return is_done;
}

bool OptimisticLoop::run_prepared(block::BlockExecutor& block) {
    if (active_workers_ == 0) { // nothing for workers to do, or no VM to be had for one
        while (recovery_.recover_next()) {
        }
        for (uint32_t i = 0; i < count_; ++i)
            if (!block.run_transaction(i))
                return false;
        return true;
    }
    pool_.parallel_for(active_workers_, 1, active_workers_, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            work(*workers_[i]);
    });
    // The workers have ended, and with them every request for the lane: all is committed, or
    // stopped, or cancelled before it was known who had sent what. relaxed: parallel_for has joined
    // them.
    if (stopped_.load(std::memory_order_relaxed))
        return false;
    const uint32_t committed = committed_.load(std::memory_order_relaxed);
    left_over_ = count_ - committed;
    for (uint32_t i = committed; i < count_; ++i)
        if (!block.run_transaction(i))
            return false;
    return true;
}

void OptimisticLoop::prepare(block::BlockExecutor& block) {
    block_ = &block;
    count_ = static_cast<uint32_t>(block.environment().block.transactions.size());
    recovery_.begin(senders_);
    prepare_turns();
    prepare_workers();
    if (active_workers_ > 1)
        block.track_dependencies();
    if (active_workers_ != 0)
        store_.begin(count_, queue_.size(), block.environment().block.header->gas_limit);
    // relaxed: the workers start after this.
    next_.store(0, std::memory_order_relaxed);
    next_key_.store(0, std::memory_order_relaxed);
    committed_.store(0, std::memory_order_relaxed);
    lane_requests_.store(0, std::memory_order_relaxed);
    stopped_.store(false, std::memory_order_relaxed);
    claimers_.store(active_workers_, std::memory_order_relaxed);
    in_vain_.store(false, std::memory_order_relaxed);
    recent_ = 0;
    doubted_ = 0;
    reexecutions_ = 0;
    left_over_ = 0;
}

void OptimisticLoop::prepare_turns() {
    const transaction::BlockEnvironment& environment = block_->environment();
    while (turns_.size() < count_)
        turns_.push_back(std::make_unique<Turn>());
    always_ahead_ = (environment.block.header->flags & wire::block_flag::always_run_ahead) != 0;
    queue_.clear();
    transfers_.assign(count_, 0);
    has_hints_ =
        std::ranges::any_of(environment.block.transactions,
                            [](const wire::Transaction& item) { return item.predecessor != 0; });
    for (uint32_t i = 0; i < count_; ++i) {
        const wire::Transaction& transaction = environment.block.transactions[i];
        if (!always_ahead_ && transaction.gas_limit == transfer_gas &&
            transaction::may_be_plain_transfer(environment, transaction))
            transfers_[i] = 1;
        else
            queue_.push_back(i);
        if (transfers_[i] == 0 || has_hints_) // else nobody looks at the turn
            turns_[i]->reset();
    }
    cut_batches();
}

void OptimisticLoop::cut_batches() {
    const auto transactions = block_->environment().block.transactions;
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
    batches_.push_back(static_cast<uint32_t>(queue_.size()));
}

void OptimisticLoop::prepare_workers() {
    const size_t wanted = std::min(worker_limit_, std::max(queue_.size(), recovery_.chunks()));
    while (workers_.size() < wanted) {
        std::unique_ptr<transaction::Machine> machine = make_machine_();
        if (machine == nullptr)
            break; // fewer workers do it too
        workers_.push_back(std::make_unique<Worker>(std::move(machine), *this,
                                                    static_cast<uint16_t>(workers_.size())));
    }
    active_workers_ = std::min(workers_.size(), wanted);
    for (size_t i = 0; i < active_workers_; ++i) {
        Worker& worker = *workers_[i];
        worker.recall.begin_block(block_->environment().cancellation);
        worker.executor.begin_block(block_->environment(), &worker.recall);
        worker.view.begin_block(block_->base());
        worker.released.clear();
    }
}

} // namespace braid::parallel
