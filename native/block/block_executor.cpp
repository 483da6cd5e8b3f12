#include "block/block_executor.hpp"

#include "block/trace_options.hpp"

#include "block/deposits.hpp"
#include "block/receipts.hpp"

#include <algorithm>

namespace braid::block {

using transaction::Failure;
using transaction::OutcomeView;
using transaction::ReadsView;
using transaction::TransactionInput;

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
    begin(block, senders, records);
    open(base, cancellation);
    go_on(loop);
    close();
}

void BlockExecutor::begin(const wire::BlockView& block, const SenderTable& senders,
                          wire::BlockRecords& records) noexcept {
    block_ = &block;
    records_ = &records;
    senders_ = &senders;
    base_ = nullptr;
    tracks_dependencies_ = false;
    stage_ = Stage::calls_before;
    step_ = 0;
    next_transaction_ = 0;
    trace_options_ = trace_options_of(*block.header);
    traces_.clear();
    traced_bytes_ = 0;
    if (trace_options_.records_anything())
        traces_.resize(block.transactions.size());
    simulated_.clear();
    if (block.header->tracer == static_cast<uint32_t>(wire::Tracer::simulation))
        simulated_.assign(block.transactions.begin(), block.transactions.end());
    if (block.header->revision > EVMC_LATEST_STABLE_REVISION) {
        Failure failure;
        failure.code = wire::ErrorCode::unsupported_revision;
        failure.expected = to_bytes32(uint64_t{EVMC_LATEST_STABLE_REVISION});
        failure.actual = to_bytes32(uint64_t{block.header->revision});
        stop(failure, no_transaction);
        stage_ = Stage::ended;
    }
}

void BlockExecutor::open(state::StateView& base, const Cancellation* cancellation,
                         state::Misses* misses) {
    if (stage_ == Stage::ended)
        return;
    misses_ = misses;
    environment_.emplace(*block_, cancellation);
    if (!simulated_.empty())
        environment_->block.transactions = simulated_;
    if (!apply_precompile_overrides(base)) {
        stage_ = Stage::ended;
        return;
    }
    if (base_ == nullptr) {
        state_.begin(base, environment_->rules->clear_empty);
        summary_.begin(block_->transactions.size(), environment_->rules->receipt_status);
        records_->receipts.reserve(block_->transactions.size());
        records_->runs.reserve(block_->transactions.size());
    }
    base_ = &base;
    state_.set_base(base);
    environment_->runs_plain_transfers = traces_.empty() && step_recorder_ == nullptr;
    transactions_.begin_block(*environment_);
    transactions_.set_trace(trace_options_);
}

bool BlockExecutor::apply_precompile_overrides(const state::StateView& base) {
    const auto overrides = base.precompile_overrides();
    precompile_set_.reset();
    if (overrides.empty())
        return true;
    std::optional<Address> wrong;
    precompile_set_ =
        transaction::PrecompileSet::make(environment_->rules->revision, overrides, wrong);
    if (precompile_set_)
        environment_->set_precompiles(*precompile_set_);
    if (!wrong)
        return true;
    Failure failure;
    failure.code = wire::ErrorCode::state_not_precompile;
    failure.address = *wrong;
    return stop(failure, no_transaction);
}

void BlockExecutor::go_on(TransactionLoop& loop) {
    while (stage_ != Stage::ended && run_stage(loop)) {
        stage_ = static_cast<Stage>(static_cast<uint8_t>(stage_) + 1);
        step_ = 0;
    }
    if (parked())
        return;
    stage_ = Stage::ended;
    if (tracks_dependencies_)
        state_.collect_hot_locations(*records_);
}

void BlockExecutor::close() {
    environment_.reset();
    transactions_.end_block();
    outcome_.trim();
    misses_ = nullptr;
}

bool BlockExecutor::run_stage(TransactionLoop& loop) {
    switch (stage_) {
    case Stage::calls_before:
        return run_system_calls(wire::SystemCallPhase::before_transactions);
    case Stage::drains:
        return drain_accounts();
    case Stage::transactions:
        return loop.run(*this);
    case Stage::withdrawals:
        return credit_withdrawals();
    case Stage::rewards:
        return pay_rewards();
    case Stage::deposits:
        return read_deposits();
    case Stage::calls_after:
        if (!run_system_calls(wire::SystemCallPhase::after_transactions))
            return false;
        summary_.finish(*records_, state_);
        return true;
    case Stage::ended:
        break;
    }
    return false;
}

