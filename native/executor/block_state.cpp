#include "executor/block_state.hpp"

#include "state/slot_hash.hpp"

#include <algorithm>
#include <iterator>

namespace braid::executor {

using state::AccountState;
using state::is_empty;
using state::ReadStatus;
using state::slot_hash;

namespace {

/// Whether what a transaction learnt of an account is still so.
bool holds(const AccountRead& read, const AccountState& account, bool exists) noexcept {
    const auto observed = [&](uint8_t part) { return (read.observed & part) != 0; };
    return (!observed(AccountRead::existence) || read.exists == exists) &&
           (!observed(AccountRead::nonce_value) || read.account.nonce == account.nonce) &&
           (!observed(AccountRead::balance_value) || read.account.balance == account.balance) &&
           (!observed(AccountRead::code_value) || read.account.code_hash == account.code_hash) &&
           (!observed(AccountRead::has_storage) ||
            read.account.has_storage == account.has_storage) &&
           account.balance >= read.minimum_balance;
}

} // namespace

BlockState::BlockState() : account_table_{4096}, slot_table_{8192} {}

void BlockState::begin(StateView& base, bool clear_empty) noexcept {
    base_ = &base;
    clear_empty_ = clear_empty;
    account_table_.reset();
    slot_table_.reset();
    accounts_.reset();
    slots_.reset();
    codes_.clear();
}

BlockState::Account* BlockState::find(const Address& address, uint64_t hash) const noexcept {
    return account_table_.find(
        hash, [&](const Account& candidate) { return candidate.address == address; });
}

BlockState::Slot* BlockState::find_slot(const Account& account, const Bytes32& key) const noexcept {
    return slot_table_.find(slot_hash(account.hash, key), [&](const Slot& candidate) {
        return candidate.key == key && candidate.account == &account;
    });
}

ReadStatus BlockState::load_account(const Address& address, AccountState& account,
                                    bool& exists) noexcept {
    const Account* found = find(address, hash_of(address));
    if (found == nullptr)
        return base_->load_account(address, account, exists);
    exists = found->exists;
    account = found->now;
    return ReadStatus::ok;
}

ReadStatus BlockState::load_storage(const Address& address, const Bytes32& key,
                                    Bytes32& value) noexcept {
    const Account* account = find(address, hash_of(address));
    if (account == nullptr)
        return base_->load_storage(address, key, value);
    if (const Slot* slot = find_slot(*account, key)) {
        value = slot->generation == account->generation ? slot->now : Bytes32{};
        return ReadStatus::ok;
    }
    if (account->generation != 0 || !account->existed) {
        value = {};
        return ReadStatus::ok;
    }
    return base_->load_storage(address, key, value);
}

ReadStatus BlockState::load_code(const Address& address, const Bytes32& code_hash,
                                 const Code*& code) noexcept {
    const Account* account = find(address, hash_of(address));
    if (account != nullptr && account->code != nullptr && account->now.code_hash == code_hash) {
        code = account->code;
        return ReadStatus::ok;
    }
    return base_->load_code(address, code_hash, code);
}

BlockState::Account* BlockState::open(const Address& address, ReadStatus& status) noexcept {
    status = ReadStatus::ok;
    const uint64_t hash = hash_of(address);
    if (Account* found = find(address, hash))
        return found;
    AccountState before;
    bool existed = false;
    status = base_->load_account(address, before, existed);
    if (status != ReadStatus::ok)
        return nullptr;
    Account& account = accounts_.take();
    account = {hash, address, existed, existed, 0, before, before, nullptr, nullptr};
    account_table_.insert(account);
    return &account;
}

void BlockState::write_slot(Account& account, const SlotWrite& write) noexcept {
    Slot* slot = find_slot(account, write.key);
    if (slot == nullptr) {
        slot = &slots_.take();
        // The first write of the block found the slot as the base has it, unless the account lost
        // its storage in between: then the base's value is asked for the difference alone.
        Bytes32 before = write.original;
        if (account.generation != 0 && account.existed &&
            base_->load_storage(account.address, write.key, before) != ReadStatus::ok)
            before = {};
        *slot = {
            slot_hash(account.hash, write.key), &account, write.key, before, {}, account.slots, 0};
        account.slots = slot;
        slot_table_.insert(*slot);
    }
    slot->now = write.value;
    slot->generation = account.generation;
    if (!is_zero(write.value))
        account.now.has_storage = true;
}

void BlockState::remove(Account& account) noexcept {
    account.exists = false;
    account.now = {};
    account.code = nullptr;
    ++account.generation;
}

ReadStatus BlockState::apply(TransactionOutcome& outcome, const Address& coinbase) noexcept {
    codes_.insert(codes_.end(), std::make_move_iterator(outcome.codes.begin()),
                  std::make_move_iterator(outcome.codes.end()));
    outcome.codes.clear();
    for (const AccountWrite& write : outcome.accounts) {
        ReadStatus status;
        Account* account = open(write.address, status);
        if (account == nullptr)
            return status;
        if (write.destroyed) {
            remove(*account);
            continue;
        }
        account->exists = true;
        if (write.nonce_changed)
            account->now.nonce = write.nonce;
        if (write.code_changed) {
            account->now.code_hash = write.code_hash;
            account->code = write.code;
        }
        for (uint32_t i = 0; i < write.slot_count; ++i)
            write_slot(*account, outcome.slots[write.slot_start + i]);
        set_balance(*account, account->now.balance + write.balance_change);
    }
    return outcome.credits_coinbase ? credit(coinbase, outcome.coinbase_credit) : ReadStatus::ok;
}

ReadStatus BlockState::check(const TransactionReads& reads, bool& hold) noexcept {
    hold = true;
    for (const AccountRead& read : reads.accounts) {
        AccountState account;
        bool exists = false;
        if (read.observed != 0 || read.minimum_balance) {
            const ReadStatus status = load_account(read.address, account, exists);
            if (status != ReadStatus::ok)
                return status;
            if (!holds(read, account, clear_empty_ ? !is_empty(account) : exists)) {
                hold = false;
                return ReadStatus::ok;
            }
        }
        for (uint32_t i = read.slot_start; i < read.slot_start + read.slot_count; ++i) {
            Bytes32 value;
            const ReadStatus status = load_storage(read.address, reads.slots[i].key, value);
            if (status != ReadStatus::ok)
                return status;
            if (!(value == reads.slots[i].value)) {
                hold = false;
                return ReadStatus::ok;
            }
        }
    }
    return ReadStatus::ok;
}

void BlockState::set_balance(Account& account, uint256 balance) noexcept {
    account.now.balance = balance;
    account.exists = true;
    if (clear_empty_ && is_empty(account.now))
        remove(account);
}

ReadStatus BlockState::credit(const Address& address, uint256 amount) noexcept {
    ReadStatus status;
    Account* account = open(address, status);
    if (account != nullptr)
        set_balance(*account, account->now.balance + amount);
    return status;
}

ReadStatus BlockState::drain(const Address& from, const Address& to) noexcept {
    ReadStatus status;
    Account* source = open(from, status);
    if (source == nullptr)
        return status;
    const uint256 amount = source->now.balance;
    set_balance(*source, {});
    return credit(to, amount);
}

void BlockState::collect(wire::BlockRecords& records) {
    sorted_.clear();
    for (size_t i = 0; i < accounts_.size(); ++i)
        sorted_.push_back(&accounts_[i]);
    std::ranges::sort(sorted_, [](const Account* a, const Account* b) {
        return std::memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes)) < 0;
    });
    for (const Account* account : sorted_)
        collect_account(*account, records);
}

