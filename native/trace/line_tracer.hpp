/// Traces of EIP-3155: a line of JSON for every instruction, as geth's evm prints them.
#pragma once

#include "trace/stack_text.hpp"
#include "trace/step_tracer.hpp"

namespace braid::trace {

/// What the lines tell.
struct LineOptions {
    bool enable_memory = false;
    bool disable_stack = false;
    bool enable_return_data = false;
    bool call_frames = false; ///< a line for every frame that is entered
    /// After how many bytes no more lines are written; 0: all are.
    uint64_t limit = 0;
    size_t most_bytes = StepTracer::usual_bytes; ///< of all answers together
};

/// Writes the lines of one transaction after another: an instruction, once more what has failed in
/// its execution, and what a frame has returned.
class LineTracer final : public StepTracer {
  public:
    explicit LineTracer(const LineOptions& options) noexcept
        : StepTracer{options.most_bytes}, options_{options} {}

    void begin_transaction() noexcept override { text_.clear(); }
    void on_step(const evm::Step& step) noexcept override;
    void on_fault(const evm::Step& step) noexcept override;
    void on_enter(const transaction::TransactionTrace& trace,
                  const transaction::TracedFrame& frame) noexcept override;
    void on_exit(const transaction::TransactionTrace& trace,
                 const transaction::TracedFrame& frame) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

  private:
    [[nodiscard]] bool is_full() const noexcept {
        return is_cut() || (options_.limit != 0 && text_.size() > options_.limit);
    }
    void write(const evm::Step& step, std::span<const uint256> stack, BytesView return_data);

    const LineOptions options_;
    std::string text_;
    StackText stack_;
};

} // namespace braid::trace
