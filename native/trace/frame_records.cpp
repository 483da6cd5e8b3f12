#include "trace/frame_records.hpp"

#include "crypto/keccak.hpp"

#include <cstring>

namespace braid::trace {
namespace {

using evm::StepFailure;
using transaction::FrameError;
using transaction::TracedFrame;
using wire::CallFailure;

CallFailure failure_of(StepFailure failure) noexcept {
    switch (failure) {
    case StepFailure::stack_underflow:
        return CallFailure::stack_underflow;
    case StepFailure::stack_overflow:
        return CallFailure::stack_overflow;
    case StepFailure::static_cost:
    case StepFailure::static_mode:
        return CallFailure::write_protection;
    case StepFailure::initcode_size:
        return CallFailure::initcode_size;
    case StepFailure::undefined_instruction:
        return CallFailure::invalid_opcode;
    case StepFailure::bad_jump_destination:
        return CallFailure::invalid_jump;
    case StepFailure::return_data_bounds:
        return CallFailure::return_data_bounds;
    case StepFailure::reverted:
        return CallFailure::reverted;
    default:
        return CallFailure::out_of_gas;
    }
}

/// The first four bytes of the input as a number, big-endian; 0 where there are fewer.
uint32_t selector_of(BytesView input) noexcept {
    if (input.size() < 4)
        return 0;
    return uint32_t{input[0]} << 24 | uint32_t{input[1]} << 16 | uint32_t{input[2]} << 8 | input[3];
}

} // namespace

CallFailure failure_of(const TracedFrame& frame) noexcept {
    switch (frame.error) {
    case FrameError::none:
        return CallFailure::none;
    case FrameError::reverted:
        return CallFailure::reverted;
    case FrameError::instruction:
        return failure_of(frame.failure.failure);
    case FrameError::call_depth:
        return CallFailure::call_depth;
    case FrameError::insufficient_balance:
        return CallFailure::insufficient_balance;
    case FrameError::nonce_overflow:
        return CallFailure::nonce_overflow;
    case FrameError::address_collision:
        return CallFailure::address_collision;
    case FrameError::code_size:
        return CallFailure::code_size;
    case FrameError::ef_code:
        return CallFailure::code_start;
    case FrameError::code_deposit:
        return CallFailure::code_deposit;
    case FrameError::precompile:
        return frame.failure.failure == StepFailure::out_of_gas ? CallFailure::out_of_gas
                                                                : CallFailure::precompile;
    }
    return CallFailure::none;
}

void append_frames(std::string& bytes, const transaction::TransactionTrace& trace) {
    bytes.reserve(bytes.size() + trace.frames.size() * sizeof(wire::Frame));
    for (const TracedFrame& frame : trace.frames) {
        const BytesView input = trace.view(frame.input);
        const BytesView output = trace.view(frame.output);
        wire::Frame record{};
        record.gas = frame.gas;
        record.gas_used = frame.gas_used;
        record.kind = static_cast<uint8_t>(frame.kind);
        record.is_precompile = frame.is_precompile ? 1 : 0;
        record.depth = frame.depth;
        record.failure = static_cast<uint32_t>(failure_of(frame));
        record.input_size = frame.input.length;
        record.output_size = frame.output.length;
        record.selector = creates(frame.kind) ? 0 : selector_of(input);
        record.from = frame.from;
        record.to = frame.to;
        record.value = to_bytes32(frame.value);
        record.input_hash = crypto::keccak256(input);
        record.output_hash = crypto::keccak256(output);
        bytes.append(reinterpret_cast<const char*>(&record), sizeof(record));
    }
}

} // namespace braid::trace
