/// What the hardforks changed in the rules around the EVM, as data.
#pragma once

#include "evmc/evmc.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace braid::transaction {

/// What a transaction pays before it runs that no hardfork has changed.
struct IntrinsicCosts {
    uint64_t transaction = 21'000;
    uint64_t data_zero = 4;          ///< per zero byte
    uint64_t access_address = 2'400; ///< EIP-2930
    uint64_t access_key = 1'900;     ///< EIP-2930
    uint64_t authorization = 25'000; ///< EIP-7702, PER_EMPTY_ACCOUNT_COST
};

/// The rules of one revision that the executor needs outside the interpreter. The interpreter has
/// its own tables.
struct Rules {
    evmc_revision revision = EVMC_FRONTIER;

    // Intrinsic gas of a transaction.
    std::optional<IntrinsicCosts> intrinsic_costs; ///< in place of the protocol's
    int64_t creation_gas = 0;                      ///< EIP-2: added for a contract creation
    int64_t data_nonzero_gas = 68;                 ///< per non-zero byte; EIP-2028 lowers it
    int64_t initcode_word_gas = 0;                 ///< EIP-3860
    uint64_t max_initcode_size = UINT64_MAX;       ///< EIP-3860
    int64_t floor_token_gas = 0;                   ///< EIP-7623; 0 where there is no floor
    uint64_t max_transaction_gas = UINT64_MAX;     ///< EIP-7825

    // Contract creation.
    size_t max_code_size = SIZE_MAX;   ///< EIP-170
    uint64_t created_nonce = 0;        ///< EIP-161: contracts start with nonce 1
    int64_t code_deposit_gas = 200;    ///< per byte of deployed code
    bool failed_deposit_fails = false; ///< EIP-2: too little gas for the code fails the creation
    bool reject_ef_code = false;       ///< EIP-3541

    // Accounts.
    bool clear_empty = false;          ///< EIP-161: empty accounts do not exist
    bool warm_access = false;          ///< EIP-2929
    bool warm_coinbase = false;        ///< EIP-3651
    bool destroy_only_created = false; ///< EIP-6780

    // Fees.
    bool base_fee = false;        ///< EIP-1559
    uint64_t refund_quotient = 2; ///< EIP-3529 raises it to 5

    // Receipts.
    bool receipt_status = false; ///< EIP-658: in place of the state root

    // Validity.
    uint8_t max_transaction_type = 0; ///< EIP-2718: 1 Berlin, 2 London, 3 Cancun, 4 Prague
    bool low_s = false;               ///< EIP-2
    bool replay_protection = false;   ///< EIP-155: `v` may carry the chain id
    bool delegation = false;          ///< EIP-7702
    bool pays_reward = true;          ///< proof of work: the coinbase earns the block reward
};

/// The rules of a revision. Experimental counts as the latest stable one.
[[nodiscard]] const Rules& rules_of(evmc_revision revision) noexcept;

} // namespace braid::transaction