bool BlockExecutor::read_deposits() {
    const auto& header = *block_->header;
    if ((header.flags & wire::block_flag::has_deposit_contract) == 0 ||
        append_deposits(header, *records_))
        return true;
    Failure failure;
    failure.code = wire::ErrorCode::block_deposit_invalid;
    failure.address = header.deposit_contract;
    return stop(failure, no_transaction);
}

void BlockExecutor::scout_surroundings(state::StateView& view) {
    state::AccountState account;
    bool exists = false;
    const auto touch = [&](const Address& address) {
        static_cast<void>(view.load_account(address, account, exists));
    };
    touch(block_->header->coinbase);
    for (const wire::Ommer& ommer : block_->ommers)
        touch(ommer.coinbase);
    for (const wire::Withdrawal& withdrawal : block_->withdrawals)
        touch(withdrawal.address);
    for (const wire::SystemCall& call : block_->system_calls) {
        bool has_code = false;
        transactions_.execute_system_call(view, call, outcome_, has_code);
    }
    outcome_.clear();
}

bool BlockExecutor::run_system_calls(wire::SystemCallPhase phase) {
    for (; step_ < environment_->block.system_calls.size(); ++step_) {
        const wire::SystemCall& call = environment_->block.system_calls[step_];
        if (call.phase == static_cast<uint32_t>(phase) && !run_system_call(call))
            return false;
    }
    return true;
}

bool BlockExecutor::run_system_call(const wire::SystemCall& call) {
    bool has_code = false;
    transactions_.execute_system_call(state_, call, outcome_, has_code);
    if (parked())
        return false;
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
    if (!knows_accounts_of(outcome_))
        return false;
    if (must_succeed && !outcome_.output.empty())
        records_->requests.push_back({call.request_type, records_->append(outcome_.output),
                                      static_cast<uint32_t>(outcome_.output.size())});
    return check(state_.apply(outcome_, environment_->block.header->coinbase, no_writer),
                 call.address);
}

/// Whether all is known that applying an outcome needs to know; else the block is parked.
bool BlockExecutor::knows_accounts_of(const OutcomeView& outcome) noexcept {
    if (misses_ == nullptr) [[likely]]
        return true;
    state_.touch(outcome, environment_->block.header->coinbase);
    return !parked();
}

/// As above, for a credit or a drain.
bool BlockExecutor::knows(const Address& address) noexcept {
    if (misses_ == nullptr) [[likely]]
        return true;
    state_.touch(address);
    return !parked();
}

bool BlockExecutor::drain_accounts() {
    const Address& beneficiary = environment_->block.header->drain_beneficiary;
    const auto drains = environment_->block.drains;
    for (; step_ < drains.size(); ++step_)
        if (!knows(drains[step_]) || !knows(beneficiary) ||
            !check(state_.drain(drains[step_], beneficiary), drains[step_]))
            return false;
    return true;
}

TransactionInput BlockExecutor::input(size_t index) const noexcept {
    const wire::Transaction& transaction = environment_->block.transactions[index];
    return {&transaction, senders_->sender(index), senders_->authorities(transaction),
            index >= block_->header->trace_start};
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
    const wire::Transaction& transaction = environment_->block.transactions[index];
    // A call outside of a simulation has as much gas as its caller lets it have.
    if (simulated_.empty() && (transaction.flags & wire::transaction_flag::simulated) != 0)
        return true;
    const Failure space = transaction::validate_block_space(
        *environment_, transaction, records_->gas_used, records_->blob_gas_used);
    return space.code == wire::ErrorCode::ok || stop(space, static_cast<int32_t>(index));
}

