/// The EVM's instruction bytes (Yellow Paper, appendix H, and the EIPs named beside the later
/// ones).
#pragma once

#include <cstdint>

namespace braid::evm {

/// An instruction byte.
enum Opcode : uint8_t {
    OP_STOP = 0x00,
    OP_ADD = 0x01,
    OP_MUL = 0x02,
    OP_SUB = 0x03,
    OP_DIV = 0x04,
    OP_SDIV = 0x05,
    OP_MOD = 0x06,
    OP_SMOD = 0x07,
    OP_ADDMOD = 0x08,
    OP_MULMOD = 0x09,
    OP_EXP = 0x0a,
    OP_SIGNEXTEND = 0x0b,

    OP_LT = 0x10,
    OP_GT = 0x11,
    OP_SLT = 0x12,
    OP_SGT = 0x13,
    OP_EQ = 0x14,
    OP_ISZERO = 0x15,
    OP_AND = 0x16,
    OP_OR = 0x17,
    OP_XOR = 0x18,
    OP_NOT = 0x19,
    OP_BYTE = 0x1a,
    OP_SHL = 0x1b, // EIP-145
    OP_SHR = 0x1c, // EIP-145
    OP_SAR = 0x1d, // EIP-145
    OP_CLZ = 0x1e, // EIP-7939

    OP_KECCAK256 = 0x20,

    OP_ADDRESS = 0x30,
    OP_BALANCE = 0x31,
    OP_ORIGIN = 0x32,
    OP_CALLER = 0x33,
    OP_CALLVALUE = 0x34,
    OP_CALLDATALOAD = 0x35,
    OP_CALLDATASIZE = 0x36,
    OP_CALLDATACOPY = 0x37,
    OP_CODESIZE = 0x38,
    OP_CODECOPY = 0x39,
    OP_GASPRICE = 0x3a,
    OP_EXTCODESIZE = 0x3b,
    OP_EXTCODECOPY = 0x3c,
    OP_RETURNDATASIZE = 0x3d, // EIP-211
    OP_RETURNDATACOPY = 0x3e, // EIP-211
    OP_EXTCODEHASH = 0x3f,    // EIP-1052

    OP_BLOCKHASH = 0x40,
    OP_COINBASE = 0x41,
    OP_TIMESTAMP = 0x42,
    OP_NUMBER = 0x43,
    OP_PREVRANDAO = 0x44, // DIFFICULTY before EIP-4399
    OP_GASLIMIT = 0x45,
    OP_CHAINID = 0x46,     // EIP-1344
    OP_SELFBALANCE = 0x47, // EIP-1884
    OP_BASEFEE = 0x48,     // EIP-3198
    OP_BLOBHASH = 0x49,    // EIP-4844
    OP_BLOBBASEFEE = 0x4a, // EIP-7516

    OP_POP = 0x50,
    OP_MLOAD = 0x51,
    OP_MSTORE = 0x52,
    OP_MSTORE8 = 0x53,
    OP_SLOAD = 0x54,
    OP_SSTORE = 0x55,
    OP_JUMP = 0x56,
    OP_JUMPI = 0x57,
    OP_PC = 0x58,
    OP_MSIZE = 0x59,
    OP_GAS = 0x5a,
    OP_JUMPDEST = 0x5b,
    OP_TLOAD = 0x5c,  // EIP-1153
    OP_TSTORE = 0x5d, // EIP-1153
    OP_MCOPY = 0x5e,  // EIP-5656
    OP_PUSH0 = 0x5f,  // EIP-3855
    OP_PUSH1 = 0x60,
    OP_PUSH32 = 0x7f,
    OP_DUP1 = 0x80,
    OP_DUP16 = 0x8f,
    OP_SWAP1 = 0x90,
    OP_SWAP16 = 0x9f,
    OP_LOG0 = 0xa0,
    OP_LOG4 = 0xa4,

    OP_CREATE = 0xf0,
    OP_CALL = 0xf1,
    OP_CALLCODE = 0xf2,
    OP_RETURN = 0xf3,
    OP_DELEGATECALL = 0xf4, // EIP-7
    OP_CREATE2 = 0xf5,      // EIP-1014
    OP_STATICCALL = 0xfa,   // EIP-214
    OP_REVERT = 0xfd,       // EIP-140
    OP_INVALID = 0xfe,      // EIP-141
    OP_SELFDESTRUCT = 0xff,
};

} // namespace braid::evm
