/// The reference interpreter's storage, logs, calls, creations and halts.
/// Part of reference_interpreter.hpp.
#pragma once

#include "tests/evm/reference_interpreter.hpp"

namespace braid::reference {

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
    if (since(EVMC_BERLIN) && host_.access_account(context_, &beneficiary) == EVMC_ACCESS_COLD &&
        !charge(2600))
        return EVMC_OUT_OF_GAS;
    if (since(EVMC_TANGERINE_WHISTLE)) { // EIP-150, EIP-161
        const bool pays = !since(EVMC_SPURIOUS_DRAGON) ||
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
    // Where there is no output, its offset may be anything.
    const size_t copied = std::min<size_t>(output_size.low(), return_data_.size());
    if (copied != 0)
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

} // namespace braid::reference
