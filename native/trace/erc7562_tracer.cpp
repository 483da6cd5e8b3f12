#include "trace/erc7562_tracer.hpp"

#include "evm/opcodes.hpp"
#include "trace/hashed_memory.hpp"
#include "trace/json_text.hpp"

#include <algorithm>

namespace braid::trace {
namespace {

/// About what an entry of a map takes in the answer.
constexpr size_t entry_bytes = 160;

constexpr bool looks_at_code(uint8_t op) noexcept {
    return op == evm::OP_EXTCODEHASH || op == evm::OP_EXTCODESIZE || op == evm::OP_EXTCODECOPY;
}

constexpr bool calls(uint8_t op) noexcept {
    return op == evm::OP_CALL || op == evm::OP_CALLCODE || op == evm::OP_DELEGATECALL ||
           op == evm::OP_STATICCALL;
}

/// Writes an object whose members are what `write` makes of entries that are in order already.
template <typename Entries, typename Write>
void write_object(JsonText& json, const Entries& entries, Write&& write) {
    json.raw("{");
    bool is_first = true;
    for (const auto& [key, value] : entries) {
        json.raw(is_first ? "" : ",");
        is_first = false;
        write(key, value);
    }
    json.raw("}");
}

template <typename Counts>
void write_counts(JsonText& json, const Counts& counts) {
    write_object(json, counts, [&](const auto& key, uint64_t count) {
        json.bytes(key);
        json.raw(":");
        json.number(count);
    });
}

} // namespace

void Erc7562Tracer::begin_transaction() noexcept {
    frames_.clear();
    open_.clear();
    last_ = {};
    hashed_.clear();
    noted_ = 0;
}

void Erc7562Tracer::on_enter(const transaction::TransactionTrace&,
                             const transaction::TracedFrame&) noexcept {
    open_.push_back(frames_.size());
    frames_.emplace_back();
}

void Erc7562Tracer::on_exit(const transaction::TransactionTrace&,
                            const transaction::TracedFrame&) noexcept {
    if (!open_.empty())
        open_.pop_back();
}

void Erc7562Tracer::on_step(const evm::Step& step) noexcept {
    if (is_cut() || open_.empty())
        return;
    Frame& frame = frames_[open_.back()];
    const uint8_t op = step.op;
    if (op == evm::OP_RETURN || op == evm::OP_REVERT)
        last_.is_there = false;
    // OP-051: EXTCODESIZE ISZERO alone is allowed.
    if (last_.is_there && looks_at_code(last_.op) &&
        !(last_.op == evm::OP_EXTCODESIZE && op == evm::OP_ISZERO)) {
        frame.looked_at.push_back(last_.address);
        noted_ += entry_bytes;
    }
    note_contract(step, frame);
    // OP-012: GAS right before a call is allowed.
    if (last_.is_there && last_.op == evm::OP_GAS && !calls(op))
        ++frame.opcodes[evm::OP_GAS];
    if (op != evm::OP_GAS && !options_.ignored_opcodes[op])
        ++frame.opcodes[op];
    note_storage(step, frame);
    if (op == evm::OP_KECCAK256)
        note_hashed(step);
    last_.is_there = true;
    last_.op = op;
    if (!step.stack.empty())
        last_.address = to_address(step.stack.back());
    note_size(noted_);
}

void Erc7562Tracer::note_contract(const evm::Step& step, Frame& frame) {
    const size_t place = calls(step.op) ? 1 : 0;
    if ((!looks_at_code(step.op) && !calls(step.op)) || step.stack.size() <= place)
        return;
    const Address address = to_address(step.stack[step.stack.size() - 1 - place]);
    const auto [contract, is_new] = frame.contracts.try_emplace(address);
    if (!is_new)
        return;
    contract->second = {step.host.code_of(address).size(), step.op};
    noted_ += entry_bytes;
}

void Erc7562Tracer::note_storage(const evm::Step& step, Frame& frame) {
    if (step.stack.empty())
        return;
    const Bytes32 slot = to_bytes32(step.stack.back());
    const size_t before = noted_;
    noted_ += entry_bytes;
    switch (step.op) {
    case evm::OP_SLOAD:
        if (!frame.reads.contains(slot) && !frame.writes.contains(slot))
            frame.reads.emplace(slot, step.host.value_of(step.message.recipient, slot));
        break;
    case evm::OP_SSTORE:
        ++frame.writes[slot];
        break;
    case evm::OP_TLOAD:
        ++frame.transient_reads[slot];
        break;
    case evm::OP_TSTORE:
        ++frame.transient_writes[slot];
        break;
    default:
        noted_ = before;
    }
}

void Erc7562Tracer::note_hashed(const evm::Step& step) {
    auto part = hashed_memory(step);
    if (!part)
        return;
    if (hashed_.emplace(part->begin(), part->end()).second)
        noted_ += 2 * part->size() + 5;
}

void Erc7562Tracer::write(JsonText& json, const Frame& frame) {
    json.raw("\"accessedSlots\":{\"reads\":");
    write_object(json, frame.reads, [&](const Bytes32& slot, const Bytes32& value) {
        json.bytes(slot);
        json.raw(":[");
        json.bytes(value);
        json.raw("]");
    });
    json.raw(",\"writes\":");
    write_counts(json, frame.writes);
    json.raw(",\"transientReads\":");
    write_counts(json, frame.transient_reads);
    json.raw(",\"transientWrites\":");
    write_counts(json, frame.transient_writes);
    json.raw("},\"extCodeAccessInfo\":[");
    for (size_t i = 0; i < frame.looked_at.size(); ++i) {
        json.raw(i == 0 ? "" : ",");
        json.bytes(frame.looked_at[i]);
    }
    json.raw("],\"usedOpcodes\":");
    // In the order of their digits.
    std::map<std::string, uint64_t> opcodes;
    for (const auto& [op, count] : frame.opcodes) {
        std::string name;
        JsonText{name}.quantity(uint64_t{op});
        opcodes.emplace(std::move(name), count);
    }
    write_object(json, opcodes, [&](const std::string& op, uint64_t count) {
        json.raw(op);
        json.raw(":");
        json.number(count);
    });
    json.raw(",\"contractSize\":");
    write_object(json, frame.contracts, [&](const Address& address, const Contract& contract) {
        json.bytes(address);
        json.raw(":{\"contractSize\":");
        json.number(contract.code_size);
        json.raw(",\"opcode\":");
        json.number(contract.op);
        json.raw("}");
    });
    json.raw("\n");
}

void Erc7562Tracer::end_transaction(const transaction::TransactionOutcome&) noexcept {
    std::string text;
    JsonText json{text};
    for (const Frame& frame : frames_) {
        write(json, frame);
        note_size(text.size());
        if (is_cut())
            break;
    }
    if (!is_cut() && !hashed_.empty()) {
        json.raw("\"keccak\":[");
        bool is_first = true;
        for (const std::string& part : hashed_) {
            json.raw(is_first ? "" : ",");
            is_first = false;
            json.bytes(BytesView{reinterpret_cast<const uint8_t*>(part.data()), part.size()});
        }
        json.raw("]");
    }
    json.raw("\n");
    finish(std::move(text));
    begin_transaction();
}

} // namespace braid::trace
