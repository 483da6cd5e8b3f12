#include "evm/stepper.hpp"

#include "evm/decoding.hpp"
#include "evm/opcodes.hpp"
#include "evm/operations.hpp"
#include "evm/step_cost.hpp"
#include "evm/vm_state.hpp"

#include <algorithm>
#include <vector>

namespace braid::evm {
namespace {

/// How many instructions a frame executes before it looks whether it is to stop.
constexpr uint32_t steps_between_looks = 1024;

/// What the status of a frame is after a failure before execution.
evmc_status_code status_of(StepFailure failure) noexcept {
    switch (failure) {
    case StepFailure::stack_underflow:
        return EVMC_STACK_UNDERFLOW;
    case StepFailure::stack_overflow:
        return EVMC_STACK_OVERFLOW;
    case StepFailure::static_cost:
        return EVMC_STATIC_MODE_VIOLATION;
    default:
        return EVMC_OUT_OF_GAS;
    }
}

/// Why an instruction failed that had passed what is checked before.
StepFailure failure_of(evmc_status_code status) noexcept {
    switch (status) {
    case EVMC_STATIC_MODE_VIOLATION:
        return StepFailure::static_mode;
    case EVMC_INVALID_MEMORY_ACCESS:
        return StepFailure::return_data_bounds;
    case EVMC_REVERT:
        return StepFailure::reverted;
    case EVMC_BAD_JUMP_DESTINATION:
        return StepFailure::bad_jump_destination;
    case EVMC_INVALID_INSTRUCTION:
    case EVMC_UNDEFINED_INSTRUCTION:
        return StepFailure::undefined_instruction;
    default:
        return StepFailure::out_of_gas;
    }
}

class Stepper {
  public:
    explicit Stepper(Frame& frame) noexcept : frame_{frame}, vm_{*frame.vm}, top_{frame.bottom} {}

    evmc_status_code run() noexcept {
        for (uint32_t count = 1;; ++count) {
            if (count % steps_between_looks == 0 && is_cancelled(vm_.cancellation))
                return EVMC_INTERNAL_ERROR;
            at_ = position_;
            op_ = at_ < frame_.code.size() ? frame_.code[at_] : uint8_t{OP_STOP};
            if (vm_.prices != nullptr && !pay_surcharge()) {
                vm_.frame_failure = failure(StepFailure::out_of_gas, 0);
                return EVMC_OUT_OF_GAS;
            }
            StepCost cost;
            const FrameFailure failure = look_at(cost);
            tell(cost, failure);
            if (is_before_execution(failure.failure)) {
                vm_.frame_failure = failure;
                return status_of(failure.failure);
            }
            const evmc_status_code status = execute();
            if (vm_.memory_exhausted || status == EVMC_INTERNAL_ERROR)
                return status;
            if (has_ended_ || status != EVMC_SUCCESS) {
                if (status != EVMC_SUCCESS)
                    tell_fault(cost, status);
                return status;
            }
        }
    }

  private:
    [[nodiscard]] const OpcodeRule& rule() const noexcept { return frame_.rules->opcodes[op_]; }

    [[nodiscard]] std::span<const uint256> stack() const noexcept {
        return {frame_.bottom + 1, static_cast<size_t>(top_ - frame_.bottom)};
    }

    /// Whether the instruction can be executed, and what it costs.
    FrameFailure look_at(StepCost& cost) const noexcept {
        if (!rule().defined)
            return {};
        const size_t size = stack().size();
        cost.gas = fixed_cost_of(*frame_.rules, op_);
        if (size < rule().stack_in)
            return failure(StepFailure::stack_underflow, rule().stack_in);
        const size_t most =
            stack_limit - static_cast<size_t>(std::max<int>(rule().stack_change, 0));
        if (size > most)
            return failure(StepFailure::stack_overflow, most);
        cost = cost_of_step(frame_, *vm_.step_host, op_, top_);
        return failure(cost.failure, 0);
    }

    [[nodiscard]] FrameFailure failure(StepFailure why, size_t bound) const noexcept {
        return {why, op_, static_cast<uint16_t>(stack().size()), static_cast<uint16_t>(bound)};
    }

