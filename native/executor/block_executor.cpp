#include "executor/block_executor.hpp"

#include "executor/deposits.hpp"
#include "executor/receipts.hpp"

#include <chrono>

namespace braid::executor {
namespace {

/// The index that says an error is about the block.
constexpr int32_t no_transaction = -1;

/// EIP-4895: withdrawals count in gwei.
constexpr uint64_t wei_per_gwei = 1'000'000'000;

/// Yellow Paper, section 11.3: an ommer at depth d earns (8 - d) / 8 of the block reward, and each
/// one brings the block's coinbase 1/32.
constexpr uint64_t ommer_divisor = 8;
constexpr uint64_t nephew_divisor = 32;

/// One transaction after another.
class SequentialLoop final : public TransactionLoop {
  public:
    bool run(BlockExecutor& block) override {
        const size_t count = block.environment().block.transactions.size();
        for (size_t i = 0; i < count; ++i)
            if (!block.run_transaction(i))
                return false;
        return true;
    }
};

} // namespace

void BlockExecutor::execute(state::StateView& base, const wire::BlockView& block,
                            const SenderTable& senders, wire::BlockRecords& records,
                            const Cancellation* cancellation) {
    SequentialLoop loop;
    execute(base, block, senders, records, loop, cancellation);
}

void BlockExecutor::execute(state::StateView& base, const wire::BlockView& block,
                            const SenderTable& senders, wire::BlockRecords& records,
                            TransactionLoop& loop, const Cancellation* cancellation) {
    const auto start = std::chrono::steady_clock::now();
    records_ = &records;
    senders_ = &senders;
    base_ = &base;
    if (block.header->revision > EVMC_LATEST_STABLE_REVISION) {
        Failure failure;
        failure.code = wire::ErrorCode::unsupported_revision;
        failure.expected = to_bytes32(uint64_t{EVMC_LATEST_STABLE_REVISION});
        failure.actual = to_bytes32(uint64_t{block.header->revision});
        stop(failure, no_transaction);
        return;
    }
    const BlockEnvironment environment{block, cancellation};
    environment_ = &environment;
    state_.begin(base, environment.rules->clear_empty);
    transactions_.begin_block(environment);
    records.receipts.reserve(block.transactions.size());

    if (run_system_calls(wire::SystemCallPhase::before_transactions) && drain_accounts() &&
        loop.run(*this) && credit_withdrawals() && pay_rewards()) {
        const bool reads_deposits =
            (block.header->flags & wire::block_flag::has_deposit_contract) != 0;
        if (reads_deposits && !append_deposits(*block.header, records)) {
            Failure failure;
            failure.code = wire::ErrorCode::block_deposit_invalid;
            failure.address = block.header->deposit_contract;
            stop(failure, no_transaction);
        } else if (run_system_calls(wire::SystemCallPhase::after_transactions)) {
            fill_blooms(records);
            state_.collect(records);
        }
    }
    environment_ = nullptr;
    records.execute_nanoseconds =
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                  std::chrono::steady_clock::now() - start)
                                  .count());
}

bool BlockExecutor::run_system_calls(wire::SystemCallPhase phase) {
    for (const wire::SystemCall& call : environment_->block.system_calls)
        if (call.phase == static_cast<uint32_t>(phase) && !run_system_call(call))
            return false;
    return true;
}

bool BlockExecutor::run_system_call(const wire::SystemCall& call) {
    bool has_code = false;
    transactions_.execute_system_call(state_, call, outcome_, has_code);
    if (outcome_.failure.code != wire::ErrorCode::ok)
        return stop(outcome_.failure, no_transaction);
    const bool must_succeed =
        call.phase == static_cast<uint32_t>(wire::SystemCallPhase::after_transactions);
    Failure failure;
    failure.address = call.address;
    if (!has_code) {
        const bool forgiven = (environment_->block.header->flags &
                               wire::block_flag::forgive_missing_system_contracts) != 0;
        if (!must_succeed || forgiven)
            return true;
        failure.code = wire::ErrorCode::block_system_contract_missing;
        return stop(failure, no_transaction);
    }
    if (must_succeed && outcome_.status != EVMC_SUCCESS) {
        failure.code = wire::ErrorCode::block_system_call_failed;
        return stop(failure, no_transaction);
    }
    if (must_succeed && !outcome_.output.empty())
        records_->requests.push_back({call.request_type, records_->append(outcome_.output),
                                      static_cast<uint32_t>(outcome_.output.size())});
    return check(state_.apply(outcome_, environment_->block.header->coinbase), call.address);
}

