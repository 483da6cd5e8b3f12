/// Runs one transaction.
#pragma once

#include "transaction/host.hpp"
#include "transaction/step_recorder.hpp"
#include "transaction/transaction_validation.hpp"

namespace braid::transaction {

/// Runs transactions of a block, one at a time, on any view of the state. It knows neither order
/// nor threads: what a transaction does is the outcome, and nothing else changes. Keep one per
/// worker: its memory is reused.
class TransactionExecutor {
  public:
    /// The machine must outlive the executor.
    explicit TransactionExecutor(Machine& machine) noexcept : host_{machine} {}

    /// Sets the block; it must stay while transactions of it run. They end with the block's own
    /// cancellation.
    void begin_block(const BlockEnvironment& environment) noexcept {
        begin_block(environment, environment.cancellation);
    }

    /// As above, with another one, which includes the block's. It is asked on the thread that runs
    /// the transaction, between two instructions or at a call.
    void begin_block(const BlockEnvironment& environment,
                     const Cancellation* cancellation) noexcept;

    /// Makes transactions leave records of what they do in their outcomes from now on; options that
    /// record nothing end that. Only on the built-in EVM.
    void set_trace(const TraceOptions& options) noexcept;

    /// Makes transactions run instruction by instruction from now on, and tells somebody of each;
    /// null ends that. Only on the built-in EVM.
    void set_step_recorder(StepRecorder* recorder) noexcept {
        step_recorder_ = recorder;
        recorder_.set_listener(recorder);
    }

    /// Ends the block: gives back memory beyond a budget. Outcomes so far stay.
    void end_block() {
        host_.end_block();
        recorder_.forget();
    }

    /// The journal of the transaction under way.
    [[nodiscard]] Journal& journal() noexcept { return host_.journal(); }

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

    /// Writes down what a transaction under way, asked by its cancellation whether to go on, has
    /// observed up to now.
    void collect_reads(TransactionReads& reads) {
        reads.clear();
        host_.journal().collect_reads(reads);
    }

  private:
    /// Checks and runs a transaction once. False where it has no result.
    bool execute_once(state::StateView& view, const TransactionInput& input,
                      TransactionOutcome& outcome) noexcept;
    /// Has the failure of a simulated transaction be the one that geth comes across first: it looks
    /// at the nonce before the fees, and at the funds before the gas.
    void prefer_sender_failure(state::StateView& view, const TransactionInput& input,
                               Failure& failure) noexcept;
    /// As execute(), with the recorder.
    void execute_recorded(state::StateView& view, const TransactionInput& input,
                          TransactionOutcome& outcome) noexcept;
    /// Looks up what a transaction names before anything of it has happened.
    void look_up_named(const TransactionInput& input) noexcept;
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
    TraceRecorder recorder_;
    bool records_ = false;      ///< transactions that are traced
    bool is_recording_ = false; ///< the one under way
    StepRecorder* step_recorder_ = nullptr;
    const BlockEnvironment* environment_ = nullptr;
};

} // namespace braid::transaction
