/// A tracer that follows transactions instruction by instruction.
#pragma once

#include "transaction/step_recorder.hpp"

#include <string>
#include <vector>

namespace braid::trace {

/// Writes one answer per transaction.
class StepTracer : public transaction::StepRecorder {
  public:
    virtual ~StepTracer() = default;
    StepTracer() = default;
    StepTracer(const StepTracer&) = delete;
    StepTracer& operator=(const StepTracer&) = delete;

    /// The answers for the transactions that have ended since the last call, in their order: JSON.
    [[nodiscard]] std::vector<std::string> take() noexcept { return std::exchange(done_, {}); }

  protected:
    std::vector<std::string> done_;
};

} // namespace braid::trace
