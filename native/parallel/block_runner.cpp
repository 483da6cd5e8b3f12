#include "parallel/block_runner.hpp"

#include "call/simulated_call.hpp"
#include "trace/block_traces.hpp"
#include "what_if/other_rules_loop.hpp"

#include "base/ticks.hpp"
#include "parallel/in_order_loop.hpp"
#include "parallel/stack_room.hpp"
#include "state/cached_state.hpp"

#include <algorithm>
#include <condition_variable>

namespace braid::parallel {

namespace {

/// Signatures recovered in one go: enough to fill the vectors, few enough to spread over
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

} // namespace

wire::PackedBuffer failed_output(wire::ErrorCode error) noexcept {
    wire::BlockRecords failed;
    failed.error = error;
    return wire::write_output(failed);
}

std::shared_ptr<BlockRunner> BlockRunner::create(std::unique_ptr<transaction::VmLibrary> library,
                                                 size_t threads, WorkerPool& pool) {
    std::shared_ptr<BlockRunner> runner{new BlockRunner{std::move(library), threads, pool}};
    std::unique_ptr<Workspace> space = runner->make_workspace();
    if (space == nullptr)
        return nullptr;
    runner->vm_name_ = space->machine->name();
    runner->vm_version_ = space->machine->version();
    runner->give_back(std::move(space));
    return runner;
}

BlockRunner::BlockRunner(std::unique_ptr<transaction::VmLibrary> library, size_t threads,
                         WorkerPool& pool) noexcept
    : library_{std::move(library)}, pool_{pool}, threads_{threads == 0 ? pool.size() : threads} {}

wire::PackedBuffer BlockRunner::run(BytesView input, state::StateView& state,
                                    const Cancellation* cancellation) {
    wire::PackedBuffer output;
    if (!on_large_stack([&] { output = run_here(input, state, cancellation); }))
        return failed_output(wire::ErrorCode::thread_unavailable);
    return output;
}

bool BlockRunner::on_large_stack(const std::function<void()>& work) {
    const size_t needed = library_ == nullptr ? built_in_stack : foreign_stack;
    if (stack_room() >= needed) {
        work();
        return true;
    }
    Signal done;
    auto job = make_job([&]() noexcept {
        work();
        done.set();
    });
    if (!pool_.post(job))
        return false;
    done.wait();
    return true;
}

wire::PackedBuffer BlockRunner::run_here(BytesView input, state::StateView& state,
                                         const Cancellation* cancellation) {
    std::unique_ptr<Workspace> space = take_workspace();
    if (space == nullptr)
        return failed_output(wire::ErrorCode::vm_internal_error);
    run_in(*space, input, state, cancellation);
    wire::PackedBuffer output = wire::write_output(space->records);
    space->records.traces = {}; // they are large, and the workspace stays
    give_back(std::move(space));
    return output;
}

void BlockRunner::run_in(Workspace& space, BytesView input, state::StateView& state,
                         const Cancellation* cancellation) const {
    TickScale total;
    wire::BlockRecords& records = space.records;
    records.clear();
    const auto block = wire::read_block(input);
    if (!block) {
        records.error = wire::ErrorCode::input_malformed;
        return;
    }
    space.senders.begin(*block);
    const size_t threads = threads_for(*block);
    const std::unique_ptr<trace::StepTracer> steps = trace::step_tracer_of(*block);
    // Instructions are told in their order.
    const size_t workers = steps != nullptr ? 1 : std::min<size_t>(block->header->workers, threads);
    space.executor.set_step_recorder(steps.get());
    TickScale scale;
    std::vector<std::string> told;
    const Task task{space, *block, state, threads, workers, cancellation};
    const bool is_compared =
        block->header->tracer == static_cast<uint32_t>(wire::Tracer::other_rules);
    const Phases phases = is_compared ? run_under_other_rules(task, told) : run_task(task);
    note_times(records, phases, scale);
    space.executor.set_step_recorder(nullptr);
    if (records.error == wire::ErrorCode::ok && steps != nullptr)
        told = take_steps(records, *steps, *block);
    if (records.error == wire::ErrorCode::ok && trace::is_told_afterwards(*block))
        write_traces(task, told);
    else
        records.traces = std::move(told);
    space.executor.forget_traces();
    records.total_nanoseconds = total.calibrate();
}

void BlockRunner::write_traces(const Task& task, std::span<const std::string> steps) const {
    Workspace& space = task.space;
    wire::BlockRecords& records = space.records;
    const wire::BlockView& block = task.block;
    static const transaction::TransactionTrace nothing{};
    const auto traces = space.executor.traces();
    const bool is_simulation =
        block.header->tracer == static_cast<uint32_t>(wire::Tracer::simulation);
    const bool transfers = (block.header->trace_flags & wire::trace_flag::with_transfers) != 0;
    const size_t count = block.transactions.size();
    const size_t first = std::min<size_t>(block.header->trace_start, count);
    const auto write = [&](size_t index, std::string_view told) {
        const auto& trace = traces.empty() ? nothing : traces[index];
        if (!is_simulation)
            return trace::trace_of(block, index, trace, records.receipts[index].log_start, told);
        const wire::Transaction& transaction = block.transactions[index];
        return call::simulated_call(
            space.executor.transaction(index),
            block.pool.subspan(transaction.data_offset, transaction.data_size), trace, transfers);
    };
    records.traces.resize(count - first);
    pool_.parallel_for(
        records.traces.size(), 1, task.threads, [&](size_t begin, size_t end) noexcept {
            for (size_t i = begin; i < end && !is_cancelled(task.cancellation); ++i)
                records.traces[i] =
                    write(first + i, i < steps.size() ? steps[i] : std::string_view{});
        });
    // What was not written is empty.
    if (is_cancelled(task.cancellation))
        records.error = wire::ErrorCode::cancelled;
}

std::vector<std::string> BlockRunner::take_steps(wire::BlockRecords& records,
                                                 trace::StepTracer& steps,
                                                 const wire::BlockView& block) {
    if (const std::optional<size_t> cut = steps.cut_at()) {
        records.error = wire::ErrorCode::out_of_memory;
        records.error_transaction = static_cast<int32_t>(block.header->trace_start + *cut);
    }
    return steps.take();
}

void BlockRunner::note_times(wire::BlockRecords& records, const Phases& phases, TickScale& scale) {
    scale.calibrate();
    const uint64_t executed = scale.nanoseconds(phases.executed);
    records.senders_nanoseconds = std::min(scale.nanoseconds(phases.senders_known), executed);
    records.execute_nanoseconds = executed - records.senders_nanoseconds;
    records.workers = static_cast<uint32_t>(phases.workers);
    for (wire::TransactionRun& run : records.runs) {
        run.start_nanoseconds = scale.nanoseconds(run.start_nanoseconds);
        run.end_nanoseconds = scale.nanoseconds(run.end_nanoseconds);
    }
}

BlockRunner::Phases BlockRunner::run_task(const Task& task) const {
    if (task.state.is_slow())
        return run_on_slow_state(task);
    if (task.workers > 1)
        return run_in_parallel(task);
    const bool is_shared =
        task.space.senders.chunk_count() > 1 || InOrderLoop::reads_ahead(task.block, task.state);
    if (task.threads > 1 && is_shared)
        return run_in_order(task);
    return run_on_one_thread(task);
}

BlockRunner::Phases BlockRunner::run_on_one_thread(const Task& task) const {
    // Cancelled meanwhile, the table may lack senders; but so no transaction runs either.
    const uint64_t senders_known = recover_senders(task.space, task.threads, task.cancellation);
    return {senders_known, execute(task, task.state)};
}

BlockRunner::Phases BlockRunner::run_in_order(const Task& task) const {
    InOrderLoop loop{pool_, task.threads, task.space.senders};
    const uint64_t executed = execute(task, task.state, &loop);
    return {loop.recovery().ended_at(), executed};
}

BlockRunner::Phases BlockRunner::run_in_parallel(const Task& task) const {
    OptimisticLoop& loop = loop_for(task.space, task.workers, &task.space.senders);
    const uint64_t executed = execute(task, task.state, &loop);
    return {loop.recovery().ended_at(), executed, task.workers};
}

BlockRunner::Phases BlockRunner::run_on_slow_state(const Task& task) const {
    const uint64_t senders_known = recover_senders(task.space, task.threads, task.cancellation);
    state::CachedState cached{task.state};
    if (task.threads > 1) // one thread would wait as long, only earlier
        read_ahead(task, cached);
    if (task.workers <= 1)
        return {senders_known, execute(task, cached)};
    return {senders_known, execute(task, cached, &loop_for(task.space, task.workers, nullptr)),
            task.workers};
}

BlockRunner::Phases BlockRunner::run_under_other_rules(const Task& task,
                                                       std::vector<std::string>& told) const {
    const std::unique_ptr<transaction::Machine> machine = make_machine();
    std::optional<what_if::OtherRulesLoop> loop;
    if (machine != nullptr && machine->is_built_in())
        loop.emplace(*machine, task.block);
    if (!loop || !loop->is_valid()) {
        task.space.records.error = wire::ErrorCode::input_malformed;
        return {read_ticks(), read_ticks()};
    }
    const uint64_t senders_known = recover_senders(task.space, task.threads, task.cancellation);
    uint64_t executed = 0;
    if (task.state.is_slow()) {
        state::CachedState cached{task.state};
        executed = execute(task, cached, &*loop);
    } else {
        executed = execute(task, task.state, &*loop);
    }
    told = loop->take();
    return {senders_known, executed};
}

uint64_t BlockRunner::recover_senders(Workspace& space, size_t threads,
                                      const Cancellation* cancellation) const {
    pool_.parallel_for(space.senders.job_count(), recovery_chunk, threads,
                       [&](size_t begin, size_t end) noexcept {
                           if (!is_cancelled(cancellation))
                               space.senders.recover(begin, end);
                       });
    return read_ticks();
}

void BlockRunner::read_ahead(const Task& task, state::StateView& state) const {
    const std::vector<NamedLocation> locations = named_locations(task.block, task.space.senders);
    pool_.parallel_for(locations.size(), 1, task.threads, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            if (!is_cancelled(task.cancellation))
                touch(state, locations[i]);
    });
}