    [[nodiscard]] Step step(const StepCost& cost, const FrameFailure& failure) const noexcept {
        return {at_,
                op_,
                failure,
                frame_.message->depth,
                gas_before_,
                cost.gas,
                vm_.refund_below + frame_.gas_refund + cost.refund,
                stack(),
                {frame_.memory, frame_.memory_size},
                frame_.storage->return_data.view(),
                {frame_.code.data(), frame_.code.size()},
                *frame_.message,
                *vm_.step_host};
    }

    void tell(const StepCost& cost, const FrameFailure& failure) noexcept {
        gas_before_ = frame_.gas;
        if (vm_.step_observer != nullptr)
            vm_.step_observer->on_step(step(cost, failure));
    }

    void tell_fault(const StepCost& cost, evmc_status_code status) noexcept {
        vm_.frame_failure = failure(failure_of(status), 0);
        if (vm_.step_observer == nullptr)
            return;
        Step told = step(cost, vm_.frame_failure);
        // In geth memory has grown by then, also where the operation fails before it is looked at.
        std::vector<uint8_t> grown;
        if (cost.memory_end > told.memory.size()) {
            grown.assign(told.memory.begin(), told.memory.end());
            grown.resize((cost.memory_end + 31) / 32 * 32);
            told.memory = grown;
        }
        vm_.step_observer->on_fault(told);
    }

    /// Pays what prices of one's own add to the instruction, whose operation charges the rest.
    bool pay_surcharge() noexcept {
        if (!rule().defined || stack().size() < rule().stack_in)
            return true;
        frame_.gas -= surcharge_of_step(frame_, *vm_.step_host, op_, top_, *vm_.prices);
        return frame_.gas >= 0;
    }

    /// Pays the part of the gas that operations take for paid.
    void pay() noexcept { frame_.gas -= rule().gas; }

    /// Executes the instruction and goes on to the next one.
    evmc_status_code execute() noexcept {
        if (!rule().defined)
            return op_ == OP_INVALID ? EVMC_INVALID_INSTRUCTION : EVMC_UNDEFINED_INSTRUCTION;
        pay();
        ++position_;
        if (op_ >= OP_PUSH0 && op_ <= OP_PUSH32)
            return push();
        if (op_ >= OP_DUP1 && op_ <= OP_DUP16) {
            const uint256 item = top_[OP_DUP1 - op_];
            return put(item);
        }
        if (op_ >= OP_SWAP1 && op_ <= OP_SWAP16) {
            std::swap(top_[0], top_[OP_SWAP1 - 1 - op_]);
            return EVMC_SUCCESS;
        }
        if (op_ >= OP_LOG0 && op_ <= OP_LOG4)
            return finish(log(frame_, top_, static_cast<size_t>(op_ - OP_LOG0)));
        return execute_other();
    }

    evmc_status_code push() noexcept {
        const size_t size = push_size(op_);
        uint8_t bytes[32] = {};
        const size_t available =
            std::min(size, frame_.code.size() - std::min(position_, frame_.code.size()));
        if (available != 0)
            std::memcpy(bytes + 32 - size, frame_.code.data() + position_, available);
        position_ += size;
        return put(load_uint256(bytes));
    }

    /// Puts a new item on the stack.
    evmc_status_code put(const uint256& item) noexcept {
        *++top_ = item;
        return EVMC_SUCCESS;
    }
    evmc_status_code put(uint64_t number) noexcept { return put(uint256{number}); }

    /// Replaces the operands of a binary operation.
    evmc_status_code replace(const uint256& item) noexcept {
        *--top_ = item;
        return EVMC_SUCCESS;
    }

    /// Moves the stack after an operation that has left its result where the interpreter expects
    /// it.
    evmc_status_code finish(evmc_status_code status) noexcept {
        if (status == EVMC_SUCCESS)
            top_ += rule().stack_change;
        return status;
    }
    evmc_status_code finish() noexcept { return finish(EVMC_SUCCESS); }

    evmc_status_code execute_other() noexcept;
    evmc_status_code halt(evmc_status_code status) noexcept {
        has_ended_ = true;
        return status;
    }
    /// Executes an instruction that runs a frame of its own.
    evmc_status_code nest(evmc_status_code (*operation)(Frame&, uint256*) noexcept) noexcept {
        const int64_t refund = frame_.gas_refund;
        vm_.refund_below += refund;
        const evmc_status_code status = operation(frame_, top_);
        vm_.refund_below -= refund;
        return finish(status);
    }
    evmc_status_code end_with_output() noexcept;
    evmc_status_code jump(const uint256& target) noexcept;
    evmc_status_code access_memory(uint64_t size) noexcept {
        return touch_memory(frame_, top_[0], uint256{size}) ? EVMC_SUCCESS : EVMC_OUT_OF_GAS;
    }

