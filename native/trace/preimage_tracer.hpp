/// The answers of geth's keccak256PreimageTracer.
#pragma once

#include "trace/step_tracer.hpp"

#include <map>
#include <utility>

namespace braid::trace {

/// Writes what each KECCAK256 of a transaction has hashed, by the hash.
class PreimageTracer final : public StepTracer {
  public:
    /// `most_bytes`: how many all answers may take together.
    explicit PreimageTracer(size_t most_bytes = usual_bytes) noexcept : StepTracer{most_bytes} {}

    void begin_transaction() noexcept override;
    void on_step(const evm::Step& step) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

  private:
    /// By the bytes of the hash.
    std::map<std::string, std::vector<uint8_t>> preimages_;
    size_t digits_ = 0; ///< of them
};

} // namespace braid::trace
