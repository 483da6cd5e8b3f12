#include "trace/parity_failure.hpp"

#include "trace/failure_text.hpp"

namespace braid::trace {
namespace {

using evm::StepFailure;
using transaction::FrameError;

std::string_view instruction_text(StepFailure failure, bool as_besu) noexcept {
    switch (failure) {
    case StepFailure::none:
        return {};
    case StepFailure::stack_underflow:
        return "Stack underflow";
    case StepFailure::stack_overflow:
        return "Out of stack";
    case StepFailure::out_of_gas:
    case StepFailure::memory_overflow:
    case StepFailure::cost_overflow:
    case StepFailure::cost_out_of_gas:
    case StepFailure::sentry:
        return "Out of gas";
    case StepFailure::initcode_size:
        return as_besu ? "Code is too large" : "Out of gas";
    case StepFailure::static_cost:
    case StepFailure::static_mode:
        return as_besu ? "Illegal state change" : "Mutable Call In Static Context";
    case StepFailure::undefined_instruction:
        return "Bad instruction";
    case StepFailure::bad_jump_destination:
        return "Bad jump destination";
    case StepFailure::return_data_bounds:
        return "Out of bounds";
    case StepFailure::reverted:
        return "Reverted";
    }
    return {};
}

} // namespace

std::string parity_failure_text(const transaction::TracedFrame& frame, BytesView input,
                                bool as_besu) {
    switch (frame.error) {
    case FrameError::reverted:
        return "Reverted";
    case FrameError::instruction:
        return std::string{instruction_text(frame.failure.failure, as_besu)};
    case FrameError::address_collision:
        return as_besu ? "Illegal state change" : "Out of gas";
    case FrameError::code_size:
        return as_besu ? "Code is too large" : "Out of gas";
    case FrameError::ef_code:
        return as_besu ? "Code is invalid" : "Invalid code";
    case FrameError::code_deposit:
        return "Out of gas";
    case FrameError::precompile:
        if (frame.failure.failure == StepFailure::out_of_gas)
            return "Out of gas";
        return as_besu ? "Precompile error" : "Built-in failed";
    case FrameError::none:
    case FrameError::call_depth:
    case FrameError::insufficient_balance:
    case FrameError::nonce_overflow:
        break;
    }
    return failure_text(frame, input);
}

} // namespace braid::trace
