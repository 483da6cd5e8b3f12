#include "trace/failure_text.hpp"

#include "evm/opcodes.hpp"
#include "trace/precompile_failure.hpp"

#include <array>
#include <string_view>

namespace braid::trace {
namespace {

using evm::StepFailure;
using transaction::FrameError;

/// The names of instructions that are neither pushes, copies, swaps nor logs. Those that this EVM
/// does not have yet are named as well: EIP-7843, EIP-8024, and the EOF proposal (EIP-7692).
constexpr std::array<std::string_view, 256> names = [] {
    std::array<std::string_view, 256> table{};
    constexpr std::string_view arithmetic[] = {"STOP",   "ADD",    "MUL", "SUB",
                                               "DIV",    "SDIV",   "MOD", "SMOD",
                                               "ADDMOD", "MULMOD", "EXP", "SIGNEXTEND"};
    for (size_t i = 0; i < std::size(arithmetic); ++i)
        table[i] = arithmetic[i];
    constexpr std::string_view logic[] = {"LT",  "GT",  "SLT",  "SGT", "EQ",  "ISZERO", "AND", "OR",
                                          "XOR", "NOT", "BYTE", "SHL", "SHR", "SAR",    "CLZ"};
    for (size_t i = 0; i < std::size(logic); ++i)
        table[0x10 + i] = logic[i];
    table[0x20] = "KECCAK256";
    constexpr std::string_view surroundings[] = {
        "ADDRESS",      "BALANCE",      "ORIGIN",       "CALLER",         "CALLVALUE",
        "CALLDATALOAD", "CALLDATASIZE", "CALLDATACOPY", "CODESIZE",       "CODECOPY",
        "GASPRICE",     "EXTCODESIZE",  "EXTCODECOPY",  "RETURNDATASIZE", "RETURNDATACOPY",
        "EXTCODEHASH",  "BLOCKHASH",    "COINBASE",     "TIMESTAMP",      "NUMBER",
        "DIFFICULTY",   "GASLIMIT",     "CHAINID",      "SELFBALANCE",    "BASEFEE",
        "BLOBHASH",     "BLOBBASEFEE",  "SLOTNUM"};
    for (size_t i = 0; i < std::size(surroundings); ++i)
        table[0x30 + i] = surroundings[i];
    constexpr std::string_view memory[] = {
        "POP", "MLOAD", "MSTORE", "MSTORE8",  "SLOAD", "SSTORE", "JUMP",  "JUMPI",
        "PC",  "MSIZE", "GAS",    "JUMPDEST", "TLOAD", "TSTORE", "MCOPY", "PUSH0"};
    for (size_t i = 0; i < std::size(memory); ++i)
        table[0x50 + i] = memory[i];
    constexpr std::string_view containers[] = {"DATALOAD", "DATALOADN", "DATASIZE", "DATACOPY"};
    for (size_t i = 0; i < std::size(containers); ++i)
        table[0xd0 + i] = containers[i];
    constexpr std::string_view relative[] = {"RJUMP", "RJUMPI", "RJUMPV", "CALLF",   "RETF",
                                             "JUMPF", "DUPN",   "SWAPN",  "EXCHANGE"};
    for (size_t i = 0; i < std::size(relative); ++i)
        table[0xe0 + i] = relative[i];
    table[0xec] = "EOFCREATE";
    table[0xee] = "RETURNCONTRACT";
    constexpr std::string_view calls[] = {
        "CREATE", "CALL",           "CALLCODE", "RETURN",          "DELEGATECALL", "CREATE2",
        "",       "RETURNDATALOAD", "EXTCALL",  "EXTDELEGATECALL", "STATICCALL",   "EXTSTATICCALL",
        "",       "REVERT",         "INVALID",  "SELFDESTRUCT"};
    for (size_t i = 0; i < std::size(calls); ++i)
        table[0xf0 + i] = calls[i];
    return table;
}();

std::string pair_text(std::string_view what, uint64_t size, std::string_view between,
                      uint64_t bound, std::string_view end) {
    std::string text{what};
    text += std::to_string(size);
    text += between;
    text += std::to_string(bound);
    text += end;
    return text;
}

} // namespace

std::string instruction_name(uint8_t op) {
    if (op >= evm::OP_PUSH1 && op <= evm::OP_PUSH32)
        return "PUSH" + std::to_string(op - evm::OP_PUSH1 + 1);
    if (op >= evm::OP_DUP1 && op <= evm::OP_DUP16)
        return "DUP" + std::to_string(op - evm::OP_DUP1 + 1);
    if (op >= evm::OP_SWAP1 && op <= evm::OP_SWAP16)
        return "SWAP" + std::to_string(op - evm::OP_SWAP1 + 1);
    if (op >= evm::OP_LOG0 && op <= evm::OP_LOG4)
        return "LOG" + std::to_string(op - evm::OP_LOG0);
    if (!names[op].empty())
        return std::string{names[op]};
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "opcode 0x";
    if (op >= 16)
        text += digits[op >> 4];
    text += digits[op & 15];
    return text + " not defined";
}

std::string failure_text(const evm::FrameFailure& failure) {
    switch (failure.failure) {
    case StepFailure::none:
        return {};
    case StepFailure::stack_underflow:
        return pair_text("stack underflow (", failure.stack_size, " <=> ", failure.stack_bound,
                         ")");
    case StepFailure::stack_overflow:
        return pair_text("stack limit reached ", failure.stack_size, " (", failure.stack_bound,
                         ")");
    case StepFailure::out_of_gas:
        return "out of gas";
    case StepFailure::memory_overflow:
        return "gas uint64 overflow";
    case StepFailure::cost_overflow:
        return "out of gas: gas uint64 overflow";
    case StepFailure::cost_out_of_gas:
        return "out of gas: out of gas";
    case StepFailure::sentry:
        return "out of gas: not enough gas for reentrancy sentry";
    case StepFailure::static_cost:
        return "out of gas: write protection";
    case StepFailure::initcode_size:
        return "out of gas: max initcode size exceeded";
    case StepFailure::undefined_instruction:
        return "invalid opcode: " + instruction_name(failure.op);
    case StepFailure::bad_jump_destination:
        return "invalid jump destination";
    case StepFailure::static_mode:
        return "write protection";
    case StepFailure::return_data_bounds:
        return "return data out of bounds";
    case StepFailure::reverted:
        return "execution reverted";
    }
    return {};
}

std::string failure_text(const transaction::TracedFrame& frame, BytesView input) {
    switch (frame.error) {
    case FrameError::none:
        return {};
    case FrameError::reverted:
        return "execution reverted";
    case FrameError::instruction:
        return failure_text(frame.failure);
    case FrameError::call_depth:
        return "max call depth exceeded";
    case FrameError::insufficient_balance:
        return "insufficient balance for transfer";
    case FrameError::nonce_overflow:
        return "nonce uint64 overflow";
    case FrameError::address_collision:
        return "contract address collision";
    case FrameError::code_size:
        return "max code size exceeded";
    case FrameError::ef_code:
        return "invalid code: must not begin with 0xef";
    case FrameError::code_deposit:
        return "contract creation code storage out of gas";
    case FrameError::precompile:
        if (frame.failure.failure == StepFailure::out_of_gas)
            return "out of gas";
        return precompile_failure_text(frame.to, input);
    }
    return {};
}

} // namespace braid::trace
