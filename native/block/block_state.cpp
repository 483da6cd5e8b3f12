#include "block/block_state.hpp"

#include "state/slot_hash.hpp"

#include <bit>
#include <iterator>

namespace braid::block {

using state::AccountState;
using state::is_empty;
using state::ReadStatus;
using state::slot_hash;

BlockState::BlockState() : account_table_{4096}, slot_table_{8192} {}

void BlockState::begin(StateView& base, bool clear_empty) noexcept {
    base_ = &base;
    clear_empty_ = clear_empty;
    account_table_.reset();
    slot_table_.reset();
    accounts_.reset();
    slots_.reset();
    codes_.clear();
    chains_.clear();
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

ReadStatus BlockState::load_account(StateView& base, const Address& address, AccountState& account,
                                    bool& exists) const noexcept {
    const Account* found = find(address, hash_of(address));
    if (found == nullptr)
        return base.load_account(address, account, exists);
    exists = found->exists;
    account = found->now;
    return ReadStatus::ok;
}

ReadStatus BlockState::load_storage(StateView& base, const Address& address, const Bytes32& key,
                                    Bytes32& value) const noexcept {
    const Account* account = find(address, hash_of(address));
    if (account == nullptr)
        return base.load_storage(address, key, value);
    if (const Slot* slot = find_slot(*account, key)) {
        value = slot->generation == account->generation ? slot->now : Bytes32{};
        return ReadStatus::ok;
    }
    if (account->generation != 0 || !account->existed) {
        value = {};
        return ReadStatus::ok;
    }
    return base.load_storage(address, key, value);
}

ReadStatus BlockState::load_code(StateView& base, const Address& address, const Bytes32& code_hash,
                                 const Code*& code) const noexcept {
    const Account* account = find(address, hash_of(address));
    if (account != nullptr && account->code != nullptr && account->now.code_hash == code_hash) {
        code = account->code;
        return ReadStatus::ok;
    }
    return base.load_code(address, code_hash, code);
}

ReadStatus BlockState::load_account(const Address& address, AccountState& account,
                                    bool& exists) noexcept {
    return load_account(*base_, address, account, exists);
}

ReadStatus BlockState::load_storage(const Address& address, const Bytes32& key,
                                    Bytes32& value) noexcept {
    return load_storage(*base_, address, key, value);
}

ReadStatus BlockState::load_code(const Address& address, const Bytes32& code_hash,
                                 const Code*& code) noexcept {
    return load_code(*base_, address, code_hash, code);
}

void BlockState::touch(const Address& address) noexcept {
    AccountState account;
    bool exists = false;
    static_cast<void>(load_account(address, account, exists));
}

void BlockState::touch(const transaction::OutcomeView& outcome, const Address& coinbase) noexcept {
    for (const transaction::AccountWrite& write : outcome.accounts) {
        touch(write.address);
        // As in write_slot(): what was there before the account lost its storage.
        const Account* const account = find(write.address, hash_of(write.address));
        if (account == nullptr || account->generation == 0 || !account->existed)
            continue;
        for (uint32_t i = 0; i < write.slot_count; ++i) {
            Bytes32 before;
            const Bytes32& key = outcome.slots[write.slot_start + i].key;
            if (find_slot(*account, key) == nullptr)
                static_cast<void>(base_->load_storage(write.address, key, before));
        }
    }
    if (outcome.credits_coinbase)
        touch(coinbase);
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
    account = {};
    account.hash = hash;
    account.address = address;
    account.existed = account.exists = existed;
    account.before = account.now = before;
    account.nonce_writer = account.balance_writer = no_writer;
    account.code_writer = account.existence_writer = no_writer;
    account_table_.insert(account);
    return &account;
}

void BlockState::write_slot(Account& account, const transaction::SlotWrite& write,
                            int32_t writer) noexcept {
    Slot* slot = find_slot(account, write.key);
    if (slot == nullptr) {
        slot = &slots_.take();
        // The first write of the block found the slot as the base has it, unless the account lost
        // its storage in between: then the base's value is asked for the difference alone.
        Bytes32 before = write.original;
        if (account.generation != 0 && account.existed &&
            base_->load_storage(account.address, write.key, before) != ReadStatus::ok)
            before = {};
        *slot = {};
        slot->hash = slot_hash(account.hash, write.key);
        slot->account = &account;
        slot->key = write.key;
        slot->before = before;
        slot->next = account.slots;
        account.slots = slot;
        slot_table_.insert(*slot);
    }
    slot->now = write.value;
    slot->generation = account.generation;
    slot->writer = writer;
    if (!is_zero(write.value))
        account.now.has_storage = true;
}

void BlockState::remove(Account& account) noexcept {
    account.exists = false;
    account.now = {};
    account.code = nullptr;
    ++account.generation;
}

ReadStatus BlockState::apply(const transaction::OutcomeView& outcome, std::vector<CodeRef>& codes,
                             const Address& coinbase, int32_t writer) noexcept {
    codes_.insert(codes_.end(), std::make_move_iterator(codes.begin()),
                  std::make_move_iterator(codes.end()));
    codes.clear();
    for (const transaction::AccountWrite& write : outcome.accounts) {
        ReadStatus status;
        Account* account = open(write.address, status);
        if (account == nullptr)
            return status;
        if (write.destroyed) {
            remove(*account);
            account->nonce_writer = account->balance_writer = writer;
            account->code_writer = account->existence_writer = writer;
            continue;
        }
        const bool existed = account->exists;
        account->exists = true;
        if (write.nonce_changed) {
            account->now.nonce = write.nonce;
            account->nonce_writer = writer;
        }
        if (write.code_changed) {
            account->now.code_hash = write.code_hash;
            account->code = write.code;
        }
        for (uint32_t i = 0; i < write.slot_count; ++i)
            write_slot(*account, outcome.slots[write.slot_start + i], writer);
        set_balance(*account, account->now.balance + write.balance_change);
        if (write.balance_change)
            account->balance_writer = writer;
        if (write.code_changed)
            account->code_writer = writer;
        if (account->exists != existed)
            account->existence_writer = writer;
    }
    return outcome.credits_coinbase ? credit(coinbase, outcome.coinbase_credit, writer)
                                    : ReadStatus::ok;
}

void BlockState::set_balance(Account& account, uint256 balance) noexcept {
    account.now.balance = balance;
    account.exists = true;
    if (clear_empty_ && is_empty(account.now))
        remove(account);
}

ReadStatus BlockState::credit(const Address& address, uint256 amount, int32_t writer) noexcept {
    ReadStatus status;
    Account* account = open(address, status);
    if (account == nullptr)
        return status;
    const bool existed = account->exists;
    set_balance(*account, account->now.balance + amount);
    if (amount)
        account->balance_writer = writer;
    if (account->exists != existed)
        account->existence_writer = writer;
    return status;
}

bool BlockState::transfer(const transaction::PlainTransfer& transfer, const Address& coinbase,
                          int32_t writer) noexcept {
    ReadStatus status;
    Account* const sender = open(transfer.sender, status);
    if (sender == nullptr || sender->now.nonce != transfer.nonce ||
        transfer.nonce == UINT64_MAX || // EIP-2681
        sender->now.balance < transfer.maximum_cost ||
        !(sender->now.code_hash == state::empty_code_hash))
        return false;
    Account* const recipient = open(transfer.recipient, status);
    if (recipient == nullptr || !(recipient->now.code_hash == state::empty_code_hash))
        return false;
    Account* const beneficiary = open(coinbase, status);
    if (beneficiary == nullptr)
        return false;
    const bool existed = recipient->exists;
    const bool coinbase_existed = beneficiary->exists;
    sender->now.nonce = transfer.nonce + 1;
    set_balance(*sender, sender->now.balance - transfer.cost);
    set_balance(*recipient, recipient->now.balance + transfer.value);
    set_balance(*beneficiary, beneficiary->now.balance + transfer.tip);
    sender->nonce_writer = sender->balance_writer = writer;
    if (transfer.value)
        recipient->balance_writer = writer;
    if (transfer.tip)
        beneficiary->balance_writer = writer;
    if (recipient->exists != existed)
        recipient->existence_writer = writer;
    if (beneficiary->exists != coinbase_existed)
        beneficiary->existence_writer = writer;
    return true;
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

} // namespace braid::block
