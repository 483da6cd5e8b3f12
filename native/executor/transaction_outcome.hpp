/// The outcome of one transaction, as a value.
#pragma once

#include "base/code.hpp"
#include "base/uint256.hpp"
#include "wire/layout.hpp"

#include <vector>

namespace braid::executor {

/// Why a transaction or a block has no result.
struct Failure {
    wire::ErrorCode code = wire::ErrorCode::ok;
    /// The bound that was broken and the value that broke it, where there are such.
    Bytes32 expected{};
    Bytes32 actual{};
    /// The account concerned, where there is one.
    Address address{};
};

/// Logs in order of emission; topics and data lie in two pools.
struct TransactionLogs {
    std::vector<wire::Log> entries;
    std::vector<Bytes32> topics;
    std::vector<uint8_t> data;

    void clear() noexcept {
        entries.clear();
        topics.clear();
        data.clear();
    }
};

/// An account as the transaction leaves it. Only accounts that changed are written.
struct AccountWrite {
    Address address{};
    bool exists = false;          ///< false: deleted, the values below are defaults
    bool storage_cleared = false; ///< what storage it had before is gone; the slots come after
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash{};
    const Code* code = nullptr; ///< new code, owned by TransactionOutcome::codes; else null
    uint32_t slot_start = 0;    ///< its range in TransactionOutcome::slots
    uint32_t slot_count = 0;
};

/// A slot as the transaction found it and leaves it.
struct SlotWrite {
    Bytes32 key{};
    Bytes32 original{};
    Bytes32 value{};
};

/// Everything a transaction did: what to apply to the state and what its receipt says. Executing
/// it touched nothing else, so it can be thrown away and made again.
struct TransactionOutcome {
    /// Anything but ok: the transaction has no result and the rest is meaningless.
    Failure failure;

    evmc_status_code status = EVMC_SUCCESS;
    uint64_t gas_used = 0;
    uint256 effective_gas_price;
    Address contract_address{}; ///< of a creation, whether or not it succeeded
    std::vector<uint8_t> output;

    std::vector<AccountWrite> accounts;
    std::vector<SlotWrite> slots;
    std::vector<CodeRef> codes;
    TransactionLogs logs;

    /// Tips for the coinbase that commute with everything else: set where the transaction never
    /// looked at that account, so `accounts` does not hold it. Zero still touches it (EIP-161).
    bool credits_coinbase = false;
    uint256 coinbase_credit;

    /// Makes it empty; keeps the memory.
    void clear() noexcept {
        failure = {};
        status = EVMC_SUCCESS;
        gas_used = 0;
        output.clear();
        accounts.clear();
        slots.clear();
        codes.clear();
        logs.clear();
        credits_coinbase = false;
        coinbase_credit = {};
        contract_address = {};
    }
};

} // namespace braid::executor
