/// The answers of geth's keccak256PreimageTracer.
#pragma once

#include "trace/step_tracer.hpp"

#include <map>
#include <utility>

namespace braid::trace {

/// Writes what each KECCAK256 of a transaction has hashed, by the hash.
class PreimageTracer final : public StepTracer {
  public:
    /// `most_bytes`: how many bytes of what is hashed are kept of one transaction.
    explicit PreimageTracer(size_t most_bytes = size_t{1} << 28) noexcept
        : most_bytes_{most_bytes} {}

    void begin_transaction() noexcept override;
    void on_step(const evm::Step& step) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

    [[nodiscard]] std::vector<std::string> take() noexcept override {
        return std::exchange(done_, {});
    }
    [[nodiscard]] std::optional<size_t> cut_at() const noexcept override { return cut_at_; }

  private:
    /// By the bytes of the hash.
    std::map<std::string, std::vector<uint8_t>> preimages_;
    const size_t most_bytes_;
    size_t size_ = 0;
    std::optional<size_t> cut_at_;
    std::vector<std::string> done_;
};

} // namespace braid::trace
