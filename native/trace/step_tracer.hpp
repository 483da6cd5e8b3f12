/// Tracers that follow transactions instruction by instruction.
#pragma once

#include "transaction/step_recorder.hpp"

#include <optional>
#include <string>
#include <vector>

namespace braid::trace {

/// Makes the answers of one transaction after another.
class StepTracer : public transaction::StepRecorder {
  public:
    virtual ~StepTracer() = default;

    void on_fault(const evm::Step&) noexcept override {}

    /// The answers for the transactions that have ended since the last call, in their order.
    [[nodiscard]] virtual std::vector<std::string> take() noexcept = 0;

    /// The first of those transactions of which something is left out for want of room; nothing
    /// where all is there.
    [[nodiscard]] virtual std::optional<size_t> cut_at() const noexcept = 0;
};

} // namespace braid::trace