    Frame& frame_;
    VmState& vm_;
    uint256* top_;
    size_t at_ = 0;       ///< where the instruction is
    size_t position_ = 0; ///< where the next one is
    int64_t gas_before_ = 0;
    uint8_t op_ = 0;
    bool has_ended_ = false;
};

evmc_status_code Stepper::end_with_output() noexcept {
    if (!touch_memory(frame_, top_[0], top_[-1]))
        return EVMC_OUT_OF_GAS;
    frame_.output_offset = top_[-1] ? top_[0].word[0] : 0;
    frame_.output_size = top_[-1].word[0];
    return halt(op_ == OP_RETURN ? EVMC_SUCCESS : EVMC_REVERT);
}

evmc_status_code Stepper::jump(const uint256& target) noexcept {
    const uint64_t position = target.fits_uint64() ? target.word[0] : UINT64_MAX;
    if (!frame_.analysis->may_jump_to(position, frame_.code))
        return EVMC_BAD_JUMP_DESTINATION;
    position_ = position;
    return EVMC_SUCCESS;
}

evmc_status_code Stepper::execute_other() noexcept {
    const uint256 a = top_ > frame_.bottom ? top_[0] : uint256{};
    const uint256 b = top_ > frame_.bottom + 1 ? top_[-1] : uint256{};
    const evmc_message& message = *frame_.message;
    const auto as_number = [](int64_t number) { return static_cast<uint64_t>(number); };
    switch (op_) {
    case OP_STOP:
        return halt(EVMC_SUCCESS);
    case OP_RETURN:
    case OP_REVERT:
        return end_with_output();
    case OP_SELFDESTRUCT:
        return halt(selfdestruct(frame_, top_));

    case OP_JUMP:
        --top_;
        return jump(a);
    case OP_JUMPI:
        top_ -= 2;
        return b ? jump(a) : EVMC_SUCCESS;
    case OP_JUMPDEST:
        return EVMC_SUCCESS;
    case OP_PC:
        return put(at_);
    case OP_POP:
        --top_;
        return EVMC_SUCCESS;

    case OP_ADD:
        return replace(a + b);
    case OP_MUL:
        return replace(a * b);
    case OP_SUB:
        return replace(a - b);
    case OP_LT:
        return replace(uint256{uint64_t{a < b}});
    case OP_GT:
        return replace(uint256{uint64_t{b < a}});
    case OP_SLT:
        return replace(uint256{uint64_t{less_signed(a, b)}});
    case OP_SGT:
        return replace(uint256{uint64_t{less_signed(b, a)}});
    case OP_EQ:
        return replace(uint256{uint64_t{a == b}});
    case OP_AND:
        return replace(a & b);
    case OP_OR:
        return replace(a | b);
    case OP_XOR:
        return replace(a ^ b);
    case OP_SHL:
        return replace(a < uint256{256} ? shift_left(b, static_cast<unsigned>(a.word[0]))
                                        : uint256{});
    case OP_SHR:
        return replace(a < uint256{256} ? shift_right(b, static_cast<unsigned>(a.word[0]))
                                        : uint256{});
    case OP_ISZERO:
        top_[0] = uint256{uint64_t{!a}};
        return EVMC_SUCCESS;
    case OP_NOT:
        top_[0] = ~a;
        return EVMC_SUCCESS;
    case OP_CLZ:
        top_[0] = uint256{count_leading_zeros(a)};
        return EVMC_SUCCESS;
    case OP_DIV:
        divide_items(top_);
        return finish();
    case OP_SDIV:
        divide_items_signed(top_);
        return finish();
    case OP_MOD:
        modulo_items(top_);
        return finish();
    case OP_SMOD:
        modulo_items_signed(top_);
        return finish();
    case OP_ADDMOD:
        add_items_modulo(top_);
        return finish();
    case OP_MULMOD:
        multiply_items_modulo(top_);
        return finish();
    case OP_SIGNEXTEND:
        sign_extend_item(top_);
        return finish();
    case OP_BYTE:
        byte_of_item(top_);
        return finish();
    case OP_SAR:
        shift_item_right_arithmetic(top_);
        return finish();
    case OP_EXP:
        return finish(exponentiate(frame_, top_));
    case OP_KECCAK256:
        return finish(keccak256(frame_, top_));

    case OP_ADDRESS:
        return put(to_uint256(message.recipient));
    case OP_ORIGIN:
        return put(to_uint256(frame_.tx_context().tx_origin));
    case OP_CALLER:
        return put(to_uint256(message.sender));
    case OP_CALLVALUE:
        return put(to_uint256(message.value));
    case OP_CALLDATALOAD:
        return calldataload(frame_, top_[0]);
    case OP_CALLDATASIZE:
        return put(message.input_size);
    case OP_CALLDATACOPY:
        return finish(calldatacopy(frame_, top_));
    case OP_CODESIZE:
        return put(frame_.code.size());
    case OP_CODECOPY:
        return finish(codecopy(frame_, top_));
    case OP_GASPRICE:
        return put(to_uint256(frame_.tx_context().tx_gas_price));
    case OP_BALANCE:
        return finish(balance(frame_, top_));
    case OP_EXTCODESIZE:
        return finish(extcodesize(frame_, top_));
    case OP_EXTCODECOPY:
        return finish(extcodecopy(frame_, top_));
    case OP_EXTCODEHASH:
        return finish(extcodehash(frame_, top_));
    case OP_RETURNDATASIZE:
        return put(frame_.storage->return_data.size());
    case OP_RETURNDATACOPY:
        return finish(returndatacopy(frame_, top_));
    case OP_BLOCKHASH:
        return finish(blockhash(frame_, top_));
    case OP_COINBASE:
        return put(to_uint256(frame_.tx_context().block_coinbase));
    case OP_TIMESTAMP:
        return put(as_number(frame_.tx_context().block_timestamp));
    case OP_NUMBER:
        return put(as_number(frame_.tx_context().block_number));
    case OP_PREVRANDAO:
        return put(to_uint256(frame_.tx_context().block_prev_randao));
    case OP_GASLIMIT:
        return put(as_number(frame_.tx_context().block_gas_limit));
    case OP_CHAINID:
        return put(to_uint256(frame_.tx_context().chain_id));
    case OP_SELFBALANCE:
        return put(to_uint256(frame_.host->get_balance(frame_.context, &message.recipient)));
    case OP_BASEFEE:
        return put(to_uint256(frame_.tx_context().block_base_fee));
    case OP_BLOBHASH:
        return finish(blobhash(frame_, top_));
    case OP_BLOBBASEFEE:
        return put(to_uint256(frame_.tx_context().blob_base_fee));

    case OP_MLOAD:
        if (access_memory(32) != EVMC_SUCCESS)
            return EVMC_OUT_OF_GAS;
        top_[0] = load_uint256(frame_.memory + a.word[0]);
        return EVMC_SUCCESS;
    case OP_MSTORE:
        if (access_memory(32) != EVMC_SUCCESS)
            return EVMC_OUT_OF_GAS;
        store_uint256(frame_.memory + a.word[0], b);
        return finish();
    case OP_MSTORE8:
        if (access_memory(1) != EVMC_SUCCESS)
            return EVMC_OUT_OF_GAS;
        frame_.memory[a.word[0]] = static_cast<uint8_t>(b.word[0]);
        return finish();
    case OP_MSIZE:
        return put(frame_.memory_size);
    case OP_GAS:
        return put(as_number(frame_.gas));
    case OP_SLOAD:
        return finish(sload(frame_, top_));
    case OP_SSTORE:
        return finish(sstore(frame_, top_));
    case OP_TLOAD:
        return finish(tload(frame_, top_));
    case OP_TSTORE:
        return finish(tstore(frame_, top_));
    case OP_MCOPY:
        return finish(mcopy(frame_, top_));

    case OP_CREATE:
        return nest(create);
    case OP_CREATE2:
        return nest(create2);
    case OP_CALL:
        return nest(call);
    case OP_CALLCODE:
        return nest(callcode);
    case OP_DELEGATECALL:
        return nest(delegatecall);
    case OP_STATICCALL:
        return nest(staticcall);
    default:
        return EVMC_UNDEFINED_INSTRUCTION;
    }
}

} // namespace

evmc_status_code step_through(Frame& frame) noexcept {
    if (frame.vm->prices != nullptr)
        frame.rules = &frame.vm->prices->rules;
    return Stepper{frame}.run();
}

} // namespace braid::evm
