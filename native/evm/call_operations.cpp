/// CALL, CREATE and their kin: gas forwarding, the message to the host, and what comes back.
#include "evm/message_notes.hpp"
#include "evm/operations.hpp"
#include "evm/vm_state.hpp"

#include <algorithm>

namespace braid::evm {
namespace {

constexpr int64_t call_value_gas = 9000;
constexpr int64_t call_new_account_gas = 25000;
constexpr int64_t call_stipend = 2300;
constexpr int64_t keccak256_word_gas = 6;

/// EIP-7702: code that starts so, and is this long, names the address whose code runs instead.
constexpr uint8_t delegation_prefix[3] = {0xef, 0x01, 0x00};
constexpr size_t delegation_size = sizeof(delegation_prefix) + sizeof(Address::bytes);

/// The operands that the CALL family shares, as indexes below the top of the stack.
struct CallOperands {
    uint256 gas;
    Address target;
    uint256 value;
    uint256 input_offset;
    uint256 input_size;
    uint256 output_offset;
    uint256 output_size;
};

CallOperands read_with_value(const uint256* top) noexcept {
    return {top[0], to_address(top[-1]), top[-2], top[-3], top[-4], top[-5], top[-6]};
}

CallOperands read_without_value(const uint256* top) noexcept {
    return {top[0], to_address(top[-1]), {}, top[-2], top[-3], top[-4], top[-5]};
}

bool charge_cold_account(Frame& frame, const Address& address) noexcept {
    if (frame.rules->has_access_lists &&
        frame.host->access_account(frame.context, &address) == EVMC_ACCESS_COLD)
        frame.gas -= frame.rules->cold_account_gas;
    return frame.gas >= 0;
}

/// Follows an EIP-7702 delegation of the target, charging the access to where it leads.
bool resolve_delegation(Frame& frame, evmc_message& message) noexcept {
    uint8_t designator[delegation_size];
    const size_t size = frame.host->copy_code(frame.context, &message.code_address, 0, designator,
                                              sizeof(designator));
    if (size != sizeof(designator) ||
        std::memcmp(designator, delegation_prefix, sizeof(delegation_prefix)) != 0 ||
        frame.host->get_code_size(frame.context, &message.code_address) != delegation_size)
        return true;
    if (frame.vm->host == HostKind::executor)
        note_delegating(message, message.code_address);
    std::memcpy(message.code_address.bytes, designator + sizeof(delegation_prefix),
                sizeof(message.code_address.bytes));
    message.flags |= EVMC_DELEGATED;
    const bool warm =
        frame.host->access_account(frame.context, &message.code_address) == EVMC_ACCESS_WARM;
    constexpr int64_t warm_gas = 100;
    frame.gas -= warm_gas + (warm ? 0 : frame.rules->cold_account_gas);
    return frame.gas >= 0;
}

/// Whether a call would be too deep, where it is the VM that has to look. The host refuses those,
/// too.
bool is_too_deep(const Frame& frame) noexcept {
    return frame.message->depth >= call_depth_limit && frame.vm->host != HostKind::executor;
}

/// Whether the frame's account has so much, where it is the VM that has to look. The host refuses
/// what cannot be paid with all its gas back, which comes to the same.
bool can_pay(const Frame& frame, const uint256& value) noexcept {
    return !value || frame.vm->host == HostKind::executor ||
           to_uint256(frame.host->get_balance(frame.context, &frame.message->recipient)) >= value;
}

/// How a frame goes on after a call that ended so.
evmc_status_code status_after(const Frame& frame, const evmc_result& result) noexcept {
    if (result.status_code != EVMC_INTERNAL_ERROR)
        return EVMC_SUCCESS;
    // Where memory is lacking, no frame goes on: see run().
    return frame.vm->host == HostKind::executor || frame.vm->memory_exhausted ? EVMC_INTERNAL_ERROR
                                                                              : EVMC_SUCCESS;
}

/// Hands a message to the host with the frame's stack and memory put aside, and takes the output
/// as return data.
evmc_result run(Frame& frame, const uint256* stack_end, const evmc_message& message) noexcept {
    VmState& vm = *frame.vm;
    const StackArena::Position stack_position = vm.stack_position;
    const MemoryArena::Position memory_position = vm.memory_position;
    vm.stack_position.offset += static_cast<size_t>(stack_end - frame.bottom);
    vm.memory_position = frame.memory_position;
    vm.memory_position.offset += frame.memory_size;

    evmc_result result = frame.host->call(frame.context, &message);
    // The output may lie where the next frame will write: copy it before anything else runs.
    const bool has_room = frame.storage->return_data.assign(result.output_data, result.output_size);
    if (result.release != nullptr)
        result.release(&result);
    if (!has_room) {
        vm.memory_exhausted = true;
        result.status_code = EVMC_INTERNAL_ERROR; // ends this frame, which says what it is about
    }

    vm.stack_position = stack_position;
    vm.memory_position = memory_position;
    return result;
}

/// Gas to forward: what was asked for, capped at all but one 64th (EIP-150). False where more is
/// asked for than there is and the revision has no cap.
bool forward_gas(const Frame& frame, const uint256& requested, int64_t& forwarded) noexcept {
    constexpr uint64_t most = INT64_MAX;
    forwarded = requested.fits_uint64() && requested.word[0] < most
                    ? static_cast<int64_t>(requested.word[0])
                    : INT64_MAX;
    if (frame.rules->has_gas_reserve) {
        forwarded = std::min(forwarded, frame.gas - frame.gas / 64);
        return true;
    }
    return forwarded <= frame.gas;
}

/// What the four call instructions have in common. `result_slot` is the deepest consumed item.
evmc_status_code do_call(Frame& frame, uint256* result_slot, const CallOperands& operands,
                         evmc_message& message) noexcept {
    *result_slot = uint256{};
    frame.storage->return_data.clear();

    if (!charge_cold_account(frame, operands.target))
        return EVMC_OUT_OF_GAS;
    message.code_address = operands.target;
    if (frame.rules->has_delegations && !resolve_delegation(frame, message))
        return EVMC_OUT_OF_GAS;
    if (!touch_memory(frame, operands.input_offset, operands.input_size) ||
        !touch_memory(frame, operands.output_offset, operands.output_size))
        return EVMC_OUT_OF_GAS;

    const bool transfers = message.kind == EVMC_CALL || message.kind == EVMC_CALLCODE;
    const bool has_value = transfers && operands.value;
    if (has_value)
        frame.gas -= call_value_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    if (message.kind == EVMC_CALL) {
        if (has_value && frame.is_static())
            return EVMC_STATIC_MODE_VIOLATION;
        // EIP-161: an account that receives nothing is not made by the call.
        if ((has_value || !frame.rules->empty_accounts_are_absent) &&
            !frame.host->account_exists(frame.context, &operands.target))
            frame.gas -= call_new_account_gas;
    }
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    if (!forward_gas(frame, operands.gas, message.gas))
        return EVMC_OUT_OF_GAS;
    if (has_value) {
        message.gas += call_stipend;
        frame.gas += call_stipend;
    }
    if (is_too_deep(frame))
        return EVMC_SUCCESS;
    if (has_value && !can_pay(frame, operands.value))
        return EVMC_SUCCESS;

    message.depth = frame.message->depth + 1;
    if (operands.input_size) {
        message.input_data = frame.memory + operands.input_offset.word[0];
        message.input_size = operands.input_size.word[0];
    }
    const evmc_result result = run(frame, result_slot, message);
    *result_slot = uint256{static_cast<uint64_t>(result.status_code == EVMC_SUCCESS)};

    const ReturnData& output = frame.storage->return_data;
    const size_t copied = std::min<size_t>(operands.output_size.word[0], output.size());
    if (copied != 0)
        std::memcpy(frame.memory + operands.output_offset.word[0], output.data(), copied);
    frame.gas -= message.gas - result.gas_left;
    frame.gas_refund += result.gas_refund;
    return status_after(frame, result);
}

/// A message from this frame, with the flags that callees inherit.
evmc_message make_message(const Frame& frame, evmc_call_kind kind) noexcept {
    evmc_message message{};
    message.kind = kind;
    message.flags = frame.message->flags & EVMC_STATIC;
    message.sender = frame.message->recipient;
    return message;
}

/// The operands that CREATE and CREATE2 share.
struct CreateOperands {
    uint256 endowment;
    uint256 initcode_offset;
    uint256 initcode_size;
};

evmc_status_code do_create(Frame& frame, uint256* result_slot, const CreateOperands& operands,
                           evmc_message& message) noexcept {
    const auto& [endowment, initcode_offset, initcode_size] = operands;
    if (frame.is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    *result_slot = uint256{};
    frame.storage->return_data.clear();

    if (!touch_memory(frame, initcode_offset, initcode_size))
        return EVMC_OUT_OF_GAS;
    if (initcode_size.word[0] > frame.rules->max_initcode_size)
        return EVMC_OUT_OF_GAS; // EIP-3860
    const int64_t word_gas =
        frame.rules->initcode_word_gas + (message.kind == EVMC_CREATE2 ? keccak256_word_gas : 0);
    frame.gas -= words_of(initcode_size.word[0]) * word_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;

    if (is_too_deep(frame))
        return EVMC_SUCCESS;
    if (!can_pay(frame, endowment))
        return EVMC_SUCCESS;

    message.gas = frame.rules->has_gas_reserve ? frame.gas - frame.gas / 64 : frame.gas;
    message.depth = frame.message->depth + 1;
    message.value = to_bytes32(endowment);
    if (initcode_size) {
        message.input_data = frame.memory + initcode_offset.word[0];
        message.input_size = initcode_size.word[0];
    }
    const evmc_result result = run(frame, result_slot, message);
    frame.gas -= message.gas - result.gas_left;
    frame.gas_refund += result.gas_refund;
    if (result.status_code == EVMC_SUCCESS) {
        *result_slot = to_uint256(result.create_address);
        // EIP-211: only a creation that reverted leaves return data.
        frame.storage->return_data.clear();
    }
    return status_after(frame, result);
}

} // namespace

evmc_status_code call(Frame& frame, uint256* top) noexcept {
    const CallOperands operands = read_with_value(top);
    evmc_message message = make_message(frame, EVMC_CALL);
    message.recipient = operands.target;
    message.value = to_bytes32(operands.value);
    return do_call(frame, top - 6, operands, message);
}

evmc_status_code callcode(Frame& frame, uint256* top) noexcept {
    const CallOperands operands = read_with_value(top);
    evmc_message message = make_message(frame, EVMC_CALLCODE);
    message.recipient = frame.message->recipient;
    message.value = to_bytes32(operands.value);
    return do_call(frame, top - 6, operands, message);
}

evmc_status_code delegatecall(Frame& frame, uint256* top) noexcept {
    const CallOperands operands = read_without_value(top);
    evmc_message message = make_message(frame, EVMC_DELEGATECALL);
    message.recipient = frame.message->recipient;
    message.sender = frame.message->sender;
    message.value = frame.message->value;
    return do_call(frame, top - 5, operands, message);
}

evmc_status_code staticcall(Frame& frame, uint256* top) noexcept {
    const CallOperands operands = read_without_value(top);
    evmc_message message = make_message(frame, EVMC_CALL);
    message.flags |= EVMC_STATIC;
    if (frame.vm->host == HostKind::executor)
        message.flags |= static_call_flag;
    message.recipient = operands.target;
    return do_call(frame, top - 5, operands, message);
}

evmc_status_code create(Frame& frame, uint256* top) noexcept {
    evmc_message message = make_message(frame, EVMC_CREATE);
    return do_create(frame, top - 2, {top[0], top[-1], top[-2]}, message);
}

evmc_status_code create2(Frame& frame, uint256* top) noexcept {
    evmc_message message = make_message(frame, EVMC_CREATE2);
    message.create2_salt = to_bytes32(top[-3]);
    return do_create(frame, top - 3, {top[0], top[-1], top[-2]}, message);
}

} // namespace braid::evm
