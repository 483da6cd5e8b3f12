/// Failures in the words of OpenEthereum and Besu.
#pragma once

#include "transaction/transaction_trace.hpp"

#include <string>

namespace braid::trace {

/// Why a frame has failed that has, as OpenEthereum says it (the names of its TraceError), or Besu
/// (the descriptions of its ExceptionalHaltReason). What neither has a word for is said in geth's.
/// `input` is that of the frame.
[[nodiscard]] std::string parity_failure_text(const transaction::TracedFrame& frame,
                                              BytesView input, bool as_besu);

} // namespace braid::trace
