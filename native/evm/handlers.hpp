/// The operations of the decoded form: what the analysis emits and the interpreter runs.
#pragma once

#include "base/uint256.hpp"

#include <cstdint>

namespace braid::evm {

// Binary operations that also exist with the first operand as an immediate (_IMM: 32 bits in the
// cell, _WIDE: 256 bits in the next four cells) and as a duplicate of a deeper item (_DUP).
#define BRAID_EVM_FUSED_BINARY(X)                                                                  \
    X(ADD) X(MUL) X(SUB) X(LT) X(GT) X(SLT) X(SGT) X(EQ) X(AND) X(OR) X(XOR) X(SHL) X(SHR)

// Conditions that end in a jump: taken where the condition holds, or (NOT_) where it does not.
#define BRAID_EVM_CONDITIONS(X) X(LT) X(GT) X(SLT) X(SGT) X(EQ)

// Every operation. Define BRAID_EVM_ENTRY(NAME) before use. A list, not an expression to format:
// clang-format off
#define BRAID_EVM_HANDLERS()                                                                      \
    BRAID_EVM_ENTRY(BLOCK) BRAID_EVM_ENTRY(STOP) BRAID_EVM_ENTRY(INVALID)                         \
    BRAID_EVM_ENTRY(UNDEFINED) BRAID_EVM_ENTRY(RETURN) BRAID_EVM_ENTRY(REVERT)                    \
    BRAID_EVM_ENTRY(SELFDESTRUCT) BRAID_EVM_ENTRY(JUMP) BRAID_EVM_ENTRY(JUMPI)                    \
    BRAID_EVM_ENTRY(JUMP_TO) BRAID_EVM_ENTRY(JUMPI_TO) BRAID_EVM_ENTRY(JUMPI_TO_NOT)              \
    BRAID_EVM_ENTRY(PUSH_IMM) BRAID_EVM_ENTRY(PUSH_64) BRAID_EVM_ENTRY(PUSH_WIDE)                 \
    BRAID_EVM_ENTRY(DIV) BRAID_EVM_ENTRY(SDIV) BRAID_EVM_ENTRY(MOD) BRAID_EVM_ENTRY(SMOD)         \
    BRAID_EVM_ENTRY(ADDMOD) BRAID_EVM_ENTRY(MULMOD) BRAID_EVM_ENTRY(EXP)                          \
    BRAID_EVM_ENTRY(SIGNEXTEND) BRAID_EVM_ENTRY(ISZERO) BRAID_EVM_ENTRY(NOT)                      \
    BRAID_EVM_ENTRY(BYTE) BRAID_EVM_ENTRY(SAR) BRAID_EVM_ENTRY(CLZ) BRAID_EVM_ENTRY(DIV_BY_WIDE)  \
    BRAID_EVM_ENTRY(SUB_REVERSED) BRAID_EVM_ENTRY(DIV_REVERSED) BRAID_EVM_ENTRY(KECCAK256)        \
    BRAID_EVM_ENTRY(ADDRESS) BRAID_EVM_ENTRY(BALANCE) BRAID_EVM_ENTRY(ORIGIN)                     \
    BRAID_EVM_ENTRY(CALLER) BRAID_EVM_ENTRY(CALLVALUE) BRAID_EVM_ENTRY(CALLDATALOAD)              \
    BRAID_EVM_ENTRY(CALLDATALOAD_IMM) BRAID_EVM_ENTRY(CALLDATASIZE)                               \
    BRAID_EVM_ENTRY(CALLDATACOPY) BRAID_EVM_ENTRY(CODESIZE) BRAID_EVM_ENTRY(CODECOPY)             \
    BRAID_EVM_ENTRY(GASPRICE) BRAID_EVM_ENTRY(EXTCODESIZE) BRAID_EVM_ENTRY(EXTCODECOPY)           \
    BRAID_EVM_ENTRY(RETURNDATASIZE) BRAID_EVM_ENTRY(RETURNDATACOPY) BRAID_EVM_ENTRY(EXTCODEHASH)  \
    BRAID_EVM_ENTRY(BLOCKHASH) BRAID_EVM_ENTRY(COINBASE) BRAID_EVM_ENTRY(TIMESTAMP)               \
    BRAID_EVM_ENTRY(NUMBER) BRAID_EVM_ENTRY(PREVRANDAO) BRAID_EVM_ENTRY(GASLIMIT)                 \
    BRAID_EVM_ENTRY(CHAINID) BRAID_EVM_ENTRY(SELFBALANCE) BRAID_EVM_ENTRY(BASEFEE)                \
    BRAID_EVM_ENTRY(BLOBHASH) BRAID_EVM_ENTRY(BLOBBASEFEE) BRAID_EVM_ENTRY(POP)                   \
    BRAID_EVM_ENTRY(POP_MANY) BRAID_EVM_ENTRY(MLOAD) BRAID_EVM_ENTRY(MLOAD_IMM)                   \
    BRAID_EVM_ENTRY(MLOAD_DUP) BRAID_EVM_ENTRY(MSTORE) BRAID_EVM_ENTRY(MSTORE_IMM)                \
    BRAID_EVM_ENTRY(MSTORE_DUP) BRAID_EVM_ENTRY(MSTORE8) BRAID_EVM_ENTRY(SLOAD)                   \
    BRAID_EVM_ENTRY(SSTORE) BRAID_EVM_ENTRY(MSIZE) BRAID_EVM_ENTRY(GAS) BRAID_EVM_ENTRY(TLOAD)    \
    BRAID_EVM_ENTRY(TSTORE) BRAID_EVM_ENTRY(MCOPY) BRAID_EVM_ENTRY(DUP1) BRAID_EVM_ENTRY(DUP2)    \
    BRAID_EVM_ENTRY(DUP3) BRAID_EVM_ENTRY(DUP4) BRAID_EVM_ENTRY(DUP5) BRAID_EVM_ENTRY(DUP6)       \
    BRAID_EVM_ENTRY(DUP7) BRAID_EVM_ENTRY(DUP8) BRAID_EVM_ENTRY(DUP9) BRAID_EVM_ENTRY(DUP10)      \
    BRAID_EVM_ENTRY(DUP11) BRAID_EVM_ENTRY(DUP12) BRAID_EVM_ENTRY(DUP13) BRAID_EVM_ENTRY(DUP14)   \
    BRAID_EVM_ENTRY(DUP15) BRAID_EVM_ENTRY(DUP16) BRAID_EVM_ENTRY(SWAP1) BRAID_EVM_ENTRY(SWAP2)   \
    BRAID_EVM_ENTRY(SWAP3) BRAID_EVM_ENTRY(SWAP4) BRAID_EVM_ENTRY(SWAP5) BRAID_EVM_ENTRY(SWAP6)   \
    BRAID_EVM_ENTRY(SWAP7) BRAID_EVM_ENTRY(SWAP8) BRAID_EVM_ENTRY(SWAP9) BRAID_EVM_ENTRY(SWAP10)  \
    BRAID_EVM_ENTRY(SWAP11) BRAID_EVM_ENTRY(SWAP12) BRAID_EVM_ENTRY(SWAP13)                       \
    BRAID_EVM_ENTRY(SWAP14) BRAID_EVM_ENTRY(SWAP15) BRAID_EVM_ENTRY(SWAP16)                       \
    BRAID_EVM_ENTRY(SWAP_POP) BRAID_EVM_ENTRY(LOG) BRAID_EVM_ENTRY(CREATE) BRAID_EVM_ENTRY(CALL)  \
    BRAID_EVM_ENTRY(CALLCODE) BRAID_EVM_ENTRY(DELEGATECALL) BRAID_EVM_ENTRY(CREATE2)              \
    BRAID_EVM_ENTRY(STATICCALL)                                                                   \
    BRAID_EVM_FUSED_BINARY(BRAID_EVM_BINARY_FORMS)                                                \
    BRAID_EVM_CONDITIONS(BRAID_EVM_CONDITION_FORMS)
// clang-format on

#define BRAID_EVM_BINARY_FORMS(NAME)                                                               \
    BRAID_EVM_ENTRY(NAME)                                                                          \
    BRAID_EVM_ENTRY(NAME##_IMM) BRAID_EVM_ENTRY(NAME##_WIDE) BRAID_EVM_ENTRY(NAME##_DUP)
#define BRAID_EVM_CONDITION_FORMS(NAME)                                                            \
    BRAID_EVM_ENTRY(JUMPI_##NAME) BRAID_EVM_ENTRY(JUMPI_NOT_##NAME)

/// An operation of the decoded form.
enum class Handler : uint16_t {
#define BRAID_EVM_ENTRY(NAME) NAME,
    BRAID_EVM_HANDLERS()
#undef BRAID_EVM_ENTRY
        count
};

/// One 8-byte unit of decoded code: an operation with small operands. Wider operands fill the
/// cells that follow it as raw 64-bit words, least significant first.
struct alignas(8) Cell {
    Handler handler;
    uint16_t a;
    uint32_t b;

    /// The raw 64-bit word in this cell.
    [[nodiscard]] uint64_t raw() const noexcept { return std::bit_cast<uint64_t>(*this); }
    static Cell from_raw(uint64_t value) noexcept { return std::bit_cast<Cell>(value); }
};
static_assert(sizeof(Cell) == 8);

/// A BLOCK cell heads a basic block: `a` is the number of stack items it needs, `b` packs its gas
/// (low bits) with how many items more than that may be there (high bits) so that it cannot
/// overflow. One unsigned comparison checks both stack bounds.
namespace block_cell {
/// Bits of the gas, and the most that a block may cost: a longer one is cut in two.
inline constexpr unsigned gas_bits = 21;
inline constexpr uint32_t max_gas = (1u << gas_bits) - 1;

/// What `a` is where no stack fits: the block needs more items than there can be, or makes more.
inline constexpr uint16_t always_underflows = UINT16_MAX;
inline constexpr uint16_t always_overflows = UINT16_MAX - 1;
} // namespace block_cell

/// A cell that carries an operand wider than 32 bits is followed by this many raw words.
inline constexpr int wide_words = 4;

/// A link is the raw word behind a jump that says where control goes on: a decoded block, or a
/// position in the code until control has gone there for the first time.
///
/// JUMP_TO has one; a conditional jump to a constant has two, where it is taken and where it is
/// not; JUMPI has the latter alone. Links are written by whoever resolves them first or at the same
/// time as somebody else, always with a block that does the same.
namespace link {
/// Set in a link that holds a position; blocks are aligned.
inline constexpr uint64_t unresolved = 1;
/// Set as well where the position was reached by decoding, so that it needs to be no JUMPDEST.
inline constexpr uint64_t trusted = 2;
inline constexpr unsigned flag_bits = 2;

/// A jump to a position that nobody has checked.
[[nodiscard]] inline Cell to_target(uint64_t position) noexcept {
    return Cell::from_raw(position << flag_bits | unresolved);
}
/// The instruction at a position comes next.
[[nodiscard]] inline Cell to_instruction(uint64_t position) noexcept {
    return Cell::from_raw(position << flag_bits | trusted | unresolved);
}
[[nodiscard]] inline Cell to_block(const Cell* block) noexcept {
    return Cell::from_raw(reinterpret_cast<uintptr_t>(block));
}

using Word [[gnu::may_alias]] = uint64_t;

[[nodiscard]] inline uint64_t load(const Cell* cell) noexcept {
    // acquire: pairs with the release in resolve(), so a reader sees finished cells.
    return __atomic_load_n(reinterpret_cast<const Word*>(cell), __ATOMIC_ACQUIRE);
}
inline void resolve(const Cell* cell, const Cell* block) noexcept {
    // Links alone change after their decoding is published. release: see load().
    __atomic_store_n(const_cast<Word*>(reinterpret_cast<const Word*>(cell)),
                     static_cast<uint64_t>(reinterpret_cast<uintptr_t>(block)), __ATOMIC_RELEASE);
}
[[nodiscard]] inline const Cell* block_of(uint64_t word) noexcept {
    return reinterpret_cast<const Cell*>(static_cast<uintptr_t>(word));
}
} // namespace link

} // namespace braid::evm
