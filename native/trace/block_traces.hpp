/// The traces of a block's transactions, as its input asks for them.
#pragma once

#include "trace/step_tracer.hpp"
#include "transaction/transaction_trace.hpp"
#include "wire/block_reader.hpp"

#include <memory>
#include <string>

namespace braid::trace {

/// Whether a block's tracer writes what it tells once the block has ended, from records of its
/// frames.
[[nodiscard]] bool is_told_afterwards(const wire::BlockView& block) noexcept;

/// The answer of such a tracer for one transaction, as JSON; of `frames`, as packed records.
/// `first_log` counts the logs of the transactions before it; `steps` is what the block's step
/// tracer has written of it, if it has one.
[[nodiscard]] std::string trace_of(const wire::BlockView& block, size_t index,
                                   const transaction::TransactionTrace& trace, uint64_t first_log,
                                   std::string_view steps);

/// The tracer that follows the block's transactions instruction by instruction; null where its
/// input asks for nothing of that kind.
[[nodiscard]] std::unique_ptr<StepTracer> step_tracer_of(const wire::BlockView& block);

} // namespace braid::trace
