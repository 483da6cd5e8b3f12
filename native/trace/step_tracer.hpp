/// Tracers that follow transactions instruction by instruction.
#pragma once

#include "transaction/step_recorder.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace braid::trace {

/// Makes the answers of one transaction after another. They are bounded: nothing more is written
/// once they would take more than that, and cut_at() tells so.
class StepTracer : public transaction::StepRecorder {
  public:
    /// How many bytes the answers of a block may take together.
    static constexpr size_t usual_bytes = size_t{1} << 30;

    explicit StepTracer(size_t most_bytes = usual_bytes) noexcept : most_bytes_{most_bytes} {}
    virtual ~StepTracer() = default;
    StepTracer(const StepTracer&) = delete;
    StepTracer& operator=(const StepTracer&) = delete;

    void on_fault(const evm::Step&) noexcept override {}

    /// The answers for the transactions that have ended since the last call, in their order.
    [[nodiscard]] std::vector<std::string> take() noexcept {
        size_ = 0;
        return std::exchange(done_, {});
    }

    /// The first of those transactions of which something is left out for want of room; nothing
    /// where all is there.
    [[nodiscard]] std::optional<size_t> cut_at() const noexcept { return cut_at_; }

  protected:
    /// Whether something is left out, and nothing more needs to be written.
    [[nodiscard]] bool is_cut() const noexcept { return cut_at_.has_value(); }

    /// Notes that so many bytes are needed for the transaction that runs.
    void note_size(size_t bytes) noexcept {
        if (!cut_at_ && size_ + bytes > most_bytes_)
            cut_at_ = done_.size();
    }

    /// Keeps the answer for the transaction that has ended.
    void finish(std::string answer) noexcept {
        note_size(answer.size());
        size_ += answer.size();
        done_.push_back(std::move(answer));
    }

  private:
    const size_t most_bytes_;
    size_t size_ = 0; ///< the bytes of the answers that are done
    std::optional<size_t> cut_at_;
    std::vector<std::string> done_;
};

} // namespace braid::trace
