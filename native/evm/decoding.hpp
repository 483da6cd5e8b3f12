/// How each instruction byte is decoded, whatever the revision.
#pragma once

#include "evm/handlers.hpp"
#include "evm/opcodes.hpp"

#include <array>
#include <cstddef>

namespace braid::evm {

/// How an instruction is decoded.
enum class Kind : uint8_t {
    simple,    ///< One cell.
    delimiter, ///< One cell that ends its block; the next instruction starts another.
    halt,      ///< One cell that ends its block; what follows can only be jumped to.
    binary,    ///< May be folded or fused with its operands.
    push,
    duplicate,
    swap,
    other, ///< Has a case of its own.
};

/// What an opcode byte becomes.
struct Decoding {
    Kind kind = Kind::other;
    Handler handler = Handler::UNDEFINED;
};

/// The decoding of every byte; those that no fork defines are UNDEFINED.
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
#undef BRAID_EVM_DECODE
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

/// The number of bytes after the instruction that belong to it.
constexpr size_t push_size(uint8_t op) noexcept {
    return op >= OP_PUSH1 && op <= OP_PUSH32 ? static_cast<size_t>(op - OP_PUSH1 + 1) : 0;
}

} // namespace braid::evm
