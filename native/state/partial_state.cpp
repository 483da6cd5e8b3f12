#include "state/partial_state.hpp"

#include "state/slot_hash.hpp"

namespace braid::state {

void PartialState::assign(const PartialState& other) {
    accounts_ = other.accounts_;
    slots_ = other.slots_;
    codes_ = other.codes_;
    account_index_ = other.account_index_;
    slot_index_ = other.slot_index_;
    code_index_ = other.code_index_;
}

void PartialState::learn_account(const AccountUpdate& update, StorageFacts storage) {
    Account& account = intern_account(update.address);
    if (account.known)
        return;
    write(account, update);
    account.storage = storage;
}

void PartialState::learn_absence(const Address& address) {
    Account& account = intern_account(address);
    if (account.known)
        return;
    account.known = true;
    forget_storage(account);
}

void PartialState::learn_slot(const Address& address, const Bytes32& key, const Bytes32& value) {
    Bytes32 known;
    if (!find_storage(address, key, known))
        add_slot(address, key, value);
}

void PartialState::learn_code(BytesView bytes, const Bytes32& hash) {
    if (hash == empty_code_hash || find_code(hash) != nullptr)
        return;
    const auto index = static_cast<uint32_t>(codes_.size());
    codes_.push_back(
        std::make_shared<const Code>(std::vector<uint8_t>(bytes.begin(), bytes.end()), hash));
    code_index_.insert(hash_of(hash), index,
                       [this](uint32_t i) { return hash_of(codes_[i]->hash()); });
}

void PartialState::set_account(const AccountUpdate& update) {
    write(intern_account(update.address), update);
}

void PartialState::remove_account(const Address& address) {
    Account& account = intern_account(address);
    account.known = true;
    account.exists = false;
    forget_storage(account);
}

void PartialState::clear_storage(const Address& address) {
    forget_storage(intern_account(address));
}

void PartialState::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    const uint32_t index = slot_at(address, key);
    if (index == HashIndex::none) {
        add_slot(address, key, value);
        return;
    }
    Slot& slot = slots_[index];
    Account& account = accounts_[slot.account];
    account.set_slots -= is_zero(slot.value) ? 0 : 1;
    account.set_slots += is_zero(value) ? 0 : 1;
    slot.value = value;
}

bool PartialState::find_account(const Address& address, AccountState& account,
                                bool& exists) const noexcept {
    const uint32_t index = account_at(address);
    if (index == HashIndex::none || !accounts_[index].known)
        return false;
    const Account& found = accounts_[index];
    exists = found.exists;
    account = {};
    if (exists)
        account = {found.nonce, found.balance, found.code_hash,
                   found.set_slots != 0 || found.storage == StorageFacts::set};
    return true;
}

bool PartialState::find_storage(const Address& address, const Bytes32& key,
                                Bytes32& value) const noexcept {
    const uint32_t slot = slot_at(address, key);
    if (slot != HashIndex::none) {
        value = slots_[slot].value;
        return true;
    }
    value = {};
    const uint32_t account = account_at(address);
    return account != HashIndex::none && accounts_[account].storage == StorageFacts::complete;
}

const Code* PartialState::find_code(const Bytes32& hash) const noexcept {
    const uint32_t index =
        code_index_.find(hash_of(hash), [&](uint32_t i) { return codes_[i]->hash() == hash; });
    return index == HashIndex::none ? nullptr : codes_[index].get();
}

uint32_t PartialState::account_at(const Address& address) const noexcept {
    return account_index_.find(hash_of(address),
                               [&](uint32_t i) { return accounts_[i].address == address; });
}

uint32_t PartialState::slot_at(const Address& address, const Bytes32& key) const noexcept {
    return slot_index_.find(slot_hash(hash_of(address), key), [&](uint32_t i) {
        return slots_[i].key == key && accounts_[slots_[i].account].address == address;
    });
}

PartialState::Account& PartialState::intern_account(const Address& address) {
    uint32_t index = account_at(address);
    if (index == HashIndex::none) {
        index = static_cast<uint32_t>(accounts_.size());
        accounts_.emplace_back().address = address;
        account_index_.insert(hash_of(address), index,
                              [this](uint32_t i) { return hash_of(accounts_[i].address); });
    }
    return accounts_[index];
}

void PartialState::write(Account& account, const AccountUpdate& update) noexcept {
    account.known = true;
    account.exists = true;
    account.nonce = update.nonce;
    account.balance = update.balance;
    account.code_hash = update.code_hash;
}

void PartialState::add_slot(const Address& address, const Bytes32& key, const Bytes32& value) {
    Account& account = intern_account(address);
    const auto index = static_cast<uint32_t>(slots_.size());
    slots_.push_back(
        {key, value, static_cast<uint32_t>(&account - accounts_.data()), account.first_slot});
    account.first_slot = index;
    account.set_slots += is_zero(value) ? 0 : 1;
    slot_index_.insert(slot_hash(hash_of(address), key), index, [this](uint32_t i) {
        return slot_hash(hash_of(accounts_[slots_[i].account].address), slots_[i].key);
    });
}

void PartialState::forget_storage(Account& account) noexcept {
    for (uint32_t slot = account.first_slot; slot != HashIndex::none; slot = slots_[slot].next)
        slots_[slot].value = {};
    account.set_slots = 0;
    account.storage = StorageFacts::complete;
}

} // namespace braid::state
