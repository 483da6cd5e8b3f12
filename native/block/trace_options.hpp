/// What a block's input asks to be recorded.
#pragma once

#include "transaction/transaction_trace.hpp"
#include "wire/layout.hpp"

namespace braid::block {

/// The records that the block's tracer needs.
[[nodiscard]] transaction::TraceOptions trace_options_of(const wire::BlockInput& header) noexcept;

} // namespace braid::block
