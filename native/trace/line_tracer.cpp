#include "trace/line_tracer.hpp"

#include "evm/opcodes.hpp"
#include "trace/failure_text.hpp"
#include "trace/json_text.hpp"

#include <algorithm>

namespace braid::trace {
namespace {

using transaction::FrameError;
using transaction::FrameKind;

/// The instruction that a frame comes from, by its name.
constexpr std::string_view frame_names[] = {"CALL",   "CALLCODE", "DELEGATECALL", "STATICCALL",
                                            "CREATE", "CREATE2",  "SELFDESTRUCT"};

/// How many operands an instruction takes off the stack before it fails.
size_t taken_before(const evm::Step& step) noexcept {
    switch (step.failure.failure) {
    case evm::StepFailure::reverted:
        return 2;
    case evm::StepFailure::bad_jump_destination:
        return step.op == evm::OP_JUMPI ? 2 : 1;
    case evm::StepFailure::return_data_bounds:
        return 3;
    default:
        return 0;
    }
}

} // namespace

void LineTracer::on_step(const evm::Step& step) noexcept {
    write(step, step.stack, step.return_data);
}

void LineTracer::on_fault(const evm::Step& step) noexcept {
    // In geth operands are off the stack by then, and what was returned is not told.
    const size_t taken = std::min(taken_before(step), step.stack.size());
    write(step, step.stack.first(step.stack.size() - taken), {});
}

void LineTracer::write(const evm::Step& step, std::span<const uint256> stack,
                       BytesView return_data) {
    if (is_full())
        return;
    JsonText json{text_};
    json.raw("{\"pc\":");
    json.number(step.position);
    json.raw(",\"op\":");
    json.number(step.op);
    json.raw(",\"gas\":");
    json.quantity(static_cast<uint64_t>(step.gas));
    json.raw(",\"gasCost\":");
    json.quantity(step.cost);
    if (options_.enable_memory && !step.memory.empty()) {
        json.raw(",\"memory\":");
        json.bytes(step.memory);
    }
    json.raw(",\"memSize\":");
    json.number(step.memory.size());
    json.raw(",\"stack\":");
    if (options_.disable_stack) {
        json.raw("null");
    } else {
        json.raw("[");
        json.raw(stack_.items(stack));
        json.raw("]");
    }
    if (options_.enable_return_data && !return_data.empty()) {
        json.raw(",\"returnData\":");
        json.bytes(return_data);
    }
    json.raw(",\"depth\":");
    json.number(static_cast<uint64_t>(step.depth) + 1);
    json.raw(",\"refund\":");
    json.number(static_cast<uint64_t>(step.refund));
    json.raw(",\"opName\":");
    json.string(instruction_name(step.op));
    if (step.failure.failure != evm::StepFailure::none) {
        json.raw(",\"error\":");
        json.string(failure_text(step.failure));
    }
    json.raw("}\n");
    note_size(text_.size());
}

void LineTracer::on_enter(const transaction::TransactionTrace& trace,
                          const transaction::TracedFrame& frame) noexcept {
    if (!options_.call_frames || is_full())
        return;
    JsonText json{text_};
    json.raw("{\"from\":");
    json.bytes(frame.from);
    json.raw(",\"to\":");
    json.bytes(frame.to);
    if (options_.enable_memory && frame.input.size != 0) {
        json.raw(",\"input\":");
        json.bytes(trace.view(frame.input));
    }
    json.raw(",\"gas\":");
    json.quantity(frame.gas);
    json.raw(",\"value\":");
    json.quantity(frame.value);
    json.raw(",\"type\":\"");
    json.raw(frame_names[static_cast<size_t>(frame.kind)]);
    json.raw("\"}\n");
}

void LineTracer::on_exit(const transaction::TransactionTrace& trace,
                         const transaction::TracedFrame& frame) noexcept {
    if (is_full())
        return;
    JsonText json{text_};
    json.raw("{\"output\":\"");
    // Init code that has returned what may not become code has its output told, too.
    switch (frame.error) {
    case FrameError::none:
    case FrameError::reverted:
    case FrameError::code_size:
    case FrameError::ef_code:
    case FrameError::code_deposit:
        json.digits(trace.view(frame.output));
        break;
    default:
        break;
    }
    json.raw("\",\"gasUsed\":");
    json.quantity(frame.gas_used);
    if (frame.error != FrameError::none) {
        json.raw(",\"error\":");
        json.string(failure_text(frame, trace.view(frame.input)));
    }
    json.raw("}\n");
}

void LineTracer::end_transaction(const transaction::TransactionOutcome&) noexcept {
    finish(std::exchange(text_, {}));
}

} // namespace braid::trace
