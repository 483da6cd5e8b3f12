#include "crypto/keccak.hpp"
#include "evm/message_notes.hpp"
#include "precompiles/precompiles.hpp"
#include "precompiles/prices.hpp"
#include "transaction/contract_address.hpp"
#include "transaction/host.hpp"

#include <cstdlib>

namespace braid::transaction {
namespace {

constexpr int32_t max_call_depth = 1024;

evmc_result make_result(evmc_status_code status, int64_t gas_left) noexcept {
    evmc_result result{};
    result.status_code = status;
    result.gas_left = gas_left;
    return result;
}

/// Everything but success and revert costs all gas, returns nothing and refunds nothing.
evmc_result make_failure(evmc_status_code status) noexcept { return make_result(status, 0); }

/// The answer to a call where the transaction has come to an end. Our own VM ends with it; another
/// takes a failed call for nothing more, and might go on for as long as there is gas: so the call
/// takes more than any caller has. (Half of what the type holds: no VM's sums overflow.)
[[gnu::noinline]] evmc_result make_end(const evmc_message& message) noexcept {
    constexpr int64_t all_gas = INT64_MAX / 2;
    return make_result(EVMC_INTERNAL_ERROR, message.depth == 0 ? 0 : message.gas - all_gas);
}

/// Makes a result own a copy of its output, as the ABI asks of hosts.
void own_output(evmc_result& result) noexcept {
    if (result.output_size == 0)
        return;
    auto* copy = static_cast<uint8_t*>(std::malloc(result.output_size));
    if (copy == nullptr) {
        result = make_failure(EVMC_OUT_OF_MEMORY);
        return;
    }
    std::memcpy(copy, result.output_data, result.output_size);
    result.output_data = copy;
    result.release = [](const evmc_result* owner) {
        std::free(const_cast<uint8_t*>(owner->output_data));
    };
}

[[gnu::noinline]] Address address_of_new(const evmc_message& message, uint64_t nonce) noexcept {
    return message.kind == EVMC_CREATE ? create_address(message.sender, nonce)
                                       : create2_address(message.sender, message.create2_salt,
                                                         {message.input_data, message.input_size});
}

/// Whether the address that a VM has computed can be right.
[[gnu::noinline]] bool may_be_created(const evmc_message& message, uint64_t nonce) noexcept {
    return message.kind != EVMC_CREATE ||
           message.recipient == create_address(message.sender, nonce);
}

} // namespace

evmc_result Host::call(const evmc_message& message, NewAddress new_address) noexcept {
    return recorder_ == nullptr ? perform(message, new_address) : record(message, new_address);
}

evmc_result Host::perform(const evmc_message& message, NewAddress new_address) noexcept {
    if (journal_.failure() != nullptr)
        return make_end(message);
    if (stop_.requested()) [[unlikely]] {
        report(EVMC_INTERNAL_ERROR, message.recipient);
        return make_end(message);
    }
    if (message.depth > max_call_depth)
        return make_result(EVMC_CALL_DEPTH_EXCEEDED, message.gas);
    evmc_result result = message.kind == EVMC_CREATE || message.kind == EVMC_CREATE2
                             ? create(message, new_address)
                             : call_account(message);
    if (result.status_code < 0) [[unlikely]]
        report(result.status_code, message.recipient);
    if (journal_.failure() != nullptr) [[unlikely]] {
        if (result.release != nullptr)
            result.release(&result);
        return make_end(message);
    }
    return result;
}

// The frames that a recorder follows.

namespace {

FrameKind kind_of(const evmc_message& message) noexcept {
    switch (message.kind) {
    case EVMC_CALLCODE:
        return FrameKind::callcode;
    case EVMC_DELEGATECALL:
        return FrameKind::delegatecall;
    case EVMC_CREATE:
        return FrameKind::create;
    case EVMC_CREATE2:
        return FrameKind::create2;
    default:
        return (message.flags & evm::static_call_flag) != 0 ? FrameKind::staticcall
                                                            : FrameKind::call;
    }
}

} // namespace

[[gnu::noinline]] Address Host::address_to_record(const evmc_message& message) noexcept {
    const FrameKind kind = kind_of(message);
    if (!creates(kind))
        return evm::called_account(message);
    const uint64_t nonce = journal_.nonce_of(journal_.account(message.sender));
    return address_of_new(message, message.depth == 0 ? nonce - 1 : nonce);
}

[[gnu::noinline]] FrameError Host::error_to_record(const evmc_result& result) noexcept {
    const FrameError error = std::exchange(frame_error_, FrameError::none);
    switch (result.status_code) {
    case EVMC_SUCCESS:
        return FrameError::none;
    case EVMC_REVERT:
        return FrameError::reverted;
    case EVMC_CALL_DEPTH_EXCEEDED:
        return FrameError::call_depth;
    case EVMC_INSUFFICIENT_BALANCE:
        return FrameError::insufficient_balance;
    default:
        return error == FrameError::none ? FrameError::instruction : error;
    }
}

[[gnu::noinline]] evmc_result Host::record(const evmc_message& message,
                                           NewAddress new_address) noexcept {
    const bool acts_for_caller = message.kind == EVMC_DELEGATECALL || message.kind == EVMC_CALLCODE;
    recorder_->enter(kind_of(message), acts_for_caller ? message.recipient : message.sender,
                     address_to_record(message), message.gas, message.value,
                     {message.input_data, message.input_size});
    if ((message.flags & EVMC_DELEGATED) != 0) {
        // Of the transaction's own call, the delegate was looked up as it was before
        // authorizations.
        if (message.depth > 0)
            recorder_->look_up(message.code_address);
    } else if (precompiles::find(environment_->rules->revision, message.code_address)) {
        recorder_->mark_precompile();
    }
    const evmc_result result = environment_->precompile_prices == nullptr
                                   ? perform(message, new_address)
                                   : perform_priced(message, new_address);
    recorder_->exit(result.gas_left, {result.output_data, result.output_size},
                    error_to_record(result), machine_.frame_failure(), result.status_code);
    return result;
}

[[gnu::noinline]] evmc_result Host::perform_priced(const evmc_message& message,
                                                   NewAddress new_address) noexcept {
    const bool may_be_precompile = message.kind != EVMC_CREATE && message.kind != EVMC_CREATE2 &&
                                   (message.flags & EVMC_DELEGATED) == 0;
    const std::optional<uint32_t> precompile =
        may_be_precompile ? environment_->precompile_at(message.code_address) : std::nullopt;
    const evmc_revision revision = environment_->rules->revision;
    const int64_t surcharge =
        precompile ? precompiles::surcharge(*environment_->precompile_prices, revision,
                                            precompiles::active(revision)[*precompile],
                                            {message.input_data, message.input_size})
                   : 0;
    if (surcharge == 0)
        return perform(message, new_address);
    if (surcharge > message.gas) {
        frame_error_ = FrameError::precompile;
        return make_failure(EVMC_OUT_OF_GAS);
    }
    evmc_message priced = message;
    priced.gas -= surcharge;
    evmc_result result = perform(priced, new_address);
    // What was not run gives back all that it was given.
    if (result.status_code == EVMC_INSUFFICIENT_BALANCE ||
        result.status_code == EVMC_CALL_DEPTH_EXCEEDED)
        result.gas_left = message.gas;
    return result;
}

// Out of line, as is everything that 1024 frames on the native stack can do without.
[[gnu::noinline]] void Host::report(evmc_status_code status, const Address& recipient) noexcept {
    Failure failure;
    if (stop_.requested()) {
        // Whatever the status: this is how the built-in VM says that it has stopped.
        failure.code = wire::ErrorCode::cancelled;
    } else {
        failure.code = status == EVMC_OUT_OF_MEMORY ? wire::ErrorCode::out_of_memory
                                                    : wire::ErrorCode::vm_internal_error;
        failure.address = recipient;
    }
    journal_.fail(failure);
}

bool Host::can_pay(const Address& sender, const uint256& value) noexcept {
    return !value || journal_.can_spend(journal_.account(sender), value);
}

void Host::transfer(const Address& from, JournalAccount& to, uint256 value) noexcept {
    if (!value) {
        journal_.touch_with_nothing(to);
        return;
    }
    JournalAccount& payer = journal_.account(from);
    journal_.set_balance(payer, payer.balance - value);
    journal_.set_balance(to, to.balance + value);
}

void Host::settle(const Journal::Checkpoint& checkpoint, evmc_result& result) noexcept {
    if (result.status_code == EVMC_SUCCESS)
        return;
    journal_.revert(checkpoint);
    result.gas_refund = 0;
    if (result.status_code != EVMC_REVERT)
        result.gas_left = 0;
}

[[gnu::noinline]] bool Host::pay(const evmc_message& message) noexcept {
    const uint256 value = to_uint256(message.value);
    const bool transfers = message.kind == EVMC_CALL && (message.flags & EVMC_STATIC) == 0;
    if ((transfers || message.kind == EVMC_CALLCODE) && !can_pay(message.sender, value))
        return false;
    if (message.kind == EVMC_CALL)
        transfer(message.sender, journal_.account(message.recipient),
                 transfers ? value : uint256{});
    return true;
}

evmc_result Host::call_account(const evmc_message& message) noexcept {
    const Journal::Checkpoint checkpoint = journal_.checkpoint();
    if (!pay(message))
        return make_result(EVMC_INSUFFICIENT_BALANCE, message.gas);

    // A delegation to a precompile runs empty code (EIP-7702).
    const std::optional<uint32_t> precompile =
        (message.flags & EVMC_DELEGATED) == 0 ? environment_->precompile_at(message.code_address)
                                              : std::nullopt;
    evmc_result result = precompile ? run_precompile(*precompile, message) : run_code(message);
    settle(checkpoint, result);
    return result;
}

evmc_result Host::run_code(const evmc_message& message) noexcept {
    const Code* code = journal_.code_of(journal_.account(message.code_address));
    if (code == nullptr) {
        return journal_.failure() != nullptr ? make_failure(EVMC_INTERNAL_ERROR)
                                             : make_result(EVMC_SUCCESS, message.gas);
    }
    return machine_.run(to_context(*this), environment_->rules->revision, message, *code);
}

[[gnu::noinline]] evmc_result Host::run_precompile(uint32_t index,
                                                   const evmc_message& message) noexcept {
    const precompiles::Output output = precompiles::execute(
        environment_->rules->revision, index, {message.input_data, message.input_size}, message.gas,
        precompile_output_);
    evmc_result result = make_result(output.status, output.gas_left);
    if (output.status == EVMC_SUCCESS) {
        result.output_data = precompile_output_.data();
        result.output_size = output.output_size;
    } else {
        frame_error_ = FrameError::precompile;
    }
    if (machine_.outputs_must_own())
        own_output(result);
    return result;
}

evmc_result Host::create(const evmc_message& message, NewAddress new_address) noexcept {
    if (!can_pay(message.sender, to_uint256(message.value)))
        return make_result(EVMC_INSUFFICIENT_BALANCE, message.gas);

    JournalAccount& creator = journal_.account(message.sender);
    uint64_t nonce = journal_.nonce_of(creator) - 1; // the transaction's own, spent before it ran
    if (message.depth > 0) {
        nonce = creator.nonce;     // observed above
        if (nonce == UINT64_MAX) { // EIP-2681
            frame_error_ = FrameError::nonce_overflow;
            return make_result(EVMC_FAILURE, message.gas);
        }
        journal_.set_nonce(creator, nonce + 1);
    }
    if (new_address == NewAddress::given && !may_be_created(message, nonce))
        return make_failure(EVMC_INTERNAL_ERROR);
    JournalAccount& account = journal_.account(
        new_address == NewAddress::given ? message.recipient : address_of_new(message, nonce));
    // EIP-2929: warm whether or not the creation succeeds.
    if (environment_->rules->warm_access)
        journal_.access(account);

    const Journal::Checkpoint checkpoint = journal_.checkpoint();
    evmc_result result;
    // EIP-684, EIP-7610.
    if (!journal_.is_vacant(account)) {
        frame_error_ = FrameError::address_collision;
        result = make_failure(EVMC_FAILURE);
    } else {
        begin_contract(message, account);
        result = run_initcode(message, account.address);
        if (result.status_code == EVMC_SUCCESS)
            deposit_code(message, result, account);
    }
    result.create_address = account.address;
    settle(checkpoint, result);
    return result;
}

[[gnu::noinline]] void Host::begin_contract(const evmc_message& message,
                                            JournalAccount& account) noexcept {
    journal_.set_flags(account, JournalAccount::created);
    journal_.touch(account);
    if (environment_->rules->created_nonce != 0)
        journal_.set_nonce(account, environment_->rules->created_nonce);
    if (const uint256 value = to_uint256(message.value))
        transfer(message.sender, account, value);
}

evmc_result Host::run_initcode(const evmc_message& message, const Address& address) noexcept {
    if (message.input_size == 0)
        return make_result(EVMC_SUCCESS, message.gas);
    evmc_message frame = message;
    frame.recipient = address;
    frame.code_address = address;
    frame.input_data = nullptr;
    frame.input_size = 0;
    return machine_.run_once(to_context(*this), environment_->rules->revision, frame,
                             {message.input_data, message.input_size});
}

[[gnu::noinline]] void Host::deposit_code(const evmc_message& message, evmc_result& result,
                                          JournalAccount& account) noexcept {
    const Rules& rules = *environment_->rules;
    const BytesView bytes{result.output_data, result.output_size};
    evmc_result outcome = make_result(EVMC_SUCCESS, result.gas_left);
    outcome.gas_refund = result.gas_refund;
    const int64_t cost = static_cast<int64_t>(bytes.size()) * rules.code_deposit_gas;
    if (recorder_ != nullptr) [[unlikely]] // whether or not it becomes the contract's
        recorder_->keep_output(bytes);
    if (bytes.size() > rules.max_code_size) { // EIP-170
        frame_error_ = FrameError::code_size;
        outcome = make_failure(EVMC_FAILURE);
    } else if (rules.reject_ef_code && !bytes.empty() && bytes[0] == 0xef) { // EIP-3541
        frame_error_ = FrameError::ef_code;
        outcome = make_failure(EVMC_CONTRACT_VALIDATION_FAILURE);
    } else if (result.gas_left >= cost) {
        outcome.gas_left -= cost;
        if (!bytes.empty()) {
            auto code = std::make_shared<const Code>(
                std::vector<uint8_t>(bytes.begin(), bytes.end()), crypto::keccak256(bytes));
            if (message.depth == 0) {
                outcome.output_data = code->bytes().data();
                outcome.output_size = code->bytes().size();
            }
            journal_.set_code(account, std::move(code));
        }
    } else if (rules.failed_deposit_fails) { // EIP-2; before it the contract stays without code
        frame_error_ = FrameError::code_deposit;
        outcome = make_failure(EVMC_OUT_OF_GAS);
    }
    release(result);
    result = outcome;
}

} // namespace braid::transaction
