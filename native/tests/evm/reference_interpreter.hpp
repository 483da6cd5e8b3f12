/// An EVM to judge the built-in one by: byte by byte, every check before every instruction, no
/// analysis, no caching. It speaks to the same EVMC host and covers Frontier to Osaka. Its rules
/// come from the Yellow Paper and the EIPs; it shares nothing with evm/ and base/uint256.hpp.
///
/// On a failure the frame's effects are the host's to revert, as EVMC has it; what a failing frame
/// touched through its host before is the least that the rules ask for.
#pragma once

#include "tests/evm/instruction_table.hpp"
#include "tests/evm/word.hpp"

#include "crypto/keccak.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

namespace braid::reference {

/// How a frame ended. Failures have no gas left, no refund and no output.
struct Result {
    evmc_status_code status = EVMC_SUCCESS;
    int64_t gas_left = 0;
    int64_t gas_refund = 0;
    std::vector<uint8_t> output;
};

/// One frame.
class Interpreter {
  public:
    Interpreter(const evmc_host_interface& host, evmc_host_context* context,
                evmc_revision revision, const evmc_message& message,
                std::span<const uint8_t> code)
        : host_{host}, context_{context}, revision_{revision}, message_{message}, code_{code},
          table_{instructions(revision)}, gas_{message.gas}, destinations_(code.size(), false) {
        stack_.reserve(64);
        for (size_t i = 0; i < code.size(); ++i) {
            if (code[i] == 0x5b)
                destinations_[i] = true;
            if (code[i] >= 0x60 && code[i] <= 0x7f)
                i += code[i] - 0x5fu;
        }
    }

    /// Runs the frame to its end.
    Result run() {
        while (!halted_) {
            if (const evmc_status_code status = step(); status != EVMC_SUCCESS)
                return {status, 0, 0, {}};
        }
        return {reverted_ ? EVMC_REVERT : EVMC_SUCCESS, gas_, reverted_ ? 0 : refund_, output_};
    }

  private:
    [[nodiscard]] bool since(evmc_revision revision) const { return revision_ >= revision; }
    [[nodiscard]] bool is_static() const { return (message_.flags & EVMC_STATIC) != 0; }

    Word pop() {
        const Word top = stack_.back();
        stack_.pop_back();
        return top;
    }
    void push(const Word& value) { stack_.push_back(value); }

    [[nodiscard]] bool charge(int64_t amount) {
        gas_ -= amount;
        return gas_ >= 0;
    }

    static int64_t words(uint64_t bytes) { return static_cast<int64_t>(bytes / 32 + (bytes % 32 != 0)); }

    /// Yellow Paper, equation 326: what a memory of that many words has cost in all.
    static int64_t memory_cost(int64_t words) { return 3 * words + words * words / 512; }

    /// Makes [offset, offset + size) part of memory and charges for it.
    [[nodiscard]] bool expand(const Word& offset, const Word& size) {
        if (size.is_zero())
            return true;
        // 2^32 bytes cost 2^45 gas: nobody has that.
        const Word limit{uint64_t{1} << 32};
        if (!(offset < limit) || !(size < limit))
            return false;
        const int64_t needed = words(offset.low() + size.low());
        const int64_t present = static_cast<int64_t>(memory_.size() / 32);
        if (needed <= present)
            return true;
        if (!charge(memory_cost(needed) - memory_cost(present)))
            return false;
        memory_.resize(static_cast<size_t>(needed) * 32);
        return true;
    }

    std::span<const uint8_t> memory_at(const Word& offset, const Word& size) const {
        if (size.is_zero())
            return {};
        return {memory_.data() + offset.low(), size.low()};
    }

    /// Fills memory from a source that goes on with zeros beyond its end.
    void fill(const Word& target, std::span<const uint8_t> source, const Word& offset,
              const Word& size) {
        for (uint64_t i = 0; i < size.low(); ++i) {
            const bool inside = offset < Word{source.size()} && i < source.size() - offset.low();
            memory_[target.low() + i] = inside ? source[offset.low() + i] : 0;
        }
    }

