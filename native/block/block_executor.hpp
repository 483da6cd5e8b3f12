/// Runs a block: everything around its transactions, and their commits in order.
#pragma once

#include "base/ticks.hpp"
#include "block/block_state.hpp"
#include "block/block_summary.hpp"
#include "block/senders.hpp"
#include "block/transaction_loop.hpp"
#include "state/misses.hpp"
#include "transaction/transaction_executor.hpp"
#include "wire/block_records.hpp"

#include <optional>

namespace braid::block {

/// When, where and why a transaction ran: what reports tell of it.
struct RunRecord {
    uint64_t start = 0; ///< ticks (base/ticks.hpp)
    uint64_t end = 0;
    uint16_t worker = 0;
    uint8_t incarnation = 0;
    int32_t waited_for = no_writer; ///< the transaction it was held back for
};

/// A run that was thrown away before its commit came, and why.
struct DiscardedRun {
    RunRecord run;
    uint64_t gas_used = 0;
    CheckResult reason;
};

/// What became of an outcome that was made ahead of its turn.
enum class CommitStatus : uint8_t {
    committed,
    stale,  ///< it rests on something that does not hold: nothing happened
    failed, ///< the block has ended with an error, or is parked
};

/// Executes whole blocks on a state that it only reads: everything a block does is in the records.
/// Keep one per thread: its memory is reused. Single-threaded.
class BlockExecutor {
  public:
    /// The machine must outlive the executor.
    explicit BlockExecutor(transaction::Machine& machine) noexcept : transactions_{machine} {}

    /// Runs the block and fills the records: receipts, logs, requests, blooms and the net changes;
    /// or stops at the first broken rule and reports it there. `senders` has run all its jobs.
    /// The timings are the caller's, who also knows what the times of the runs, which are ticks,
    /// count from. A cancellation ends the block at the next transaction, call frame or slice of
    /// gas with ErrorCode::cancelled; it must stay until this returns.
    void execute(state::StateView& base, const wire::BlockView& block, const SenderTable& senders,
                 wire::BlockRecords& records, const Cancellation* cancellation = nullptr);

    /// As above, with the transactions executed by a loop.
    void execute(state::StateView& base, const wire::BlockView& block, const SenderTable& senders,
                 wire::BlockRecords& records, TransactionLoop& loop,
                 const Cancellation* cancellation = nullptr);

    // The same in pieces, on a base of which not everything is known: begin(), then open(), go_on()
    // and close() until the block is not parked any more.

    /// Starts a block; nothing of it is executed yet. What is given must stay until its end.
    void begin(const wire::BlockView& block, const SenderTable& senders,
               wire::BlockRecords& records) noexcept;

    /// Has transactions run instruction by instruction, in order, and tells somebody of each; null
    /// ends that.
    void set_step_recorder(transaction::StepRecorder* recorder) noexcept {
        transactions_.set_step_recorder(recorder);
        step_recorder_ = recorder;
    }

    /// What is recorded of transactions.
    [[nodiscard]] const transaction::TraceOptions& trace_options() const noexcept {
        return trace_options_;
    }

    /// What the transactions that are committed have left, by index; nothing where none are
    /// recorded, an empty one of those before the first that is. What it refers to is the block's:
    /// it stays until the next begin(), code of the base as long as that.
    [[nodiscard]] std::span<const transaction::TransactionTrace> traces() const noexcept {
        return traces_;
    }

    /// Gives up what the transactions of a block that has ended have left.
    void forget_traces() noexcept { traces_ = {}; }

    /// Sets what the next piece reads, and where `base` takes down what it misses; null: it has
    /// nothing to miss. They must stay until close().
    void open(state::StateView& base, const Cancellation* cancellation,
              state::Misses* misses = nullptr);

    /// Executes as much as is known. The block is parked where something is not: all that was
    /// committed stays, and nothing that rests on a guess is.
    void go_on(TransactionLoop& loop);

    /// Ends a piece.
    void close();

    /// Whether something was missing that the block cannot go on without: it is in `misses`.
    [[nodiscard]] bool parked() const noexcept { return misses_ != nullptr && misses_->any(); }

    /// Whether there is nothing left to execute.
    [[nodiscard]] bool has_ended() const noexcept { return stage_ == Stage::ended; }

    /// The first transaction that is not committed.
    [[nodiscard]] uint32_t next_transaction() const noexcept { return next_transaction_; }

    /// The state after what has been committed so far, to be read by several threads while none
    /// commits.
    [[nodiscard]] const BlockState& block_state() const noexcept { return state_; }

    /// Executes on another state what is still to come but for transactions, and throws the
    /// outcomes away: for the sake of what it reads. Between open() and close().
    void scout_surroundings(state::StateView& view);

    /// Whether the block being executed was cancelled: run_transaction would end it, and what a
    /// loop does beside that is in vain. Any thread, while the loop runs.
    [[nodiscard]] bool cancelled() const noexcept {
        return is_cancelled(environment_->cancellation);
    }

    // For the loop. One thread at a time.

    /// The block being executed.
    [[nodiscard]] const transaction::BlockEnvironment& environment() const noexcept {
        return *environment_;
    }