void BlockState::collect_account(const Account& account, wire::BlockRecords& records) {
    wire::AccountChange change{};
    change.slot_start = static_cast<uint32_t>(records.slots.size());
    collect_slots(account, records);
    change.slot_count = static_cast<uint32_t>(records.slots.size()) - change.slot_start;
    const bool code_changed = !(account.before.code_hash == account.now.code_hash);
    const bool cleared = account.existed && account.generation != 0;
    if (account.existed == account.exists && account.before.nonce == account.now.nonce &&
        account.before.balance == account.now.balance && !code_changed && !cleared &&
        change.slot_count == 0)
        return;

    change.address = account.address;
    change.nonce_before = account.before.nonce;
    change.nonce_after = account.now.nonce;
    change.balance_before = to_bytes32(account.before.balance);
    change.balance_after = to_bytes32(account.now.balance);
    change.code_hash_before = account.before.code_hash;
    change.code_hash_after = account.now.code_hash;
    change.flags = (account.existed ? wire::account_flag::existed_before : 0) |
                   (account.exists ? wire::account_flag::exists_after : 0) |
                   (code_changed ? wire::account_flag::code_changed : 0) |
                   (cleared ? wire::account_flag::storage_cleared : 0);
    if (code_changed && account.code != nullptr) {
        change.code_size = static_cast<uint32_t>(account.code->bytes().size());
        change.code_offset = records.append(account.code->bytes());
    }
    records.accounts.push_back(change);
}

void BlockState::collect_slots(const Account& account, wire::BlockRecords& records) {
    const size_t start = records.slots.size();
    for (const Slot* slot = account.slots; slot != nullptr; slot = slot->next) {
        const Bytes32 now = slot->generation == account.generation ? slot->now : Bytes32{};
        // Where the old storage was cleared, what stands is written again even if it equals it.
        const bool rewritten = account.generation != 0 && !is_zero(now);
        if (rewritten || !(slot->before == now))
            records.slots.push_back({slot->key, slot->before, now});
    }
    std::sort(records.slots.begin() + static_cast<ptrdiff_t>(start), records.slots.end(),
              [](const wire::SlotChange& a, const wire::SlotChange& b) {
                  return std::memcmp(a.key.bytes, b.key.bytes, sizeof(a.key.bytes)) < 0;
              });
}

} // namespace braid::executor
