/// The instructions that do more than arithmetic: hashing, copying, state, logs and calls.
///
/// Each takes the frame, whose `gas` is exact up to and including the instruction's static cost,
/// and the top of the stack; reads its operands at top[0], top[-1], ...; and writes its result
/// where the first operand below the consumed ones was. The interpreter moves the stack pointer.
/// Anything but EVMC_SUCCESS ends the frame with that status.
#pragma once

#include "evm/frame.hpp"

namespace braid::evm {

// Arithmetic on the stack alone; it can't fail.
void divide_items(uint256* top) noexcept;
void divide_items_reversed(uint256* top) noexcept;
void divide_item_by(uint256* top, const Cell* divisor) noexcept;
void divide_items_signed(uint256* top) noexcept;
void modulo_items(uint256* top) noexcept;
void modulo_items_signed(uint256* top) noexcept;
void add_items_modulo(uint256* top) noexcept;
void multiply_items_modulo(uint256* top) noexcept;
void sign_extend_item(uint256* top) noexcept;
void byte_of_item(uint256* top) noexcept;
void shift_item_right_arithmetic(uint256* top) noexcept;

// Instructions by their names; what they cost beyond the static gas follows from the operands.
evmc_status_code keccak256(Frame& frame, uint256* top) noexcept;
evmc_status_code exponentiate(Frame& frame, uint256* top) noexcept;

evmc_status_code calldataload(Frame& frame, uint256& item) noexcept;
evmc_status_code calldatacopy(Frame& frame, uint256* top) noexcept;
evmc_status_code codecopy(Frame& frame, uint256* top) noexcept;
evmc_status_code returndatacopy(Frame& frame, uint256* top) noexcept;
evmc_status_code mcopy(Frame& frame, uint256* top) noexcept;

evmc_status_code balance(Frame& frame, uint256* top) noexcept;
evmc_status_code extcodesize(Frame& frame, uint256* top) noexcept;
evmc_status_code extcodecopy(Frame& frame, uint256* top) noexcept;
evmc_status_code extcodehash(Frame& frame, uint256* top) noexcept;
evmc_status_code blockhash(Frame& frame, uint256* top) noexcept;
evmc_status_code blobhash(Frame& frame, uint256* top) noexcept;

evmc_status_code sload(Frame& frame, uint256* top) noexcept;
evmc_status_code sstore(Frame& frame, uint256* top) noexcept;
evmc_status_code tload(Frame& frame, uint256* top) noexcept;
evmc_status_code tstore(Frame& frame, uint256* top) noexcept;

evmc_status_code log(Frame& frame, uint256* top, size_t topic_count) noexcept;
evmc_status_code selfdestruct(Frame& frame, uint256* top) noexcept;

evmc_status_code call(Frame& frame, uint256* top) noexcept;
evmc_status_code callcode(Frame& frame, uint256* top) noexcept;
evmc_status_code delegatecall(Frame& frame, uint256* top) noexcept;
evmc_status_code staticcall(Frame& frame, uint256* top) noexcept;
evmc_status_code create(Frame& frame, uint256* top) noexcept;
evmc_status_code create2(Frame& frame, uint256* top) noexcept;

} // namespace braid::evm
