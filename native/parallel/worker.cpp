#include "parallel/worker.hpp"

#include "transaction/plain_transfer.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace braid::parallel {
namespace {

/// The worker that executes while senders are recovered: one alone, so that what the lane writes
/// stays in one core's cache.
constexpr uint16_t head_runner = 0;

} // namespace

Worker::Worker(std::unique_ptr<transaction::Machine> machine, ParallelBlock& block,
               CommitLane& lane, uint16_t number)
    : block_{block}, lane_{lane}, driver_{number}, speculation_{std::move(machine), block, lane,
                                                                driver_} {}

void Worker::begin_block() {
    driver_.arena.reset();
    speculation_.begin_block();
    driver_.released.clear();
}

void Worker::end_block() { speculation_.end_block(); }

void Worker::work(bool opens_lane) noexcept {
    if (block_.interleaving != nullptr) [[unlikely]]
        block_.interleaving->begin(driver_.number, block_.workers);
    if (opens_lane)
        lane_.release(driver_);
    prefetch();
    recover_senders();
    do {
        while (take_batch())
            run_batch();
        renew_stale();
        // Driving the lane meanwhile, it may have ended the waiting of others: they are its to run.
    } while (!driver_.released.empty() && !lane_.stopped());
    if (block_.interleaving != nullptr) [[unlikely]]
        block_.interleaving->end(driver_.number);
}

bool Worker::work_ahead() noexcept {
    if (!take_batch())
        return false;
    do {
        run_batch();
    } while (!driver_.released.empty() && take_batch());
    return true;
}

void Worker::prefetch() noexcept {
    for (auto keys = block_.claims.take_keys(); !keys.empty(); keys = block_.claims.take_keys())
        for (const wire::PrefetchKey& key : keys)
            speculation_.touch(key);
}

void Worker::recover_senders() noexcept {
    while (!lane_.stopped() && !block_.executor->cancelled() && block_.recovery.recover_next()) {
        step();
        if (driver_.number == head_runner)
            run_recovered();
    }
    if (block_.recovery.chunks() != 0)
        lane_.request(driver_); // the transfers whose senders are known now
}

void Worker::run_recovered() noexcept {
    lane_.request(driver_);
    while (next_batch_is_head() && take_batch())
        run_batch();
}

/// Whether the next batch would most likely run at the head: if another worker claims it first, the
/// one after it is run ahead.
bool Worker::next_batch_is_head() const noexcept {
    if (block_.always_ahead)
        return false;
    const std::span<const uint32_t> next = block_.claims.peek(lane_.committed());
    return !next.empty() && std::ranges::all_of(next, [this](uint32_t index) {
        return block_.recovery.is_ready(index);
    });
}

/// Claims what to run next; false where there is nothing left for this worker.
bool Worker::take_batch() noexcept {
    batch_.clear();
    while (batch_.empty()) {
        step();
        if (lane_.stopped())
            return false;
        if (!driver_.released.empty()) {
            const uint32_t index = driver_.released.back();
            driver_.released.pop_back();
            block_.turns[index]->start();
            batch_.push_back(index);
            return true;
        }
        if (retires())
            return false;
        const std::span<const uint32_t> claimed = block_.claims.take();
        if (claimed.empty())
            return false;
        if (block_.claims.is_last(claimed) && block_.on_all_claimed != nullptr) [[unlikely]]
            block_.on_all_claimed();
        for (const uint32_t index : claimed)
            claim(index);
        if (batch_.empty()) {
            step();
            lane_.request(driver_); // what they all wait for may be the lane's to do
        }
    }
    return true;
}

bool Worker::retires() noexcept {
    if (!block_.retirement.in_vain())
        return false;
    const size_t claimers = block_.retirement.claimers();
    step();
    return block_.retirement.retire(claimers);
}

/// Adds a transaction to the batch, or parks it.
void Worker::claim(uint32_t index) noexcept {
    Turn& turn = *block_.turns[index];
    turn.claim();
    if (!wait_for_senders(index))
        return; // nobody needs it any more
    const uint32_t predecessor =
        block_.executor->environment().block.transactions[index].predecessor;
    if (predecessor != 0) {
        turn.run.waited_for = static_cast<int32_t>(predecessor) - 1;
        step();
        if (block_.turns[predecessor - 1]->park(turn, index))
            return;
        turn.run.waited_for = block::no_writer; // it did not have to
    }
    batch_.push_back(index);
}

/// Waits until the signers of a transaction are known; false where the block ends first.
bool Worker::wait_for_senders(uint32_t index) noexcept {
    const auto gives_up = [this] { return lane_.stopped() || block_.executor->cancelled(); };
    if (block_.interleaving == nullptr) [[likely]]
        return block_.recovery.wait_for(index, gives_up);
    // Nobody may sleep who was told to go on: the others are asleep until it has made a step.
    while (!block_.recovery.is_ready(index)) {
        if (gives_up())
            return false;
        step();
    }
    return true;
}

void Worker::run_batch() noexcept {
    const size_t done = lane_.run_head(driver_, batch_);
    if (done == batch_.size())
        return;
    for (const uint32_t index : std::span{batch_}.subspan(done))
        run_ahead(index);
    step();
    lane_.request(driver_);
}

void Worker::run_ahead(uint32_t index) noexcept {
    Turn& turn = *block_.turns[index];
    if (!block_.always_ahead &&
        is_plain_transfer(block_.executor->environment().block.transactions[index])) {
        turn.leave_to_lane();
        return;
    }
    speculation_.run(index, speculative_run);
    step();
    turn.finish();
    step();
    block_.end_waiting(index, driver_.released);
}

bool Worker::is_plain_transfer(const wire::Transaction& transaction) noexcept {
    state::AccountState recipient;
    bool exists = false;
    return transaction::may_be_plain_transfer(block_.executor->environment(), transaction) &&
           block_.executor->base().load_account(transaction.to, recipient, exists) ==
               state::ReadStatus::ok &&
           recipient.code_hash == state::empty_code_hash;
}

void Worker::renew_stale() noexcept {
    for (uint32_t i = lane_.committed(); i < block_.count; ++i) {
        if (lane_.stopped() || block_.retirement.in_vain())
            return;
        step();
        Turn& turn = *block_.turns[i];
        if (!block_.claims.is_transfer(i) && turn.take(Turn::State::running)) {
            speculation_.renew(i);
            turn.finish();
            step();
            lane_.request(driver_); // the lane may have passed by meanwhile
        }
    }
}

} // namespace braid::parallel
