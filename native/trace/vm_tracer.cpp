#include "trace/vm_tracer.hpp"

#include "evm/opcodes.hpp"
#include "evm/rules.hpp"
#include "trace/json_text.hpp"

#include <algorithm>
#include <optional>

namespace braid::trace {
namespace {

/// A word as a place in memory; beyond all memory where it is none.
uint64_t clamped(const uint256& word) noexcept {
    return word.fits_uint64() ? word.word[0] : UINT64_MAX;
}

/// Where the arguments of an instruction that looks at memory are, from the top of the stack.
struct MemoryArguments {
    int offset = -1; ///< -1: there is none
    int size = -1;   ///< -1: it is fixed
    uint64_t fixed_size = 0;
};

constexpr MemoryArguments memory_arguments(uint8_t op) noexcept {
    switch (op) {
    case evm::OP_MLOAD:
    case evm::OP_MSTORE:
        return {0, -1, 32};
    case evm::OP_MSTORE8:
        return {0, -1, 1};
    case evm::OP_CALLDATACOPY:
    case evm::OP_CODECOPY:
    case evm::OP_RETURNDATACOPY:
    case evm::OP_MCOPY:
        return {0, 2, 0};
    case evm::OP_EXTCODECOPY:
        return {1, 3, 0};
    case evm::OP_CALL:
    case evm::OP_CALLCODE:
        return {5, 6, 0};
    case evm::OP_DELEGATECALL:
    case evm::OP_STATICCALL:
        return {4, 5, 0};
    default:
        return {};
    }
}

struct MemoryRange {
    uint64_t offset = 0;
    uint64_t size = 0;
};

/// More than any gas pays for; its cost fits 64 bits.
constexpr uint64_t most_memory = uint64_t{1} << 36;

constexpr bool is_call(uint8_t op) noexcept {
    return op == evm::OP_CALL || op == evm::OP_CALLCODE || op == evm::OP_DELEGATECALL ||
           op == evm::OP_STATICCALL;
}

constexpr bool is_creation(uint8_t op) noexcept {
    return op == evm::OP_CREATE || op == evm::OP_CREATE2;
}

/// How many items of the stack an instruction is said to push: DUP and SWAP all that they touch.
size_t pushed_by(uint8_t op, const evm::OpcodeRule& rule) noexcept {
    if (op >= evm::OP_SWAP1 && op <= evm::OP_SWAP16)
        return static_cast<size_t>(op - evm::OP_SWAP1) + 2;
    return static_cast<size_t>(std::max(0, rule.stack_in + rule.stack_change));
}

/// What of memory a creation takes as its init code; nothing where it is beyond all memory.
std::optional<MemoryRange> init_code_of(const evm::Step& step) noexcept {
    const auto& stack = step.stack;
    const uint64_t offset = clamped(stack[stack.size() - 2]);
    const uint64_t size = clamped(stack[stack.size() - 3]);
    if (size == 0)
        return MemoryRange{};
    if (offset > most_memory || size > most_memory)
        return std::nullopt;
    return MemoryRange{offset, size};
}

/// What memory of so many bytes has cost (Yellow Paper, appendix H.1).
uint64_t memory_cost(uint64_t bytes) noexcept {
    const uint64_t words = (bytes + 31) / 32;
    return 3 * words + words * words / 512;
}

/// What a creation costs that its fixed part is too much for already: that, and what memory grows.
uint64_t cost_of_poor_creation(const evm::Step& step) noexcept {
    const std::optional<MemoryRange> code = init_code_of(step);
    const uint64_t end = code && code->size > 0 ? code->offset + code->size : 0;
    const uint64_t now = step.memory.size();
    return step.cost + (end > now ? memory_cost(end) - memory_cost(now) : 0);
}

} // namespace

void VmTracer::begin_transaction() noexcept {
    frames_.clear();
    text_.clear();
}

void VmTracer::on_step(const evm::Step& step) noexcept {
    if (is_cut())
        return;
    const auto depth = static_cast<size_t>(step.depth);
    while (frames_.size() > depth + 1)
        leave();
    if (frames_.size() == depth)
        enter(step);
    else
        complete(frames_.back(), &step);
    begin(frames_.back(), step);
    note_size(text_.size());
}

void VmTracer::on_fault(const evm::Step& step) noexcept {
    // What else has failed leaves nothing, and nothing follows it in its frame.
    if (step.failure.failure == evm::StepFailure::undefined_instruction && !options_.tells_all &&
        !frames_.empty())
        frames_.back().pending.is_there = false;
}

void VmTracer::on_exit(const transaction::TransactionTrace&,
                       const transaction::TracedFrame& frame) noexcept {
    // What is too deep, or pays what is not there, enters nothing.
    const bool is_attempt = frame.error == transaction::FrameError::call_depth ||
                            frame.error == transaction::FrameError::insufficient_balance;
    if (is_attempt && !options_.tells_all && frame.depth > 0 && !frames_.empty())
        frames_.back().pending.calls = false;
}

void VmTracer::enter(const evm::Step& step) {
    if (!frames_.empty()) {
        write_head(frames_.back());
        frames_.back().pending.init_code = {}; // it is what runs
    }
    frames_.emplace_back();
    JsonText json{text_};
    json.raw("{\"code\":");
    json.bytes(step.code);
    json.raw(",\"ops\":[");
}

void VmTracer::begin(Frame& frame, const evm::Step& step) {
    const evm::StepFailure failure = step.failure.failure;
    const bool is_left_out = step.position >= step.code.size() ||
                             failure == evm::StepFailure::stack_underflow ||
                             failure == evm::StepFailure::stack_overflow;
    if (is_left_out && !options_.tells_all)
        return;
    Pending& pending = frame.pending;
    pending = {};
    pending.is_there = true;
    pending.has_failed = evm::is_before_execution(failure);
    pending.op = step.op;
    pending.position = step.position;
    pending.cost = step.cost;
    pending.gas = step.gas;
    const uint32_t fixed = evm::all_rules[options_.revision].opcodes[step.op].gas;
    if (pending.has_failed) {
        if (step.op == evm::OP_SELFDESTRUCT && options_.as_besu && step.gas < fixed)
            pending.cost = fixed;
        if (is_creation(step.op) && !options_.tells_all && step.cost == fixed)
            pending.cost = cost_of_poor_creation(step);
        return;
    }
    const auto& stack = step.stack;
    const auto argument = [&](int place) { return stack[stack.size() - 1 - place]; };
    if (const MemoryArguments memory = memory_arguments(step.op); memory.offset >= 0) {
        pending.memory_offset = clamped(argument(memory.offset));
        pending.memory_size = memory.size < 0 ? memory.fixed_size : clamped(argument(memory.size));
    }
    if (step.op == evm::OP_SSTORE) {
        pending.key = argument(0);
        pending.value = argument(1);
    }
    pending.calls = is_call(step.op) || is_creation(step.op);
    if (is_creation(step.op)) {
        keep_init_code(pending, step);
        // Like a call it is said to cost what it gives away as well (EIP-150: all but a 64th).
        const uint64_t left = static_cast<uint64_t>(step.gas) - step.cost;
        pending.cost += evm::all_rules[options_.revision].has_gas_reserve ? left - left / 64 : left;
    }
}

void VmTracer::keep_init_code(Pending& pending, const evm::Step& step) {
    // It is paid for: so much there may be.
    const MemoryRange code = init_code_of(step).value_or(MemoryRange{});
    pending.init_code.assign(code.size, 0);
    if (code.offset < step.memory.size()) {
        const auto there = step.memory.subspan(
            code.offset, std::min<uint64_t>(code.size, step.memory.size() - code.offset));
        std::ranges::copy(there, pending.init_code.begin());
    }
}

void VmTracer::write_head(Frame& frame) {
    JsonText json{text_};
    json.raw(frame.is_first ? "{\"cost\":" : ",{\"cost\":");
    frame.is_first = false;
    frame.is_within = true;
    json.number(frame.pending.cost);
    json.raw(",\"pc\":");
    json.number(frame.pending.position);
    json.raw(",\"sub\":");
}

void VmTracer::complete(Frame& frame, const evm::Step* after) {
    if (!std::exchange(frame.pending.is_there, false))
        return;
    if (!frame.is_within) {
        write_head(frame);
        write_nothing_entered(frame.pending);
    }
    frame.is_within = false;
    text_ += ",\"ex\":";
    if (frame.pending.has_failed)
        text_ += "null";
    else
        write_effect(frame.pending, after);
    text_ += "}";
}

void VmTracer::write_nothing_entered(const Pending& pending) {
    if (!pending.calls) {
        text_ += "null";
        return;
    }
    JsonText json{text_};
    json.raw("{\"code\":");
    json.bytes(pending.init_code);
    json.raw(",\"ops\":[]}");
}

void VmTracer::write_effect(const Pending& pending, const evm::Step* after) {
    JsonText json{text_};
    json.raw("{\"mem\":");
    const bool has_memory = after != nullptr && pending.memory_size != 0 &&
                            pending.memory_offset <= after->memory.size() &&
                            pending.memory_size <= after->memory.size() - pending.memory_offset;
    if (has_memory) {
        json.raw("{\"data\":");
        json.bytes(after->memory.subspan(pending.memory_offset, pending.memory_size));
        json.raw(",\"off\":");
        json.number(pending.memory_offset);
        json.raw("}");
    } else {
        json.raw("null");
    }
    json.raw(",\"push\":[");
    if (after != nullptr) {
        const evm::OpcodeRule& rule = evm::all_rules[options_.revision].opcodes[pending.op];
        const size_t count = std::min(pushed_by(pending.op, rule), after->stack.size());
        for (size_t i = 0; i < count; ++i) {
            json.raw(i == 0 ? "" : ",");
            json.quantity(after->stack[after->stack.size() - count + i]);
        }
    }
    json.raw("],\"store\":");
    if (pending.op == evm::OP_SSTORE) {
        json.raw("{\"key\":");
        json.quantity(pending.key);
        json.raw(",\"val\":");
        json.quantity(pending.value);
        json.raw("}");
    } else {
        json.raw("null");
    }
    json.raw(",\"used\":");
    json.number(after != nullptr ? static_cast<uint64_t>(after->gas)
                                 : static_cast<uint64_t>(pending.gas) - pending.cost);
    json.raw("}");
}

void VmTracer::leave() {
    complete(frames_.back(), nullptr);
    text_ += "]}";
    frames_.pop_back();
}

void VmTracer::end_transaction(const transaction::TransactionOutcome&) noexcept {
    while (!frames_.empty())
        leave();
    finish(text_.empty() ? "{\"code\":\"0x\",\"ops\":[]}" : std::exchange(text_, {}));
}

} // namespace braid::trace
