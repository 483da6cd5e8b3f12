/// Who follows transactions instruction by instruction.
#pragma once

#include "evm/step.hpp"
#include "transaction/transaction_outcome.hpp"

namespace braid::transaction {

/// Is told of the frames of a transaction. What it is given lasts as long as the call.
class FrameListener {
  public:
    /// A frame is entered. `trace` holds its input; nothing else of it is known.
    virtual void on_enter(const TransactionTrace& trace, const TracedFrame& frame) noexcept = 0;

    /// The innermost frame has ended.
    virtual void on_exit(const TransactionTrace& trace, const TracedFrame& frame) noexcept = 0;

  protected:
    ~FrameListener() = default;
};

/// Is told of the instructions of one transaction after another, in the order in which they are
/// executed, and of each transaction's end; where frames are recorded, of those, too. System calls
/// are not told.
class StepRecorder : public evm::StepObserver, public FrameListener {
  public:
    void on_enter(const TransactionTrace&, const TracedFrame&) noexcept override {}
    void on_exit(const TransactionTrace&, const TracedFrame&) noexcept override {}

    /// A transaction begins; one that has begun before and not ended is to be forgotten.
    virtual void begin_transaction() noexcept = 0;

    /// The transaction has ended with this.
    virtual void end_transaction(const TransactionOutcome& outcome) noexcept = 0;

  protected:
    ~StepRecorder() = default;
};

} // namespace braid::transaction
