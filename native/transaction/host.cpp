#include "transaction/host.hpp"

#include "precompiles/precompiles.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

/// BLOCKHASH reaches this many blocks back.
constexpr int64_t block_hash_window = 256;

} // namespace

void Host::begin_block(const BlockEnvironment& environment,
                       const Cancellation* cancellation) noexcept {
    environment_ = &environment;
    stop_.set_whole(cancellation);
    context_ = environment.context;
    machine_.set_cancellation(&stop_);
}

void Host::begin_transaction(state::StateView& view, const Address& origin,
                             const uint256& gas_price,
                             std::span<const Bytes32> blob_hashes) noexcept {
    stop_.withdraw();
    journal_.begin(view, *environment_->rules);
    context_.tx_origin = origin;
    context_.tx_gas_price = to_bytes32(gas_price);
    context_.blob_hashes = blob_hashes.data();
    context_.blob_hashes_count = blob_hashes.size();
}

void Host::set_recorder(TraceRecorder* recorder) noexcept {
    recorder_ = recorder;
    frame_error_ = FrameError::none;
    machine_.set_touch_observer(recorder != nullptr && recorder->options().touched ? recorder
                                                                                   : nullptr);
}

bool Host::account_exists(const Address& address) noexcept {
    return journal_.exists(journal_.account(address));
}

Bytes32 Host::get_balance(const Address& address) noexcept {
    return to_bytes32(journal_.balance_of(journal_.account(address)));
}

uint64_t Host::get_nonce(const Address& address) noexcept {
    return journal_.nonce_of(journal_.account(address));
}

size_t Host::get_code_size(const Address& address) noexcept {
    const Code* code = journal_.code_of(journal_.account(address));
    return code == nullptr ? 0 : code->bytes().size();
}

Bytes32 Host::get_code_hash(const Address& address) noexcept {
    // EIP-1052: zero for an account that does not exist or is empty.
    JournalAccount& account = journal_.account(address);
    const bool has_code = journal_.has_code(account);
    return has_code || journal_.exists(account) ? account.code_hash : Bytes32{};
}

size_t Host::copy_code(const Address& address, size_t offset, uint8_t* buffer,
                       size_t size) noexcept {
    const Code* code = journal_.code_of(journal_.account(address));
    if (code == nullptr || offset >= code->bytes().size())
        return 0;
    const size_t copied = std::min(size, code->bytes().size() - offset);
    if (copied != 0)
        std::memcpy(buffer, code->bytes().data() + offset, copied);
    return copied;
}

bool Host::selfdestruct(const Address& address, const Address& beneficiary) noexcept {
    JournalAccount& account = journal_.account(address);
    JournalAccount& heir = journal_.account(beneficiary);
    const bool destroys =
        !environment_->rules->destroy_only_created || account.has(JournalAccount::created);
    if (recorder_ != nullptr) [[unlikely]]
        recorder_->destroy(address, beneficiary, journal_.balance_of(account), destroys);
    if (&heir != &account) {
        transfer(address, heir, journal_.balance_of(account));
    } else if (destroys) {
        journal_.set_balance(account, {}); // what it would send to itself is burnt
    }
    if (!destroys || account.has(JournalAccount::destroyed))
        return false;
    journal_.set_flags(account, JournalAccount::destroyed);
    return true;
}

Bytes32 Host::get_block_hash(int64_t number) noexcept {
    const wire::BlockInput& header = *environment_->block.header;
    const int64_t current = context_.block_number;
    if (number < 0 || number >= current || number < current - block_hash_window)
        return {};
    const auto hashes = environment_->block.block_hashes;
    const auto found = std::ranges::lower_bound(hashes, static_cast<uint64_t>(number), {},
                                                &wire::BlockHash::number);
    if (found != hashes.end() && found->number == static_cast<uint64_t>(number))
        return found->hash;
    if (number == current - 1)
        return header.parent_hash;
    Failure failure;
    failure.code = wire::ErrorCode::state_missing_block_hash;
    failure.expected = to_bytes32(static_cast<uint64_t>(number));
    journal_.fail(failure);
    return {};
}

evmc_access_status Host::access_account(const Address& address) noexcept {
    JournalAccount& account = journal_.intern(address);
    if (account.has(JournalAccount::warm))
        return EVMC_ACCESS_WARM;
    // EIP-2929: the precompiles are warm from the start; wherever overrides have moved them.
    if (precompiles::find(environment_->rules->revision, address)) {
        account.flags |= JournalAccount::warm;
        return EVMC_ACCESS_WARM;
    }
    return journal_.access(account);
}

bool Host::is_warm(const Address& address) noexcept {
    return journal_.intern(address).has(JournalAccount::warm) ||
           precompiles::find(environment_->rules->revision, address).has_value();
}

bool Host::is_warm(const Address& address, const Bytes32& key) noexcept {
    return journal_.is_warm(address, key);
}

evmc_storage_status Host::status_of_store(const Address& address, const Bytes32& key,
                                          const Bytes32& value) noexcept {
    return journal_.status_of_store(address, key, value);
}

Bytes32 Host::value_of(const Address& address, const Bytes32& key) noexcept {
    return journal_.load_slot(address, key);
}

bool Host::is_destroyed(const Address& address) noexcept {
    return journal_.intern(address).has(JournalAccount::destroyed);
}

bool Host::has_account(const Address& address) noexcept { return account_exists(address); }

bool Host::has_balance(const Address& address) noexcept {
    return static_cast<bool>(journal_.balance_of(journal_.account(address)));
}

BytesView Host::code_of(const Address& address) noexcept {
    const Code* code = journal_.code_of(journal_.account(address));
    return code == nullptr ? BytesView{} : code->bytes();
}

} // namespace braid::transaction