/// Gives a simulated transaction the nonce and the gas that it does not name, and no more gas than
/// is left of the simulation's.
bool BlockExecutor::fill_in(size_t index) {
    wire::Transaction& transaction = simulated_[index];
    const auto lacks = [&](uint32_t what) { return (transaction.fill & what) != 0; };
    const uint64_t space = environment_->gas_limit - records_->gas_used;
    if (lacks(wire::fill_flag::gas))
        transaction.gas_limit = space;
    // What is asked for must fit, before what can be paid for is looked at.
    if (!has_space(index))
        return false;
    const uint64_t budget = block_->header->gas_budget;
    const uint64_t left = budget - std::min(budget, records_->gas_used);
    transaction.gas_limit = std::min(transaction.gas_limit, left);
    if (!lacks(wire::fill_flag::nonce))
        return true;
    state::AccountState account;
    bool exists = false;
    const Address& sender = senders_->sender(index).address;
    if (!knows(sender) || !check(state_.load_account(sender, account, exists), sender))
        return false;
    transaction.nonce = account.nonce;
    return true;
}

bool BlockExecutor::run_transaction(size_t index, RunRecord run) {
    run.start = read_ticks();
    if (stop_if_cancelled() || (!simulated_.empty() && !fill_in(index)) || !has_space(index))
        return false;
    int32_t depends_on = no_writer;
    was_plain_transfer_ = run_plain_transfer(index);
    if (!was_plain_transfer_ && !execute(index, depends_on))
        return false;
    next_transaction_ = static_cast<uint32_t>(index) + 1;
    run.end = read_ticks();
    record(index, run, wire::run_flag::committed | wire::run_flag::at_head, outcome_.gas_used,
           depends_on);
    return true;
}

bool BlockExecutor::execute(size_t index, int32_t& depends_on) {
    const TransactionInput transaction = input(index);
    if (tracks_dependencies_)
        transactions_.execute(state_, transaction, outcome_, reads_);
    else
        transactions_.execute(state_, transaction, outcome_);
    if (parked() || !knows_accounts_of(outcome_))
        return false;
    if (outcome_.failure.code != wire::ErrorCode::ok)
        return stop(outcome_.failure, static_cast<int32_t>(index));
    if (tracks_dependencies_) {
        CheckResult result;
        if (!check(state_.check(reads_, transaction.sender.address, result),
                   transaction.sender.address))
            return false;
        depends_on = result.depends_on;
    }
    return commit(index, outcome_, outcome_.codes);
}

bool BlockExecutor::run_plain_transfer(size_t index) {
    const TransactionInput transaction = input(index);
    transaction::PlainTransfer transfer;
    if (!transaction::may_be_plain_transfer(*environment_, *transaction.record) ||
        !transaction::plain_transfer(*environment_, transaction, transfer) ||
        !knows(transfer.sender) || !knows(transfer.recipient) ||
        !knows(environment_->block.header->coinbase) ||
        !state_.transfer(transfer, environment_->block.header->coinbase,
                         static_cast<int32_t>(index)))
        return false;
    outcome_.clear();
    outcome_.gas_used = transfer.gas_used;
    outcome_.gas_before_refund = transfer.intrinsic_gas;
    outcome_.effective_gas_price = transfer.gas_price;
    records_->gas_used += transfer.gas_used;
    append_receipt(transaction, outcome_, records_->gas_used, *records_);
    summary_.note_receipt(*records_);
    return true;
}

CommitStatus BlockExecutor::commit(size_t index, const OutcomeView& outcome,
                                   std::vector<CodeRef>& codes, const ReadsView& reads,
                                   const RunRecord& run) {
    // An error may be due to what the transaction could not know: only its turn tells.
    if (outcome.failure != wire::ErrorCode::ok) {
        record(index, run, 0, 0, no_writer);
        return CommitStatus::stale;
    }
    if (!has_space(index))
        return CommitStatus::failed;
    CheckResult result;
    const state::ReadStatus status = state_.check(reads, senders_->sender(index).address, result);
    if (parked() || status != state::ReadStatus::ok || !result.holds) {
        // What is not known may not even be asked for: only running it tells.
        if (misses_ != nullptr)
            misses_->clear();
        record(index, run, 0, outcome.gas_used, no_writer);
        if (!result.holds)
            record_conflict(index, run, result);
        return CommitStatus::stale;
    }
    if (!knows_accounts_of(outcome))
        return CommitStatus::failed;
    record(index, run, wire::run_flag::committed, outcome.gas_used, result.depends_on);
    next_transaction_ = static_cast<uint32_t>(index) + 1;
    return commit(index, outcome, codes) ? CommitStatus::committed : CommitStatus::failed;
}

