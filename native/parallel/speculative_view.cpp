#include "parallel/speculative_view.hpp"

namespace braid::parallel {

using state::AccountState;
using state::ReadStatus;
using transaction::AccountWrite;

void SpeculativeView::touch(const wire::PrefetchKey& key) noexcept {
    AccountState account;
    Bytes32 value;
    bool exists = false;
    // The answer, whatever it is, is asked for again.
    if ((key.flags & wire::prefetch_flag::has_key) != 0)
        static_cast<void>(base_->load_storage(key.address, key.key, value));
    else
        static_cast<void>(base_->load_account(key.address, account, exists));
}

bool SpeculativeView::agrees_with(const transaction::ReadsView& reads,
                                  block::CheckResult& difference) noexcept {
    for (const transaction::AccountRead& read : reads.accounts) {
        difference.address = read.address;
        if (!agrees_with(read, difference.kind))
            return false;
        for (const transaction::SlotRead& slot :
             reads.slots.subspan(read.slot_start, read.slot_count)) {
            Bytes32 value;
            if (load_storage(read.address, slot.key, value) == ReadStatus::ok &&
                value == slot.value)
                continue;
            difference.kind = wire::LocationKind::storage;
            difference.key = slot.key;
            return false;
        }
    }
    return true;
}

bool SpeculativeView::agrees_with(const transaction::AccountRead& read,
                                  wire::LocationKind& difference) noexcept {
    if (read.observed == 0 && !read.minimum_balance)
        return true;
    AccountState account;
    bool exists = false;
    const auto seen = [&](uint8_t part) { return (read.observed & part) != 0; };
    if (load_account(read.address, account, exists) != ReadStatus::ok)
        return false;
    // Existence is not looked at: it seldom changes where nothing else does.
    if (account.balance < read.minimum_balance ||
        (seen(transaction::AccountRead::balance_value) && account.balance != read.account.balance))
        difference = wire::LocationKind::balance;
    else if (seen(transaction::AccountRead::nonce_value) && account.nonce != read.account.nonce)
        difference = wire::LocationKind::nonce;
    else if (seen(transaction::AccountRead::code_value) &&
             !(account.code_hash == read.account.code_hash))
        difference = wire::LocationKind::code;
    else
        return true;
    return false;
}

ReadStatus SpeculativeView::load_account(const Address& address, AccountState& account,
                                         bool& exists) noexcept {
    const AccountLocation* location = store_.find(address);
    // Latest first: the first word on nonce and code counts, balances add up, and a destroyed
    // account hides everything before. What was committed last stands for all up to there.
    bool has_nonce = false;
    bool has_code = false;
    bool destroyed = false;
    bool written = false;
    AccountState late;
    const SettledAccount* settled = nullptr;
    if (location != nullptr) {
        settled = VersionStore::settled_before(*location, transaction_);
        store_.for_each_before(*location, settled, transaction_, [&](const AccountWrite& write) {
            saw_versions_ = true;
            if (write.destroyed) {
                destroyed = true;
                return false;
            }
            written = true;
            late.balance += write.balance_change;
            late.has_storage = late.has_storage || write.slot_count != 0;
            if (write.nonce_changed && !has_nonce) {
                has_nonce = true;
                late.nonce = write.nonce;
            }
            if (write.code_changed && !has_code) {
                has_code = true;
                late.code_hash = write.code_hash;
            }
            return true;
        });
    }
    account = {};
    exists = false;
    if (settled != nullptr) {
        saw_versions_ = true;
        if (!destroyed) {
            account = settled->account;
            exists = settled->exists;
        }
    } else if (!destroyed) {
        if (const ReadStatus status = base_->load_account(address, account, exists);
            status != ReadStatus::ok)
            return status;
    }
    if (written) {
        exists = true;
        account.balance += late.balance;
        account.has_storage = account.has_storage || late.has_storage;
        if (has_nonce)
            account.nonce = late.nonce;
        if (has_code)
            account.code_hash = late.code_hash;
    }
    if (address == sender_ && account.nonce < nonce_) {
        saw_versions_ = true; // of transactions that may not have run yet
        account.nonce = nonce_;
    }
    return ReadStatus::ok;
}

ReadStatus SpeculativeView::load_storage(const Address& address, const Bytes32& key,
                                         Bytes32& value) noexcept {
    if (const AccountLocation* account = store_.find(address))
        if (const SlotLocation* slot = store_.find(*account, key))
            if (const Bytes32* latest = store_.latest_before(*slot, transaction_)) {
                saw_versions_ = true;
                value = *latest;
                return ReadStatus::ok;
            }
    return base_->load_storage(address, key, value);
}

ReadStatus SpeculativeView::load_code(const Address& address, const Bytes32& code_hash,
                                      const Code*& code) noexcept {
    const Code* made = nullptr;
    const AccountLocation* const location = store_.find(address);
    // relaxed: set before anything was linked in or hung that could have told the hash.
    if (location != nullptr && location->has_code_versions.load(std::memory_order_relaxed)) {
        const SettledAccount* settled = VersionStore::settled_before(*location, transaction_);
        store_.for_each_before(*location, settled, transaction_, [&](const AccountWrite& write) {
            if (write.code_changed && write.code_hash == code_hash)
                made = write.code;
            return made == nullptr && !write.destroyed;
        });
        if (made == nullptr && settled != nullptr && settled->account.code_hash == code_hash)
            made = settled->code;
    }
    if (made == nullptr)
        return base_->load_code(address, code_hash, code);
    code = made;
    return ReadStatus::ok;
}

} // namespace braid::parallel
