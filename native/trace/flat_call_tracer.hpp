/// The answers of geth's flatCallTracer.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// What flatCallTracer is asked for.
struct FlatCallOptions {
    bool include_precompiles = false;   ///< calls of precompiles below the top as well
    bool convert_parity_errors = false; ///< failures in OpenEthereum's words
};

/// Where a transaction stands in its chain.
struct TransactionPlace {
    Bytes32 block_hash{}; ///< zero: not known
    uint64_t block_number = 0;
    Bytes32 transaction_hash{}; ///< zero: not known
    uint64_t index = 0;         ///< in the block
};

/// Writes the frames one after another: geth's members, in its order.
void write_flat_call_trace(JsonText& json, const transaction::TransactionTrace& trace,
                           const FlatCallOptions& options, const TransactionPlace& place);

} // namespace braid::trace