uint64_t BlockRunner::execute(const Task& task, state::StateView& state,
                              block::TransactionLoop* loop) {
    Workspace& space = task.space;
    if (loop == nullptr)
        space.executor.execute(state, task.block, space.senders, space.records, task.cancellation);
    else
        space.executor.execute(state, task.block, space.senders, space.records, *loop,
                               task.cancellation);
    return read_ticks();
}

OptimisticLoop& BlockRunner::loop_for(Workspace& space, size_t workers,
                                      block::SenderTable* unrecovered) const {
    std::unique_ptr<OptimisticLoop>& loop = space.loop;
    if (loop == nullptr)
        loop = std::make_unique<OptimisticLoop>(pool_, [this] { return make_machine(); });
    loop->set_workers(workers);
    loop->set_recovery(unrecovered);
    return *loop;
}

size_t BlockRunner::threads_for(const wire::BlockView& block) const noexcept {
    const size_t wanted = block.header->threads;
    return wanted == 0 ? threads_ : std::min(wanted, threads_);
}

std::unique_ptr<transaction::Machine> BlockRunner::make_machine() const {
    if (library_ == nullptr)
        return std::make_unique<transaction::Machine>();
    std::unique_ptr<transaction::ForeignVm> vm = library_->create();
    return vm == nullptr ? nullptr : std::make_unique<transaction::Machine>(std::move(vm));
}

std::unique_ptr<BlockRunner::Workspace> BlockRunner::make_workspace() const {
    std::unique_ptr<transaction::Machine> machine = make_machine();
    return machine == nullptr ? nullptr : std::make_unique<Workspace>(std::move(machine));
}

std::unique_ptr<BlockRunner::Workspace> BlockRunner::take_workspace() {
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            std::unique_ptr<Workspace> space = std::move(idle_.back());
            idle_.pop_back();
            return space;
        }
    }
    return make_workspace();
}

void BlockRunner::give_back(std::unique_ptr<Workspace> space) {
    if (space->loop != nullptr)
        space->loop->forget();
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(space));
}

} // namespace braid::parallel
