/// What a worker does: claims transactions, runs them ahead, renews what has become stale.
#include "parallel/optimistic_loop.hpp"
#include "transaction/plain_transfer.hpp"

#include <algorithm>
#include <iterator>

namespace braid::parallel {
namespace {

/// How many keys a worker claims for prefetching at a time.
constexpr uint32_t prefetch_chunk = 8;

/// The worker that executes while senders are recovered: one alone, so that what the lane writes
/// stays in one core's cache.
constexpr uint16_t head_runner = 0;

} // namespace

void OptimisticLoop::work(Worker& worker) noexcept {
    if (interleaving_ != nullptr) [[unlikely]]
        interleaving_->begin(worker.number, active_workers_);
    prefetch(worker);
    recover_senders(worker);
    do {
        while (take_batch(worker))
            run_batch(worker);
        renew_stale(worker);
        // Driving the lane meanwhile, it may have ended the waiting of others: they are its to run.
    } while (!worker.released.empty() && !stopped_.load(std::memory_order_relaxed));
    if (interleaving_ != nullptr) [[unlikely]]
        interleaving_->end(worker.number);
}

void OptimisticLoop::prefetch(Worker& worker) noexcept {
    const auto keys = block_->environment().block.prefetch_keys;
    for (;;) {
        // relaxed: a claim says nothing about other data.
        const size_t begin = next_key_.fetch_add(prefetch_chunk, std::memory_order_relaxed);
        if (begin >= keys.size())
            return;
        for (const wire::PrefetchKey& key :
             keys.subspan(begin, std::min<size_t>(prefetch_chunk, keys.size() - begin)))
            worker.view.touch(key);
    }
}

void OptimisticLoop::recover_senders(Worker& worker) noexcept {
    // relaxed: a late worker only does something in vain.
    while (!stopped_.load(std::memory_order_relaxed) && !block_->cancelled() &&
           recovery_.recover_next()) {
        step(worker);
        if (worker.number == head_runner)
            run_recovered(worker);
    }
    if (recovery_.chunks() != 0)
        request_commits(worker); // the transfers whose senders are known now
}

void OptimisticLoop::run_recovered(Worker& worker) noexcept {
    request_commits(worker);
    while (next_batch_is_head() && take_batch(worker))
        run_batch(worker);
}

bool OptimisticLoop::next_batch_is_head() const noexcept {
    // relaxed: a worker that comes first makes it the one after, which is then run ahead.
    const uint32_t batch = next_.load(std::memory_order_relaxed);
    if (always_ahead_ || batch + 1 >= batches_.size())
        return false;
    const auto begin = queue_.begin() + batches_[batch];
    const auto end = queue_.begin() + batches_[batch + 1];
    return (batch == 0 || committed_.load(std::memory_order_relaxed) > *(begin - 1)) &&
           std::all_of(begin, end, [this](uint32_t index) { return recovery_.is_ready(index); });
}

bool OptimisticLoop::wait_for_senders(const Worker& worker, uint32_t index) noexcept {
    const auto gives_up = [this] {
        // relaxed: seen late, it costs time.
        return stopped_.load(std::memory_order_relaxed) || block_->cancelled();
    };
    if (interleaving_ == nullptr) [[likely]]
        return recovery_.wait_for(index, gives_up);
    // Nobody may sleep who was told to go on: the others are asleep until it has made a step.
    while (!recovery_.is_ready(index)) {
        if (gives_up())
            return false;
        step(worker);
    }
    return true;
}

bool OptimisticLoop::take_batch(Worker& worker) noexcept {
    worker.batch.clear();
    while (worker.batch.empty()) {
        step(worker);
        // relaxed: a late worker only does something in vain.
        if (stopped_.load(std::memory_order_relaxed))
            return false;
        if (!worker.released.empty()) {
            const uint32_t index = worker.released.back();
            worker.released.pop_back();
            turns_[index]->start();
            worker.batch.push_back(index);
            return true;
        }
        if (retires(worker))
            return false;
        // relaxed: a claim says nothing about other data.
        const uint32_t batch = next_.fetch_add(1, std::memory_order_relaxed);
        if (batch + 1 >= batches_.size())
            return false;
        for (uint32_t place = batches_[batch]; place < batches_[batch + 1]; ++place)
            claim(worker, queue_[place]);
        if (worker.batch.empty()) {
            step(worker);
            request_commits(worker); // what they all wait for may be the lane's to do
        }
    }
    return true;
}

void OptimisticLoop::renew_stale(Worker& worker) noexcept {
    // relaxed: where the lane is by now does not matter.
    for (uint32_t i = committed_.load(std::memory_order_relaxed); i < count_; ++i) {
        if (stopped_.load(std::memory_order_relaxed) || in_vain_.load(std::memory_order_relaxed))
            return;
        step(worker);
        Turn& turn = *turns_[i];
        if (transfers_[i] == 0 && turn.take(Turn::State::running)) {
            renew(worker, i);
            turn.finish();
            step(worker);
            request_commits(worker); // the lane may have passed by meanwhile
        }
    }
}

void OptimisticLoop::renew(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    const transaction::TransactionInput input = block_->input(index);
    worker.view.begin(index, input.sender.address, input.record->nonce);
    if (turn.run.incarnation != speculative_run || turn.outcome.failure != wire::ErrorCode::ok ||
        worker.view.agrees_with(turn.reads, turn.discarded.reason))
        return;
    turn.discarded.run = turn.run;
    turn.discarded.gas_used = turn.outcome.gas_used;
    speculate(worker, index, renewed_run);
}

void OptimisticLoop::run_batch(Worker& worker) noexcept {
    if (try_head(worker))
        return;
    for (const uint32_t index : worker.batch)
        run_ahead(worker, index);
    step(worker);
    request_commits(worker);
}

bool OptimisticLoop::retires(const Worker& worker) noexcept {
    // relaxed: it does not matter when a worker sees it.
    if (!in_vain_.load(std::memory_order_relaxed))
        return false;
    // relaxed: only the number counts.
    size_t claimers = claimers_.load(std::memory_order_relaxed);
    step(worker);
    while (claimers > 1)
        if (claimers_.compare_exchange_weak(claimers, claimers - 1, std::memory_order_relaxed))
            return true;
    return false;
}

void OptimisticLoop::claim(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    turn.claim();
    if (!wait_for_senders(worker, index))
        return; // nobody needs it any more
    const uint32_t predecessor = block_->environment().block.transactions[index].predecessor;
    if (predecessor != 0) {
        turn.run.waited_for = static_cast<int32_t>(predecessor) - 1;
        step(worker);
        if (turns_[predecessor - 1]->park(turn, index))
            return;
        turn.run.waited_for = block::no_writer; // it did not have to
    }
    worker.batch.push_back(index);
}

void OptimisticLoop::run_ahead(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    if (!always_ahead_ && is_plain_transfer(block_->environment().block.transactions[index])) {
        turn.leave_to_lane();
        return;
    }
    speculate(worker, index, speculative_run);
    step(worker);
    turn.finish();
    step(worker);
    release_waiting(worker, index);
}

bool OptimisticLoop::is_plain_transfer(const wire::Transaction& transaction) noexcept {
    state::AccountState recipient;
    bool exists = false;
    return transaction::may_be_plain_transfer(block_->environment(), transaction) &&
           block_->base().load_account(transaction.to, recipient, exists) ==
               state::ReadStatus::ok &&
           recipient.code_hash == state::empty_code_hash;
}

void OptimisticLoop::speculate(Worker& worker, uint32_t index, uint8_t incarnation) noexcept {
    Turn& turn = *turns_[index];
    turn.run.start = read_ticks();
    turn.run.worker = worker.number;
    turn.run.incarnation = incarnation;
    const transaction::TransactionInput input = block_->input(index);
    step(worker);
    worker.view.begin(index, input.sender.address, input.record->nonce);
    worker.running = index;
    worker.is_recalled = false;
    worker.recall.withdraw();
    turn.set_runner(worker.recall);
    worker.executor.execute(worker.view, input, worker.outcome, worker.reads);
    hand_over(worker, turn);
    step(worker);
    if (turn.outcome.failure == wire::ErrorCode::ok)
        store_.publish(index, incarnation, turn.outcome, worker.arena, &input.sender.address);
    turn.run.end = read_ticks();
}

/// Copies a run's outcome and reads to where they lie side by side: the worker's own memory stays
/// warm, and the lane reads one stretch.
void OptimisticLoop::hand_over(Worker& worker, Turn& turn) {
    turn.outcome = worker.outcome;
    turn.is_recalled = worker.is_recalled;
    turn.recalled_for = worker.recalled_for;
    if (turn.outcome.failure != wire::ErrorCode::ok)
        return;
    VersionArena& arena = worker.arena;
    turn.reads.accounts =
        arena.copy(std::span<const transaction::AccountRead>{worker.reads.accounts});
    turn.reads.slots = arena.copy(std::span<const transaction::SlotRead>{worker.reads.slots});
    turn.reads.from_base = !worker.view.saw_versions();
    turn.outcome.accounts = arena.copy(turn.outcome.accounts);
    turn.outcome.slots = arena.copy(turn.outcome.slots);
    turn.outcome.logs = arena.copy(turn.outcome.logs);
    turn.outcome.topics = arena.copy(turn.outcome.topics);
    turn.outcome.log_data = arena.copy(turn.outcome.log_data);
    turn.outcome.output = arena.copy(turn.outcome.output);
    // Added to those of an earlier run, which somebody may be executing.
    turn.codes.insert(turn.codes.end(), std::make_move_iterator(worker.outcome.codes.begin()),
                      std::make_move_iterator(worker.outcome.codes.end()));
    worker.outcome.codes.clear();
}

void OptimisticLoop::release_waiting(Worker& worker, uint32_t index) noexcept {
    if (!has_hints_)
        return;
    for (uint32_t waiting = turns_[index]->close(); waiting != Turn::nobody;
         waiting = turns_[waiting]->next_waiting)
        worker.released.push_back(waiting);
}

} // namespace braid::parallel
