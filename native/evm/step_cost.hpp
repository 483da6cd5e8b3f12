/// What an instruction costs, before it is executed.
#pragma once

#include "evm/frame.hpp"
#include "evm/priced_rules.hpp"
#include "evm/step.hpp"

namespace braid::evm {

/// The cost of one instruction in one place.
struct StepCost {
    /// All of it, with what it gives to a call. Where it cannot be told, the part that does not
    /// depend on operands.
    uint64_t gas = 0;
    /// What the instruction adds to the refunds.
    int64_t refund = 0;
    StepFailure failure = StepFailure::none;
    /// How far into memory it reaches, in bytes; known where it can be executed.
    uint64_t memory_end = 0;
};

/// The part of an instruction's cost that is due whatever its operands are, as geth counts it: what
/// depends on nothing, but stands beside what does, is in the other part there.
[[nodiscard]] uint64_t fixed_cost_of(const Rules& rules, uint8_t op) noexcept;

/// Adds up what a defined instruction with its operands on the stack costs. The frame's gas is that
/// before it. It is no part of how frames are executed: these charge by themselves, and in another
/// order where several things are lacking at once.
[[nodiscard]] StepCost cost_of_step(Frame& frame, StepHost& host, uint8_t op,
                                    const uint256* top) noexcept;

/// What such an instruction costs under prices of one's own beyond what its operation charges by
/// the frame's rules; below zero: less. 0 where the instruction fails whatever it costs.
[[nodiscard]] int64_t surcharge_of_step(Frame& frame, StepHost& host, uint8_t op,
                                        const uint256* top, const PricedRules& prices) noexcept;

} // namespace braid::evm
