#include "parallel/block_runner.hpp"

#include "parallel/in_order_loop.hpp"
#include "parallel/stack_room.hpp"
#include "state/cached_state.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>

namespace braid::parallel {

namespace {

/// Signatures recovered in one go: enough to fill the vector lanes, few enough to spread over
/// threads.
constexpr size_t recovery_chunk = 32;

/// What 1024 nested frames take of the native stack, with some reserve: measured at 2 MiB for the
/// built-in VM; unknown for others.
constexpr size_t built_in_stack = size_t{has_large_frames ? 128 : 3} << 20;
constexpr size_t foreign_stack = size_t{has_large_frames ? 128 : 6} << 20;

/// Lets one thread wait for another.
class Signal {
  public:
    void set() {
        // Under the lock: the waiter may end this object as soon as it is released.
        const std::lock_guard lock{mutex_};
        is_set_ = true;
        changed_.notify_one();
    }
    void wait() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return is_set_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_set_ = false;
};

/// Measures consecutive spans of time.
class Stopwatch {
  public:
    /// Nanoseconds since it was made.
    [[nodiscard]] uint64_t elapsed() const noexcept {
        return static_cast<uint64_t>(
            std::chrono::nanoseconds{std::chrono::steady_clock::now() - start_}.count());
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Times the runs from a moment that lies so long before the one they are timed from.
void shift_runs(wire::BlockRecords& records, uint64_t nanoseconds) noexcept {
    for (wire::TransactionRun& run : records.runs) {
        run.start_nanoseconds += nanoseconds;
        run.end_nanoseconds += nanoseconds;
    }
}

/// The output of a block that could not be run.
wire::PackedBuffer failed_output(wire::ErrorCode error) noexcept {
    wire::BlockRecords failed;
    failed.error = error;
    return wire::write_output(failed);
}

} // namespace

std::shared_ptr<BlockRunner> BlockRunner::create(std::unique_ptr<transaction::VmLibrary> library,
                                                 size_t threads, WorkerPool& pool) {
    std::shared_ptr<BlockRunner> runner{new BlockRunner{std::move(library), threads, pool}};
    std::unique_ptr<Lane> lane = runner->make_lane();
    if (lane == nullptr)
        return nullptr;
    runner->vm_name_ = lane->machine->name();
    runner->vm_version_ = lane->machine->version();
    runner->give_back(std::move(lane));
    return runner;
}

BlockRunner::BlockRunner(std::unique_ptr<transaction::VmLibrary> library, size_t threads,
                         WorkerPool& pool) noexcept
    : library_{std::move(library)}, pool_{pool}, threads_{threads == 0 ? pool.size() : threads} {}

wire::PackedBuffer BlockRunner::run(BytesView input, state::StateView& state,
                                    const Cancellation* cancellation) {
    const size_t needed = library_ == nullptr ? built_in_stack : foreign_stack;
    return stack_room() >= needed ? run_here(input, state, cancellation)
                                  : run_on_worker(input, state, cancellation);
}

wire::PackedBuffer BlockRunner::run_on_worker(BytesView input, state::StateView& state,
                                              const Cancellation* cancellation) {
    wire::PackedBuffer output;
    Signal done;
    auto job = make_job([&]() noexcept {
        output = run_here(input, state, cancellation);
        done.set();
    });
    if (!pool_.post(job))
        return failed_output(wire::ErrorCode::thread_unavailable);
    done.wait();
    return output;
}

wire::PackedBuffer BlockRunner::run_here(BytesView input, state::StateView& state,
                                         const Cancellation* cancellation) {
    std::unique_ptr<Lane> lane = take_lane();
    if (lane == nullptr)
        return failed_output(wire::ErrorCode::vm_internal_error);
    run_in(*lane, input, state, cancellation);
    wire::PackedBuffer output = wire::write_output(lane->records);
    give_back(std::move(lane));
    return output;
}

void BlockRunner::run_in(Lane& lane, BytesView input, state::StateView& state,
                         const Cancellation* cancellation) const {
    const Stopwatch total;
    lane.records.clear();
    const auto block = wire::read_block(input);
    if (!block) {
        lane.records.error = wire::ErrorCode::input_malformed;
        return;
    }
    lane.senders.begin(*block);
    const size_t threads = threads_for(*block);
    const size_t workers = std::min<size_t>(block->header->workers, threads);
    if (state.is_slow())
        run_on_slow_state(lane, *block, workers, state, cancellation);
    else if (workers > 1)
        run_in_parallel(lane, *block, workers, state, cancellation);
    else if (threads > 1 && lane.senders.chunk_count() > 1)
        run_sequentially(lane, *block, state, cancellation);
    else
        run_on_one_thread(lane, *block, state, cancellation);
    lane.records.total_nanoseconds = total.elapsed();
}

void BlockRunner::run_on_one_thread(Lane& lane, const wire::BlockView& block,
                                    state::StateView& state,
                                    const Cancellation* cancellation) const {
    const Stopwatch recovery;
    recover_senders(lane.senders, threads_for(block), cancellation);
    // Cancelled meanwhile, the table may lack senders; but so no transaction runs either.
    lane.records.senders_nanoseconds = recovery.elapsed();
    lane.executor.execute(state, block, lane.senders, lane.records, cancellation);
    shift_runs(lane.records, lane.records.senders_nanoseconds);
}

void BlockRunner::run_sequentially(Lane& lane, const wire::BlockView& block,
                                   state::StateView& state,
                                   const Cancellation* cancellation) const {
    InOrderLoop loop{pool_, threads_for(block), lane.senders};
    run_with_recovery(lane, block, state, loop, loop.recovery(), cancellation);
}

void BlockRunner::run_in_parallel(Lane& lane, const wire::BlockView& block, size_t workers,
                                  state::StateView& state, const Cancellation* cancellation) const {
    OptimisticLoop& loop = loop_for(lane, workers, &lane.senders);
    run_with_recovery(lane, block, state, loop, loop.recovery(), cancellation);
    lane.records.workers = static_cast<uint32_t>(workers);
}

void BlockRunner::run_with_recovery(Lane& lane, const wire::BlockView& block,
                                    state::StateView& state, block::TransactionLoop& loop,
                                    const SenderRecovery& recovery,
                                    const Cancellation* cancellation) {
    TickScale scale;
    lane.executor.execute(state, block, lane.senders, lane.records, loop, cancellation);
    scale.calibrate();
    // Recovery and execution overlap: until the last sender is known, the time counts as
    // recovery's.
    const uint64_t senders_time = scale.nanoseconds(recovery.ended_at());
    lane.records.senders_nanoseconds = senders_time;
    lane.records.execute_nanoseconds -= std::min(senders_time, lane.records.execute_nanoseconds);
}

void BlockRunner::run_on_slow_state(Lane& lane, const wire::BlockView& block, size_t workers,
                                    state::StateView& state,
                                    const Cancellation* cancellation) const {
    const Stopwatch watch;
    recover_senders(lane.senders, threads_for(block), cancellation);
    const uint64_t senders_time = watch.elapsed();
    state::CachedState cached{state};
    const size_t threads = threads_for(block);
    if (threads > 1) // one thread would wait as long, only earlier
        read_ahead(named_locations(block, lane.senders), threads, cached, cancellation);
    const uint64_t time_before = watch.elapsed();
    if (workers <= 1) {
        lane.executor.execute(cached, block, lane.senders, lane.records, cancellation);
    } else {
        lane.executor.execute(cached, block, lane.senders, lane.records,
                              loop_for(lane, workers, nullptr), cancellation);
        lane.records.workers = static_cast<uint32_t>(workers);
    }
    lane.records.senders_nanoseconds = senders_time;
    // Reading ahead is a part of the execution.
    lane.records.execute_nanoseconds += time_before - senders_time;
    shift_runs(lane.records, time_before);
}

OptimisticLoop& BlockRunner::loop_for(Lane& lane, size_t workers,
                                      block::SenderTable* unrecovered) const {
    if (lane.loop == nullptr)
        lane.loop = std::make_unique<OptimisticLoop>(pool_, [this] { return make_machine(); });
    lane.loop->set_workers(workers);
    lane.loop->set_recovery(unrecovered);
    return *lane.loop;
}

size_t BlockRunner::threads_for(const wire::BlockView& block) const noexcept {
    const size_t wanted = block.header->threads;
    return wanted == 0 ? threads_ : std::min(wanted, threads_);
}

void BlockRunner::read_ahead(std::span<const NamedLocation> locations, size_t threads,
                             state::StateView& state, const Cancellation* cancellation) const {
    pool_.parallel_for(locations.size(), 1, threads, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            if (!is_cancelled(cancellation))
                touch(state, locations[i]);
    });
}

void BlockRunner::recover_senders(block::SenderTable& senders, size_t threads,
                                  const Cancellation* cancellation) const {
    pool_.parallel_for(senders.job_count(), recovery_chunk, threads,
                       [&](size_t begin, size_t end) noexcept {
                           if (!is_cancelled(cancellation))
                               senders.recover(begin, end);
                       });
}

std::unique_ptr<transaction::Machine> BlockRunner::make_machine() const {
    if (library_ == nullptr)
        return std::make_unique<transaction::Machine>();
    std::unique_ptr<transaction::ForeignVm> vm = library_->create();
    return vm == nullptr ? nullptr : std::make_unique<transaction::Machine>(std::move(vm));
}

std::unique_ptr<BlockRunner::Lane> BlockRunner::make_lane() const {
    std::unique_ptr<transaction::Machine> machine = make_machine();
    return machine == nullptr ? nullptr : std::make_unique<Lane>(std::move(machine));
}

std::unique_ptr<BlockRunner::Lane> BlockRunner::take_lane() {
    {
        const std::lock_guard lock{mutex_};
        if (!idle_lanes_.empty()) {
            std::unique_ptr<Lane> lane = std::move(idle_lanes_.back());
            idle_lanes_.pop_back();
            return lane;
        }
    }
    return make_lane();
}

void BlockRunner::give_back(std::unique_ptr<Lane> lane) {
    const std::lock_guard lock{mutex_};
    idle_lanes_.push_back(std::move(lane));
}

} // namespace braid::parallel
