/// The commit lane: one transaction after another, in the order of the block.
#include "parallel/optimistic_loop.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace braid::parallel {
namespace {

/// So many stale runs among the latest 32 that ran ahead mean that running ahead is in vain: with
/// more than half of them run again, two workers are slower than one.
constexpr int most_stale = 18;

} // namespace

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
        return recovery_.is_ready(index) && run_at_head(worker, index, speculative_run);
    switch (turns_[index]->state()) {
    case Turn::State::executed:
        return turns_[index]->take(Turn::State::committing) && commit(worker, index);
    case Turn::State::transfer:
        return run_at_head(worker, index, speculative_run);
    case Turn::State::parked:
        // Its time has come before it was taken up. It is the lane's only if this worker has it.
        return std::erase(worker.released, index) != 0 &&
               run_at_head(worker, index, speculative_run);
    case Turn::State::running:
        doubt(index);
        break;
    case Turn::State::unclaimed:
    case Turn::State::committing:
        break;
    }
    return false;
}

bool OptimisticLoop::commit(Worker& worker, uint32_t index) noexcept {
    Turn& turn = *turns_[index];
    if (turn.run.incarnation == renewed_run)
        block_->record_discarded(index, turn.discarded);
    if (turn.is_recalled) {
        block_->record_discarded(index, {turn.run, 0, turn.recalled_for});
        return run_again(worker, index);
    }
    switch (block_->commit(index, turn.outcome, turn.codes, turn.reads, turn.run)) {
    case block::CommitStatus::committed:
        store_.settle_long(index, turn.outcome, block_->committed(), worker.arena);
        note_commit(false);
        return true;
    case block::CommitStatus::failed:
        stop();
        return false;
    case block::CommitStatus::stale:
        break;
    }
    return run_again(worker, index);
}

bool OptimisticLoop::run_again(Worker& worker, uint32_t index) noexcept {
    ++reexecutions_;
    note_commit(true);
    return run_at_head(worker, index, head_run);
}

bool OptimisticLoop::run_at_head(Worker& worker, uint32_t index, uint8_t incarnation) noexcept {
    Turn& turn = *turns_[index];
    block::RunRecord run;
    run.worker = worker.number;
    run.incarnation = incarnation;
    if (incarnation != head_run && transfers_[index] == 0)
        run.waited_for = turn.run.waited_for;
    if (!block_->run_transaction(index, run)) {
        stop();
        return false;
    }
    step(worker);
    // What a plain transfer changes, hardly anybody looks at; and one worker never looks.
    if (active_workers_ > 1 && !block_->latest_was_plain_transfer()) {
        const Address sender = block_->input(index).sender.address;
        store_.settle(index, head_run, block_->latest_outcome(), block_->committed(), worker.arena,
                      sender);
        step(worker);
    }
    release_waiting(worker, index);
    return true;
}

/// Doubts the run of the head that is under way: all that was published before is committed, so
/// what it has observed is right for good, or wrong for good. Once for each is enough.
void OptimisticLoop::doubt(uint32_t index) noexcept {
    if (std::exchange(doubted_, index + 1) != index + 1)
        turns_[index]->doubt();
}

void OptimisticLoop::stop() noexcept {
    stopped_.store(true, std::memory_order_relaxed); // relaxed: seen late, it costs time
    for (size_t i = 0; i < active_workers_; ++i)
        workers_[i]->recall.request();
}

/// Asked by a run that is doubted, on its own thread: whether it is to end.
bool OptimisticLoop::recalls(Worker& worker) noexcept {
    if (worker.is_recalled || stopped_.load(std::memory_order_relaxed) || block_->cancelled())
        return true;
    // relaxed: seen late, it costs a stretch of gas. Another value: a run before this one was
    // doubted, or the lane is not there yet.
    if (committed_.load(std::memory_order_relaxed) != worker.running)
        return false;
    step(worker);
    uint32_t free = 0;
    // Only the lane may look at the committed state; where somebody else is the lane, the run asks
    // again later. acquire: what its last holder did.
    if (!lane_requests_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                                std::memory_order_relaxed))
        return false;
    if (is_head(worker.running)) {
        worker.executor.collect_reads(worker.reads);
        worker.reads.from_base = !worker.view.saw_versions();
        worker.is_recalled = !block_->holds(worker.running, worker.reads, worker.recalled_for);
        if (!worker.is_recalled)
            worker.recall.withdraw(); // for good: nothing before it can change any more
    }
    // Commits nothing, since the head is this very run: there is no other run on top of its stack.
    drain_requests(worker);
    return worker.is_recalled;
}

void OptimisticLoop::note_commit(bool stale) noexcept {
    recent_ = recent_ << 1 | static_cast<uint32_t>(stale);
    if (std::popcount(recent_) >= most_stale)
        in_vain_.store(true, std::memory_order_relaxed); // relaxed: a hint
}

} // namespace braid::parallel
