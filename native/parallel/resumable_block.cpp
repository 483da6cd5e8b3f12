#include "parallel/resumable_block.hpp"

#include "base/ticks.hpp"

#include <bit>

namespace braid::parallel {

/// Commits what has run ahead and holds; what has not, or does not, runs in its turn.
class ResumableBlock::CommitLoop final : public block::TransactionLoop {
  public:
    CommitLoop(Discovery& ahead, const state::Misses& misses, size_t& head_runs) noexcept
        : ahead_{ahead}, misses_{misses}, head_runs_{head_runs} {}

    bool run(block::BlockExecutor& block) override {
        const auto count = static_cast<uint32_t>(block.environment().block.transactions.size());
        for (uint32_t i = block.next_transaction(); i < count; ++i) {
            if (!commit(block, i))
                return false;
            ahead_.forget(i);
        }
        return true;
    }

  private:
    bool commit(block::BlockExecutor& block, uint32_t index) {
        AheadRun& ahead = ahead_[index];
        if (ahead.may_commit()) {
            const auto status = block.commit(index, ahead.outcome, ahead.reads, ahead.run);
            if (status != block::CommitStatus::stale)
                return status == block::CommitStatus::committed;
        }
        ++head_runs_;
        block::RunRecord run;
        run.incarnation = ahead.may_commit() ? stale_run : 0;
        if (block.run_transaction(index, run))
            return true;
        if (block.parked()) {
            // A guess like any other: those after it look at it.
            ahead = {};
            ahead.has_run = true;
            ahead.outcome = block.latest_outcome();
            ahead.missing.assign(misses_.keys().begin(), misses_.keys().end());
        }
        return false;
    }

    /// As in Turn: in its turn, after one that was in vain.
    static constexpr uint8_t stale_run = 2;

    Discovery& ahead_;
    const state::Misses& misses_;
    size_t& head_runs_;
};

ResumableBlock::~ResumableBlock() { give_back(); }

bool ResumableBlock::advance(state::StateView& known, const Cancellation* cancellation) {
    bool has_ended = true;
    if (!runner_->on_large_stack([&] { has_ended = advance_here(known, cancellation); }))
        output_ = failed_output(wire::ErrorCode::thread_unavailable);
    return has_ended;
}

bool ResumableBlock::advance_here(state::StateView& known, const Cancellation* cancellation) {
    if (space_ == nullptr && !begin())
        return true;
    if (left_at_ != 0)
        waited_ += read_ticks() - left_at_;
    execute(known, cancellation);
    if (needed_ == 0) {
        end();
        return true;
    }
    left_at_ = read_ticks();
    return false;
}

/// False where there is an output already.
bool ResumableBlock::begin() {
    space_ = runner_->take_workspace();
    if (space_ == nullptr) {
        output_ = failed_output(wire::ErrorCode::vm_internal_error);
        return false;
    }
    scale_.emplace();
    space_->records.clear();
    block_ = wire::read_block(input_);
    if (!block_) {
        space_->records.error = wire::ErrorCode::input_malformed;
        end();
        return false;
    }
    const size_t threads = runner_->threads_for(*block_);
    workers_ = std::max<size_t>(1, std::min<size_t>(block_->header->workers, threads));
    space_->senders.begin(*block_);
    runner_->recover_senders(*space_, threads, nullptr);
    senders_known_ = read_ticks();
    ahead_ = std::make_unique<Discovery>(
        runner_->pool_, [runner = runner_.get()] { return runner->make_machine(); });
    ahead_->begin(block_->transactions.size());
    space_->executor.begin(*block_, space_->senders, space_->records);
    if (workers_ > 1)
        space_->executor.track_dependencies();
    return true;
}

void ResumableBlock::execute(state::StateView& known, const Cancellation* cancellation) {
    block::BlockExecutor& executor = space_->executor;
    state::Misses misses;
    const std::unique_ptr<state::StateView> reader = known.reader(misses);
    needed_ = 0;
    missing_.clear();
    const size_t first_record = space_->records.runs.size();
    executor.open(reader == nullptr ? known : *reader, cancellation,
                  reader == nullptr ? nullptr : &misses);
    // With one worker, what can run in its turn does, and costs no more than it would on the whole
    // state. Several find more to do at once ahead of it.
    const bool is_ahead_first = workers_ > 1 && reader != nullptr && !executor.has_ended();
    const uint32_t first = executor.next_transaction();
    const bool skips = skips_discovery();
    if (is_ahead_first && !skips)
        ahead_->run(executor, known, workers_, waited_);
    CommitLoop loop{*ahead_, misses, head_runs_};
    executor.go_on(loop);
    leave_out_waiting(first_record);
    if (executor.parked()) {
        const bool has_moved = executor.next_transaction() != first;
        if (skips ? has_moved : !is_ahead_first)
            ahead_->run(executor, known, workers_, waited_);
        collect_missing(misses);
        is_alone_ = !has_moved && missing_.size() == needed_;
    }
    executor.close();
}

/// Where one transaction alone misses anything, time after time, the others have no news but what
/// it guesses: they are looked at the less often the longer that lasts.
bool ResumableBlock::skips_discovery() noexcept {
    pieces_alone_ = is_alone_ ? pieces_alone_ + 1 : 0;
    return is_alone_ && !std::has_single_bit(pieces_alone_);
}

/// Runs ahead know the time that was spent parked; those in their turn do not.
void ResumableBlock::leave_out_waiting(size_t first_record) {
    for (size_t i = first_record; i < space_->records.runs.size(); ++i) {
        wire::TransactionRun& run = space_->records.runs[i];
        if ((run.flags & wire::run_flag::at_head) == 0)
            continue;
        run.start_nanoseconds -= waited_; // ticks, until the block has ended
        run.end_nanoseconds -= waited_;
    }
}

void ResumableBlock::collect_missing(const state::Misses& misses) {
    needed_ = misses.keys().size();
    state::KeySet seen;
    const auto add = [&](std::span<const wire::MissingKey> keys) {
        for (const wire::MissingKey& key : keys)
            if (missing_.size() < most_keys && seen.add(key, missing_))
                missing_.push_back(key);
    };
    add(misses.keys());
    add(ahead_->surroundings());
    for (uint32_t i = space_->executor.next_transaction(); i < block_->transactions.size(); ++i)
        add((*ahead_)[i].missing);
}

void ResumableBlock::end() {
    wire::BlockRecords& records = space_->records;
    scale_->calibrate();
    const uint64_t executed = scale_->nanoseconds(read_ticks() - waited_);
    records.senders_nanoseconds = std::min(scale_->nanoseconds(senders_known_), executed);
    records.execute_nanoseconds = executed - records.senders_nanoseconds;
    records.total_nanoseconds = executed;
    records.workers = static_cast<uint32_t>(workers_);
    for (wire::TransactionRun& run : records.runs) {
        run.start_nanoseconds = scale_->nanoseconds(run.start_nanoseconds);
        run.end_nanoseconds = scale_->nanoseconds(run.end_nanoseconds);
    }
    output_ = wire::write_output(records);
    give_back();
}

void ResumableBlock::give_back() {
    if (ahead_ != nullptr)
        ahead_->end();
    if (space_ != nullptr)
        runner_->give_back(std::move(space_));
}

} // namespace braid::parallel
