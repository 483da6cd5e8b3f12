#include "state/partial_state.hpp"

namespace braid::state {

void PartialState::assign(const PartialState& other) { *this = other; }

void PartialState::learn_account(const AccountUpdate& update, StorageFacts storage) {
    Account& account = accounts_.intern(update.address);
    if (account.known)
        return;
    account.known = true;
    account.update(update);
    account.storage = storage;
}

void PartialState::learn_absence(const Address& address) {
    Account& account = accounts_.intern(address);
    if (account.known)
        return;
    account.known = true;
    forget_storage(account);
}

void PartialState::learn_slot(const Address& address, const Bytes32& key, const Bytes32& value) {
    Bytes32 known;
    if (!find_storage(address, key, known))
        accounts_.add_slot(address, key, value);
}

void PartialState::learn_code(BytesView bytes, const Bytes32& hash) { codes_.add(bytes, hash); }

void PartialState::set_account(const AccountUpdate& update) {
    Account& account = accounts_.intern(update.address);
    account.known = true;
    account.update(update);
}

void PartialState::remove_account(const Address& address) {
    Account& account = accounts_.intern(address);
    account.known = true;
    account.exists = false;
    forget_storage(account);
}

void PartialState::clear_storage(const Address& address) {
    forget_storage(accounts_.intern(address));
}

void PartialState::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    const uint32_t slot = accounts_.slot_at(address, key);
    if (slot != HashIndex::none)
        accounts_.write(slot, value);
    else
        accounts_.add_slot(address, key, value);
}

bool PartialState::find_account(const Address& address, AccountState& account,
                                bool& exists) const noexcept {
    const Account* const found = accounts_.find(address);
    if (found == nullptr || !found->known)
        return false;
    exists = found->exists;
    account = {};
    if (exists)
        account = {found->nonce, found->balance, found->code_hash,
                   found->set_slots != 0 || found->storage == StorageFacts::set};
    return true;
}

bool PartialState::find_storage(const Address& address, const Bytes32& key,
                                Bytes32& value) const noexcept {
    const uint32_t slot = accounts_.slot_at(address, key);
    if (slot != HashIndex::none) {
        value = accounts_.value(slot);
        return true;
    }
    value = {};
    const Account* const account = accounts_.find(address);
    return account != nullptr && account->storage == StorageFacts::complete;
}

const Code* PartialState::find_code(const Bytes32& hash) const noexcept {
    return codes_.find(hash);
}

/// All of an account's storage is zero from here on, and known to be.
void PartialState::forget_storage(Account& account) noexcept {
    accounts_.zero_slots(account);
    account.storage = StorageFacts::complete;
}

} // namespace braid::state
