#include "parallel/commit_lane.hpp"

#include <utility>

namespace braid::parallel {

void CommitLane::begin(std::vector<Cancellation*> recalls, bool is_closed) noexcept {
    recalls_ = std::move(recalls);
    // relaxed: the workers start after this.
    requests_.store(is_closed ? 1 : 0, std::memory_order_relaxed);
    committed_.store(0, std::memory_order_relaxed);
    stopped_.store(false, std::memory_order_relaxed);
    doubted_ = 0;
    reexecutions_ = 0;
}

bool CommitLane::try_take() noexcept {
    uint32_t free = 0;
    // relaxed: only a hint whether it is worth asking. acquire: what the last holder did.
    return requests_.load(std::memory_order_relaxed) == 0 &&
           requests_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                             std::memory_order_relaxed);
}

void CommitLane::release(LaneDriver& driver) noexcept {
    // acquire: what was done before the requests that are counted here.
    uint32_t seen = requests_.load(std::memory_order_acquire);
    block_.step(driver.number);
    do {
        commit_ready(driver);
        block_.step(driver.number);
        // release: the next holder sees the commits. acquire: a request that came in between.
    } while (!requests_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel,
                                                std::memory_order_acquire));
}

void CommitLane::request(LaneDriver& driver) noexcept {
    // release: the holder sees the outcome that made this request. acquire: if the lane is free,
    // what its last holder did.
    if (requests_.fetch_add(1, std::memory_order_acq_rel) == 0)
        release(driver);
}

size_t CommitLane::run_head(LaneDriver& driver, std::span<const uint32_t> claimed) noexcept {
    if (block_.always_ahead || !try_take())
        return 0;
    block_.step(driver.number);
    size_t done = 0;
    for (commit_ready(driver); done < claimed.size() && is_head(claimed[done]); ++done) {
        const uint32_t index = claimed[done];
        if (!run(driver, index, speculative_run))
            break;
        advance(index + 1);
        commit_ready(driver); // transfers in between
    }
    release(driver);
    return done;
}

void CommitLane::advance(uint32_t index) noexcept {
    // release: for the sake of hints alone.
    committed_.store(index, std::memory_order_release);
}

void CommitLane::commit_ready(LaneDriver& driver) noexcept {
    uint32_t index = committed();
    while (index < block_.count && !stopped() && commit_next(driver, index)) {
        advance(++index);
        block_.step(driver.number);
    }
}

/// Commits a transaction whose turn it is, if it is ready; else false.
bool CommitLane::commit_next(LaneDriver& driver, uint32_t index) noexcept {
    if (block_.claims.is_transfer(index))
        return block_.recovery.is_ready(index) && run(driver, index, speculative_run);
    switch (block_.turns[index]->state()) {
    case Turn::State::executed:
        return block_.turns[index]->take(Turn::State::committing) && commit(driver, index);
    case Turn::State::transfer:
        return run(driver, index, speculative_run);
    case Turn::State::parked:
        // Its time has come before it was taken up. It is the lane's only if this worker has it.
        return std::erase(driver.released, index) != 0 && run(driver, index, speculative_run);
    case Turn::State::running:
        doubt(index);
        break;
    case Turn::State::unclaimed:
    case Turn::State::committing:
        break;
    }
    return false;
}

/// Commits what a worker made of a transaction, or makes it anew.
bool CommitLane::commit(LaneDriver& driver, uint32_t index) noexcept {
    Turn& turn = *block_.turns[index];
    block::BlockExecutor& executor = *block_.executor;
    if (turn.run.incarnation == renewed_run)
        executor.record_discarded(index, turn.discarded);
    if (turn.is_recalled) {
        executor.record_discarded(index, {turn.run, 0, turn.recalled_for});
        return run_again(driver, index);
    }
    switch (executor.commit(index, turn.outcome, turn.codes, turn.reads, turn.run)) {
    case block::CommitStatus::committed:
        block_.store.settle_long(index, turn.outcome, executor.committed(), driver.arena);
        block_.retirement.note_commit(false);
        return true;
    case block::CommitStatus::failed:
        stop();
        return false;
    case block::CommitStatus::stale:
        break;
    }
    return run_again(driver, index);
}

bool CommitLane::run_again(LaneDriver& driver, uint32_t index) noexcept {
    ++reexecutions_;
    block_.retirement.note_commit(true);
    return run(driver, index, head_run);
}

/// Runs and commits a transaction at the head, and publishes what it did.
bool CommitLane::run(LaneDriver& driver, uint32_t index, uint8_t incarnation) noexcept {
    block::BlockExecutor& executor = *block_.executor;
    block::RunRecord run;
    run.worker = driver.number;
    run.incarnation = incarnation;
    if (incarnation != head_run && !block_.claims.is_transfer(index))
        run.waited_for = block_.turns[index]->run.waited_for;
    if (!executor.run_transaction(index, run)) {
        stop();
        return false;
    }
    block_.step(driver.number);
    // What a plain transfer changes, hardly anybody looks at; and one worker never looks.
    if (block_.workers > 1 && !executor.latest_was_plain_transfer()) {
        const Address sender = executor.input(index).sender.address;
        block_.store.settle(index, head_run, executor.latest_outcome(), executor.committed(),
                            driver.arena, sender);
        block_.step(driver.number);
    }
    block_.end_waiting(index, driver.released);
    return true;
}

/// Doubts the run of the head that is under way: all that was published before is committed, so
/// what it has observed is right for good, or wrong for good. Once for each is enough.
void CommitLane::doubt(uint32_t index) noexcept {
    if (std::exchange(doubted_, index + 1) != index + 1)
        block_.turns[index]->doubt();
}

void CommitLane::stop() noexcept {
    stopped_.store(true, std::memory_order_relaxed); // relaxed: seen late, it costs time
    for (Cancellation* const recall : recalls_)
        recall->request();
}

} // namespace braid::parallel