    /// A transaction as it was executed: of a simulation, with the gas and the nonce that it was
    /// given.
    [[nodiscard]] const wire::Transaction& transaction(size_t index) const noexcept {
        return simulated_.empty() ? block_->transactions[index] : simulated_[index];
    }

    /// The state before the block.
    [[nodiscard]] state::StateView& base() noexcept { return *base_; }

    /// The state after what has been committed so far.
    [[nodiscard]] state::StateView& committed() noexcept { return state_; }

    /// A transaction with its signers.
    [[nodiscard]] transaction::TransactionInput input(size_t index) const noexcept;

    /// Has the transactions that run at the head looked at for what they depend on, as those that
    /// ran ahead are. For this block.
    void track_dependencies() noexcept { tracks_dependencies_ = true; }

    /// Executes the next transaction on the state that all before it left, and commits it. False:
    /// the block has ended with an error. `run` says where; the time is taken here.
    bool run_transaction(size_t index, RunRecord run = {});

    /// The outcome of the latest run_transaction; valid until the next call.
    [[nodiscard]] const transaction::TransactionOutcome& latest_outcome() const noexcept {
        return outcome_;
    }

    /// Whether the latest run_transaction was a plain transfer, of which the outcome does not know
    /// what it changed.
    [[nodiscard]] bool latest_was_plain_transfer() const noexcept { return was_plain_transfer_; }

    /// Commits the next transaction with an outcome that was made ahead, if it still holds. Then it
    /// takes over the code that the transaction made.
    CommitStatus commit(size_t index, const transaction::OutcomeView& outcome,
                        std::vector<CodeRef>& codes, const transaction::ReadsView& reads,
                        const RunRecord& run = {});

    /// As above, with the code that the outcome itself owns.
    CommitStatus commit(size_t index, transaction::TransactionOutcome& outcome,
                        const transaction::TransactionReads& reads, const RunRecord& run = {}) {
        return commit(index, outcome, outcome.codes, reads, run);
    }

    /// Whether what a run of the next transaction has observed up to now holds; where not, the
    /// conflict is counted and `result` says which.
    [[nodiscard]] bool holds(size_t index, const transaction::ReadsView& reads,
                             CheckResult& result);

    /// Tells the report of a run that the loop threw away itself.
    void record_discarded(size_t index, const DiscardedRun& discarded);

  private:
    /// The parts of a block in their order.
    enum class Stage : uint8_t {
        calls_before,
        drains,
        transactions,
        withdrawals,
        rewards,
        deposits,
        calls_after,
        ended
    };

    // False: stopped, and the records say why; or parked.
    bool apply_precompile_overrides(const state::StateView& base);
    bool run_stage(TransactionLoop& loop);
    bool read_deposits();
    bool run_system_calls(wire::SystemCallPhase phase);
    bool run_system_call(const wire::SystemCall& call);
    bool drain_accounts();
    bool stop_if_cancelled();
    bool has_space(size_t index);
    bool fill_in(size_t index);
    bool run_plain_transfer(size_t index);
    bool keep_trace(size_t index, transaction::TransactionTrace&& trace);
    void complete(transaction::TransactionTrace& trace,
                  transaction::TracedAccountState transaction::TracedAccount::*when);
    bool knows_accounts_of(const transaction::OutcomeView& outcome) noexcept;
    bool knows(const Address& address) noexcept;
    bool execute(size_t index, int32_t& depends_on);
    bool commit(size_t index, const transaction::OutcomeView& outcome, std::vector<CodeRef>& codes);
    void record(size_t index, const RunRecord& run, uint32_t flags, uint64_t gas_used,
                int32_t depends_on);
    void record_conflict(size_t index, const RunRecord& run, const CheckResult& check);
    bool credit_withdrawals();
    bool pay_rewards();
    bool credit(const Address& address, const uint256& amount);
    bool check(state::ReadStatus status, const Address& address);
    bool stop(const transaction::Failure& failure, int32_t transaction);

    transaction::TransactionExecutor transactions_;
    BlockState state_;
    BlockSummary summary_;
    transaction::TransactionOutcome outcome_;
    transaction::TransactionReads reads_;
    bool tracks_dependencies_ = false;
    bool was_plain_transfer_ = false;
    transaction::TraceOptions trace_options_;
    transaction::StepRecorder* step_recorder_ = nullptr;
    std::vector<transaction::TransactionTrace> traces_; ///< empty: none are recorded
    size_t traced_bytes_ = 0;                           ///< what they take
    std::vector<wire::Transaction> simulated_; ///< those of a simulation; empty: it is none
    std::optional<transaction::PrecompileSet> precompile_set_;
    std::optional<transaction::BlockEnvironment> environment_;
    const wire::BlockView* block_ = nullptr;
    Stage stage_ = Stage::ended;
    size_t step_ = 0; ///< of what a stage has several of: how many are done
    uint32_t next_transaction_ = 0;
    state::Misses* misses_ = nullptr;
    const SenderTable* senders_ = nullptr;
    state::StateView* base_ = nullptr;
    wire::BlockRecords* records_ = nullptr;
};

} // namespace braid::block
