/// The answers of geth's 4byteTracer.
#pragma once

#include "trace/json_text.hpp"
#include "transaction/transaction_trace.hpp"

namespace braid::trace {

/// Writes how often which selector was called with how many bytes of arguments, by
/// `0x<selector>-<bytes>`.
void write_four_byte_trace(JsonText& json, const transaction::TransactionTrace& trace);

} // namespace braid::trace
