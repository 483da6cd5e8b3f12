#include "parallel/optimistic_loop.hpp"

#include <algorithm>

namespace braid::parallel {
namespace {

constexpr uint32_t speculative_run = 0;
constexpr uint32_t head_run = 1;

/// How many transfers make a batch; anything else is one by itself.
constexpr size_t batch_weight = 16;

/// Whether the transaction most likely only moves ether.
bool is_transfer(const wire::Transaction& transaction) noexcept {
    return transaction.data_size == 0 && (transaction.flags & wire::transaction_flag::has_to) != 0;
}

} // namespace

bool OptimisticLoop::run(executor::BlockExecutor& block) {
    prepare(block);
    if (workers_.empty()) { // no transactions, or no VM to be had but the block executor's own
        for (uint32_t i = 0; i < count_; ++i)
            if (!block.run_transaction(i))
                return false;
        return true;
    }
    active_workers_ = std::min({workers_.size(), worker_limit_, size_t{count_}});
    pool_.parallel_for(active_workers_, 1, active_workers_, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            work(*workers_[i]);
    });
    // The workers have ended, and with them every request for the lane: all is committed, or
    // stopped. relaxed: parallel_for has joined them.
    return !stopped_.load(std::memory_order_relaxed);
}

void OptimisticLoop::prepare(executor::BlockExecutor& block) {
    block_ = &block;
    count_ = static_cast<uint32_t>(block.environment().block.transactions.size());
    store_.begin(count_);
    while (workers_.size() < std::min(worker_limit_, size_t{count_})) {
        std::unique_ptr<executor::Machine> machine = make_machine_();
        if (machine == nullptr)
            break; // fewer workers do it too
        workers_.push_back(std::make_unique<Worker>(std::move(machine), store_));
    }
    cut_batches();
    for (const std::unique_ptr<Worker>& worker : workers_) {
        worker->executor.begin_block(block.environment());
        worker->view.begin_block(block.base());
        worker->arena.reset();
    }
    while (turns_.size() < count_)
        turns_.push_back(std::make_unique<Turn>());
    // relaxed: the workers start after this.
    for (uint32_t i = 0; i < count_; ++i)
        turns_[i]->executed.store(false, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    committed_.store(0, std::memory_order_relaxed);
    lane_requests_.store(0, std::memory_order_relaxed);
    stopped_.store(false, std::memory_order_relaxed);
    reexecutions_ = 0;
}

void OptimisticLoop::cut_batches() {
    const auto transactions = block_->environment().block.transactions;
    batches_.clear();
    size_t weight = batch_weight; // of the batch under way: full, so that the first begins one
    for (uint32_t i = 0; i < count_; ++i) {
        if (weight >= batch_weight) {
            batches_.push_back(i);
            weight = 0;
        }
        weight += is_transfer(transactions[i]) ? 1 : batch_weight;
    }
    batches_.push_back(count_);
}

void OptimisticLoop::work(Worker& worker) noexcept {
    // relaxed: a late worker only does something in vain.
    while (!stopped_.load(std::memory_order_relaxed)) {
        // relaxed: a claim says nothing about other data.
        const uint32_t batch = next_.fetch_add(1, std::memory_order_relaxed);
        if (batch + 1 >= batches_.size())
            return;
        const uint32_t begin = batches_[batch];
        const uint32_t end = batches_[batch + 1];
        if (try_head(worker, begin, end))
            continue;
        for (uint32_t i = begin; i < end; ++i)
            speculate(worker, i);
        request_commits(worker);
    }
}

void OptimisticLoop::speculate(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    const executor::TransactionInput input = block_->input(index);
    worker.view.begin(index, input.sender.address, input.record->nonce);
    worker.executor.execute(worker.view, input, turn.outcome, turn.reads);
    if (turn.outcome.failure.code == wire::ErrorCode::ok)
        store_.publish(index, speculative_run, turn.outcome, worker.arena);
    // release: the lane sees the outcome with the flag.
    turn.executed.store(true, std::memory_order_release);
}

bool OptimisticLoop::try_head(Worker& worker, uint32_t begin, uint32_t end) noexcept {
    // relaxed: only a hint whether it is worth asking for the lane.
    if (committed_.load(std::memory_order_relaxed) != begin)
        return false;
    uint32_t free = 0;
    // acquire: what the lane's last holder did. Nobody else can have moved the head meanwhile: the
    // transaction at it is this worker's.
    if (!lane_requests_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                                std::memory_order_relaxed))
        return false;
    for (uint32_t i = begin; i < end && run_at_head(worker, i); ++i)
        // release: for the hint's sake alone.
        committed_.store(i + 1, std::memory_order_release);
    drain_requests(worker);
    return true;
}

void OptimisticLoop::request_commits(Worker& worker) noexcept {
    // release: the holder sees the outcome that made this request. acquire: if the lane is free,
    // what its last holder did.
    if (lane_requests_.fetch_add(1, std::memory_order_acq_rel) == 0)
        drain_requests(worker);
}

void OptimisticLoop::drain_requests(Worker& worker) noexcept {
    uint32_t seen = lane_requests_.load(std::memory_order_relaxed);
    do
        commit_ready(worker);
    // release: the next holder sees the commits. acquire: a request that came in between.
    while (!lane_requests_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel,
                                                   std::memory_order_acquire));
}

void OptimisticLoop::commit_ready(Worker& worker) noexcept {
    // relaxed: both are the lane's own.
    uint32_t index = committed_.load(std::memory_order_relaxed);
    while (index < count_ && !stopped_.load(std::memory_order_relaxed) &&
           // acquire: the outcome that the flag stands for.
           turns_[index]->executed.load(std::memory_order_acquire) && commit(worker, index))
        committed_.store(++index, std::memory_order_release);
}

bool OptimisticLoop::commit(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    switch (block_->commit(index, turn.outcome, turn.reads)) {
    case executor::CommitStatus::committed:
        return true;
    case executor::CommitStatus::failed:
        stopped_.store(true, std::memory_order_relaxed);
        return false;
    case executor::CommitStatus::stale:
        break;
    }
    ++reexecutions_;
    return run_at_head(worker, index);
}

bool OptimisticLoop::run_at_head(Worker& worker, uint32_t index) noexcept {
    if (!block_->run_transaction(index)) {
        stopped_.store(true, std::memory_order_relaxed);
        return false;
    }
    if (active_workers_ > 1)
        store_.publish(index, head_run, block_->latest_outcome(), worker.arena);
    return true;
}

} // namespace braid::parallel
