/// What a transaction has done but for paying for its gas, in one number.
#pragma once

#include "transaction/transaction_outcome.hpp"

namespace braid::what_if {

/// A hash of logs, output, and of changes of accounts and slots. Balances of the sender and the
/// coinbase are left out, which gas costs move.
[[nodiscard]] Bytes32 effects_hash(const transaction::TransactionOutcome& outcome,
                                   const Address& sender, const Address& coinbase);

} // namespace braid::what_if
