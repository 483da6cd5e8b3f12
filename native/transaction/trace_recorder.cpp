#include "transaction/trace_recorder.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

/// Bits of JournalAccount::marks.
enum Mark : uint8_t { looked_up = 1, destroyed = 2 };

/// What is known of a failure: of some the status says all.
evm::FrameFailure failure_of(const evm::FrameFailure& watched, evmc_status_code status) noexcept {
    evm::FrameFailure failure = watched;
    if (status == EVMC_BAD_JUMP_DESTINATION)
        failure.failure = evm::StepFailure::bad_jump_destination;
    else if (status == EVMC_INVALID_MEMORY_ACCESS)
        failure.failure = evm::StepFailure::return_data_bounds;
    return failure;
}

} // namespace

void TraceRecorder::begin(Journal& journal) noexcept {
    journal_ = &journal;
    trace_ = std::make_unique<TransactionTrace>();
    open_.clear();
    hidden_ = 0;
    accounts_.clear();
    needs_steps_ = false;
}

bool TraceRecorder::has_room(size_t bytes) noexcept {
    if (trace_->is_cut || trace_->memory_size() + bytes > options_.most_bytes)
        trace_->is_cut = true;
    return !trace_->is_cut;
}

TracedBytes TraceRecorder::keep(BytesView bytes, uint32_t most) noexcept {
    TracedBytes kept;
    kept.offset = trace_->bytes.size();
    kept.length = static_cast<uint32_t>(bytes.size());
    const size_t size = std::min<size_t>(bytes.size(), most);
    if (size == 0 || !has_room(size))
        return kept;
    kept.size = static_cast<uint32_t>(size);
    trace_->bytes.insert(trace_->bytes.end(), bytes.data(), bytes.data() + size);
    return kept;
}

void TraceRecorder::enter(FrameKind kind, const Address& from, const Address& to, int64_t gas,
                          const Bytes32& value, BytesView input) noexcept {
    if (options_.touched)
        on_account(to);
    if (!options_.frames)
        return;
    if ((!options_.inner_frames && !open_.empty()) || is_hidden() ||
        !has_room(sizeof(TracedFrame))) {
        ++hidden_;
        return;
    }
    auto& frames = trace_->frames;
    if (!open_.empty())
        ++frames[open_.back()].child_count;
    TracedFrame frame;
    frame.kind = kind;
    frame.depth = static_cast<uint16_t>(open_.size());
    frame.from = from;
    frame.to = to;
    frame.gas = static_cast<uint64_t>(gas);
    frame.value = to_uint256(value);
    frame.input = keep(input, options_.most_data);
    open_.push_back(static_cast<uint32_t>(frames.size()));
    frames.push_back(frame);
    if (listener_ != nullptr)
        listener_->on_enter(*trace_, frame);
}

void TraceRecorder::exit(int64_t gas_left, BytesView output, FrameError error,
                         const evm::FrameFailure& failure, evmc_status_code status) noexcept {
    if (!options_.frames)
        return;
    if (is_hidden()) {
        --hidden_;
        return;
    }
    TracedFrame& frame = trace_->frames[open_.back()];
    frame.gas_used = frame.gas - static_cast<uint64_t>(gas_left);
    frame.error = error;
    if (error == FrameError::instruction) {
        frame.failure = failure_of(failure, status);
        needs_steps_ |= frame.failure.failure == evm::StepFailure::none;
    } else if (error == FrameError::precompile) {
        frame.failure.failure =
            status == EVMC_OUT_OF_GAS ? evm::StepFailure::out_of_gas : evm::StepFailure::none;
    } else if (error == FrameError::reverted ||
               (error == FrameError::none && !creates(frame.kind))) {
        keep_output(output);
    }
    if (listener_ != nullptr)
        listener_->on_exit(*trace_, frame);
    open_.pop_back();
}

void TraceRecorder::keep_output(BytesView output) noexcept {
    if (options_.frames && !is_hidden() && !open_.empty())
        trace_->frames[open_.back()].output = keep(output, options_.most_data);
}

void TraceRecorder::mark_precompile() noexcept {
    if (options_.frames && !is_hidden() && !open_.empty())
        trace_->frames[open_.back()].is_precompile = true;
}

void TraceRecorder::destroy(const Address& contract, const Address& beneficiary,
                            const uint256& balance, bool goes_away) noexcept {
    if (options_.touched) {
        on_account(beneficiary);
        if (goes_away)
            journal_->intern(contract).marks |= Mark::destroyed;
    }
    enter(FrameKind::selfdestruct, contract, beneficiary, 0, to_bytes32(balance), {});
    exit(0, {}, FrameError::none, {}, EVMC_SUCCESS);
}

void TraceRecorder::log(const Address& address, BytesView data, std::span<const Bytes32> topics,
                        size_t index) noexcept {
    if (!options_.frame_logs || is_hidden() || open_.empty() || !has_room(sizeof(TracedLog)))
        return;
    TracedLog log;
    log.frame = open_.back();
    log.position = trace_->frames[open_.back()].child_count;
    log.frames_before = static_cast<uint32_t>(trace_->frames.size());
    log.index = static_cast<uint32_t>(index);
    log.topic_start = static_cast<uint32_t>(trace_->topics.size());
    log.topic_count = static_cast<uint32_t>(topics.size());
    log.address = address;
    log.data = keep(data, UINT32_MAX);
    trace_->topics.insert(trace_->topics.end(), topics.begin(), topics.end());
    trace_->logs.push_back(log);
}

void TraceRecorder::on_account(const Address& address) noexcept {
    JournalAccount& account = journal_->intern(address);
    if ((account.marks & Mark::looked_up) != 0)
        return;
    account.marks |= Mark::looked_up;
    accounts_.push_back(&account);
}

void TraceRecorder::on_slot(const Address& address, const Bytes32& key) noexcept {
    on_account(address);
    journal_->look_up(address, key);
}

void TraceRecorder::collect_touched() noexcept {
    for (JournalAccount* account : accounts_) {
        if (!has_room(sizeof(TracedAccount)))
            return;
        TracedAccount traced;
        traced.address = account->address;
        traced.is_destroyed = (account->marks & Mark::destroyed) != 0;
        traced.slot_start = static_cast<uint32_t>(trace_->slots.size());
        for (const JournalSlot* slot = account->slots; slot != nullptr; slot = slot->next)
            if (slot->looked_up && has_room(sizeof(TracedSlot)))
                trace_->slots.push_back({slot->key, slot->original, slot->current});
        traced.slot_count = static_cast<uint32_t>(trace_->slots.size()) - traced.slot_start;
        trace_->accounts.push_back(traced);
    }
}

std::unique_ptr<TransactionTrace> TraceRecorder::finish(uint64_t gas_limit,
                                                        uint64_t gas_used) noexcept {
    if (!trace_->frames.empty()) {
        TracedFrame& own = trace_->frames.front();
        trace_->execution_gas = std::exchange(own.gas, gas_limit);
        trace_->execution_gas_used = std::exchange(own.gas_used, gas_used);
    }
    if (options_.touched)
        collect_touched();
    return std::move(trace_);
}

} // namespace braid::transaction
