/// The answers of geth's prestateTracer.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// What prestateTracer is asked for.
struct PrestateOptions {
    bool diff_mode = false;       ///< what has changed, before and after
    bool disable_code = false;    ///< no code; hashes of code stay
    bool disable_storage = false; ///< no slots
    bool include_empty = false;   ///< accounts that were empty, too; not with diff_mode
};

/// Writes the accounts that a transaction has looked up, by address: geth's members, in its order.
/// What they were and have become must be known.
void write_prestate(JsonText& json, const transaction::TransactionTrace& trace,
                    const PrestateOptions& options);

} // namespace braid::trace
