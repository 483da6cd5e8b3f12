/// The gas and availability rules of every revision, as data made at compile time.
#pragma once

#include "evm/opcodes.hpp"
#include "evmc/evmc.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace braid::evm {

/// What the analysis needs to know of an instruction under one revision.
struct OpcodeRule {
    uint32_t gas = 0;        ///< Cost charged with the basic block; dynamic costs come on top.
    uint8_t stack_in = 0;    ///< Items that must be on the stack.
    int8_t stack_change = 0; ///< Items on the stack afterwards minus before.
    bool defined = false;    ///< Whether the instruction exists.
};

/// Gas and refund of one SSTORE outcome.
struct StorageCost {
    int32_t gas = 0;
    int32_t refund = 0; ///< Below zero: taken back.
};

/// Everything about a revision that instructions ask at run time.
struct Rules {
    std::array<OpcodeRule, 256> opcodes;
    std::array<StorageCost, 9> storage_costs; ///< By evmc_storage_status.
    int64_t exp_byte_gas = 0;                 ///< Per byte of EXP's exponent (EIP-160).
    int64_t cold_storage_gas = 0;             ///< SSTORE on a cold slot (EIP-2929).
    int64_t cold_sload_gas = 0;               ///< What a cold SLOAD costs above a warm one.
    int64_t cold_account_gas = 0;             ///< What a cold account costs above a warm one.
    int64_t cold_beneficiary_gas = 0;         ///< SELFDESTRUCT to a cold account.
    int64_t selfdestruct_new_account_gas = 0; ///< EIP-150.
    int64_t selfdestruct_refund = 0;          ///< Until EIP-3529.
    int64_t sstore_sentry_gas = -1;           ///< SSTORE fails at or below it (EIP-2200).
    int64_t initcode_word_gas = 0;            ///< EIP-3860.
    uint64_t max_initcode_size = UINT64_MAX;  ///< EIP-3860.
    bool has_access_lists = false;            ///< EIP-2929.
    bool has_gas_reserve = false;             ///< A call keeps 1/64 of the gas back (EIP-150).
    bool empty_accounts_are_absent = false;   ///< EIP-161.
    bool has_delegations = false;             ///< EIP-7702.
};

