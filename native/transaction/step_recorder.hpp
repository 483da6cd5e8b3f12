/// Who follows transactions instruction by instruction.
#pragma once

#include "evm/step.hpp"
#include "transaction/transaction_outcome.hpp"

namespace braid::transaction {

/// Is told of the instructions of one transaction after another, in the order in which they are
/// executed, and of each transaction's end. System calls are not told.
class StepRecorder : public evm::StepObserver {
  public:
    /// A transaction begins; one that has begun before and not ended is to be forgotten.
    virtual void begin_transaction() noexcept = 0;

    /// The transaction has ended with this.
    virtual void end_transaction(const TransactionOutcome& outcome) noexcept = 0;

  protected:
    ~StepRecorder() = default;
};

} // namespace braid::transaction
