#include "state/memory_state.hpp"

#include "state/slot_hash.hpp"

namespace braid::state {

bool MemoryState::find_account(const Address& address, AccountState& account) const noexcept {
    const uint32_t index = account_at(address);
    const bool exists = index != HashIndex::none && accounts_[index].exists;
    account = exists ? state_of(accounts_[index]) : AccountState{};
    return exists;
}

Bytes32 MemoryState::storage(const Address& address, const Bytes32& key) const noexcept {
    const uint32_t index = slot_at(address, key);
    return index == HashIndex::none ? Bytes32{} : slots_[index].value;
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
    slots_ = other.slots_;
    codes_ = other.codes_;
    account_index_ = other.account_index_;
    slot_index_ = other.slot_index_;
    code_index_ = other.code_index_;
    live_accounts_ = other.live_accounts_;
}

void MemoryState::clear() noexcept {
    accounts_.clear();
    slots_.clear();
    codes_.clear();
    account_index_.clear();
    slot_index_.clear();
    code_index_.clear();
    live_accounts_ = 0;
}

void MemoryState::reserve(size_t accounts, size_t slots) {
    accounts_.reserve(accounts);
    slots_.reserve(slots);
    account_index_.reserve(accounts, [this](uint32_t i) { return hash_of(accounts_[i].address); });
    slot_index_.reserve(slots, [this](uint32_t i) {
        return slot_hash(hash_of(accounts_[slots_[i].account].address), slots_[i].key);
    });
}

void MemoryState::set_account(const AccountUpdate& update) {
    Account& account = accounts_[intern_account(update.address)];
    live_accounts_ += account.exists ? 0 : 1;
    account.exists = true;
    account.nonce = update.nonce;
    account.balance = update.balance;
    account.code_hash = update.code_hash;
}

void MemoryState::remove_account(const Address& address) {
    const uint32_t index = account_at(address);
    if (index == HashIndex::none || !accounts_[index].exists)
        return;
    zero_slots(accounts_[index]);
    accounts_[index].exists = false;
    --live_accounts_;
}

void MemoryState::clear_storage(const Address& address) {
    const uint32_t index = account_at(address);
    if (index != HashIndex::none)
        zero_slots(accounts_[index]);
}

void MemoryState::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    uint32_t index = slot_at(address, key);
    if (index == HashIndex::none) {
        if (is_zero(value))
            return;
        const uint32_t account = intern_account(address);
        index = static_cast<uint32_t>(slots_.size());
        slots_.push_back({key, Bytes32{}, account, accounts_[account].first_slot});
        accounts_[account].first_slot = index;
        slot_index_.insert(slot_hash(hash_of(address), key), index, [this](uint32_t i) {
            return slot_hash(hash_of(accounts_[slots_[i].account].address), slots_[i].key);
        });
    }
    Slot& slot = slots_[index];
    Account& account = accounts_[slot.account];
    account.slot_count += is_zero(slot.value) ? 1 : 0;
    account.slot_count -= is_zero(value) ? 1 : 0;
    slot.value = value;
}

void MemoryState::add_code(BytesView bytes, const Bytes32& hash) {
    if (hash == empty_code_hash || find_code(hash) != nullptr)
        return;
    const auto index = static_cast<uint32_t>(codes_.size());
    codes_.push_back(
        std::make_shared<const Code>(std::vector<uint8_t>(bytes.begin(), bytes.end()), hash));
    code_index_.insert(hash_of(hash), index,
                       [this](uint32_t i) { return hash_of(codes_[i]->hash()); });
}

const Code* MemoryState::find_code(const Bytes32& hash) const noexcept {
    const uint32_t index =
        code_index_.find(hash_of(hash), [&](uint32_t i) { return codes_[i]->hash() == hash; });
    return index == HashIndex::none ? nullptr : codes_[index].get();
}

uint32_t MemoryState::account_at(const Address& address) const noexcept {
    return account_index_.find(hash_of(address),
                               [&](uint32_t i) { return accounts_[i].address == address; });
}

uint32_t MemoryState::slot_at(const Address& address, const Bytes32& key) const noexcept {
    return slot_index_.find(slot_hash(hash_of(address), key), [&](uint32_t i) {
        return slots_[i].key == key && accounts_[slots_[i].account].address == address;
    });
}

uint32_t MemoryState::intern_account(const Address& address) {
    uint32_t index = account_at(address);
    if (index == HashIndex::none) {
        index = static_cast<uint32_t>(accounts_.size());
        accounts_.emplace_back().address = address;
        account_index_.insert(hash_of(address), index,
                              [this](uint32_t i) { return hash_of(accounts_[i].address); });
    }
    return index;
}

void MemoryState::zero_slots(Account& account) noexcept {
    for (uint32_t slot = account.first_slot; slot != HashIndex::none; slot = slots_[slot].next)
        slots_[slot].value = {};
    account.slot_count = 0;
}

} // namespace braid::state