bool BlockExecutor::holds(size_t index, const ReadsView& reads, CheckResult& result) {
    result = {};
    result.is_final = false;
    // What the base cannot say now is for the commit to find out.
    return state_.check(reads, senders_->sender(index).address, result) != state::ReadStatus::ok ||
           result.holds;
}

bool BlockExecutor::commit(size_t index, const OutcomeView& outcome, std::vector<CodeRef>& codes) {
    const wire::Transaction& transaction = environment_->block.transactions[index];
    records_->gas_used += outcome.gas_used;
    records_->blob_gas_used += transaction::blob_count_of(transaction) * transaction::gas_per_blob;
    append_receipt(input(index), outcome, records_->gas_used, *records_);
    summary_.note_receipt(*records_);
    const Address& coinbase = environment_->block.header->coinbase;
    const bool is_traced = outcome.trace != nullptr && !traces_.empty();
    if (is_traced) {
        if (!keep_trace(index, std::move(*outcome.trace)))
            return false;
        complete(traces_[index], &transaction::TracedAccount::before);
    }
    if (!check(state_.apply(outcome, codes, coinbase, static_cast<int32_t>(index)), coinbase))
        return false;
    if (is_traced)
        complete(traces_[index], &transaction::TracedAccount::after);
    return true;
}

/// Takes in the records of a run that is committed, if there is room for them.
bool BlockExecutor::keep_trace(size_t index, transaction::TransactionTrace&& trace) {
    traces_[index] = std::move(trace);
    traced_bytes_ += traces_[index].memory_size();
    if (!traces_[index].is_cut && traced_bytes_ <= trace_options_.most_block_bytes)
        return true;
    Failure failure;
    failure.code = wire::ErrorCode::out_of_memory;
    return stop(failure, static_cast<int32_t>(index));
}

/// Writes down what the accounts are that a transaction has looked up. What the base cannot say now
/// is left out: it said it when the transaction ran.
void BlockExecutor::complete(transaction::TransactionTrace& trace,
                             transaction::TracedAccountState transaction::TracedAccount::*when) {
    for (transaction::TracedAccount& account : trace.accounts) {
        transaction::TracedAccountState& state = account.*when;
        static_cast<void>(state_.load_account(account.address, state.account, state.exists));
        if (state.exists && !(state.account.code_hash == empty_code_hash))
            static_cast<void>(
                state_.load_code(account.address, state.account.code_hash, state.code));
    }
}

void BlockExecutor::record(size_t index, const RunRecord& run, uint32_t flags, uint64_t gas_used,
                           int32_t depends_on) {
    if (tracks_dependencies_ && (flags & wire::run_flag::committed) != 0)
        state_.end_chain(static_cast<int32_t>(index), depends_on, run.end - run.start);
    records_->runs.push_back({static_cast<uint32_t>(index), run.worker, run.incarnation,
                              static_cast<uint8_t>(flags), run.start, run.end, gas_used, depends_on,
                              run.waited_for});
}

void BlockExecutor::record_discarded(size_t index, const DiscardedRun& discarded) {
    record(index, discarded.run, 0, discarded.gas_used, no_writer);
    record_conflict(index, discarded.run, discarded.reason);
}

void BlockExecutor::record_conflict(size_t index, const RunRecord& run, const CheckResult& result) {
    records_->conflicts.push_back({static_cast<uint32_t>(index), run.incarnation, result.writer,
                                   static_cast<uint32_t>(result.kind), result.address, result.key});
}

bool BlockExecutor::credit_withdrawals() {
    const auto withdrawals = environment_->block.withdrawals;
    for (; step_ < withdrawals.size(); ++step_)
        if (!credit(withdrawals[step_].address,
                    uint256{withdrawals[step_].amount} * uint256{wei_per_gwei}))
            return false;
    return true;
}

bool BlockExecutor::pay_rewards() {
    const wire::BlockView& block = environment_->block;
    if (!environment_->rules->pays_reward ||
        (block.header->flags & wire::block_flag::no_rewards) != 0)
        return true;
    const uint256 reward = to_uint256(block.header->block_reward);
    // All or nothing: a reward that was paid must not be paid again.
    bool is_known = knows(block.header->coinbase);
    for (const wire::Ommer& ommer : block.ommers)
        is_known = knows(ommer.coinbase) && is_known;
    if (!is_known)
        return false;
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
    return knows(address) && check(state_.credit(address, amount), address);
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

} // namespace braid::block
