#include "transaction/journal.hpp"

#include "state/slot_hash.hpp"

namespace braid::transaction {

using state::slot_hash;

namespace {

constexpr Address ripemd160_address{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};

/// The ABI's name for a change from `current` to `value` of a slot that began as `original`.
evmc_storage_status storage_status(const Bytes32& original, const Bytes32& current,
                                   const Bytes32& value) noexcept {
    if (current == value)
        return EVMC_STORAGE_ASSIGNED;
    const bool cleared = is_zero(value);
    if (original == current) {
        if (is_zero(original))
            return EVMC_STORAGE_ADDED;
        return cleared ? EVMC_STORAGE_DELETED : EVMC_STORAGE_MODIFIED;
    }
    if (is_zero(original))
        return cleared ? EVMC_STORAGE_ADDED_DELETED : EVMC_STORAGE_ASSIGNED;
    const bool restored = original == value;
    if (is_zero(current))
        return restored ? EVMC_STORAGE_DELETED_RESTORED : EVMC_STORAGE_DELETED_ADDED;
    if (cleared)
        return EVMC_STORAGE_MODIFIED_DELETED;
    return restored ? EVMC_STORAGE_MODIFIED_RESTORED : EVMC_STORAGE_ASSIGNED;
}

} // namespace

Journal::Journal() : account_table_{256}, slot_table_{1024}, transient_table_{64} {}

void Journal::begin(state::StateView& view, const Rules& rules) noexcept {
    view_ = &view;
    rules_ = &rules;
    forget_records();
    undo_.clear();
    codes_.clear();
    logs_.clear();
    failure_ = {};
    ripemd_touched_ = false;
}

void Journal::forget_records() noexcept {
    last_account_ = nullptr;
    storage_account_ = nullptr;
    last_slot_ = nullptr;
    account_table_.reset();
    slot_table_.reset();
    transient_table_.reset();
    accounts_.reset();
    slots_.reset();
    transients_.reset();
}

void Journal::trim() {
    constexpr size_t most_entries = size_t{1} << 14;
    constexpr size_t most_bytes = size_t{1} << 20;
    account_table_.trim(most_entries);
    slot_table_.trim(most_entries);
    transient_table_.trim(most_entries);
    accounts_.trim(most_bytes);
    slots_.trim(most_bytes);
    transients_.trim(most_bytes);
    braid::trim(undo_, most_bytes);
    braid::trim(codes_, most_bytes);
    braid::trim(logs_.entries, most_bytes);
    braid::trim(logs_.topics, most_bytes);
    braid::trim(logs_.data, most_bytes);
    last_account_ = nullptr;
    storage_account_ = nullptr;
    last_slot_ = nullptr;
}

bool Journal::is_over_budget() const noexcept {
    return accounts_.size() * sizeof(JournalAccount) + slots_.size() * sizeof(JournalSlot) +
               transients_.size() * sizeof(TransientSlot) + undo_.size() * sizeof(Undo) +
               logs_.entries.size() * sizeof(wire::Log) + logs_.topics.size() * sizeof(Bytes32) +
               logs_.data.size() >
           memory_budget_;
}

void Journal::exhaust() noexcept {
    Failure failure;
    failure.code = wire::ErrorCode::out_of_memory;
    fail(failure);
    // Who still refers to a record finds some other one in its place.
    forget_records();
    undo_.clear();
    if (stop_ != nullptr)
        stop_->request();
}

JournalAccount* Journal::find_loaded(const Address& address) noexcept {
    JournalAccount* found =
        account_table_.find(hash_of(address), [&](const JournalAccount& candidate) {
            return candidate.address == address;
        });
    return found != nullptr && found->loaded ? found : nullptr;
}

JournalAccount& Journal::lookup(const Address& address) noexcept {
    const uint64_t hash = hash_of(address);
    JournalAccount* found = account_table_.find(
        hash, [&](const JournalAccount& candidate) { return candidate.address == address; });
    if (found == nullptr) {
        check_budget(accounts_.size());
        found = &accounts_.take();
        found->hash = hash;
        found->address = address;
        found->flags = 0;
        found->loaded = false;
        found->observed = 0;
        found->marks = 0;
        found->code = nullptr;
        found->slots = nullptr;
        account_table_.insert(*found);
    }
    last_account_ = found;
    return *found;
}

void Journal::load(JournalAccount& account) noexcept {
    const state::ReadStatus status =
        view_->load_account(account.address, account.original, account.existed);
    if (status != state::ReadStatus::ok) {
        record_failure(status, account.address);
        account.original = {};
        account.existed = false;
    }
    account.loaded = true;
    account.minimum_balance = {};
    account.nonce = account.original.nonce;
    account.balance = account.original.balance;
    account.code_hash = account.original.code_hash;
    if (account.existed)
        account.flags |= JournalAccount::exists;
}

const Code* Journal::load_code(JournalAccount& account) noexcept {
    const Code* code = nullptr;
    const state::ReadStatus status = view_->load_code(account.address, account.code_hash, code);
    if (status != state::ReadStatus::ok) {
        record_failure(status, account.address);
        return nullptr;
    }
    account.code = code;
    return code;
}

void Journal::record_failure(state::ReadStatus status, const Address& address) noexcept {
    Failure failure;
    failure.code = status == state::ReadStatus::missing_code ? wire::ErrorCode::state_missing_code
                                                             : wire::ErrorCode::state_unavailable;
    failure.address = address;
    fail(failure);
}

bool Journal::can_spend(JournalAccount& account, const uint256& amount) const noexcept {
    const uint256& balance = account.balance;
    const uint256& original = account.original.balance;
    if (balance < amount) {
        account.observed |= AccountRead::balance_value;
        return false;
    }
    // What must have been there at the start: the amount and what was spent before, less what was
    // received.
    uint256 needed;
    if (balance <= original)
        needed = amount + (original - balance);
    else if (amount > balance - original)
        needed = amount - (balance - original);
    if (account.minimum_balance < needed)
        account.minimum_balance = needed;
    return true;
}

void Journal::set_balance(JournalAccount& account, uint256 balance) noexcept {
    Undo& undo = push_undo(Change::balance, &account);
    for (int i = 0; i < 4; ++i)
        undo.old.words[i] = account.balance.word[i];
    account.balance = balance;
    touch(account);
}

void Journal::set_nonce(JournalAccount& account, uint64_t nonce) noexcept {
    push_undo(Change::nonce, &account).old.number = account.nonce;
    account.nonce = nonce;
    touch(account);
}

void Journal::set_code(JournalAccount& account, CodeRef code) noexcept {
    push_undo(Change::code_hash, &account).old.bytes = account.code_hash;
    push_undo(Change::code, &account).old.code = account.code;
    account.code_hash = code == nullptr ? state::empty_code_hash : code->hash();
    account.code = code.get();
    if (code != nullptr)
        codes_.push_back(std::move(code));
    touch(account);
}

void Journal::set_flags(JournalAccount& account, uint32_t flags) noexcept {
    // Only the bits that are new: loading the account in between may set others.
    push_undo(Change::flags, &account).old.number = flags & ~account.flags;
    account.flags |= flags;
}

void Journal::touch_with_nothing(JournalAccount& account) noexcept {
    if (account.address == ripemd160_address)
        ripemd_touched_ = true;
    touch(account);
}

JournalSlot& Journal::lookup_slot(const Address& address, const Bytes32& key) noexcept {
    if (storage_account_ == nullptr || !(storage_account_->address == address))
        storage_account_ = &intern(address);
    JournalAccount& account = *storage_account_;
    const uint64_t hash = slot_hash(account.hash, key);
    JournalSlot* found = slot_table_.find(hash, [&](const JournalSlot& candidate) {
        return candidate.key == key && candidate.account == &account;
    });
    if (found == nullptr) {
        check_budget(slots_.size());
        found = &slots_.take();
        found->hash = hash;
        found->account = &account;
        found->key = key;
        found->loaded = false;
        found->warm = false;
        found->looked_up = false;
        found->next = account.slots;
        account.slots = found;
        slot_table_.insert(*found);
    }
    last_slot_ = found;
    return *found;
}

void Journal::load(JournalSlot& slot) noexcept {
    slot.loaded = true;
    slot.from_view = !slot.account->has(JournalAccount::created);
    slot.original = {};
    // A contract made by this transaction starts without storage: creation fails where there is
    // some (EIP-7610).
    if (slot.from_view) {
        const state::ReadStatus status =
            view_->load_storage(slot.account->address, slot.key, slot.original);
        if (status != state::ReadStatus::ok) {
            record_failure(status, slot.account->address);
            slot.original = {};
        }
    }
    slot.current = slot.original;
}

void Journal::warm(JournalSlot& slot) noexcept {
    push_undo(Change::slot_warmth, &slot);
    slot.warm = true;
}

evmc_storage_status Journal::status_of_store(const Address& address, const Bytes32& key,
                                             const Bytes32& value) noexcept {
    JournalSlot& found = slot(address, key);
    if (!found.loaded)
        load(found);
    return storage_status(found.original, found.current, value);
}

evmc_storage_status Journal::store_slot(const Address& address, const Bytes32& key,
                                        const Bytes32& value) noexcept {
    JournalSlot& found = slot(address, key);
    if (!found.loaded)
        load(found);
    const evmc_storage_status status = storage_status(found.original, found.current, value);
    if (!(found.current == value)) {
        push_undo(Change::slot_value, &found).old.bytes = found.current;
        found.current = value;
    }
    return status;
}

Journal::TransientSlot* Journal::find_transient(const Address& address, const Bytes32& key,
                                                uint64_t hash) noexcept {
    return transient_table_.find(hash, [&](const TransientSlot& candidate) {
        return candidate.key == key && candidate.address == address;
    });
}

Bytes32 Journal::load_transient(const Address& address, const Bytes32& key) noexcept {
    const TransientSlot* found = find_transient(address, key, slot_hash(hash_of(address), key));
    return found == nullptr ? Bytes32{} : found->value;
}

void Journal::store_transient(const Address& address, const Bytes32& key,
                              const Bytes32& value) noexcept {
    const uint64_t hash = slot_hash(hash_of(address), key);
    TransientSlot* found = find_transient(address, key, hash);
    if (found == nullptr) {
        check_budget(transients_.size());
        found = &transients_.take();
        *found = {hash, address, key, Bytes32{}};
        transient_table_.insert(*found);
    }
    push_undo(Change::transient, found).old.bytes = found->value;
    found->value = value;
}

void Journal::log(const Address& address, BytesView data,
                  std::span<const Bytes32> topics) noexcept {
    if (data.size() > memory_budget_ || logs_.data.size() + data.size() > memory_budget_)
        exhaust();
    else
        check_budget(logs_.entries.size());
    if (failure() != nullptr) // what is logged does not matter any more
        return;
    logs_.entries.push_back(
        {address, static_cast<uint32_t>(logs_.topics.size()), static_cast<uint32_t>(topics.size()),
         static_cast<uint32_t>(logs_.data.size()), static_cast<uint32_t>(data.size())});
    logs_.topics.insert(logs_.topics.end(), topics.begin(), topics.end());
    logs_.data.insert(logs_.data.end(), data.begin(), data.end());
}

void Journal::revert(const Checkpoint& checkpoint) noexcept {
    while (undo_.size() > checkpoint.undo) {
        const Undo& undo = undo_.back();
        auto* account = static_cast<JournalAccount*>(undo.target);
        auto* slot = static_cast<JournalSlot*>(undo.target);
        switch (undo.change) {
        case Change::balance:
            for (int i = 0; i < 4; ++i)
                account->balance.word[i] = undo.old.words[i];
            break;
        case Change::nonce:
            account->nonce = undo.old.number;
            break;
        case Change::code_hash:
            account->code_hash = undo.old.bytes;
            break;
        case Change::code:
            account->code = undo.old.code;
            break;
        case Change::flags:
            account->flags &= ~static_cast<uint32_t>(undo.old.number);
            break;
        case Change::slot_value:
            slot->current = undo.old.bytes;
            break;
        case Change::slot_warmth:
            slot->warm = false;
            break;
        case Change::transient:
            static_cast<TransientSlot*>(undo.target)->value = undo.old.bytes;
            break;
        }
        undo_.pop_back();
    }
    logs_.entries.resize(checkpoint.logs);
    logs_.topics.resize(checkpoint.topics);
    logs_.data.resize(checkpoint.log_data);
}

void Journal::finish(TransactionOutcome& outcome) noexcept {
    if (ripemd_touched_ && rules_->clear_empty)
        touch(account(ripemd160_address));
    for (size_t i = 0; i < accounts_.size(); ++i)
        if (accounts_[i].loaded || accounts_[i].slots != nullptr)
            finish_account(accounts_[i], outcome);
    outcome.codes.swap(codes_);
    std::swap(outcome.logs, logs_);
}

void Journal::finish_account(JournalAccount& account, TransactionOutcome& outcome) noexcept {
    AccountWrite write;
    write.address = account.address;
    write.slot_start = static_cast<uint32_t>(outcome.slots.size());
    if (account.has(JournalAccount::destroyed)) {
        write.destroyed = true;
        outcome.accounts.push_back(write);
        return;
    }
    for (const JournalSlot* slot = account.slots; slot != nullptr; slot = slot->next)
        if (slot->loaded && !(slot->current == slot->original))
            outcome.slots.push_back({slot->key, slot->original, slot->current});
    write.slot_count = static_cast<uint32_t>(outcome.slots.size()) - write.slot_start;
    if (account.loaded) {
        const state::AccountState& original = account.original;
        write.nonce = account.nonce;
        write.nonce_changed = account.nonce != original.nonce;
        write.balance_change = account.balance - original.balance;
        write.code_hash = account.code_hash;
        write.code_changed = !(account.code_hash == original.code_hash);
        if (write.code_changed)
            write.code = account.code;
    }
    // A touch alone counts where the account may turn out to be empty, or not to be there
    // (EIP-161). One that has code for certain is neither.
    const bool has_code = account.has_code() && (account.observed & AccountRead::code_value) != 0;
    const bool touched = account.has(JournalAccount::touched) && !has_code;
    if (touched || write.slot_count != 0 || write.nonce_changed || write.code_changed ||
        write.balance_change)
        outcome.accounts.push_back(write);
}

void Journal::collect_reads(TransactionReads& reads) const {
    for (size_t i = 0; i < accounts_.size(); ++i) {
        const JournalAccount& account = accounts_[i];
        AccountRead read;
        read.slot_start = static_cast<uint32_t>(reads.slots.size());
        // A contract made by this transaction had no storage to read.
        for (const JournalSlot* slot = account.slots; slot != nullptr; slot = slot->next)
            if (slot->loaded && slot->from_view)
                reads.slots.push_back({slot->key, slot->original});
        read.slot_count = static_cast<uint32_t>(reads.slots.size()) - read.slot_start;
        if (read.slot_count == 0 &&
            (!account.loaded || (account.observed == 0 && !account.minimum_balance)))
            continue;
        read.address = account.address;
        if (account.loaded) {
            read.observed = account.observed;
            read.account = account.original;
            read.exists = rules_->clear_empty ? !is_empty(account.original) : account.existed;
            read.minimum_balance = account.minimum_balance;
        }
        reads.accounts.push_back(read);
    }
}

} // namespace braid::transaction
