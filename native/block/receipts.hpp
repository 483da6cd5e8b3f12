/// Receipts and logs of a block.
#pragma once

#include "transaction/transaction_outcome.hpp"
#include "transaction/transaction_validation.hpp"
#include "wire/block_records.hpp"

namespace braid::block {

/// Appends a transaction's receipt and its logs, which lie behind those of the receipt before.
/// Blooms are left empty: see fill_blooms().
void append_receipt(const transaction::TransactionInput& input,
                    const transaction::OutcomeView& outcome, uint64_t cumulative_gas_used,
                    wire::BlockRecords& records);

} // namespace braid::block
