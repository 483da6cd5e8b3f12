/// An EVM that is watched instruction by instruction: what its observer is told, and what it asks.
#pragma once

#include "base/bytes.hpp"
#include "base/uint256.hpp"
#include "evmc/evmc.h"

#include <span>

namespace braid::evm {

/// What a VM asks of its host to know beforehand what an instruction costs. Nothing that it asks
/// changes anything that an instruction can tell.
class StepHost {
  public:
    /// Whether an access to the account would be warm (EIP-2929).
    [[nodiscard]] virtual bool is_warm(const Address& address) noexcept = 0;

    /// Whether an access to the slot would be warm (EIP-2929).
    [[nodiscard]] virtual bool is_warm(const Address& address, const Bytes32& key) noexcept = 0;

    /// What storing a value would do.
    [[nodiscard]] virtual evmc_storage_status
    status_of_store(const Address& address, const Bytes32& key, const Bytes32& value) noexcept = 0;

    /// What the slot holds.
    [[nodiscard]] virtual Bytes32 value_of(const Address& address, const Bytes32& key) noexcept = 0;

    /// Whether the account is already destroyed in this transaction.
    [[nodiscard]] virtual bool is_destroyed(const Address& address) noexcept = 0;

    /// Whether the account exists, from EIP-161 on: is not empty.
    [[nodiscard]] virtual bool has_account(const Address& address) noexcept = 0;

    /// Whether the account has any balance.
    [[nodiscard]] virtual bool has_balance(const Address& address) noexcept = 0;

    /// The code of the account.
    [[nodiscard]] virtual BytesView code_of(const Address& address) noexcept = 0;

  protected:
    ~StepHost() = default;
};

/// Why an instruction does not come to its end. The first ones are found before it executes, in
/// this order; the others are what it does.
enum class StepFailure : uint8_t {
    none,
    stack_underflow,
    stack_overflow,
    out_of_gas,            ///< for what it costs
    memory_overflow,       ///< the size of memory is no number of 64 bits
    cost_overflow,         ///< what it costs is no number of 64 bits
    cost_out_of_gas,       ///< for a part of what it costs, so that the rest is not looked up
    sentry,                ///< SSTORE with no more than the stipend (EIP-2200)
    static_cost,           ///< it would write in a static frame; found before it executes
    initcode_size,         ///< EIP-3860
    undefined_instruction, ///< INVALID included
    bad_jump_destination,
    static_mode, ///< it writes in a static frame
    return_data_bounds,
    reverted, ///< REVERT: no failure of the code's own making
};

/// The failures that are known before an instruction executes.
[[nodiscard]] constexpr bool is_before_execution(StepFailure failure) noexcept {
    return failure > StepFailure::none && failure < StepFailure::undefined_instruction;
}

/// Where and why a frame failed.
struct FrameFailure {
    StepFailure failure = StepFailure::none;
    uint8_t op = 0;
    uint16_t stack_size = 0;  ///< of stack failures: what there is
    uint16_t stack_bound = 0; ///< of stack failures: the least or most there may be
};

/// An instruction that is about to be executed. What it refers to lasts as long as the call.
struct Step {
    uint64_t position; ///< of the instruction in the code
    uint8_t op;
    /// Anything but `none` is one of those before execution: the frame ends with it.
    FrameFailure failure;
    int32_t depth;  ///< of the frame; 0: the transaction's own
    int64_t gas;    ///< before the instruction
    uint64_t cost;  ///< of the instruction, with what it gives to a call
    int64_t refund; ///< the transaction's refunds so far, this instruction's included
    std::span<const uint256> stack; ///< the top is the last one
    BytesView memory;               ///< before the instruction makes it grow
    BytesView return_data;
    BytesView code;              ///< the frame's
    const evmc_message& message; ///< the frame's
    StepHost& host;
};

/// Is told of the instructions of frames.
class StepObserver {
  public:
    /// An instruction is about to be executed, or cannot be.
    virtual void on_step(const Step& step) noexcept = 0;

    /// The latest instruction of the frame, which on_step() told of, has failed in its execution.
    virtual void on_fault(const Step& step) noexcept = 0;

  protected:
    ~StepObserver() = default;
};

} // namespace braid::evm
