/// How each instruction byte is decoded, whatever the revision.
#pragma once

#include "evm/handlers.hpp"
#include "evm/opcodes.hpp"
#include "evm/rules.hpp"

#include <array>
#include <cstddef>

namespace braid::evm {

/// How an instruction is decoded.
enum class Kind : uint8_t {
    undefined, ///< No fork defines it.
    simple,    ///< One cell.
    delimiter, ///< One cell that ends its block; the next instruction starts another.
    halt,      ///< One cell that ends its block; what follows can only be jumped to.
    binary,    ///< May be folded or fused with its operands.
    divide,
    power,
    unary,       ///< May be folded with its operand.
    memory_load, ///< These take an offset in.
    memory_store,
    input_load,
    log,
    pop,
    push,
    duplicate,
    swap,
    program_counter,
    jump,
    conditional_jump,
    destination,
};

/// What an opcode byte becomes.
struct Decoding {
    Kind kind = Kind::undefined;
    Handler handler = Handler::UNDEFINED;
};

/// The decoding of every byte.
constexpr std::array<Decoding, 256> make_decodings() {
    std::array<Decoding, 256> table{};
#define BRAID_EVM_DECODE(KIND, NAME) table[OP_##NAME] = {Kind::KIND, Handler::NAME};
#define BRAID_EVM_DECODE_BINARY(NAME) BRAID_EVM_DECODE(binary, NAME)
    BRAID_EVM_FUSED_BINARY(BRAID_EVM_DECODE_BINARY)
#undef BRAID_EVM_DECODE_BINARY
    BRAID_EVM_DECODE(simple, SDIV)
    BRAID_EVM_DECODE(simple, MOD)
    BRAID_EVM_DECODE(simple, SMOD)
    BRAID_EVM_DECODE(simple, ADDMOD)
    BRAID_EVM_DECODE(simple, MULMOD)
    BRAID_EVM_DECODE(simple, SIGNEXTEND)
    BRAID_EVM_DECODE(simple, BYTE)
    BRAID_EVM_DECODE(simple, SAR)
    BRAID_EVM_DECODE(simple, CLZ)
    BRAID_EVM_DECODE(simple, KECCAK256)
    BRAID_EVM_DECODE(simple, ADDRESS)
    BRAID_EVM_DECODE(delimiter, BALANCE)
    BRAID_EVM_DECODE(simple, ORIGIN)
    BRAID_EVM_DECODE(simple, CALLER)
    BRAID_EVM_DECODE(simple, CALLVALUE)
    BRAID_EVM_DECODE(simple, CALLDATASIZE)
    BRAID_EVM_DECODE(simple, CALLDATACOPY)
    BRAID_EVM_DECODE(simple, CODESIZE)
    BRAID_EVM_DECODE(simple, CODECOPY)
    BRAID_EVM_DECODE(simple, GASPRICE)
    BRAID_EVM_DECODE(delimiter, EXTCODESIZE)
    BRAID_EVM_DECODE(delimiter, EXTCODECOPY)
    BRAID_EVM_DECODE(simple, RETURNDATASIZE)
    BRAID_EVM_DECODE(simple, RETURNDATACOPY)
    BRAID_EVM_DECODE(delimiter, EXTCODEHASH)
    BRAID_EVM_DECODE(delimiter, BLOCKHASH)
    BRAID_EVM_DECODE(simple, COINBASE)
    BRAID_EVM_DECODE(simple, TIMESTAMP)
    BRAID_EVM_DECODE(simple, NUMBER)
    BRAID_EVM_DECODE(simple, PREVRANDAO)
    BRAID_EVM_DECODE(simple, GASLIMIT)
    BRAID_EVM_DECODE(simple, CHAINID)
    BRAID_EVM_DECODE(delimiter, SELFBALANCE)
    BRAID_EVM_DECODE(simple, BASEFEE)
    BRAID_EVM_DECODE(simple, BLOBHASH)
    BRAID_EVM_DECODE(simple, BLOBBASEFEE)
    BRAID_EVM_DECODE(simple, MSTORE8)
    BRAID_EVM_DECODE(delimiter, SLOAD)
    BRAID_EVM_DECODE(delimiter, SSTORE)
    BRAID_EVM_DECODE(simple, MSIZE)
    BRAID_EVM_DECODE(delimiter, GAS)
    BRAID_EVM_DECODE(simple, TLOAD)
    BRAID_EVM_DECODE(simple, TSTORE)
    BRAID_EVM_DECODE(simple, MCOPY)
    BRAID_EVM_DECODE(delimiter, CREATE)
    BRAID_EVM_DECODE(delimiter, CALL)
    BRAID_EVM_DECODE(delimiter, CALLCODE)
    BRAID_EVM_DECODE(delimiter, DELEGATECALL)
    BRAID_EVM_DECODE(delimiter, CREATE2)
    BRAID_EVM_DECODE(delimiter, STATICCALL)
    BRAID_EVM_DECODE(halt, STOP)
    BRAID_EVM_DECODE(halt, RETURN)
    BRAID_EVM_DECODE(halt, REVERT)
    BRAID_EVM_DECODE(halt, INVALID)
    BRAID_EVM_DECODE(halt, SELFDESTRUCT)
    BRAID_EVM_DECODE(divide, DIV)
    BRAID_EVM_DECODE(power, EXP)
    BRAID_EVM_DECODE(unary, ISZERO)
    BRAID_EVM_DECODE(unary, NOT)
    BRAID_EVM_DECODE(memory_load, MLOAD)
    BRAID_EVM_DECODE(memory_store, MSTORE)
    BRAID_EVM_DECODE(input_load, CALLDATALOAD)
    BRAID_EVM_DECODE(pop, POP)
    BRAID_EVM_DECODE(jump, JUMP)
    BRAID_EVM_DECODE(conditional_jump, JUMPI)
#undef BRAID_EVM_DECODE
    table[OP_PC].kind = Kind::program_counter;
    table[OP_JUMPDEST].kind = Kind::destination;
    for (int op = OP_LOG0; op <= OP_LOG4; ++op)
        table[static_cast<size_t>(op)] = {Kind::log, Handler::LOG};
    for (int op = OP_PUSH0; op <= OP_PUSH32; ++op)
        table[static_cast<size_t>(op)].kind = Kind::push;
    for (int op = OP_DUP1; op <= OP_DUP16; ++op)
        table[static_cast<size_t>(op)].kind = Kind::duplicate;
    for (int op = OP_SWAP1; op <= OP_SWAP16; ++op)
        table[static_cast<size_t>(op)].kind = Kind::swap;
    return table;
}

/// How each instruction is decoded, whatever the revision. What ends a block: jumps and halts,
/// whatever looks at the gas left, and whatever reads or changes state. So gas is exact there, and
/// a frame touches through its host just what a machine that checks every instruction would.
inline constexpr std::array<Decoding, 256> decodings = make_decodings();

/// All that decoding asks of an instruction under one revision.
struct Instruction {
    uint32_t gas = 0;
    uint8_t stack_in = 0;
    int8_t stack_change = 0;
    Kind kind = Kind::undefined;
    Handler handler = Handler::UNDEFINED;
};

/// By revision and byte. What a revision doesn't define is UNDEFINED.
constexpr auto make_instructions() {
    std::array<std::array<Instruction, 256>, all_rules.size()> all{};
    for (size_t revision = 0; revision < all.size(); ++revision) {
        for (size_t op = 0; op < 256; ++op) {
            const OpcodeRule& rule = all_rules[revision].opcodes[op];
            if (rule.defined)
                all[revision][op] = {rule.gas, rule.stack_in, rule.stack_change, decodings[op].kind,
                                     decodings[op].handler};
        }
    }
    return all;
}
inline constexpr auto instructions = make_instructions();

/// Whether every instruction that a revision defines has a decoding.
constexpr bool all_are_decoded() {
    for (const Rules& rules : all_rules) {
        for (size_t op = 0; op < decodings.size(); ++op) {
            if (rules.opcodes[op].defined && decodings[op].kind == Kind::undefined)
                return false;
        }
    }
    return true;
}
static_assert(all_are_decoded(), "rules.hpp gives an instruction gas that has no decoding above");

/// The number of bytes after the instruction that belong to it.
constexpr size_t push_size(uint8_t op) noexcept {
    return op >= OP_PUSH1 && op <= OP_PUSH32 ? static_cast<size_t>(op - OP_PUSH1 + 1) : 0;
}

} // namespace braid::evm
