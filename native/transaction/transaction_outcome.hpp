/// The outcome of one transaction, as a value.
#pragma once

#include "base/code.hpp"
#include "base/epoch_table.hpp"
#include "base/uint256.hpp"
#include "state/state_view.hpp"
#include "transaction/transaction_trace.hpp"
#include "wire/layout.hpp"

#include <memory>
#include <span>
#include <vector>

namespace braid::transaction {

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

/// What a transaction does to an account. It holds on any state that the transaction's reads hold
/// on: the balance is a difference, and what the transaction did not change is not in it.
struct AccountWrite {
    Address address{};
    bool destroyed = false;     ///< the account goes, with its storage; the rest does not count
    bool nonce_changed = false; ///< else `nonce` does not count
    bool code_changed = false;  ///< else `code_hash` and `code` do not count
    uint64_t nonce = 0;
    uint256 balance_change{}; ///< added modulo 2^256: a debit is the complement
    Bytes32 code_hash{};
    const Code* code = nullptr; ///< owned by TransactionOutcome::codes; null: no code
    uint32_t slot_start = 0;    ///< its range in TransactionOutcome::slots
    uint32_t slot_count = 0;
};

/// A slot as the transaction found it and leaves it.
struct SlotWrite {
    Bytes32 key{};
    Bytes32 original{};
    Bytes32 value{};
};

/// What a transaction learnt of an account before it changed anything there: the part of the state
/// that its outcome rests on.
struct AccountRead {
    /// Bits of `observed`: what was looked at, and so must still hold.
    enum : uint8_t {
        existence = 1, ///< as CALL sees it: from EIP-161 on, whether it is not empty
        nonce_value = 2,
        balance_value = 4,
        code_value = 8,
        has_storage = 16 ///< EIP-7610
    };
    Address address{};
    uint8_t observed = 0;
    bool exists = false; ///< what `existence` says
    state::AccountState account;
    /// The balance must be at least this much. A check that passed does not look at the value.
    uint256 minimum_balance;
    uint32_t slot_start = 0; ///< its range in TransactionReads::slots
    uint32_t slot_count = 0;
};

/// A slot's value at the start of the transaction.
struct SlotRead {
    Bytes32 key{};
    Bytes32 value{};
};

/// Everything a transaction's outcome rests on.
struct TransactionReads {
    std::vector<AccountRead> accounts;
    std::vector<SlotRead> slots;
    /// Whether all of it was read from the state before the block: what the block has not changed
    /// since is then known to hold.
    bool from_base = false;

    void clear() noexcept {
        accounts.clear();
        slots.clear();
        from_base = false;
    }
};

/// Everything a transaction did: what to apply to the state and what its receipt says. Executing
/// it touched nothing else, so it can be thrown away and made again.
struct TransactionOutcome {
    /// Anything but ok: the transaction has no result and the rest is meaningless.
    Failure failure;

    evmc_status_code status = EVMC_SUCCESS;
    uint64_t gas_used = 0;
    uint64_t gas_before_refund = 0;   ///< neither refund nor the floor of EIP-7623 applied
    int64_t gas_refund = 0;           ///< the refund counter's of the execution, no cap applied
    int64_t authorization_refund = 0; ///< what counts beside it (EIP-7702)
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

    /// The records of the run, where transactions are traced.
    std::shared_ptr<TransactionTrace> trace;

    /// Makes it empty; keeps the memory.
    void clear() noexcept {
        failure = {};
        status = EVMC_SUCCESS;
        gas_used = 0;
        gas_before_refund = 0;
        gas_refund = 0;
        authorization_refund = 0;
        output.clear();
        accounts.clear();
        slots.clear();
        codes.clear();
        logs.clear();
        credits_coinbase = false;
        coinbase_credit = {};
        contract_address = {};
        trace.reset();
    }

    /// As clear(), and gives back memory beyond some MiB.
    void trim() {
        constexpr size_t most_bytes = size_t{1} << 20;
        clear();
        braid::trim(output, most_bytes);
        braid::trim(accounts, most_bytes);
        braid::trim(slots, most_bytes);
        braid::trim(logs.entries, most_bytes);
        braid::trim(logs.topics, most_bytes);
        braid::trim(logs.data, most_bytes);
    }
};

/// What an outcome says, wherever it lies: for those who only read it. Its code objects are
/// somebody else's.
struct OutcomeView {
    wire::ErrorCode failure = wire::ErrorCode::ok;
    evmc_status_code status = EVMC_SUCCESS;
    uint64_t gas_used = 0;
    uint64_t gas_before_refund = 0;
    int64_t gas_refund = 0;
    int64_t authorization_refund = 0;
    uint256 effective_gas_price;
    Address contract_address{};
    std::span<const uint8_t> output;
    std::span<const AccountWrite> accounts;
    std::span<const SlotWrite> slots;
    std::span<const wire::Log> logs;
    std::span<const Bytes32> topics;
    std::span<const uint8_t> log_data;
    bool credits_coinbase = false;
    uint256 coinbase_credit;
    /// What was recorded, to be moved away by who commits; null: nothing.
    TransactionTrace* trace = nullptr;

    OutcomeView() = default;
    OutcomeView(const TransactionOutcome& outcome) noexcept
        : failure{outcome.failure.code}, status{outcome.status}, gas_used{outcome.gas_used},
          gas_before_refund{outcome.gas_before_refund}, gas_refund{outcome.gas_refund},
          authorization_refund{outcome.authorization_refund},
          effective_gas_price{outcome.effective_gas_price},
          contract_address{outcome.contract_address}, output{outcome.output},
          accounts{outcome.accounts}, slots{outcome.slots}, logs{outcome.logs.entries},
          topics{outcome.logs.topics}, log_data{outcome.logs.data},
          credits_coinbase{outcome.credits_coinbase},
          coinbase_credit{outcome.coinbase_credit}, trace{outcome.trace.get()} {}
};

/// What an outcome rests on, wherever it lies.
struct ReadsView {
    std::span<const AccountRead> accounts;
    std::span<const SlotRead> slots;
    bool from_base = false;

    ReadsView() = default;
    ReadsView(const TransactionReads& reads) noexcept
        : accounts{reads.accounts}, slots{reads.slots}, from_base{reads.from_base} {}
};

} // namespace braid::transaction
