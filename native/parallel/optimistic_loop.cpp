#include "parallel/optimistic_loop.hpp"

#include "executor/plain_transfer.hpp"
#include "parallel/pause.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace braid::parallel {
namespace {

// The runs that a transaction may have.
constexpr uint8_t speculative_run = 0;
constexpr uint8_t renewed_run = 1;
constexpr uint8_t head_run = 2;

/// What a transfer that has no gas for anything else asks for (Yellow Paper, appendix G).
constexpr uint64_t transfer_gas = 21'000;

// Transactions that may not use more gas together are claimed in one go: handing one over to the
// lane costs about as much as 20,000 gas take to execute. Few enough that what one of them reads is
// not old when its turn comes.
constexpr uint64_t max_batch_gas = 1'000'000;
constexpr uint32_t max_batch_size = 16;

/// So many stale runs among the latest 32 that ran ahead mean that running ahead is in vain: with
/// more than half of them run again, two workers are slower than one.
constexpr int most_stale = 18;

/// How many keys a worker claims for prefetching at a time.
constexpr uint32_t prefetch_chunk = 8;

} // namespace

bool OptimisticLoop::run(executor::BlockExecutor& block) {
    prepare(block);
    if (active_workers_ == 0) { // nothing for workers to do, or no VM to be had for one
        for (size_t i = 0; senders_ != nullptr && i < senders_->chunk_count(); ++i)
            senders_->recover_chunk(i);
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

void OptimisticLoop::for_ranges(size_t count, size_t chunk, executor::RangeBody& body) noexcept {
    pool_.parallel_for(count, chunk, active_workers_,
                       [&](size_t begin, size_t end) noexcept { body.run(begin, end); });
}

void OptimisticLoop::prepare(executor::BlockExecutor& block) {
    block_ = &block;
    count_ = static_cast<uint32_t>(block.environment().block.transactions.size());
    prepare_turns();
    prepare_workers();
    if (active_workers_ > 1)
        block.track_dependencies();
    if (active_workers_ != 0)
        store_.begin(count_, queue_.size());
    // relaxed: the workers start after this.
    next_.store(0, std::memory_order_relaxed);
    next_key_.store(0, std::memory_order_relaxed);
    next_chunk_.store(0, std::memory_order_relaxed);
    recovered_at_.store(0, std::memory_order_relaxed);
    committed_.store(0, std::memory_order_relaxed);
    lane_requests_.store(0, std::memory_order_relaxed);
    stopped_.store(false, std::memory_order_relaxed);
    claimers_.store(active_workers_, std::memory_order_relaxed);
    in_vain_.store(false, std::memory_order_relaxed);
    recent_ = 0;
    reexecutions_ = 0;
    left_over_ = 0;
}

void OptimisticLoop::prepare_turns() {
    const executor::BlockEnvironment& environment = block_->environment();
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
            executor::may_be_plain_transfer(environment, transaction))
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
    const size_t chunks = senders_ == nullptr ? 0 : senders_->chunk_count();
    const size_t wanted = std::min(worker_limit_, std::max(queue_.size(), chunks));
    while (workers_.size() < wanted) {
        std::unique_ptr<executor::Machine> machine = make_machine_();
        if (machine == nullptr)
            break; // fewer workers do it too
        workers_.push_back(std::make_unique<Worker>(std::move(machine), store_,
                                                    static_cast<uint16_t>(workers_.size())));
    }
    active_workers_ = std::min(workers_.size(), wanted);
    for (size_t i = 0; i < active_workers_; ++i) {
        Worker& worker = *workers_[i];
        worker.executor.begin_block(block_->environment());
        worker.view.begin_block(block_->base());
        worker.arena.reset();
        worker.released.clear();
    }
}

void OptimisticLoop::work(Worker& worker) noexcept {
    if (interleaving_ != nullptr) [[unlikely]]
        interleaving_->begin(worker.number, active_workers_);
    prefetch(worker);
    recover_senders(worker);
    while (take_batch(worker)) {
        if (try_head(worker))
            continue;
        for (const uint32_t index : worker.batch)
            run_ahead(worker, index);
        step(worker);
        request_commits(worker);
    }
    renew_stale(worker);
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
    if (senders_ == nullptr)
        return;
    // relaxed: as for batches.
    while (!stopped_.load(std::memory_order_relaxed) && !block_->cancelled()) {
        const size_t chunk = next_chunk_.fetch_add(1, std::memory_order_relaxed);
        if (chunk >= senders_->chunk_count())
            break;
        senders_->recover_chunk(chunk);
        recovered_at_.store(read_ticks(), std::memory_order_relaxed); // relaxed: a statistic
        step(worker);
        request_commits(worker); // the transfers whose senders are known now
    }
}

void OptimisticLoop::wait_for_senders(const Worker& worker, uint32_t index) noexcept {
    // All chunks are claimed: another worker is at the one that is missing, and will be done with
    // it some microseconds later, unless the block is given up.
    while (!has_senders(index) && !stopped_.load(std::memory_order_relaxed) &&
           !block_->cancelled()) {
        step(worker);
        pause();
    }
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
    const executor::TransactionInput input = block_->input(index);
    worker.view.begin(index, input.sender.address, input.record->nonce);
    if (turn.run.incarnation != speculative_run || turn.outcome.failure != wire::ErrorCode::ok ||
        worker.view.agrees_with(turn.reads, turn.discarded.reason))
        return;
    turn.discarded.run = turn.run;
    turn.discarded.gas_used = turn.outcome.gas_used;
    speculate(worker, index, renewed_run);
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
    wait_for_senders(worker, index);
    const uint32_t predecessor = block_->environment().block.transactions[index].predecessor;
    if (predecessor != 0) {
        turn.run.waited_for = static_cast<int32_t>(predecessor) - 1;
        step(worker);
        if (turns_[predecessor - 1]->park(turn, index))
            return;
        turn.run.waited_for = executor::no_writer; // it did not have to
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
    return executor::may_be_plain_transfer(block_->environment(), transaction) &&
           block_->base().load_account(transaction.to, recipient, exists) ==
               state::ReadStatus::ok &&
           recipient.code_hash == state::empty_code_hash;
}

void OptimisticLoop::speculate(Worker& worker, uint32_t index, uint8_t incarnation) noexcept {
    Turn& turn = *turns_[index];
    turn.run.start = read_ticks();
    turn.run.worker = worker.number;
    turn.run.incarnation = incarnation;
    const executor::TransactionInput input = block_->input(index);
    step(worker);
    worker.view.begin(index, input.sender.address, input.record->nonce);
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
    if (turn.outcome.failure != wire::ErrorCode::ok)
        return;
    VersionArena& arena = worker.arena;
    turn.reads.accounts = arena.copy(std::span<const executor::AccountRead>{worker.reads.accounts});
    turn.reads.slots = arena.copy(std::span<const executor::SlotRead>{worker.reads.slots});
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

bool OptimisticLoop::try_head(Worker& worker) noexcept {
    if (always_ahead_)
        return false;
    uint32_t free = 0;
    // relaxed: only a hint whether it is worth asking. acquire: what the lane's last holder did.
    if (lane_requests_.load(std::memory_order_relaxed) != 0 ||
        !lane_requests_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                                std::memory_order_relaxed))
        return false;
    step(worker);
    size_t done = 0;
    for (commit_ready(worker); done < worker.batch.size() && is_head(worker.batch[done]); ++done) {
        const uint32_t index = worker.batch[done];
        if (!run_at_head(worker, index, speculative_run))
            break;
        // release: for the sake of hints alone.
        committed_.store(index + 1, std::memory_order_release);
        commit_ready(worker); // transfers in between
    }
    worker.batch.erase(worker.batch.begin(), worker.batch.begin() + static_cast<ptrdiff_t>(done));
    drain_requests(worker);
    return worker.batch.empty();
}

bool OptimisticLoop::is_head(uint32_t index) const noexcept {
    // relaxed: both are the lane's own.
    return committed_.load(std::memory_order_relaxed) == index &&
           !stopped_.load(std::memory_order_relaxed);
}

void OptimisticLoop::request_commits(Worker& worker) noexcept {
    // release: the holder sees the outcome that made this request. acquire: if the lane is free,
    // what its last holder did.
    if (lane_requests_.fetch_add(1, std::memory_order_acq_rel) == 0)
        drain_requests(worker);
}

void OptimisticLoop::drain_requests(Worker& worker) noexcept {
    // acquire: the requests that are counted here.
    uint32_t seen = lane_requests_.load(std::memory_order_acquire);
    step(worker);
    do {
        commit_ready(worker);
        step(worker);
        // release: the next holder sees the commits. acquire: a request that came in between.
    } while (!lane_requests_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel,
                                                     std::memory_order_acquire));
}

void OptimisticLoop::commit_ready(Worker& worker) noexcept {
    // relaxed: both are the lane's own.
    uint32_t index = committed_.load(std::memory_order_relaxed);
    while (index < count_ && !stopped_.load(std::memory_order_relaxed) &&
           commit_next(worker, index)) {
        // release: for the sake of hints alone.
        committed_.store(++index, std::memory_order_release);
        step(worker);
    }
}

bool OptimisticLoop::commit_next(Worker& worker, uint32_t index) noexcept {
    if (transfers_[index] != 0)
        return has_senders(index) && run_at_head(worker, index, speculative_run);
    switch (turns_[index]->state()) {
    case Turn::State::executed:
        return turns_[index]->take(Turn::State::committing) && commit(worker, index);
    case Turn::State::transfer:
        return run_at_head(worker, index, speculative_run);
    case Turn::State::parked:
        // Its time has come before it was taken up. It is the lane's only if this worker has it.
        return std::erase(worker.released, index) != 0 &&
               run_at_head(worker, index, speculative_run);
    case Turn::State::unclaimed:
    case Turn::State::running:
    case Turn::State::committing:
        break;
    }
    return false;
}

bool OptimisticLoop::commit(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    if (turn.run.incarnation == renewed_run)
        block_->record_discarded(index, turn.discarded);
    switch (block_->commit(index, turn.outcome, turn.codes, turn.reads, turn.run)) {
    case executor::CommitStatus::committed:
        note_commit(false);
        return true;
    case executor::CommitStatus::failed:
        stopped_.store(true, std::memory_order_relaxed);
        return false;
    case executor::CommitStatus::stale:
        break;
    }
    ++reexecutions_;
    note_commit(true);
    return run_at_head(worker, index, head_run);
}

bool OptimisticLoop::run_at_head(Worker& worker, uint32_t index, uint8_t incarnation) noexcept {
    Turn& turn = *turns_[index];
    executor::RunRecord run;
    run.worker = worker.number;
    run.incarnation = incarnation;
    if (incarnation != head_run && transfers_[index] == 0)
        run.waited_for = turn.run.waited_for;
    if (!block_->run_transaction(index, run)) {
        stopped_.store(true, std::memory_order_relaxed);
        return false;
    }
    step(worker);
    // What a plain transfer changes, hardly anybody looks at; and one worker never looks.
    if (active_workers_ > 1 && !block_->latest_was_plain_transfer()) {
        const Address sender = block_->input(index).sender.address;
        store_.publish(index, head_run, block_->latest_outcome(), worker.arena, &sender);
        step(worker);
    }
    release_waiting(worker, index);
    return true;
}

void OptimisticLoop::note_commit(bool stale) noexcept {
    recent_ = recent_ << 1 | static_cast<uint32_t>(stale);
    if (std::popcount(recent_) >= most_stale)
        in_vain_.store(true, std::memory_order_relaxed); // relaxed: a hint
}

} // namespace braid::parallel
