/// Failures in the words of OpenEthereum and Besu.
#pragma once

#include "transaction/transaction_trace.hpp"

#include <string>

namespace braid::trace {

/// Why a frame has failed that has, as OpenEthereum says it (the names of its TraceError), or Besu
/// (the descriptions of its ExceptionalHaltReason). What OpenEthereum has no frame for, calls too
/// deep or too expensive for the caller, is said in geth's words. `input` is that of the frame.
[[nodiscard]] std::string parity_failure_text(const transaction::TracedFrame& frame,
                                              BytesView input, bool as_besu);

} // namespace braid::trace
