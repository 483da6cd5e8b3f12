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

/// Writes the tree as erc7562Tracer has it. `noted` is what Erc7562Tracer gave for the transaction.
void write_erc7562_trace(JsonText& json, const transaction::TransactionTrace& trace,
                         const CallTracerOptions& options, uint64_t first_log,
                         std::string_view noted);

} // namespace braid::trace