namespace detail {

constexpr StorageCost storage_cost(int gas, int refund) { return {gas, refund}; }

/// No constant expression, so a table that comes here does not compile.
inline void number_out_of_range() {}

constexpr OpcodeRule opcode(int gas, int in, int out) {
    if (gas < 0 || in < 0 || in > UINT8_MAX || out - in < INT8_MIN || out - in > INT8_MAX)
        number_out_of_range();
    return {static_cast<uint32_t>(gas), static_cast<uint8_t>(in), static_cast<int8_t>(out - in),
            true};
}

/// SSTORE's outcomes before EIP-2200 and in Petersburg: only current and new value count.
constexpr std::array<StorageCost, 9> plain_storage_costs() {
    std::array<StorageCost, 9> costs{};
    costs.fill(storage_cost(5000, 0));
    costs[EVMC_STORAGE_ADDED] = storage_cost(20000, 0);
    costs[EVMC_STORAGE_DELETED_ADDED] = storage_cost(20000, 0);
    costs[EVMC_STORAGE_DELETED_RESTORED] = storage_cost(20000, 0);
    costs[EVMC_STORAGE_DELETED] = storage_cost(5000, 15000);
    costs[EVMC_STORAGE_MODIFIED_DELETED] = storage_cost(5000, 15000);
    costs[EVMC_STORAGE_ADDED_DELETED] = storage_cost(5000, 15000);
    return costs;
}

/// SSTORE's outcomes under net metering (EIP-1283, 2200, 2929, 3529: one scheme, four price lists).
constexpr std::array<StorageCost, 9> net_storage_costs(int warm, int set, int reset, int clear) {
    std::array<StorageCost, 9> costs{};
    costs[EVMC_STORAGE_ASSIGNED] = storage_cost(warm, 0);
    costs[EVMC_STORAGE_ADDED] = storage_cost(set, 0);
    costs[EVMC_STORAGE_DELETED] = storage_cost(reset, clear);
    costs[EVMC_STORAGE_MODIFIED] = storage_cost(reset, 0);
    costs[EVMC_STORAGE_DELETED_ADDED] = storage_cost(warm, -clear);
    costs[EVMC_STORAGE_MODIFIED_DELETED] = storage_cost(warm, clear);
    costs[EVMC_STORAGE_DELETED_RESTORED] = storage_cost(warm, reset - warm - clear);
    costs[EVMC_STORAGE_ADDED_DELETED] = storage_cost(warm, set - warm);
    costs[EVMC_STORAGE_MODIFIED_RESTORED] = storage_cost(warm, reset - warm);
    return costs;
}

constexpr void define_frontier(Rules& rules) {
    auto& table = rules.opcodes;
    table[OP_STOP] = opcode(0, 0, 0);
    for (const int op :
         {OP_ADD, OP_SUB, OP_LT, OP_GT, OP_SLT, OP_SGT, OP_EQ, OP_AND, OP_OR, OP_XOR, OP_BYTE})
        table[op] = opcode(3, 2, 1);
    for (const int op : {OP_MUL, OP_DIV, OP_SDIV, OP_MOD, OP_SMOD, OP_SIGNEXTEND})
        table[op] = opcode(5, 2, 1);
    for (const int op : {OP_ADDMOD, OP_MULMOD})
        table[op] = opcode(8, 3, 1);
    table[OP_EXP] = opcode(10, 2, 1);
    for (const int op : {OP_ISZERO, OP_NOT, OP_CALLDATALOAD, OP_MLOAD})
        table[op] = opcode(3, 1, 1);
    table[OP_KECCAK256] = opcode(30, 2, 1);
    for (const int op : {OP_ADDRESS, OP_ORIGIN, OP_CALLER, OP_CALLVALUE, OP_CALLDATASIZE,
                         OP_CODESIZE, OP_GASPRICE, OP_COINBASE, OP_TIMESTAMP, OP_NUMBER,
                         OP_PREVRANDAO, OP_GASLIMIT, OP_PC, OP_MSIZE, OP_GAS})
        table[op] = opcode(2, 0, 1);
    table[OP_BALANCE] = opcode(20, 1, 1);
    table[OP_EXTCODESIZE] = opcode(20, 1, 1);
    table[OP_EXTCODECOPY] = opcode(20, 4, 0);
    table[OP_CALLDATACOPY] = opcode(3, 3, 0);
    table[OP_CODECOPY] = opcode(3, 3, 0);
    table[OP_BLOCKHASH] = opcode(20, 1, 1);
    table[OP_POP] = opcode(2, 1, 0);
    table[OP_MSTORE] = opcode(3, 2, 0);
    table[OP_MSTORE8] = opcode(3, 2, 0);
    table[OP_SLOAD] = opcode(50, 1, 1);
    table[OP_SSTORE] = opcode(0, 2, 0);
    table[OP_JUMP] = opcode(8, 1, 0);
    table[OP_JUMPI] = opcode(10, 2, 0);
    table[OP_JUMPDEST] = opcode(1, 0, 0);
    for (int op = OP_PUSH1; op <= OP_PUSH32; ++op)
        table[op] = opcode(3, 0, 1);
    for (int i = 0; i < 16; ++i) {
        table[OP_DUP1 + i] = opcode(3, i + 1, i + 2);
        table[OP_SWAP1 + i] = opcode(3, i + 2, i + 2);
    }
    for (int i = 0; i <= 4; ++i)
        table[OP_LOG0 + i] = opcode(375 * (i + 1), i + 2, 0);
    table[OP_CREATE] = opcode(32000, 3, 1);
    table[OP_CALL] = opcode(40, 7, 1);
    table[OP_CALLCODE] = opcode(40, 7, 1);
    table[OP_RETURN] = opcode(0, 2, 0);
    table[OP_INVALID] = opcode(0, 0, 0);
    table[OP_SELFDESTRUCT] = opcode(0, 1, 0);

    rules.storage_costs = plain_storage_costs();
    rules.exp_byte_gas = 10;
    rules.selfdestruct_refund = 24000;
}

constexpr void apply_tangerine_whistle(Rules& rules) { // EIP-150
    for (const int op : {OP_EXTCODESIZE, OP_EXTCODECOPY, OP_CALL, OP_CALLCODE, OP_DELEGATECALL})
        rules.opcodes[op].gas = 700;
    rules.opcodes[OP_BALANCE].gas = 400;
    rules.opcodes[OP_SLOAD].gas = 200;
    rules.opcodes[OP_SELFDESTRUCT].gas = 5000;
    rules.selfdestruct_new_account_gas = 25000;
    rules.has_gas_reserve = true;
}

constexpr void apply_byzantium(Rules& rules) {
    rules.opcodes[OP_REVERT] = opcode(0, 2, 0);
    rules.opcodes[OP_RETURNDATASIZE] = opcode(2, 0, 1);
    rules.opcodes[OP_RETURNDATACOPY] = opcode(3, 3, 0);
    rules.opcodes[OP_STATICCALL] = opcode(700, 6, 1);
}

constexpr void apply_constantinople(Rules& rules) {
    for (const int op : {OP_SHL, OP_SHR, OP_SAR})
        rules.opcodes[op] = opcode(3, 2, 1);
    rules.opcodes[OP_EXTCODEHASH] = opcode(400, 1, 1);
    rules.opcodes[OP_CREATE2] = opcode(32000, 4, 1);
    rules.storage_costs = net_storage_costs(200, 20000, 5000, 15000); // EIP-1283
}

constexpr void apply_istanbul(Rules& rules) { // EIP-1344, 1884, 2200
    rules.opcodes[OP_CHAINID] = opcode(2, 0, 1);
    rules.opcodes[OP_SELFBALANCE] = opcode(5, 0, 1);
    rules.opcodes[OP_BALANCE].gas = 700;
    rules.opcodes[OP_EXTCODEHASH].gas = 700;
    rules.opcodes[OP_SLOAD].gas = 800;
    rules.storage_costs = net_storage_costs(800, 20000, 5000, 15000);
    rules.sstore_sentry_gas = 2300;
}

constexpr void apply_berlin(Rules& rules) { // EIP-2929
    for (const int op : {OP_BALANCE, OP_EXTCODESIZE, OP_EXTCODECOPY, OP_EXTCODEHASH, OP_CALL,
                         OP_CALLCODE, OP_DELEGATECALL, OP_STATICCALL, OP_SLOAD})
        rules.opcodes[op].gas = 100;
    rules.storage_costs = net_storage_costs(100, 20000, 5000 - 2100, 15000);
    rules.cold_storage_gas = 2100;
    rules.cold_sload_gas = 2100 - 100;
    rules.cold_account_gas = 2600 - 100;
    rules.cold_beneficiary_gas = 2600;
    rules.has_access_lists = true;
}

constexpr void apply_london(Rules& rules) { // EIP-3198, 3529
    rules.opcodes[OP_BASEFEE] = opcode(2, 0, 1);
    rules.storage_costs = net_storage_costs(100, 20000, 5000 - 2100, 4800);
    rules.selfdestruct_refund = 0;
}

constexpr void apply_shanghai(Rules& rules) { // EIP-3855, 3860
    rules.opcodes[OP_PUSH0] = opcode(2, 0, 1);
    rules.initcode_word_gas = 2;
    rules.max_initcode_size = 2 * 24576;
}

constexpr void apply_cancun(Rules& rules) { // EIP-1153, 4844, 5656, 7516
    rules.opcodes[OP_TLOAD] = opcode(100, 1, 1);
    rules.opcodes[OP_TSTORE] = opcode(100, 2, 0);
    rules.opcodes[OP_MCOPY] = opcode(3, 3, 0);
    rules.opcodes[OP_BLOBHASH] = opcode(3, 1, 1);
    rules.opcodes[OP_BLOBBASEFEE] = opcode(2, 0, 1);
}

constexpr void apply_osaka(Rules& rules) {
    rules.opcodes[OP_CLZ] = opcode(5, 1, 1); // EIP-7939
}

constexpr Rules make_rules(int revision) {
    Rules rules;
    define_frontier(rules);
    if (revision >= EVMC_HOMESTEAD)
        rules.opcodes[OP_DELEGATECALL] = opcode(40, 6, 1);
    if (revision >= EVMC_TANGERINE_WHISTLE)
        apply_tangerine_whistle(rules);
    if (revision >= EVMC_SPURIOUS_DRAGON) {
        rules.exp_byte_gas = 50; // EIP-160
        rules.empty_accounts_are_absent = true;
    }
    if (revision >= EVMC_BYZANTIUM)
        apply_byzantium(rules);
    if (revision >= EVMC_CONSTANTINOPLE)
        apply_constantinople(rules);
    if (revision == EVMC_PETERSBURG)
        rules.storage_costs = plain_storage_costs(); // EIP-1716
    if (revision >= EVMC_ISTANBUL)
        apply_istanbul(rules);
    if (revision >= EVMC_BERLIN)
        apply_berlin(rules);
    if (revision >= EVMC_LONDON)
        apply_london(rules);
    if (revision >= EVMC_SHANGHAI)
        apply_shanghai(rules);
    if (revision >= EVMC_CANCUN)
        apply_cancun(rules);
    if (revision >= EVMC_PRAGUE)
        rules.has_delegations = true;
    if (revision >= EVMC_OSAKA)
        apply_osaka(rules);
    return rules;
}

constexpr auto make_all_rules() {
    std::array<Rules, EVMC_MAX_REVISION + 1> all{};
    for (int revision = 0; revision <= EVMC_MAX_REVISION; ++revision)
        all[static_cast<size_t>(revision)] = make_rules(revision);
    return all;
}

} // namespace detail

/// The rules of each revision, indexed by evmc_revision.
inline constexpr std::array<Rules, EVMC_MAX_REVISION + 1> all_rules = detail::make_all_rules();

} // namespace braid::evm
