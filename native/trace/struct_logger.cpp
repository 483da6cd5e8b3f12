#include "trace/struct_logger.hpp"

#include "evm/opcodes.hpp"
#include "trace/failure_text.hpp"
#include "trace/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
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

/// Puts texts and numbers into a place, as far as there is room.
class Place {
  public:
    explicit Place(std::span<char> place) noexcept
        : begin_{place.data()}, at_{begin_}, end_{begin_ + place.size()} {}

    void put(std::string_view text) noexcept {
        at_ = std::copy_n(text.data(), std::min<size_t>(text.size(), end_ - at_), at_);
    }
    void put(uint64_t number) noexcept { at_ = std::to_chars(at_, end_, number).ptr; }

    [[nodiscard]] std::string_view text() const noexcept { return {begin_, at_}; }

  private:
    char* const begin_;
    char* at_;
    char* const end_;
};

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
    write_head(step);
    if (step.failure.failure != evm::StepFailure::none) {
        json.raw(",\"error\":");
        json.string(failure_text(step.failure));
    }
    if (!options_.disable_stack) {
        json.raw(",\"stack\":[");
        json.raw(stack_.items(step.stack));
        json.raw("]");
    }
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

void StructLogger::write_head(const evm::Step& step) {
    std::array<char, 256>
        place; // four numbers of at most 20 digits, a name, and what is around them
    Place head{place};
    head.put("{\"pc\":");
    head.put(step.position);
    head.put(",\"op\":");
    head.put(names()[step.op]);
    head.put(",\"gas\":");
    head.put(static_cast<uint64_t>(step.gas));
    head.put(",\"gasCost\":");
    head.put(step.cost);
    head.put(",\"depth\":");
    head.put(static_cast<uint64_t>(step.depth) + 1);
    text_ += head.text();
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
