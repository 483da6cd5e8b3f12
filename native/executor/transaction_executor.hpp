/// Runs one transaction.
#pragma once

#include "executor/host.hpp"
#include "executor/transaction_validation.hpp"

namespace braid::executor {

/// Runs transactions of a block, one at a time, on any view of the state. It knows neither order
/// nor threads: what a transaction does is the outcome, and nothing else changes. Keep one per
/// worker: its memory is reused.
class TransactionExecutor {
  public:
    /// The machine must outlive the executor.
    explicit TransactionExecutor(Machine& machine) noexcept : host_{machine} {}

    /// Sets the block; it must stay while transactions of it run.
    void begin_block(const BlockEnvironment& environment) noexcept;

    /// Checks and runs a transaction. What depends on the transactions before it other than
    /// through the state (the block's remaining gas) is not checked here.
    void execute(state::StateView& view, const TransactionInput& input,
                 TransactionOutcome& outcome) noexcept;

    /// As above, for a view that may turn out to be wrong: also writes down what the outcome rests
    /// on, as far as it has any.
    void execute(state::StateView& view, const TransactionInput& input, TransactionOutcome& outcome,
                 TransactionReads& reads) noexcept;

    /// Runs a system call: no fees, no nonce, the caller's account untouched. `has_code` says
    /// whether there was anything to run; without code nothing happened.
    void execute_system_call(state::StateView& view, const wire::SystemCall& call,
                             TransactionOutcome& outcome, bool& has_code) noexcept;

  private:
    /// Lends the sender of a simulation what it lacks; returns what is to be taken back.
    [[nodiscard]] uint256 lend(const wire::Transaction& transaction,
                               JournalAccount& sender) noexcept;
    void buy_gas(const wire::Transaction& transaction, const TransactionFees& fees,
                 JournalAccount& sender) noexcept;
    void warm_up(const wire::Transaction& transaction, JournalAccount& sender) noexcept;
    evmc_result run(const wire::Transaction& transaction, const JournalAccount& sender,
                    const TransactionFees& fees) noexcept;
    void settle(const wire::Transaction& transaction, const TransactionFees& fees,
                JournalAccount& sender, int64_t gas_left, int64_t refund,
                TransactionOutcome& outcome) noexcept;
    /// Takes back what was lent, as far as the sender has it; returns what it owes still.
    [[nodiscard]] uint256 take_back(const uint256& lent, JournalAccount& sender) noexcept;
    void finish(const evmc_result& result, TransactionOutcome& outcome) noexcept;

    Host host_;
    const BlockEnvironment* environment_ = nullptr;
};

} // namespace braid::executor
