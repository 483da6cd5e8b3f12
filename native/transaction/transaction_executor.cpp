#include "transaction/transaction_executor.hpp"

#include "transaction/delegation.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

/// EIP-4788, EIP-2935, EIP-7002, EIP-7251.
constexpr int64_t system_call_gas = 30'000'000;

bool creates(const wire::Transaction& transaction) noexcept {
    return (transaction.flags & wire::transaction_flag::has_to) == 0;
}

/// Points a message at the delegate of the account it calls, if there is one (EIP-7702).
void follow_delegation(Journal& journal, bool enabled, evmc_message& message) noexcept {
    if (!enabled)
        return;
    const Code* code = journal.code_of(journal.account(message.recipient));
    if (code == nullptr || !is_delegation(code->bytes()))
        return;
    message.code_address = delegation_target(code->bytes());
    message.flags |= EVMC_DELEGATED;
    journal.access(journal.intern(message.code_address));
}

} // namespace

void TransactionExecutor::begin_block(const BlockEnvironment& environment,
                                      const Cancellation* cancellation) noexcept {
    environment_ = &environment;
    host_.begin_block(environment, cancellation);
}

void TransactionExecutor::set_trace(const TraceOptions& options) noexcept {
    records_ = options.records_anything() && host_.machine().is_built_in();
    recorder_.set_options(options);
}

void TransactionExecutor::execute(state::StateView& view, const TransactionInput& input,
                                  TransactionOutcome& outcome) noexcept {
    is_recording_ = records_ && input.is_traced;
    if (is_recording_) [[unlikely]]
        execute_recorded(view, input, outcome);
    else
        execute_once(view, input, outcome);
}

void TransactionExecutor::execute_recorded(state::StateView& view, const TransactionInput& input,
                                           TransactionOutcome& outcome) noexcept {
    host_.set_recorder(&recorder_);
    bool has_result = execute_once(view, input, outcome);
    if (has_result && recorder_.needs_steps()) {
        // A frame has failed somewhere in a block of instructions: see in which of them.
        host_.machine().watch(host_, nullptr, 0);
        has_result = execute_once(view, input, outcome);
        host_.machine().unwatch();
    }
    host_.set_recorder(nullptr);
    if (has_result)
        outcome.trace = recorder_.finish(input.record->gas_limit, outcome.gas_used);
}

void TransactionExecutor::look_up_named(const TransactionInput& input) noexcept {
    const wire::Transaction& transaction = *input.record;
    Journal& journal = host_.journal();
    recorder_.look_up(input.sender.address);
    recorder_.look_up(environment_->block.header->coinbase);
    for (const Signer& authority : input.authorities)
        if (authority.valid)
            recorder_.look_up(authority.address);
    if (creates(transaction))
        return;
    recorder_.look_up(transaction.to);
    if (!environment_->rules->delegation)
        return;
    const Code* code = journal.code_of(journal.account(transaction.to));
    if (code != nullptr && is_delegation(code->bytes()))
        recorder_.look_up(delegation_target(code->bytes()));
}

