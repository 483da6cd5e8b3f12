#include "state/memory_state.hpp"

namespace braid::state {

bool MemoryState::find_account(const Address& address, AccountState& account) const noexcept {
    const AccountRecord* const found = accounts_.find(address);
    const bool exists = found != nullptr && found->exists;
    account = exists ? state_of(*found) : AccountState{};
    return exists;
}

Bytes32 MemoryState::storage(const Address& address, const Bytes32& key) const noexcept {
    const uint32_t slot = accounts_.slot_at(address, key);
    return slot == HashIndex::none ? Bytes32{} : accounts_.value(slot);
}

ReadStatus MemoryState::load_account(const Address& address, AccountState& account,
                                     bool& exists) noexcept {
    exists = find_account(address, account);
    return ReadStatus::ok;
}

ReadStatus MemoryState::load_storage(const Address& address, const Bytes32& key,
                                     Bytes32& value) noexcept {
    value = storage(address, key);
    return ReadStatus::ok;
}

ReadStatus MemoryState::load_code(const Address& /*address*/, const Bytes32& code_hash,
                                  const Code*& code) noexcept {
    code = find_code(code_hash);
    return code == nullptr ? ReadStatus::missing_code : ReadStatus::ok;
}

void MemoryState::assign(const MemoryState& other) {
    accounts_ = other.accounts_;
    codes_ = other.codes_;
    live_accounts_ = other.live_accounts_;
}

void MemoryState::clear() noexcept {
    accounts_.clear();
    codes_.clear();
    live_accounts_ = 0;
}

void MemoryState::reserve(size_t accounts, size_t slots) { accounts_.reserve(accounts, slots); }

void MemoryState::set_account(const AccountUpdate& update) {
    AccountRecord& account = accounts_.intern(update.address);
    live_accounts_ += account.exists ? 0 : 1;
    account.update(update);
}

void MemoryState::remove_account(const Address& address) {
    AccountRecord* const account = accounts_.find(address);
    if (account == nullptr || !account->exists)
        return;
    accounts_.zero_slots(*account);
    account->exists = false;
    --live_accounts_;
}

void MemoryState::clear_storage(const Address& address) {
    if (AccountRecord* const account = accounts_.find(address))
        accounts_.zero_slots(*account);
}

void MemoryState::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    const uint32_t slot = accounts_.slot_at(address, key);
    if (slot != HashIndex::none)
        accounts_.write(slot, value);
    else if (!is_zero(value)) // what is not on record is zero
        accounts_.add_slot(address, key, value);
}

void MemoryState::add_code(BytesView bytes, const Bytes32& hash) { codes_.add(bytes, hash); }

const Code* MemoryState::find_code(const Bytes32& hash) const noexcept { return codes_.find(hash); }

} // namespace braid::state
