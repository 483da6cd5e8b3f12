/// Which instructions exist in which revision, what they take from and leave on the stack, and
/// what they cost before their dynamic part: the Yellow Paper's appendices G and H, and the EIPs
/// named in the rows. Written for the tests; shares nothing with evm/rules.hpp.
#pragma once

#include "evmc/evmc.h"

#include <array>
#include <cstdint>

namespace braid::reference {

/// One instruction under one revision.
struct Instruction {
    bool defined = false;
    int inputs = 0;
    int outputs = 0;
    int64_t gas = 0;
};

using InstructionTable = std::array<Instruction, 256>;

namespace detail {

/// An instruction as it was introduced.
struct Introduction {
    uint8_t opcode;
    int inputs;
    int outputs;
    int64_t gas;
    evmc_revision since;
};

inline constexpr Introduction introductions[] = {
    {0x00, 0, 0, 0, EVMC_FRONTIER},           // STOP
    {0x01, 2, 1, 3, EVMC_FRONTIER},           // ADD
    {0x02, 2, 1, 5, EVMC_FRONTIER},           // MUL
    {0x03, 2, 1, 3, EVMC_FRONTIER},           // SUB
    {0x04, 2, 1, 5, EVMC_FRONTIER},           // DIV
    {0x05, 2, 1, 5, EVMC_FRONTIER},           // SDIV
    {0x06, 2, 1, 5, EVMC_FRONTIER},           // MOD
    {0x07, 2, 1, 5, EVMC_FRONTIER},           // SMOD
    {0x08, 3, 1, 8, EVMC_FRONTIER},           // ADDMOD
    {0x09, 3, 1, 8, EVMC_FRONTIER},           // MULMOD
    {0x0a, 2, 1, 10, EVMC_FRONTIER},          // EXP
    {0x0b, 2, 1, 5, EVMC_FRONTIER},           // SIGNEXTEND
    {0x10, 2, 1, 3, EVMC_FRONTIER},           // LT
    {0x11, 2, 1, 3, EVMC_FRONTIER},           // GT
    {0x12, 2, 1, 3, EVMC_FRONTIER},           // SLT
    {0x13, 2, 1, 3, EVMC_FRONTIER},           // SGT
    {0x14, 2, 1, 3, EVMC_FRONTIER},           // EQ
    {0x15, 1, 1, 3, EVMC_FRONTIER},           // ISZERO
    {0x16, 2, 1, 3, EVMC_FRONTIER},           // AND
    {0x17, 2, 1, 3, EVMC_FRONTIER},           // OR
    {0x18, 2, 1, 3, EVMC_FRONTIER},           // XOR
    {0x19, 1, 1, 3, EVMC_FRONTIER},           // NOT
    {0x1a, 2, 1, 3, EVMC_FRONTIER},           // BYTE
    {0x1b, 2, 1, 3, EVMC_CONSTANTINOPLE},     // SHL, EIP-145
    {0x1c, 2, 1, 3, EVMC_CONSTANTINOPLE},     // SHR, EIP-145
    {0x1d, 2, 1, 3, EVMC_CONSTANTINOPLE},     // SAR, EIP-145
    {0x1e, 1, 1, 5, EVMC_OSAKA},              // CLZ, EIP-7939
    {0x20, 2, 1, 30, EVMC_FRONTIER},          // KECCAK256
    {0x30, 0, 1, 2, EVMC_FRONTIER},           // ADDRESS
    {0x31, 1, 1, 20, EVMC_FRONTIER},          // BALANCE
    {0x32, 0, 1, 2, EVMC_FRONTIER},           // ORIGIN
    {0x33, 0, 1, 2, EVMC_FRONTIER},           // CALLER
    {0x34, 0, 1, 2, EVMC_FRONTIER},           // CALLVALUE
    {0x35, 1, 1, 3, EVMC_FRONTIER},           // CALLDATALOAD
    {0x36, 0, 1, 2, EVMC_FRONTIER},           // CALLDATASIZE
    {0x37, 3, 0, 3, EVMC_FRONTIER},           // CALLDATACOPY
    {0x38, 0, 1, 2, EVMC_FRONTIER},           // CODESIZE
    {0x39, 3, 0, 3, EVMC_FRONTIER},           // CODECOPY
    {0x3a, 0, 1, 2, EVMC_FRONTIER},           // GASPRICE
    {0x3b, 1, 1, 20, EVMC_FRONTIER},          // EXTCODESIZE
    {0x3c, 4, 0, 20, EVMC_FRONTIER},          // EXTCODECOPY
    {0x3d, 0, 1, 2, EVMC_BYZANTIUM},          // RETURNDATASIZE, EIP-211
    {0x3e, 3, 0, 3, EVMC_BYZANTIUM},          // RETURNDATACOPY, EIP-211
    {0x3f, 1, 1, 400, EVMC_CONSTANTINOPLE},   // EXTCODEHASH, EIP-1052
    {0x40, 1, 1, 20, EVMC_FRONTIER},          // BLOCKHASH
    {0x41, 0, 1, 2, EVMC_FRONTIER},           // COINBASE
    {0x42, 0, 1, 2, EVMC_FRONTIER},           // TIMESTAMP
    {0x43, 0, 1, 2, EVMC_FRONTIER},           // NUMBER
    {0x44, 0, 1, 2, EVMC_FRONTIER},           // DIFFICULTY, PREVRANDAO
    {0x45, 0, 1, 2, EVMC_FRONTIER},           // GASLIMIT
    {0x46, 0, 1, 2, EVMC_ISTANBUL},           // CHAINID, EIP-1344
    {0x47, 0, 1, 5, EVMC_ISTANBUL},           // SELFBALANCE, EIP-1884
    {0x48, 0, 1, 2, EVMC_LONDON},             // BASEFEE, EIP-3198
    {0x49, 1, 1, 3, EVMC_CANCUN},             // BLOBHASH, EIP-4844
    {0x4a, 0, 1, 2, EVMC_CANCUN},             // BLOBBASEFEE, EIP-7516
    {0x50, 1, 0, 2, EVMC_FRONTIER},           // POP
    {0x51, 1, 1, 3, EVMC_FRONTIER},           // MLOAD
    {0x52, 2, 0, 3, EVMC_FRONTIER},           // MSTORE
    {0x53, 2, 0, 3, EVMC_FRONTIER},           // MSTORE8
    {0x54, 1, 1, 50, EVMC_FRONTIER},          // SLOAD
    {0x55, 2, 0, 0, EVMC_FRONTIER},           // SSTORE
    {0x56, 1, 0, 8, EVMC_FRONTIER},           // JUMP
    {0x57, 2, 0, 10, EVMC_FRONTIER},          // JUMPI
    {0x58, 0, 1, 2, EVMC_FRONTIER},           // PC
    {0x59, 0, 1, 2, EVMC_FRONTIER},           // MSIZE
    {0x5a, 0, 1, 2, EVMC_FRONTIER},           // GAS
    {0x5b, 0, 0, 1, EVMC_FRONTIER},           // JUMPDEST
    {0x5c, 1, 1, 100, EVMC_CANCUN},           // TLOAD, EIP-1153
    {0x5d, 2, 0, 100, EVMC_CANCUN},           // TSTORE, EIP-1153
    {0x5e, 3, 0, 3, EVMC_CANCUN},             // MCOPY, EIP-5656
    {0x5f, 0, 1, 2, EVMC_SHANGHAI},           // PUSH0, EIP-3855
    {0xa0, 2, 0, 375, EVMC_FRONTIER},         // LOG0
    {0xa1, 3, 0, 750, EVMC_FRONTIER},         // LOG1
    {0xa2, 4, 0, 1125, EVMC_FRONTIER},        // LOG2
    {0xa3, 5, 0, 1500, EVMC_FRONTIER},        // LOG3
    {0xa4, 6, 0, 1875, EVMC_FRONTIER},        // LOG4
    {0xf0, 3, 1, 32000, EVMC_FRONTIER},       // CREATE
    {0xf1, 7, 1, 40, EVMC_FRONTIER},          // CALL
    {0xf2, 7, 1, 40, EVMC_FRONTIER},          // CALLCODE
    {0xf3, 2, 0, 0, EVMC_FRONTIER},           // RETURN
    {0xf4, 6, 1, 40, EVMC_HOMESTEAD},         // DELEGATECALL, EIP-7
    {0xf5, 4, 1, 32000, EVMC_CONSTANTINOPLE}, // CREATE2, EIP-1014
    {0xfa, 6, 1, 700, EVMC_BYZANTIUM},        // STATICCALL, EIP-214
    {0xfd, 2, 0, 0, EVMC_BYZANTIUM},          // REVERT, EIP-140
    {0xfe, 0, 0, 0, EVMC_FRONTIER},           // INVALID, EIP-141
    {0xff, 1, 0, 0, EVMC_FRONTIER},           // SELFDESTRUCT
};

/// A later change of an instruction's static cost. From Berlin on this is the warm cost.
struct Repricing {
    uint8_t opcode;
    int64_t gas;
    evmc_revision since;
};

inline constexpr Repricing repricings[] = {
    // EIP-150
    {0x3b, 700, EVMC_TANGERINE_WHISTLE},
    {0x3c, 700, EVMC_TANGERINE_WHISTLE},
    {0x31, 400, EVMC_TANGERINE_WHISTLE},
    {0x54, 200, EVMC_TANGERINE_WHISTLE},
    {0xf1, 700, EVMC_TANGERINE_WHISTLE},
    {0xf2, 700, EVMC_TANGERINE_WHISTLE},
    {0xf4, 700, EVMC_TANGERINE_WHISTLE},
    {0xff, 5000, EVMC_TANGERINE_WHISTLE},
    // EIP-1884
    {0x54, 800, EVMC_ISTANBUL},
    {0x31, 700, EVMC_ISTANBUL},
    {0x3f, 700, EVMC_ISTANBUL},
    // EIP-2929
    {0x31, 100, EVMC_BERLIN},
    {0x3b, 100, EVMC_BERLIN},
    {0x3c, 100, EVMC_BERLIN},
    {0x3f, 100, EVMC_BERLIN},
    {0x54, 100, EVMC_BERLIN},
    {0xf1, 100, EVMC_BERLIN},
    {0xf2, 100, EVMC_BERLIN},
    {0xf4, 100, EVMC_BERLIN},
    {0xfa, 100, EVMC_BERLIN},
};

inline InstructionTable make_instruction_table(int revision) {
    InstructionTable table{};
    for (const Introduction& row : introductions)
        if (revision >= row.since)
            table[row.opcode] = {true, row.inputs, row.outputs, row.gas};
    for (int n = 1; n <= 32; ++n) // PUSHn
        table[static_cast<size_t>(0x5f + n)] = {true, 0, 1, 3};
    for (int n = 1; n <= 16; ++n) {
        table[static_cast<size_t>(0x7f + n)] = {true, n, n + 1, 3};     // DUPn
        table[static_cast<size_t>(0x8f + n)] = {true, n + 1, n + 1, 3}; // SWAPn
    }
    for (const Repricing& row : repricings)
        if (revision >= row.since)
            table[row.opcode].gas = row.gas;
    return table;
}

} // namespace detail

/// The instructions of a revision, by opcode.
inline const InstructionTable& instructions(evmc_revision revision) {
    static const auto tables = [] {
        std::array<InstructionTable, EVMC_MAX_REVISION + 1> all;
        for (int i = 0; i <= EVMC_MAX_REVISION; ++i)
            all[static_cast<size_t>(i)] = detail::make_instruction_table(i);
        return all;
    }();
    return tables[static_cast<size_t>(revision)];
}

} // namespace braid::reference