bool TransactionExecutor::execute_once(state::StateView& view, const TransactionInput& input,
                                       TransactionOutcome& outcome) noexcept {
    outcome.clear();
    const wire::Transaction& transaction = *input.record;
    TransactionFees fees;
    outcome.failure = validate_stateless(*environment_, input, fees);
    if (outcome.failure.code != wire::ErrorCode::ok) {
        if ((transaction.flags & wire::transaction_flag::simulated) != 0)
            prefer_sender_failure(view, input, outcome.failure);
        return false;
    }

    host_.begin_transaction(view, input.sender.address, fees.gas_price,
                            environment_->block.blob_hashes.subspan(transaction.blob_start,
                                                                    blob_count_of(transaction)));
    Journal& journal = host_.journal();
    if (is_recording_) [[unlikely]]
        recorder_.begin(journal);
    JournalAccount& sender = journal.account(input.sender.address);
    if (journal.failure() == nullptr)
        outcome.failure = validate_sender(*environment_, input, journal, sender);
    else
        outcome.failure = *journal.failure();
    if (outcome.failure.code != wire::ErrorCode::ok)
        return false;

    if (is_recording_ && recorder_.options().touched) [[unlikely]]
        look_up_named(input);
    outcome.effective_gas_price = fees.gas_price;
    fees.lent = lend(transaction, sender);
    buy_gas(transaction, fees, sender);
    journal.set_nonce(sender, sender.nonce + 1);
    warm_up(transaction, sender);
    outcome.authorization_refund = apply_authorizations(*environment_, input, journal);

    const bool is_stepped = step_recorder_ != nullptr && input.is_traced;
    if (is_stepped) [[unlikely]] {
        step_recorder_->begin_transaction();
        host_.machine().watch(host_, step_recorder_, outcome.authorization_refund);
    }
    const evmc_result result = run(transaction, sender, fees);
    outcome.gas_refund = result.gas_refund;
    settle(transaction, fees, sender, result.gas_left,
           outcome.gas_refund + outcome.authorization_refund, outcome);
    if (creates(transaction))
        outcome.contract_address = result.create_address;
    finish(result, outcome);
    if (is_stepped) [[unlikely]] {
        host_.machine().unwatch();
        if (outcome.failure.code == wire::ErrorCode::ok)
            step_recorder_->end_transaction(outcome);
    }
    return outcome.failure.code == wire::ErrorCode::ok;
}

void TransactionExecutor::prefer_sender_failure(state::StateView& view,
                                                const TransactionInput& input,
                                                Failure& failure) noexcept {
    using wire::ErrorCode;
    host_.begin_transaction(view, input.sender.address, {}, {});
    Journal& journal = host_.journal();
    JournalAccount& sender = journal.account(input.sender.address);
    const Failure of_sender = validate_sender(*environment_, input, journal, sender);
    const bool is_about_nonce = of_sender.code == ErrorCode::tx_nonce_too_low ||
                                of_sender.code == ErrorCode::tx_nonce_too_high ||
                                of_sender.code == ErrorCode::tx_nonce_overflow;
    const bool is_later = failure.code == ErrorCode::tx_initcode_too_large ||
                          failure.code == ErrorCode::tx_intrinsic_gas_too_low ||
                          failure.code == ErrorCode::tx_floor_gas_too_low;
    if (of_sender.code != ErrorCode::ok && (is_about_nonce || is_later))
        failure = of_sender;
}

void TransactionExecutor::execute(state::StateView& view, const TransactionInput& input,
                                  TransactionOutcome& outcome, TransactionReads& reads) noexcept {
    execute(view, input, outcome);
    reads.clear();
    if (outcome.failure.code == wire::ErrorCode::ok)
        host_.journal().collect_reads(reads);
}

uint256 TransactionExecutor::lend(const wire::Transaction& transaction,
                                  JournalAccount& sender) noexcept {
    if ((transaction.flags & wire::transaction_flag::skip_balance_check) == 0)
        return {};
    uint256 cost;
    if (!maximum_cost(transaction, cost))
        cost = uint256::max();
    Journal& journal = host_.journal();
    const uint256 own = journal.balance_of(sender);
    if (!(own < cost))
        return {};
    journal.set_balance(sender, cost);
    return (transaction.flags & wire::transaction_flag::keep_loan) != 0 ? uint256{} : cost - own;
}

uint256 TransactionExecutor::take_back(const uint256& lent, JournalAccount& sender) noexcept {
    if (!lent)
        return {};
    const uint256 left = host_.journal().balance_of(sender);
    const uint256 back = left < lent ? left : lent;
    host_.journal().set_balance(sender, left - back);
    return lent - back;
}

void TransactionExecutor::buy_gas(const wire::Transaction& transaction, const TransactionFees& fees,
                                  JournalAccount& sender) noexcept {
    Journal& journal = host_.journal();
    // Cannot wrap: the sender has the maximum fees.
    const uint256 cost = fees.gas_price * uint256{transaction.gas_limit} + fees.blob_fee;
    journal.set_balance(sender, sender.balance - cost);
}

