/// OpenEthereum's stateDiff: what a transaction has changed.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// Writes what became of the accounts that were touched: of each that differs balance, code, nonce
/// and storage, `"="` where it is the same, `{"*":{"from":…,"to":…}}` where it is another,
/// `{"+":…}` of an account that is new and `{"-":…}` of one that is gone. `empty_is_absent`: an
/// account that has nothing is not there, whatever a state says that cannot tell.
void write_parity_state_diff(JsonText& json, const transaction::TransactionTrace& trace,
                             bool empty_is_absent);

} // namespace braid::trace
