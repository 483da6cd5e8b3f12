/// The reference interpreter's arithmetic, environment, memory and control flow.
/// Part of reference_interpreter.hpp.
#pragma once

#include "tests/evm/reference_interpreter.hpp"

namespace braid::reference {

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

} // namespace braid::reference
