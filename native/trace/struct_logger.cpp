#include "trace/struct_logger.hpp"

#include "evm/opcodes.hpp"
#include "trace/failure_text.hpp"
#include "trace/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace braid::trace {
namespace {

/// The name of every instruction, as JSON.
const std::array<std::string, 256>& names() {
    static const std::array<std::string, 256> all = [] {
        std::array<std::string, 256> made;
        for (size_t op = 0; op < made.size(); ++op)
            made[op] = '"' + instruction_name(static_cast<uint8_t>(op)) + '"';
        return made;
    }();
    return all;
}

bool is_before(const Bytes32& a, const Bytes32& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) < 0;
}

} // namespace

void StructLogger::begin_transaction() noexcept {
    text_.clear();
    steps_size_ = 0;
    storage_.clear();
    returns_data_ = false;
}

void StructLogger::on_step(const evm::Step& step) noexcept {
    if (step.depth == 0 && step.op == evm::OP_RETURN && step.stack.size() >= 2)
        returns_data_ = static_cast<bool>(step.stack[step.stack.size() - 2]);
    if (is_cut() || (options_.limit != 0 && steps_size_ > options_.limit))
        return;
    JsonText json{text_};
    if (!text_.empty())
        json.raw(",");
    const size_t start = text_.size();
    json.raw("{\"pc\":");
    json.number(step.position);
    json.raw(",\"op\":");
    json.raw(names()[step.op]);
    json.raw(",\"gas\":");
    json.number(static_cast<uint64_t>(step.gas));
    json.raw(",\"gasCost\":");
    json.number(step.cost);
    json.raw(",\"depth\":");
    json.number(static_cast<uint64_t>(step.depth) + 1);
    if (step.failure.failure != evm::StepFailure::none) {
        json.raw(",\"error\":");
        json.string(failure_text(step.failure));
    }
    if (!options_.disable_stack)
        write_stack(step);
    if (options_.enable_return_data && !step.return_data.empty()) {
        json.raw(",\"returnData\":");
        json.bytes(step.return_data);
    }
    if (options_.enable_memory && !step.memory.empty())
        write_memory(step.memory);
    if (!options_.disable_storage && step.failure.failure == evm::StepFailure::none &&
        (step.op == evm::OP_SLOAD || step.op == evm::OP_SSTORE))
        write_storage(step);
    if (step.refund != 0) {
        json.raw(",\"refund\":");
        json.number(static_cast<uint64_t>(step.refund));
    }
    json.raw("}");
    steps_size_ += text_.size() - start;
    note_size(text_.size());
}

void StructLogger::write_stack(const evm::Step& step) {
    JsonText json{text_};
    json.raw(",\"stack\":[");
    bool is_first = true;
    for (const uint256& item : step.stack) {
        if (!is_first)
            json.raw(",");
        is_first = false;
        json.quantity(item);
    }
    json.raw("]");
}

void StructLogger::write_memory(BytesView memory) {
    constexpr size_t word_size = 32;
    JsonText json{text_};
    json.raw(",\"memory\":[");
    for (size_t at = 0; at < memory.size(); at += word_size) {
        if (at != 0)
            json.raw(",");
        json.bytes(memory.subspan(at, word_size)); // memory grows by words
    }
    json.raw("]");
}

void StructLogger::write_storage(const evm::Step& step) {
    const Address& contract = step.message.recipient;
    auto known =
        std::ranges::find_if(storage_, [&](const auto& entry) { return entry.first == contract; });
    if (known == storage_.end())
        known = storage_.insert(storage_.end(), {contract, Slots{is_before}});
    const size_t size = step.stack.size();
    const Bytes32 key = to_bytes32(step.stack[size - 1]);
    known->second[key] = step.op == evm::OP_SSTORE ? to_bytes32(step.stack[size - 2])
                                                   : step.host.value_of(contract, key);
    JsonText json{text_};
    json.raw(",\"storage\":{");
    bool is_first = true;
    for (const auto& [slot, value] : known->second) {
        if (!is_first)
            json.raw(",");
        is_first = false;
        json.bytes(slot);
        json.raw(":");
        json.bytes(value);
    }
    json.raw("}");
}

void StructLogger::end_transaction(const transaction::TransactionOutcome& outcome) noexcept {
    // A creation before EIP-2 that lacks the gas for its code succeeds without any; geth tells the
    // failure.
    const bool lacks_code = returns_data_ && outcome.output.empty();
    const bool has_failed = outcome.status != EVMC_SUCCESS || lacks_code;
    std::string head;
    JsonText json{head};
    json.raw("{\"gas\":");
    json.number(outcome.gas_used);
    json.raw(has_failed ? ",\"failed\":true,\"returnValue\":"
                        : ",\"failed\":false,\"returnValue\":");
    json.bytes(BytesView{outcome.output});
    json.raw(",\"structLogs\":[");
    // In place: the instructions may take most of what there may be.
    text_.insert(0, head);
    text_ += "]}";
    finish(std::exchange(text_, {}));
}

} // namespace braid::trace
