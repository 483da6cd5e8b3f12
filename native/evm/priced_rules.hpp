/// The rules of a revision with gas costs of one's own: what a repricing would do.
#pragma once

#include "evm/rules.hpp"

namespace braid::evm {

/// Rules whose gas costs are chosen per run. What is data in the rules already stands in them; what
/// the operations have as constants is here as the difference to those, which the stepper charges
/// beside. Plain execution knows nothing of any of it.
struct PricedRules {
    Rules rules;
    // What each costs more than by the protocol; below zero: less.
    int64_t keccak256_word = 0;    ///< KECCAK256, CREATE2
    int64_t copy_word = 0;         ///< the instructions that copy
    int64_t memory_word = 0;       ///< each word that memory grows by; not its square
    int64_t log_byte = 0;          ///< data of LOG0 to LOG4
    int64_t call_value = 0;        ///< CALL, CALLCODE with value
    int64_t new_account = 0;       ///< CALL that makes an account
    int64_t delegation_access = 0; ///< following a delegation (EIP-7702), beside what is cold
};

/// What a price of one's own may be at most: sums over all that memory holds stay far from
/// overflow.
inline constexpr uint32_t largest_price = 1'000'000'000;

} // namespace braid::evm