    [[nodiscard]] evmc_tx_context transaction() const { return host_.get_tx_context(context_); }

    /// Checks what can be known beforehand of the instruction at pc_, pays its static gas, runs it.
    evmc_status_code step() {
        const uint8_t op = pc_ < code_.size() ? code_[pc_] : 0;
        const Instruction& instruction = table_[op];
        if (!instruction.defined)
            return EVMC_UNDEFINED_INSTRUCTION;
        const int height = static_cast<int>(stack_.size());
        if (height < instruction.inputs)
            return EVMC_STACK_UNDERFLOW;
        if (height - instruction.inputs + instruction.outputs > 1024)
            return EVMC_STACK_OVERFLOW;
        if (!charge(instruction.gas))
            return EVMC_OUT_OF_GAS;
        ++pc_;
        if (op >= 0x5f && op <= 0x7f)
            return do_push(op - 0x5fu);
        if (op >= 0x80 && op <= 0x8f) {
            push(stack_[stack_.size() - 1 - (op - 0x80u)]);
            return EVMC_SUCCESS;
        }
        if (op >= 0x90 && op <= 0x9f) {
            std::swap(stack_.back(), stack_[stack_.size() - 2 - (op - 0x90u)]);
            return EVMC_SUCCESS;
        }
        if (op >= 0xa0 && op <= 0xa4)
            return do_log(op - 0xa0u);
        if (op >= 0xf0)
            return do_system(op);
        if (op >= 0x50)
            return do_memory_storage_flow(op);
        if (op >= 0x30)
            return do_environment(op);
        return do_arithmetic(op);
    }

    evmc_status_code do_push(size_t size) {
        uint8_t bytes[32] = {};
        for (size_t i = 0; i < size && pc_ + i < code_.size(); ++i)
            bytes[i] = code_[pc_ + i];
        push(Word::from_bytes(bytes, size));
        pc_ += size;
        return EVMC_SUCCESS;
    }

    evmc_status_code do_arithmetic(uint8_t op);
    evmc_status_code do_environment(uint8_t op);
    evmc_status_code do_memory_storage_flow(uint8_t op);
    evmc_status_code do_system(uint8_t op);

    evmc_status_code do_copy(std::span<const uint8_t> source) {
        const Word target = pop();
        const Word offset = pop();
        const Word size = pop();
        if (!expand(target, size) || !charge(3 * words(size.low())))
            return EVMC_OUT_OF_GAS;
        fill(target, source, offset, size);
        return EVMC_SUCCESS;
    }

    /// EIP-2929: what touching the account costs beyond the warm price.
    int64_t cold_account_surcharge(const evmc_address& address) {
        if (since(EVMC_BERLIN) && host_.access_account(context_, &address) == EVMC_ACCESS_COLD)
            return 2500;
        return 0;
    }

    evmc_status_code do_jump(const Word& target) {
        if (!(target < Word{code_.size()}) || !destinations_[target.low()])
            return EVMC_BAD_JUMP_DESTINATION;
        pc_ = target.low();
        return EVMC_SUCCESS;
    }

    evmc_status_code do_sload() {
        const evmc_bytes32 key = pop().to_bytes();
        if (since(EVMC_BERLIN) &&
            host_.access_storage(context_, &message_.recipient, &key) == EVMC_ACCESS_COLD &&
            !charge(2000))
            return EVMC_OUT_OF_GAS;
        push(Word{host_.get_storage(context_, &message_.recipient, &key)});
        return EVMC_SUCCESS;
    }

    evmc_status_code do_sstore();
    evmc_status_code do_log(size_t topic_count);
    evmc_status_code do_selfdestruct();
    evmc_status_code do_create(bool has_salt);
    evmc_status_code do_call(uint8_t op);