bool BlockExecutor::drain_accounts() {
    const Address& beneficiary = environment_->block.header->drain_beneficiary;
    for (const Address& address : environment_->block.drains)
        if (!check(state_.drain(address, beneficiary), address))
            return false;
    return true;
}

TransactionInput BlockExecutor::input(size_t index) const noexcept {
    const wire::Transaction& transaction = environment_->block.transactions[index];
    return {&transaction, senders_->sender(index), senders_->authorities(transaction)};
}

bool BlockExecutor::stop_if_cancelled() {
    if (!cancelled())
        return false;
    Failure failure;
    failure.code = wire::ErrorCode::cancelled;
    stop(failure, no_transaction);
    return true;
}

bool BlockExecutor::has_space(size_t index) {
    const Failure space =
        validate_block_space(*environment_, environment_->block.transactions[index],
                             records_->gas_used, records_->blob_gas_used);
    return space.code == wire::ErrorCode::ok || stop(space, static_cast<int32_t>(index));
}

bool BlockExecutor::run_transaction(size_t index) {
    if (stop_if_cancelled() || !has_space(index))
        return false;
    transactions_.execute(state_, input(index), outcome_);
    if (outcome_.failure.code != wire::ErrorCode::ok)
        return stop(outcome_.failure, static_cast<int32_t>(index));
    return commit(index, outcome_);
}

CommitStatus BlockExecutor::commit(size_t index, TransactionOutcome& outcome,
                                   const TransactionReads& reads) {
    // An error may be due to what the transaction could not know: only its turn tells.
    if (outcome.failure.code != wire::ErrorCode::ok)
        return CommitStatus::stale;
    if (!has_space(index))
        return CommitStatus::failed;
    bool hold = false;
    if (state_.check(reads, hold) != state::ReadStatus::ok || !hold)
        return CommitStatus::stale;
    return commit(index, outcome) ? CommitStatus::committed : CommitStatus::failed;
}

bool BlockExecutor::commit(size_t index, TransactionOutcome& outcome) {
    const wire::Transaction& transaction = environment_->block.transactions[index];
    records_->gas_used += outcome.gas_used;
    records_->blob_gas_used += transaction.blob_count * gas_per_blob;
    append_receipt(input(index), outcome, records_->gas_used, *records_);
    const Address& coinbase = environment_->block.header->coinbase;
    return check(state_.apply(outcome, coinbase), coinbase);
}

bool BlockExecutor::credit_withdrawals() {
    for (const wire::Withdrawal& withdrawal : environment_->block.withdrawals)
        if (!credit(withdrawal.address, uint256{withdrawal.amount} * uint256{wei_per_gwei}))
            return false;
    return true;
}

bool BlockExecutor::pay_rewards() {
    const wire::BlockView& block = environment_->block;
    if (!environment_->rules->pays_reward ||
        (block.header->flags & wire::block_flag::no_rewards) != 0)
        return true;
    const uint256 reward = to_uint256(block.header->block_reward);
    uint256 coinbase_reward = reward;
    for (const wire::Ommer& ommer : block.ommers) {
        const uint64_t share = ommer.depth < ommer_divisor ? ommer_divisor - ommer.depth : 0;
        if (!credit(ommer.coinbase,
                    divide(reward * uint256{share}, uint256{ommer_divisor}).quotient))
            return false;
        coinbase_reward += divide(reward, uint256{nephew_divisor}).quotient;
    }
    return credit(block.header->coinbase, coinbase_reward);
}

bool BlockExecutor::credit(const Address& address, const uint256& amount) {
    return check(state_.credit(address, amount), address);
}

bool BlockExecutor::check(state::ReadStatus status, const Address& address) {
    if (status == state::ReadStatus::ok)
        return true;
    Failure failure;
    failure.code = status == state::ReadStatus::missing_code ? wire::ErrorCode::state_missing_code
                                                             : wire::ErrorCode::state_unavailable;
    failure.address = address;
    return stop(failure, no_transaction);
}

bool BlockExecutor::stop(const Failure& failure, int32_t transaction) {
    records_->error = failure.code;
    records_->error_transaction = transaction;
    records_->error_expected = failure.expected;
    records_->error_actual = failure.actual;
    records_->error_address = failure.address;
    return false;
}

} // namespace braid::executor
