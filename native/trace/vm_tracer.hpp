/// OpenEthereum's vmTrace: every instruction of a transaction with what it left behind.
#pragma once

#include "trace/step_tracer.hpp"

#include <string>
#include <vector>

namespace braid::trace {

/// How vmTrace is written.
struct VmTraceOptions {
    evmc_revision revision = EVMC_LATEST_STABLE_REVISION;
    /// Whether it tells, as Erigon does, the STOP behind the end of code that runs out,
    /// instructions that don't exist, and those that the stack doesn't suffice for.
    bool tells_all = false;
    /// Whether a SELFDESTRUCT that cannot be paid for costs what it does for any beneficiary, as
    /// with Besu, which looks at the beneficiary once that is paid.
    bool as_besu = false;
    size_t most_bytes = StepTracer::usual_bytes; ///< of all answers together
};

/// Writes the instructions of one transaction after another. What an instruction has left is seen
/// when the next one of its frame begins, or the frame ends.
class VmTracer final : public StepTracer {
  public:
    explicit VmTracer(const VmTraceOptions& options) noexcept
        : StepTracer{options.most_bytes}, options_{options} {}

    void begin_transaction() noexcept override;
    void on_step(const evm::Step& step) noexcept override;
    void on_fault(const evm::Step& step) noexcept override;
    void on_exit(const transaction::TransactionTrace& trace,
                 const transaction::TracedFrame& frame) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

  private:
    /// The instruction of a frame that has begun last.
    struct Pending {
        bool is_there = false;
        bool has_failed = false; ///< before it executed
        bool calls = false;      ///< enters a frame, or would have
        uint8_t op = 0;
        uint64_t position = 0;
        uint64_t cost = 0;
        int64_t gas = 0; ///< before it
        // What of memory it writes or reads.
        uint64_t memory_offset = 0;
        uint64_t memory_size = 0;
        uint256 key;                    ///< of SSTORE
        uint256 value;                  ///< of SSTORE
        std::vector<uint8_t> init_code; ///< of creations
    };
    struct Frame {
        Pending pending;
        bool is_first = true;
        bool is_within =
            false; ///< whether the pending instruction is written up to what it entered
    };

    void enter(const evm::Step& step);
    void begin(Frame& frame, const evm::Step& step);
    static void keep_init_code(Pending& pending, const evm::Step& step);
    /// Writes what stands where an instruction has entered no code.
    void write_nothing_entered(const Pending& pending);
    /// Writes what comes first of the pending instruction.
    void write_head(Frame& frame);
    /// Writes the pending instruction; `after` is the next step of its frame, null where there is
    /// none.
    void complete(Frame& frame, const evm::Step* after);
    void write_effect(const Pending& pending, const evm::Step* after);
    /// Ends the innermost frame.
    void leave();

    const VmTraceOptions options_;
    std::vector<Frame> frames_; ///< from the transaction's own inwards
    std::string text_;
};

} // namespace braid::trace
