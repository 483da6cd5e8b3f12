/// Whether a transaction may be in its block.
#pragma once

#include "transaction/block_environment.hpp"
#include "transaction/intrinsic_gas.hpp"
#include "transaction/journal.hpp"

namespace braid::transaction {

/// What a signature gave.
struct Signer {
    Address address{};
    bool valid = false;
};

/// How many blobs a transaction carries. Only those of EIP-4844's type do, whatever the record
/// says.
[[nodiscard]] inline uint32_t blob_count_of(const wire::Transaction& transaction) noexcept {
    constexpr uint8_t blob_transaction_type = 3;
    return transaction.type == blob_transaction_type ? transaction.blob_count : 0;
}

/// A transaction with what was computed about it beforehand.
struct TransactionInput {
    const wire::Transaction* record = nullptr;
    Signer sender;
    /// The signers of its authorizations (EIP-7702), in their order.
    std::span<const Signer> authorities;
    /// Whether what it does is recorded, in a block that is traced.
    bool is_traced = true;
};

/// The prices of a transaction in its block.
struct TransactionFees {
    IntrinsicGas gas;
    /// What each unit of gas costs the sender (EIP-1559).
    uint256 gas_price;
    /// What each unit of gas gives the coinbase.
    uint256 tip;
    /// What blobs cost, burnt (EIP-4844).
    uint256 blob_fee;
    /// What a simulation lends the sender for the run; 0 while nobody has asked for that.
    uint256 lent;
};

/// Whether two spans of checks that need no state hold: type, signature, chain, fees against the
/// block's base fees, blobs, authorizations, sizes, gas. Returns the first rule that is broken
/// (code ok where there is none) and fills `fees`.
[[nodiscard]] Failure validate_stateless(const BlockEnvironment& environment,
                                         const TransactionInput& input,
                                         TransactionFees& fees) noexcept;

/// Whether the sender's account allows the transaction: nonce (EIP-2681), no code (EIP-3607 with
/// EIP-7702's exception), funds for the most it can cost. Returns the first rule that is broken.
[[nodiscard]] Failure validate_sender(const BlockEnvironment& environment,
                                      const TransactionInput& input, Journal& journal,
                                      JournalAccount& sender) noexcept;

/// The most the transaction can cost: gas and blobs at their maximum fees plus the value. False
/// where that does not fit 256 bits.
[[nodiscard]] bool maximum_cost(const wire::Transaction& transaction, uint256& cost) noexcept;

/// Whether a transaction fits into what the transactions before it left of the block. Returns the
/// rule that is broken.
[[nodiscard]] Failure validate_block_space(const BlockEnvironment& environment,
                                           const wire::Transaction& transaction, uint64_t gas_used,
                                           uint64_t blob_gas_used) noexcept;

} // namespace braid::transaction
