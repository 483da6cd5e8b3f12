#include "parallel/window_block.hpp"

#include "base/ticks.hpp"

#include <algorithm>
#include <utility>

namespace braid::parallel {

WindowBlock::Guess::Guess(std::shared_ptr<WindowBlock> running,
                          std::shared_ptr<state::StateView> state)
    : block{std::move(running)}, before{std::move(state)}, published{
                                                               *block->space_->loop->published(),
                                                               *before} {}

WindowBlock::WindowBlock(std::shared_ptr<BlockRunner> runner, wire::PackedBuffer input) noexcept
    : runner_{std::move(runner)}, input_{std::move(input)} {}

WindowBlock::~WindowBlock() {
    drop();
    if (space_ == nullptr)
        return;
    if (block_) {
        space_->loop->abandon();
        space_->executor.close();
    }
    runner_->give_back(std::move(space_));
}

size_t WindowBlock::most_helpers() const noexcept { return runner_->threads_ - 1; }

void WindowBlock::offer() {
    if (most_helpers() > 0)
        runner_->pool_.offer(shared_from_this(), most_helpers());
}

void WindowBlock::set_next(const std::shared_ptr<WindowBlock>& next) {
    // Under the lock: this one does not end meanwhile, which would close the next. Locks are taken
    // in the order of the blocks.
    const std::lock_guard lock{mutex_};
    next_ = next;
    if (running_on_ != nullptr && all_claimed_)
        next->open(shared_from_this(), running_on_);
}

/// Sets up the loop, on a state that is not known yet.
void WindowBlock::prepare() {
    if (stage_ != Stage::announced)
        return;
    stage_ = Stage::failed;
    const auto block = wire::read_block(input_.view());
    if (!block)
        return;
    space_ = runner_->take_workspace();
    if (space_ == nullptr)
        return;
    space_->records.clear();
    space_->senders.begin(*block);
    block_ = *block;
    space_->executor.begin(*block_, space_->senders, space_->records);
    if (space_->executor.has_ended()) {
        block_.reset();
        return;
    }
    const size_t threads = runner_->threads_for(*block_);
    workers_ = std::max<size_t>(1, std::min<size_t>(block_->header->workers, threads));
    space_->executor.open(base_, &cancellation_);
    OptimisticLoop& loop = runner_->loop_for(*space_, workers_, &space_->senders);
    loop.set_interleaving(interleaving_);
    loop.begin_ahead(space_->executor, base_, most_helpers(), [this] { note_all_claimed(); });
    for (size_t i = loop.helpers(); i > 0; --i)
        free_.push_back(i - 1);
    stage_ = Stage::ready;
}

/// What nobody reads any more, to be let go of without the lock; for who knows that no other helper
/// is at it.
std::unique_ptr<WindowBlock::Guess> WindowBlock::unused_guess() noexcept {
    if (is_open_)
        return nullptr;
    base_.set_guess(nullptr);
    return std::move(guess_);
}

/// Lets transactions be run ahead while the block before is executed on a state.
void WindowBlock::open(std::shared_ptr<WindowBlock> before,
                       std::shared_ptr<state::StateView> state) {
    if (most_helpers() == 0 || before->space_->loop->published() == nullptr)
        return;
    {
        const std::lock_guard lock{mutex_};
        if (stage_ == Stage::turn || guess_ != nullptr)
            return;
        guess_ = std::make_unique<Guess>(std::move(before), std::move(state));
        base_.set_guess(&guess_->published);
        is_open_ = true;
    }
    offer();
}

/// There is nothing left of this block to be run ahead: the next one is of use to those who have
/// nothing better to do.
void WindowBlock::note_all_claimed() {
    const std::lock_guard lock{mutex_};
    all_claimed_ = true;
    const std::shared_ptr<WindowBlock> next = next_.lock();
    if (running_on_ != nullptr && next != nullptr)
        next->open(shared_from_this(), running_on_);
}

/// The block before has ended: nobody begins to run transactions ahead any more.
void WindowBlock::close() noexcept {
    std::unique_ptr<Guess> unused;
    const std::lock_guard lock{mutex_};
    is_open_ = false;
    if (inside_ == 0)
        unused = unused_guess();
}

bool WindowBlock::step() noexcept {
    std::optional<size_t> helper;
    {
        const std::lock_guard lock{mutex_};
        prepare();
        if (stage_ != Stage::ready || cancellation_.requested())
            return false;
        ++inside_;
        if (is_open_ && !free_.empty()) {
            helper = free_.back();
            free_.pop_back();
        }
    }
    OptimisticLoop& loop = *space_->loop;
    bool did = loop.recover_ahead();
    bool has_helped = false;
    if (!did && helper)
        did = has_helped = loop.run_ahead(*helper);
    std::unique_lock lock{mutex_};
    has_helped_ = has_helped_ || has_helped;
    if (helper)
        free_.push_back(*helper);
    if (std::unique_ptr<Guess> unused = inside_ == 1 ? unused_guess() : nullptr) {
        // Not under the lock, since it may be the last to have the block before; and while this
        // thread counts as inside, since who waits for it expects that nobody has the state.
        lock.unlock();
        unused.reset();
        lock.lock();
    }
    // Under the lock: who waits may end this object as soon as it is released.
    if (--inside_ == 0)
        left_.notify_all();
    return did;
}

void WindowBlock::wait_for_helpers() noexcept {
    if (interleaving_ == nullptr) [[likely]] {
        std::unique_lock lock{mutex_};
        left_.wait(lock, [&] { return inside_ == 0; });
        return;
    }
    // Nobody may sleep who was told to go on.
    const auto is_alone = [&] {
        const std::lock_guard lock{mutex_};
        return inside_ == 0;
    };
    while (!is_alone())
        interleaving_->stall(0);
}

void WindowBlock::drop() noexcept {
    cancellation_.request();
    std::unique_ptr<Guess> unused;
    std::unique_lock lock{mutex_};
    stage_ = Stage::turn;
    is_open_ = false;
    left_.wait(lock, [&] { return inside_ == 0; });
    unused = unused_guess();
}

wire::PackedBuffer WindowBlock::run(std::shared_ptr<state::StateView> state) {
    wire::PackedBuffer output;
    if (!runner_->on_large_stack([&] { output = execute(state); }))
        return failed_output(wire::ErrorCode::thread_unavailable);
    return output;
}

wire::PackedBuffer WindowBlock::execute(const std::shared_ptr<state::StateView>& state) {
    if (!begin(state))
        return execute_alone(*state);
    TickScale total;
    TickScale scale;
    wire::BlockRecords& records = space_->records;
    OptimisticLoop& loop = *space_->loop;
    space_->executor.go_on(loop);
    const uint64_t executed = read_ticks();
    end();
    const size_t workers = std::max(workers_, loop.workers());
    BlockRunner::note_times(records, {loop.recovery().ended_at(), executed, workers}, scale);
    records.total_nanoseconds = total.calibrate();
    return wire::write_output(records);
}

/// Its turn has come. False: its loop cannot be used.
bool WindowBlock::begin(const std::shared_ptr<state::StateView>& state) {
    const std::lock_guard lock{mutex_};
    prepare();
    const bool is_ready = stage_ == Stage::ready && !state->is_slow();
    stage_ = Stage::turn;
    is_open_ = false;
    if (!is_ready)
        return false;
    base_.set_exact(*state);
    // Whoever is at it now may run something yet.
    const bool is_helped = has_helped_ || free_.size() != space_->loop->helpers();
    space_->loop->come_to_turn([this] { wait_for_helpers(); }, is_helped);
    running_on_ = state;
    const std::shared_ptr<WindowBlock> next = next_.lock();
    if (all_claimed_ && next != nullptr)
        next->open(shared_from_this(), state);
    return true;
}

/// Nothing of it is executed any more.
void WindowBlock::end() noexcept {
    std::shared_ptr<WindowBlock> next;
    {
        const std::lock_guard lock{mutex_};
        running_on_ = nullptr;
        next = std::exchange(next_, {}).lock();
    }
    if (next != nullptr)
        next->close();
    if (space_->records.error != wire::ErrorCode::ok)
        cancellation_.request(); // what helpers are at is in vain
    wait_for_helpers();
    space_->loop->abandon(); // where it ended before its transactions
    space_->executor.close();
    block_.reset();
}

/// Executes it as if nothing had been done for it.
wire::PackedBuffer WindowBlock::execute_alone(state::StateView& state) {
    wait_for_helpers();
    return runner_->run_here(input_.view(), state, &cancellation_);
}

} // namespace braid::parallel