    /// Passes a message on and keeps its output as return data.
    evmc_result pass_on(const evmc_message& message) {
        const evmc_result result = host_.call(context_, &message);
        return_data_.assign(result.output_data, result.output_data + result.output_size);
        if (result.release != nullptr)
            result.release(&result);
        gas_ -= message.gas - result.gas_left;
        refund_ += result.gas_refund;
        return result;
    }

    const evmc_host_interface& host_;
    evmc_host_context* context_;
    evmc_revision revision_;
    const evmc_message& message_;
    std::span<const uint8_t> code_;
    const InstructionTable& table_;
    int64_t gas_;
    int64_t refund_ = 0;
    size_t pc_ = 0;
    bool halted_ = false;
    bool reverted_ = false;
    std::vector<bool> destinations_;
    std::vector<Word> stack_;
    std::vector<uint8_t> memory_;
    std::vector<uint8_t> return_data_;
    std::vector<uint8_t> output_;
};

inline evmc_status_code Interpreter::do_arithmetic(uint8_t op) {
    if (op == 0x00) { // STOP
        halted_ = true;
        return EVMC_SUCCESS;
    }
    if (op == 0x20) { // KECCAK256
        const Word offset = pop();
        const Word size = pop();
        if (!expand(offset, size) || !charge(6 * words(size.low())))
            return EVMC_OUT_OF_GAS;
        push(Word{crypto::keccak256(memory_at(offset, size))});
        return EVMC_SUCCESS;
    }
    const Word a = pop();
    switch (op) {
    case 0x15: // ISZERO
        push(a.is_zero());
        return EVMC_SUCCESS;
    case 0x19: // NOT
        push(~a);
        return EVMC_SUCCESS;
    case 0x1e: // CLZ
        push(256 - a.bit_length());
        return EVMC_SUCCESS;
    default:
        break;
    }
    const Word b = pop();
    const unsigned small = a < Word{256} ? static_cast<unsigned>(a.low()) : 256;
    const auto bitwise = [&](auto combine) {
        Word result;
        for (size_t i = 0; i < 8; ++i)
            result.limb[i] = combine(a.limb[i], b.limb[i]);
        push(result);
    };
    const auto less_signed = [](const Word& x, const Word& y) {
        return x.is_negative() != y.is_negative() ? x.is_negative() : x < y;
    };
    switch (op) {
    case 0x01: // ADD
        push(a + b);
        break;
    case 0x02: // MUL
        push(a * b);
        break;
    case 0x03: // SUB
        push(a - b);
        break;
    case 0x04: // DIV
        push(divide(a, b).first);
        break;
    case 0x05: // SDIV
        push(divide_signed(a, b).first);
        break;
    case 0x06: // MOD
        push(divide(a, b).second);
        break;
    case 0x07: // SMOD
        push(divide_signed(a, b).second);
        break;
    case 0x08: // ADDMOD
        push(add_mod(a, b, pop()));
        break;
    case 0x09: // MULMOD
        push(multiply_mod(a, b, pop()));
        break;
    case 0x0a: { // EXP, EIP-160
        const int64_t bytes = (b.bit_length() + 7) / 8;
        if (!charge(bytes * (since(EVMC_SPURIOUS_DRAGON) ? 50 : 10)))
            return EVMC_OUT_OF_GAS;
        push(power(a, b));
        break;
    }
    case 0x0b: { // SIGNEXTEND
        Word result = b;
        if (small < 31) {
            const unsigned sign = small * 8 + 7;
            for (unsigned i = sign + 1; i < 256; ++i)
                result.limb[i / 32] &= ~(uint32_t{1} << (i % 32));
            if (b.bit(sign))
                for (unsigned i = sign + 1; i < 256; ++i)
                    result.set_bit(i);
        }
        push(result);
        break;
    }
    case 0x10: // LT
        push(a < b);
        break;
    case 0x11: // GT
        push(b < a);
        break;
    case 0x12: // SLT
        push(less_signed(a, b));
        break;
    case 0x13: // SGT
        push(less_signed(b, a));
        break;
    case 0x14: // EQ
        push(a == b);
        break;
    case 0x16: // AND
        bitwise([](uint32_t x, uint32_t y) { return x & y; });
        break;
    case 0x17: // OR
        bitwise([](uint32_t x, uint32_t y) { return x | y; });
        break;
    case 0x18: // XOR
        bitwise([](uint32_t x, uint32_t y) { return x ^ y; });
        break;
    case 0x1a: // BYTE
        push(small < 32 ? b.byte(31 - small) : 0);
        break;
    case 0x1b: // SHL
        push(shift_left(b, small));
        break;
    case 0x1c: // SHR
        push(shift_right(b, small));
        break;
    default: // SAR
        push(b.is_negative() ? ~shift_right(~b, small) : shift_right(b, small));
        break;
    }
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_environment(uint8_t op) {
    switch (op) {
    case 0x30: // ADDRESS
        push(Word{message_.recipient});
        break;
    case 0x31: { // BALANCE
        const evmc_address address = pop().to_address();
        if (!charge(cold_account_surcharge(address)))
            return EVMC_OUT_OF_GAS;
        push(Word{host_.get_balance(context_, &address)});
        break;
    }
    case 0x32: // ORIGIN
        push(Word{transaction().tx_origin});
        break;
    case 0x33: // CALLER
        push(Word{message_.sender});
        break;
    case 0x34: // CALLVALUE
        push(Word{message_.value});
        break;
    case 0x35: { // CALLDATALOAD
        const Word offset = pop();
        uint8_t bytes[32] = {};
        for (uint64_t i = 0; i < 32; ++i) {
            if (offset < Word{message_.input_size} && i < message_.input_size - offset.low())
                bytes[i] = message_.input_data[offset.low() + i];
        }
        push(Word::from_bytes(bytes, 32));
        break;
    }
    case 0x36: // CALLDATASIZE
        push(message_.input_size);
        break;
    case 0x37: // CALLDATACOPY
        return do_copy({message_.input_data, message_.input_size});
    case 0x38: // CODESIZE
        push(code_.size());
        break;
    case 0x39: // CODECOPY
        return do_copy(code_);
    case 0x3a: // GASPRICE
        push(Word{transaction().tx_gas_price});
        break;
    case 0x3b: { // EXTCODESIZE
        const evmc_address address = pop().to_address();
        if (!charge(cold_account_surcharge(address)))
            return EVMC_OUT_OF_GAS;
        push(host_.get_code_size(context_, &address));
        break;
    }
    case 0x3c: { // EXTCODECOPY
        const evmc_address address = pop().to_address();
        const Word target = pop();
        const Word offset = pop();
        const Word size = pop();
        if (!expand(target, size) || !charge(3 * words(size.low())) ||
            !charge(cold_account_surcharge(address)))
            return EVMC_OUT_OF_GAS;
        if (size.is_zero())
            break;
        std::vector<uint8_t> code(host_.get_code_size(context_, &address));
        code.resize(host_.copy_code(context_, &address, 0, code.data(), code.size()));
        fill(target, code, offset, size);
        break;
    }
    case 0x3d: // RETURNDATASIZE
        push(return_data_.size());
        break;
    case 0x3e: { // RETURNDATACOPY, EIP-211: no zeros beyond the end
        bool carry;
        const Word end = add(stack_[stack_.size() - 2], stack_[stack_.size() - 3], carry);
        if (carry || Word{return_data_.size()} < end)
            return EVMC_INVALID_MEMORY_ACCESS;
        return do_copy(return_data_);
    }
    case 0x3f: { // EXTCODEHASH
        const evmc_address address = pop().to_address();
        if (!charge(cold_account_surcharge(address)))
            return EVMC_OUT_OF_GAS;
        push(Word{host_.get_code_hash(context_, &address)});
        break;
    }
    case 0x40: { // BLOCKHASH
        const Word number = pop();
        const auto current = static_cast<uint64_t>(transaction().block_number);
        if (number < Word{current} && current - number.low() <= 256)
            push(Word{host_.get_block_hash(context_, static_cast<int64_t>(number.low()))});
        else
            push(0);
        break;
    }
    case 0x41: // COINBASE
        push(Word{transaction().block_coinbase});
        break;
    case 0x42: // TIMESTAMP
        push(static_cast<uint64_t>(transaction().block_timestamp));
        break;
    case 0x43: // NUMBER
        push(static_cast<uint64_t>(transaction().block_number));
        break;
    case 0x44: // DIFFICULTY, PREVRANDAO
        push(Word{transaction().block_prev_randao});
        break;
    case 0x45: // GASLIMIT
        push(static_cast<uint64_t>(transaction().block_gas_limit));
        break;
    case 0x46: // CHAINID
        push(Word{transaction().chain_id});
        break;
    case 0x47: // SELFBALANCE
        push(Word{host_.get_balance(context_, &message_.recipient)});
        break;
    case 0x48: // BASEFEE
        push(Word{transaction().block_base_fee});
        break;
    case 0x49: { // BLOBHASH
        const Word index = pop();
        const evmc_tx_context context = transaction();
        push(index < Word{context.blob_hashes_count} ? Word{context.blob_hashes[index.low()]}
                                                     : Word{});
        break;
    }
    default: // BLOBBASEFEE
        push(Word{transaction().blob_base_fee});
        break;
    }
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_memory_storage_flow(uint8_t op) {
    switch (op) {
    case 0x50: // POP
        pop();
        break;
    case 0x51: { // MLOAD
        const Word offset = pop();
        if (!expand(offset, 32))
            return EVMC_OUT_OF_GAS;
        push(Word::from_bytes(memory_.data() + offset.low(), 32));
        break;
    }
    case 0x52: { // MSTORE
        const Word offset = pop();
        const evmc_bytes32 value = pop().to_bytes();
        if (!expand(offset, 32))
            return EVMC_OUT_OF_GAS;
        std::copy_n(value.bytes, 32, memory_.data() + offset.low());
        break;
    }
    case 0x53: { // MSTORE8
        const Word offset = pop();
        const Word value = pop();
        if (!expand(offset, 1))
            return EVMC_OUT_OF_GAS;
        memory_[offset.low()] = value.byte(0);
        break;
    }
    case 0x54:
        return do_sload();
    case 0x55:
        return do_sstore();
    case 0x56: // JUMP
        return do_jump(pop());
    case 0x57: { // JUMPI
        const Word target = pop();
        if (!pop().is_zero())
            return do_jump(target);
        break;
    }
    case 0x58: // PC
        push(pc_ - 1);
        break;
    case 0x59: // MSIZE
        push(memory_.size());
        break;
    case 0x5a: // GAS
        push(static_cast<uint64_t>(gas_));
        break;
    case 0x5b: // JUMPDEST
        break;
    case 0x5c: { // TLOAD
        const evmc_bytes32 key = pop().to_bytes();
        push(Word{host_.get_transient_storage(context_, &message_.recipient, &key)});
        break;
    }
    case 0x5d: { // TSTORE
        const evmc_bytes32 key = pop().to_bytes();
        const evmc_bytes32 value = pop().to_bytes();
        if (is_static())
            return EVMC_STATIC_MODE_VIOLATION;
        host_.set_transient_storage(context_, &message_.recipient, &key, &value);
        break;
    }
    default: { // MCOPY
        const Word target = pop();
        const Word source = pop();
        const Word size = pop();
        // EIP-5656: memory grows to the end of whichever range ends later.
        if (!expand(source < target ? target : source, size) || !charge(3 * words(size.low())))
            return EVMC_OUT_OF_GAS;
        const std::span<const uint8_t> from = memory_at(source, size);
        const std::vector<uint8_t> copy(from.begin(), from.end());
        fill(target, copy, 0, size);
        break;
    }
    }
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_sstore() {
    const evmc_bytes32 key = pop().to_bytes();
    const evmc_bytes32 value = pop().to_bytes();
    if (is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    if (since(EVMC_ISTANBUL) && gas_ <= 2300) // EIP-2200
        return EVMC_OUT_OF_GAS;
    if (since(EVMC_BERLIN) &&
        host_.access_storage(context_, &message_.recipient, &key) == EVMC_ACCESS_COLD &&
        !charge(2100))
        return EVMC_OUT_OF_GAS;

    // EVMC tells what happened as a case; give it values again so that the EIPs' texts apply.
    struct Values {
        int original;
        int current;
        int next;
    };
    const Values values = [&]() -> Values {
        switch (host_.set_storage(context_, &message_.recipient, &key, &value)) {
        case EVMC_STORAGE_ADDED:
            return {0, 0, 1};
        case EVMC_STORAGE_DELETED:
            return {1, 1, 0};
        case EVMC_STORAGE_MODIFIED:
            return {1, 1, 2};
        case EVMC_STORAGE_DELETED_ADDED:
            return {1, 0, 2};
        case EVMC_STORAGE_MODIFIED_DELETED:
            return {1, 2, 0};
        case EVMC_STORAGE_DELETED_RESTORED:
            return {1, 0, 1};
        case EVMC_STORAGE_ADDED_DELETED:
            return {0, 1, 0};
        case EVMC_STORAGE_MODIFIED_RESTORED:
            return {1, 2, 1};
        default:
            return {1, 2, 3};
        }
    }();
    const auto [original, current, next] = values;

    const bool is_net_metered = since(EVMC_CONSTANTINOPLE) && revision_ != EVMC_PETERSBURG;
    if (!is_net_metered) { // Yellow Paper, appendix H
        if (!charge(current == 0 && next != 0 ? 20000 : 5000))
            return EVMC_OUT_OF_GAS;
        if (current != 0 && next == 0)
            refund_ += 15000;
        return EVMC_SUCCESS;
    }
    // EIP-1283, EIP-2200, EIP-2929, EIP-3529
    const int64_t sload_gas = since(EVMC_BERLIN) ? 100 : since(EVMC_ISTANBUL) ? 800 : 200;
    const int64_t reset_gas = since(EVMC_BERLIN) ? 5000 - 2100 : 5000;
    const int64_t clears_refund = since(EVMC_LONDON) ? 4800 : 15000;
    int64_t cost = sload_gas;
    int64_t refund = 0;
    if (current != next) {
        if (original == current) {
            cost = original == 0 ? 20000 : reset_gas;
            if (original != 0 && next == 0)
                refund += clears_refund;
        } else {
            if (original != 0) {
                if (current == 0)
                    refund -= clears_refund;
                if (next == 0)
                    refund += clears_refund;
            }
            if (original == next)
                refund += (original == 0 ? 20000 : reset_gas) - sload_gas;
        }
    }
    refund_ += refund;
    return charge(cost) ? EVMC_SUCCESS : EVMC_OUT_OF_GAS;
}

inline evmc_status_code Interpreter::do_log(size_t topic_count) {
    const Word offset = pop();
    const Word size = pop();
    evmc_bytes32 topics[4];
    for (size_t i = 0; i < topic_count; ++i)
        topics[i] = pop().to_bytes();
    if (is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    if (!expand(offset, size) || !charge(8 * static_cast<int64_t>(size.low())))
        return EVMC_OUT_OF_GAS;
    const std::span<const uint8_t> data = memory_at(offset, size);
    host_.emit_log(context_, &message_.recipient, data.data(), data.size(), topics, topic_count);
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_selfdestruct() {
    const evmc_address beneficiary = pop().to_address();
    if (is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    if (since(EVMC_BERLIN) &&
        host_.access_account(context_, &beneficiary) == EVMC_ACCESS_COLD && !charge(2600))
        return EVMC_OUT_OF_GAS;
    if (since(EVMC_TANGERINE_WHISTLE)) { // EIP-150, EIP-161
        const bool pays =
            !since(EVMC_SPURIOUS_DRAGON) ||
            !Word{host_.get_balance(context_, &message_.recipient)}.is_zero();
        if (pays && !host_.account_exists(context_, &beneficiary) && !charge(25000))
            return EVMC_OUT_OF_GAS;
    }
    const bool is_first = host_.selfdestruct(context_, &message_.recipient, &beneficiary);
    if (is_first && !since(EVMC_LONDON))
        refund_ += 24000;
    halted_ = true;
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_create(bool has_salt) {
    const Word value = pop();
    const Word offset = pop();
    const Word size = pop();
    const Word salt = has_salt ? pop() : Word{};
    return_data_.clear();
    if (is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    if (!expand(offset, size))
        return EVMC_OUT_OF_GAS;
    const bool is_metered = since(EVMC_SHANGHAI); // EIP-3860
    if (is_metered && size.low() > 49152)
        return EVMC_OUT_OF_GAS;
    if (!charge(words(size.low()) * ((has_salt ? 6 : 0) + (is_metered ? 2 : 0))))
        return EVMC_OUT_OF_GAS;

    const bool is_affordable =
        value.is_zero() || !(Word{host_.get_balance(context_, &message_.recipient)} < value);
    if (message_.depth >= 1024 || !is_affordable) {
        push(0);
        return EVMC_SUCCESS;
    }
    evmc_message message{};
    message.kind = has_salt ? EVMC_CREATE2 : EVMC_CREATE;
    message.depth = message_.depth + 1;
    message.gas = since(EVMC_TANGERINE_WHISTLE) ? gas_ - gas_ / 64 : gas_;
    message.sender = message_.recipient;
    message.value = value.to_bytes();
    message.create2_salt = salt.to_bytes();
    const std::span<const uint8_t> initcode = memory_at(offset, size);
    message.input_data = initcode.data();
    message.input_size = initcode.size();
    const evmc_result result = pass_on(message);
    if (result.status_code == EVMC_INTERNAL_ERROR)
        return EVMC_INTERNAL_ERROR;
    if (result.status_code == EVMC_SUCCESS)
        return_data_.clear();
    push(result.status_code == EVMC_SUCCESS ? Word{result.create_address} : Word{});
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_call(uint8_t op) {
    const bool is_call = op == 0xf1;
    const bool is_callcode = op == 0xf2;
    const bool is_delegatecall = op == 0xf4;
    const Word requested_gas = pop();
    const evmc_address target = pop().to_address();
    const Word value = is_call || is_callcode ? pop() : Word{};
    const Word input_offset = pop();
    const Word input_size = pop();
    const Word output_offset = pop();
    const Word output_size = pop();
    return_data_.clear();

    if (!charge(cold_account_surcharge(target)))
        return EVMC_OUT_OF_GAS;
    evmc_message message{};
    message.kind = is_callcode ? EVMC_CALLCODE : is_delegatecall ? EVMC_DELEGATECALL : EVMC_CALL;
    message.flags = message_.flags & EVMC_STATIC;
    if (op == 0xfa)
        message.flags |= EVMC_STATIC;
    message.depth = message_.depth + 1;
    message.recipient = is_callcode || is_delegatecall ? message_.recipient : target;
    message.sender = is_delegatecall ? message_.sender : message_.recipient;
    message.value = is_delegatecall ? message_.value : value.to_bytes();
    message.code_address = target;
    if (since(EVMC_PRAGUE)) { // EIP-7702
        uint8_t code[23];
        if (host_.get_code_size(context_, &target) == 23 &&
            host_.copy_code(context_, &target, 0, code, 23) == 23 && code[0] == 0xef &&
            code[1] == 0x01 && code[2] == 0x00) {
            std::copy_n(code + 3, 20, message.code_address.bytes);
            message.flags |= EVMC_DELEGATED;
            if (!charge(100 + cold_account_surcharge(message.code_address)))
                return EVMC_OUT_OF_GAS;
        }
    }
    if (!expand(input_offset, input_size) || !expand(output_offset, output_size))
        return EVMC_OUT_OF_GAS;
    if (is_call && is_static() && !value.is_zero())
        return EVMC_STATIC_MODE_VIOLATION;
    if (!value.is_zero() && !charge(9000))
        return EVMC_OUT_OF_GAS;
    // EIP-161: from Spurious Dragon on only a transfer can make an account.
    if (is_call && (!value.is_zero() || !since(EVMC_SPURIOUS_DRAGON)) &&
        !host_.account_exists(context_, &target) && !charge(25000))
        return EVMC_OUT_OF_GAS;

    if (since(EVMC_TANGERINE_WHISTLE)) { // EIP-150
        const int64_t most = gas_ - gas_ / 64;
        message.gas = requested_gas < Word{static_cast<uint64_t>(most)}
                          ? static_cast<int64_t>(requested_gas.low())
                          : most;
    } else {
        if (Word{static_cast<uint64_t>(gas_)} < requested_gas)
            return EVMC_OUT_OF_GAS;
        message.gas = static_cast<int64_t>(requested_gas.low());
    }
    if (!value.is_zero()) {
        message.gas += 2300;
        gas_ += 2300;
    }
    const bool is_affordable =
        value.is_zero() || !(Word{host_.get_balance(context_, &message_.recipient)} < value);
    if (message_.depth >= 1024 || !is_affordable) {
        push(0);
        return EVMC_SUCCESS;
    }
    const std::span<const uint8_t> input = memory_at(input_offset, input_size);
    message.input_data = input.data();
    message.input_size = input.size();
    const evmc_result result = pass_on(message);
    if (result.status_code == EVMC_INTERNAL_ERROR)
        return EVMC_INTERNAL_ERROR;
    const size_t copied = std::min<size_t>(output_size.low(), return_data_.size());
    std::copy_n(return_data_.data(), copied, memory_.data() + output_offset.low());
    push(result.status_code == EVMC_SUCCESS);
    return EVMC_SUCCESS;
}

inline evmc_status_code Interpreter::do_system(uint8_t op) {
    switch (op) {
    case 0xf0: // CREATE
        return do_create(false);
    case 0xf5: // CREATE2
        return do_create(true);
    case 0xf1: // CALL
    case 0xf2: // CALLCODE
    case 0xf4: // DELEGATECALL
    case 0xfa: // STATICCALL
        return do_call(op);
    case 0xfe: // INVALID
        return EVMC_INVALID_INSTRUCTION;
    case 0xff: // SELFDESTRUCT
        return do_selfdestruct();
    default: { // RETURN, REVERT
        const Word offset = pop();
        const Word size = pop();
        if (!expand(offset, size))
            return EVMC_OUT_OF_GAS;
        const std::span<const uint8_t> data = memory_at(offset, size);
        output_.assign(data.begin(), data.end());
        halted_ = true;
        reverted_ = op == 0xfd;
        return EVMC_SUCCESS;
    }
    }
}

/// Runs one frame and hands its result out as EVMC wants it: the output is freed by `release`.
inline evmc_result execute(const evmc_host_interface& host, evmc_host_context* context,
                           evmc_revision revision, const evmc_message& message,
                           std::span<const uint8_t> code) {
    const Result run = Interpreter{host, context, revision, message, code}.run();
    evmc_result result{};
    result.status_code = run.status;
    result.gas_left = run.gas_left;
    result.gas_refund = run.gas_refund;
    if (!run.output.empty()) {
        auto* output = static_cast<uint8_t*>(std::malloc(run.output.size()));
        std::memcpy(output, run.output.data(), run.output.size());
        result.output_data = output;
        result.output_size = run.output.size();
        result.release = [](const evmc_result* owner) {
            std::free(const_cast<uint8_t*>(owner->output_data));
        };
    }
    return result;
}

} // namespace braid::reference
