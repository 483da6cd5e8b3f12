#include "parallel/speculation.hpp"

#include "base/ticks.hpp"

#include <iterator>
#include <span>
#include <utility>

namespace braid::parallel {

Speculation::Speculation(std::unique_ptr<transaction::Machine> machine, ParallelBlock& block,
                         CommitLane& lane, LaneDriver& driver)
    : block_{block}, lane_{lane}, driver_{driver}, machine_{std::move(machine)}, view_{
                                                                                     block.store} {}

void Speculation::begin_block() {
    const transaction::BlockEnvironment& environment = block_.executor->environment();
    recall_.begin_block(environment.cancellation);
    executor_.begin_block(environment, &recall_);
    executor_.set_trace(block_.executor->trace_options());
    view_.begin_block(block_.executor->base());
}

void Speculation::end_block() {
    executor_.end_block();
    outcome_.trim();
}

void Speculation::run(uint32_t index, uint8_t incarnation) noexcept {
    Turn& turn = *block_.turns[index];
    turn.run.start = read_ticks();
    turn.run.worker = driver_.number;
    turn.run.incarnation = incarnation;
    const transaction::TransactionInput input = block_.executor->input(index);
    block_.step(driver_.number);
    view_.begin(index, input.sender.address, input.record->nonce);
    running_ = index;
    is_on_facts_ = block_.has_exact_base();
    is_recalled_ = false;
    recall_.withdraw();
    turn.set_runner(recall_);
    executor_.execute(view_, input, outcome_, reads_);
    hand_over(turn);
    block_.step(driver_.number);
    if (turn.outcome.failure == wire::ErrorCode::ok)
        block_.store.publish(index, incarnation, turn.outcome, driver_.arena,
                             &input.sender.address);
    turn.run.end = read_ticks();
}

void Speculation::renew(uint32_t index) noexcept {
    Turn& turn = *block_.turns[index];
    const transaction::TransactionInput input = block_.executor->input(index);
    view_.begin(index, input.sender.address, input.record->nonce);
    if (turn.run.incarnation != speculative_run || turn.outcome.failure != wire::ErrorCode::ok ||
        view_.agrees_with(turn.reads, turn.discarded.reason))
        return;
    turn.discarded.run = turn.run;
    turn.discarded.gas_used = turn.outcome.gas_used;
    run(index, renewed_run);
}

/// Copies the outcome and the reads to where they lie side by side: the runner's own memory stays
/// warm, and the lane reads one stretch.
void Speculation::hand_over(Turn& turn) {
    turn.outcome = outcome_;
    turn.trace = std::move(outcome_.trace);
    turn.is_recalled = is_recalled_;
    turn.recalled_for = recalled_for_;
    if (turn.outcome.failure != wire::ErrorCode::ok)
        return;
    VersionArena& arena = driver_.arena;
    turn.reads.accounts = arena.copy(std::span<const transaction::AccountRead>{reads_.accounts});
    turn.reads.slots = arena.copy(std::span<const transaction::SlotRead>{reads_.slots});
    turn.reads.from_base = is_on_facts_ && !view_.saw_versions();
    turn.outcome.accounts = arena.copy(turn.outcome.accounts);
    turn.outcome.slots = arena.copy(turn.outcome.slots);
    turn.outcome.logs = arena.copy(turn.outcome.logs);
    turn.outcome.topics = arena.copy(turn.outcome.topics);
    turn.outcome.log_data = arena.copy(turn.outcome.log_data);
    turn.outcome.output = arena.copy(turn.outcome.output);
    // Added to those of an earlier run, which somebody may be executing.
    turn.codes.insert(turn.codes.end(), std::make_move_iterator(outcome_.codes.begin()),
                      std::make_move_iterator(outcome_.codes.end()));
    outcome_.codes.clear();
}

/// Asked by a run that is doubted, on its own thread: whether it is to end.
bool Speculation::is_to_end() noexcept {
    if (is_recalled_ || lane_.stopped() || block_.executor->cancelled())
        return true;
    // Another one: a run before this one was doubted, or the lane is not there yet. Seen late, it
    // costs a stretch of gas.
    if (lane_.committed() != running_)
        return false;
    block_.step(driver_.number);
    // Only the lane may look at the committed state; where somebody else has it, the run asks again
    // later.
    if (!lane_.try_take())
        return false;
    if (lane_.is_head(running_)) {
        executor_.collect_reads(reads_);
        reads_.from_base = is_on_facts_ && !view_.saw_versions();
        is_recalled_ = !block_.executor->holds(running_, reads_, recalled_for_);
        if (!is_recalled_)
            recall_.withdraw(); // for good: nothing before it can change any more
    }
    // Commits nothing, since the head is this very run: there is no other run on top of its stack.
    lane_.release(driver_);
    return is_recalled_;
}

} // namespace braid::parallel