void TransactionExecutor::warm_up(const wire::Transaction& transaction,
                                  JournalAccount& sender) noexcept {
    const Rules& rules = *environment_->rules;
    if (!rules.warm_access)
        return;
    Journal& journal = host_.journal();
    journal.access(sender);
    if (!creates(transaction))
        journal.access(journal.intern(transaction.to));
    if (rules.warm_coinbase)
        journal.access(journal.intern(environment_->block.header->coinbase));
    const wire::BlockView& block = environment_->block;
    for (const wire::AccessEntry& entry :
         block.access_entries.subspan(transaction.access_start, transaction.access_count)) {
        journal.access(journal.intern(entry.address));
        for (const Bytes32& key : block.storage_keys.subspan(entry.key_start, entry.key_count))
            journal.access_slot(entry.address, key);
    }
}

evmc_result TransactionExecutor::run(const wire::Transaction& transaction,
                                     const JournalAccount& sender,
                                     const TransactionFees& fees) noexcept {
    const BytesView data =
        environment_->block.pool.subspan(transaction.data_offset, transaction.data_size);
    evmc_message message{};
    message.kind = creates(transaction) ? EVMC_CREATE : EVMC_CALL;
    message.gas = static_cast<int64_t>(transaction.gas_limit - fees.gas.cost);
    message.sender = sender.address;
    message.input_data = data.data();
    message.input_size = data.size();
    message.value = transaction.value;
    if (!creates(transaction)) {
        message.recipient = transaction.to;
        message.code_address = transaction.to;
        follow_delegation(host_.journal(), environment_->rules->delegation, message);
    }
    return host_.call(message);
}

void TransactionExecutor::settle(const wire::Transaction& transaction, const TransactionFees& fees,
                                 JournalAccount& sender, int64_t gas_left, int64_t refund,
                                 TransactionOutcome& outcome) noexcept {
    uint64_t used = transaction.gas_limit - static_cast<uint64_t>(gas_left);
    outcome.gas_before_refund = used;
    used -= std::min(static_cast<uint64_t>(std::max<int64_t>(refund, 0)),
                     used / environment_->rules->refund_quotient);
    used = std::max(used, fees.gas.floor);
    outcome.gas_used = used;

    Journal& journal = host_.journal();
    const uint256 unused = fees.gas_price * uint256{transaction.gas_limit - used};
    if (unused)
        journal.set_balance(sender, sender.balance + unused);

    // Who could not pay gives the coinbase nothing that nobody had.
    const uint256 owed = take_back(fees.lent, sender);
    uint256 tips = fees.tip * uint256{used};
    tips = tips - (tips < owed ? tips : owed);
    JournalAccount* coinbase = journal.find_loaded(environment_->block.header->coinbase);
    if (coinbase == nullptr) {
        outcome.credits_coinbase = true;
        outcome.coinbase_credit = tips;
    } else if (tips) {
        journal.set_balance(*coinbase, coinbase->balance + tips);
    } else {
        journal.touch(*coinbase);
    }
}

void TransactionExecutor::finish(const evmc_result& result, TransactionOutcome& outcome) noexcept {
    Journal& journal = host_.journal();
    outcome.status = result.status_code;
    outcome.output.assign(result.output_data, result.output_data + result.output_size);
    release(result);
    if (journal.failure() == nullptr)
        journal.finish(outcome);
    if (journal.failure() != nullptr)
        outcome.failure = *journal.failure();
}

void TransactionExecutor::execute_system_call(state::StateView& view, const wire::SystemCall& call,
                                              TransactionOutcome& outcome,
                                              bool& has_code) noexcept {
    outcome.clear();
    host_.begin_transaction(view, system_address, {}, {});
    Journal& journal = host_.journal();
    has_code = journal.has_code(journal.account(call.address));
    if (journal.failure() != nullptr || !has_code) {
        if (journal.failure() != nullptr)
            outcome.failure = *journal.failure();
        return;
    }
    const BytesView input = environment_->block.pool.subspan(call.input_offset, call.input_size);
    evmc_message message{};
    message.kind = EVMC_CALL;
    message.gas = system_call_gas;
    message.sender = system_address;
    message.recipient = call.address;
    message.code_address = call.address;
    message.input_data = input.data();
    message.input_size = input.size();
    finish(host_.call(message), outcome);
}

} // namespace braid::transaction
