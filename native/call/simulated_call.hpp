/// What a simulated transaction was and did, beside what its receipt says.
#pragma once

#include "transaction/transaction_trace.hpp"
#include "wire/layout.hpp"

#include <string>

namespace braid::call {

/// What `eth_simulateV1` needs of a transaction, as JSON:
/// `{"nonce","gas","logs","count","error"?}`, and
/// `"cut":true` where there were more records than are kept.
/// Nonce and gas limit are those that it ran with. Its logs are those that stand; with `transfers`
/// what value was moved is among them, as logs. `index` of a log counts all logs of the
/// transaction, also those that were taken back, and `count` is how many they are. `error` says why
/// it failed. `data` is the transaction's.
[[nodiscard]] std::string simulated_call(const wire::Transaction& transaction, BytesView data,
                                         const transaction::TransactionTrace& trace,
                                         bool transfers);

} // namespace braid::call
