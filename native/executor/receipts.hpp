/// Receipts, logs and blooms of a block.
#pragma once

#include "executor/transaction_loop.hpp"
#include "executor/transaction_outcome.hpp"
#include "executor/transaction_validation.hpp"
#include "wire/block_records.hpp"

namespace braid::executor {

/// Appends a transaction's receipt and logs. Blooms are left empty: see fill_blooms().
void append_receipt(const TransactionInput& input, const OutcomeView& outcome,
                    uint64_t cumulative_gas_used, wire::BlockRecords& records);

/// Computes the blooms of all receipts and of the block (Yellow Paper, section 4.3.1). Addresses
/// and topics are hashed in batches, spread as the loop does it.
void fill_blooms(wire::BlockRecords& records, TransactionLoop& loop);

} // namespace braid::executor
