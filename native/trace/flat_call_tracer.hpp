/// The answers of geth's flatCallTracer.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// Whose answers traces are written as.
enum class FlatForm : uint8_t {
    geth,   ///< flatCallTracer's
    parity, ///< OpenEthereum's trace_*
    besu,   ///< Besu's trace_*: OpenEthereum's, with what a frame has said with REVERT
    erigon, ///< Erigon's trace_*
};

/// What flatCallTracer, or trace_*, is asked for.
struct FlatCallOptions {
    bool include_precompiles = false;   ///< calls of precompiles below the top as well
    bool convert_parity_errors = false; ///< of geth's: failures as OpenEthereum says them
    FlatForm form = FlatForm::geth;
    bool tells_place = true;           ///< in which block, and of which transaction, frames are
    bool tells_creation_method = true; ///< which instruction creates
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
