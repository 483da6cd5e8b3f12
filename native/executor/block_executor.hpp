/// Runs a block, one transaction after another.
#pragma once

#include "executor/block_state.hpp"
#include "executor/senders.hpp"
#include "executor/transaction_executor.hpp"
#include "wire/block_records.hpp"

namespace braid::executor {

/// Executes whole blocks on a state that it only reads: everything a block does is in the records.
/// Keep one per thread: its memory is reused. Single-threaded.
class BlockExecutor {
  public:
    /// The machine must outlive the executor.
    explicit BlockExecutor(Machine& machine) noexcept : transactions_{machine} {}

    /// Runs the block and fills the records: receipts, logs, requests, blooms and the net changes;
    /// or stops at the first broken rule and reports it there. `senders` has run all its jobs.
    /// The timings but execute_nanoseconds are the caller's.
    void execute(state::StateView& base, const wire::BlockView& block, const SenderTable& senders,
                 wire::BlockRecords& records);

  private:
    // The parts of a block in their order. False: stopped, and the records say why.
    bool run_system_calls(wire::SystemCallPhase phase);
    bool run_system_call(const wire::SystemCall& call);
    bool drain_accounts();
    bool run_transactions(const SenderTable& senders);
    bool run_transaction(size_t index, const SenderTable& senders);
    bool credit_withdrawals();
    bool pay_rewards();
    bool credit(const Address& address, const uint256& amount);
    bool check(state::ReadStatus status, const Address& address);
    bool stop(const Failure& failure, int32_t transaction);

    TransactionExecutor transactions_;
    BlockState state_;
    TransactionOutcome outcome_;
    const BlockEnvironment* environment_ = nullptr;
    wire::BlockRecords* records_ = nullptr;
};

} // namespace braid::executor
