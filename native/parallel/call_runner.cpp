#include "parallel/call_runner.hpp"

#include "call/access_recorder.hpp"
#include "state/cached_state.hpp"
#include "trace/failure_text.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

namespace braid::parallel {

using transaction::TransactionInput;

namespace {

/// The most calls that a thread takes at a time: enough that taking them costs nothing, few enough
/// that threads end at about the same time.
constexpr size_t most_per_part = 64;

/// How many parts each thread gets, where there are calls enough.
constexpr size_t parts_per_thread = 4;

/// What is recorded to tell why a call has failed: its own frame, without its data.
constexpr transaction::TraceOptions own_frame{
    .frames = true, .inner_frames = false, .most_data = 0};

size_t part_size(size_t count, size_t threads) noexcept {
    const size_t share = count / (std::max<size_t>(threads, 1) * parts_per_thread);
    return std::clamp<size_t>(share, 1, most_per_part);
}

/// Why a call has failed, where it was recorded.
std::string failure_of(const transaction::TransactionOutcome& outcome, BytesView input) {
    if (outcome.trace == nullptr || outcome.trace->frames.empty())
        return {};
    return trace::failure_text(outcome.trace->frames.front(), input);
}

} // namespace

struct CallRunner::Batch {
    const wire::BlockView& calls;
    const transaction::BlockEnvironment& environment;
    const block::SenderTable& senders;
    state::StateView& state;
    bool explains; ///< why calls fail
    bool records_accesses;
    /// Set where no VM can be had. relaxed throughout: whoever set it is joined before it is read.
    std::atomic<bool>& lacks_machine;
};

wire::PackedBuffer CallRunner::run(BytesView input, state::StateView& state,
                                   const Cancellation* cancellation) {
    wire::PackedBuffer output;
    if (!blocks_->on_large_stack([&] { output = run_here(input, state, cancellation); }))
        return call::failed_calls(wire::ErrorCode::thread_unavailable);
    return output;
}

wire::PackedBuffer CallRunner::run_here(BytesView input, state::StateView& state,
                                        const Cancellation* cancellation) {
    const auto calls = wire::read_block(input);
    if (!calls)
        return call::failed_calls(wire::ErrorCode::input_malformed);
    if (calls->header->revision > EVMC_LATEST_STABLE_REVISION)
        return call::failed_calls(wire::ErrorCode::unsupported_revision);
    block::SenderTable senders;
    senders.begin(*calls);
    if (senders.job_count() != 0) // signers of authorizations
        senders.recover(0, senders.job_count());

    transaction::BlockEnvironment environment{*calls, cancellation};
    std::optional<transaction::PrecompileSet> precompiles;
    if (const auto overrides = state.precompile_overrides(); !overrides.empty()) {
        std::optional<Address> wrong;
        precompiles =
            transaction::PrecompileSet::make(environment.rules->revision, overrides, wrong);
        if (wrong)
            return call::failed_calls(wire::ErrorCode::state_not_precompile, *wrong);
        if (precompiles)
            environment.set_precompiles(*precompiles);
    }
    std::optional<state::CachedState> cached;
    if (state.is_slow())
        cached.emplace(state);

    std::atomic<bool> lacks_machine{false};
    const uint32_t flags = calls->header->flags;
    const Batch batch{*calls,
                      environment,
                      senders,
                      cached ? static_cast<state::StateView&>(*cached) : state,
                      (flags & wire::block_flag::explain_failures) != 0,
                      (flags & wire::block_flag::record_accesses) != 0,
                      lacks_machine};
    const size_t count = calls->transactions.size();
    const size_t threads = blocks_->threads_for(*calls);
    const size_t size = part_size(count, threads);
    std::vector<call::CallRecords> parts((count + size - 1) / size);
    blocks_->pool_.parallel_for(count, size, threads, [&](size_t begin, size_t end) noexcept {
        run_part(batch, begin, end, parts[begin / size]);
    });
    if (is_cancelled(cancellation))
        return call::failed_calls(wire::ErrorCode::cancelled);
    if (lacks_machine.load(std::memory_order_relaxed))
        return call::failed_calls(wire::ErrorCode::vm_internal_error);
    return call::write_calls(parts);
}

void CallRunner::run_part(const Batch& batch, size_t begin, size_t end,
                          call::CallRecords& records) {
    std::unique_ptr<Space> space = take_space();
    if (space == nullptr) {
        batch.lacks_machine.store(true, std::memory_order_relaxed);
        return;
    }
    call::AccessRecorder accesses;
    transaction::TransactionExecutor& executor = space->executor;
    executor.begin_block(batch.environment);
    executor.set_trace(batch.explains ? own_frame : transaction::TraceOptions{});
    executor.set_step_recorder(batch.records_accesses ? &accesses : nullptr);
    for (size_t i = begin; i < end && !is_cancelled(batch.environment.cancellation); ++i) {
        const wire::Transaction& transaction = batch.calls.transactions[i];
        const TransactionInput input{&transaction, batch.senders.sender(i),
                                     batch.senders.authorities(transaction)};
        if (batch.records_accesses)
            accesses.begin_transaction();
        executor.execute(batch.state, input, space->outcome);
        const BytesView data =
            batch.calls.pool.subspan(transaction.data_offset, transaction.data_size);
        const bool has_failed = space->outcome.status != EVMC_SUCCESS;
        records.add(space->outcome, has_failed ? failure_of(space->outcome, data) : std::string{},
                    batch.records_accesses ? accesses.accessed()
                                           : std::span<const wire::PrefetchKey>{});
    }
    executor.set_step_recorder(nullptr);
    executor.end_block();
    space->outcome.trim();
    give_back(std::move(space));
}

std::unique_ptr<CallRunner::Space> CallRunner::take_space() {
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            std::unique_ptr<Space> space = std::move(idle_.back());
            idle_.pop_back();
            return space;
        }
    }
    std::unique_ptr<transaction::Machine> machine = blocks_->make_machine();
    return machine == nullptr ? nullptr : std::make_unique<Space>(std::move(machine));
}

void CallRunner::give_back(std::unique_ptr<Space> space) {
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(space));
}

} // namespace braid::parallel
