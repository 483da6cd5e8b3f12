/// The frames of a traced transaction as records in packed form.
#pragma once

#include "transaction/transaction_trace.hpp"
#include "wire/layout.hpp"

#include <string>

namespace braid::trace {

/// Why a frame has failed, without particulars.
[[nodiscard]] wire::CallFailure failure_of(const transaction::TracedFrame& frame) noexcept;

/// Appends a wire::Frame for each frame of a trace, in the order in which they were entered.
void append_frames(std::string& bytes, const transaction::TransactionTrace& trace);

} // namespace braid::trace
