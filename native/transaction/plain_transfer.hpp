/// Transactions that can do nothing but move ether.
#pragma once

#include "transaction/transaction_validation.hpp"

namespace braid::transaction {

/// What a plain transfer does, on condition that its sender has the nonce, the funds and no code,
/// and its recipient has no code: nothing else in the state matters to it.
struct PlainTransfer {
    Address sender{};
    Address recipient{};
    uint64_t nonce = 0;
    uint256 maximum_cost; ///< what the sender must have
    uint256 cost;         ///< what the sender pays: value and gas
    uint256 value;        ///< what the recipient gets
    uint256 tip;          ///< what the coinbase gets
    uint64_t gas_used = 0;
    uint64_t intrinsic_gas = 0; ///< less than gas_used where the floor of EIP-7623 is higher
    uint256 gas_price;
};

/// Whether a transaction runs no code where its recipient has none, and calls no precompile. Costs
/// next to nothing.
[[nodiscard]] bool may_be_plain_transfer(const BlockEnvironment& environment,
                                         const wire::Transaction& transaction) noexcept;

/// Works out a plain transfer. False where a rule that needs no state is broken.
[[nodiscard]] bool plain_transfer(const BlockEnvironment& environment,
                                  const TransactionInput& input, PlainTransfer& transfer) noexcept;

} // namespace braid::transaction
