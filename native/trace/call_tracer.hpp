/// The answers of geth's callTracer.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// What callTracer is asked for.
struct CallTracerOptions {
    bool with_log = false;
};

/// Writes the tree of frames as callTracer has it: geth's members, in its order. `first_log` is the
/// index in the block of the transaction's first log.
void write_call_trace(JsonText& json, const transaction::TransactionTrace& trace,
                      const CallTracerOptions& options, uint64_t first_log);

} // namespace braid::trace
