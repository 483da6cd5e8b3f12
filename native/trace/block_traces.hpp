/// The traces of a block's transactions, as its input asks for them.
#pragma once

#include "trace/struct_logger.hpp"
#include "transaction/transaction_trace.hpp"
#include "wire/block_reader.hpp"

#include <memory>
#include <string>

namespace braid::trace {

/// The answer of the block's tracer, which does not follow instructions, for one transaction, as
/// JSON. `first_log` counts the logs of the transactions before it.
[[nodiscard]] std::string trace_of(const wire::BlockView& block, size_t index,
                                   const transaction::TransactionTrace& trace, uint64_t first_log);

/// What a block asks of the default tracer.
[[nodiscard]] StructLogOptions struct_log_options(const wire::BlockView& block) noexcept;

/// The block's tracer, where it is one that follows instructions; else null.
[[nodiscard]] std::unique_ptr<StepTracer> step_tracer_of(const wire::BlockView& block);

} // namespace braid::trace
