/// Whether what a transaction observed still holds, and which transactions that is due to.
#include "base/keyed_hash.hpp"
#include "block/block_state.hpp"

namespace braid::block {

using state::AccountState;
using state::ReadStatus;
using transaction::AccountRead;
using transaction::ReadsView;
using transaction::SlotRead;

namespace {

/// What of an account a transaction learnt that is no longer so; `account` where all is.
wire::LocationKind difference(const AccountRead& read, const AccountState& account,
                              bool exists) noexcept {
    using Kind = wire::LocationKind;
    const auto observed = [&](uint8_t part) { return (read.observed & part) != 0; };
    if (observed(AccountRead::existence) && read.exists != exists)
        return Kind::existence;
    if (observed(AccountRead::nonce_value) && read.account.nonce != account.nonce)
        return Kind::nonce;
    if (observed(AccountRead::code_value) && !(read.account.code_hash == account.code_hash))
        return Kind::code;
    if (observed(AccountRead::has_storage) && read.account.has_storage != account.has_storage)
        return Kind::has_storage;
    if ((observed(AccountRead::balance_value) && read.account.balance != account.balance) ||
        account.balance < read.minimum_balance)
        return Kind::balance;
    return Kind::account;
}

} // namespace

ReadStatus BlockState::check(const ReadsView& reads, const Address& sender,
                             CheckResult& result) noexcept {
    for (const AccountRead& read : reads.accounts) {
        if (read.observed != 0 || read.minimum_balance) {
            const ReadStatus status =
                check_account(read, read.address == sender, reads.from_base, result);
            if (status != ReadStatus::ok || !result.holds)
                return status;
        }
        for (uint32_t i = read.slot_start; i < read.slot_start + read.slot_count; ++i) {
            const ReadStatus status = check_slot(read, reads.slots[i], reads.from_base, result);
            if (status != ReadStatus::ok || !result.holds)
                return status;
        }
    }
    return ReadStatus::ok;
}

ReadStatus BlockState::check_account(const AccountRead& read, bool is_sender, bool from_base,
                                     CheckResult& result) noexcept {
    Account* const found = find(read.address, hash_of(read.address));
    if (found == nullptr && from_base)
        return ReadStatus::ok;
    AccountState now;
    bool exists = false;
    if (found != nullptr) {
        now = found->now;
        exists = found->exists;
    } else if (const ReadStatus status = base_->load_account(read.address, now, exists);
               status != ReadStatus::ok) {
        return status;
    }
    const wire::LocationKind kind = difference(read, now, clear_empty_ ? !is_empty(now) : exists);
    if (found != nullptr) {
        constexpr uint8_t code = AccountRead::code_value | AccountRead::has_storage;
        if ((read.observed & AccountRead::nonce_value) != 0 && !is_sender)
            depend(found->nonce_writer, found->dependents, result);
        if ((read.observed & AccountRead::balance_value) != 0)
            depend(found->balance_writer, found->dependents, result);
        if ((read.observed & AccountRead::existence) != 0)
            depend(found->existence_writer, found->dependents, result);
        if ((read.observed & code) != 0)
            depend(found->code_writer, found->dependents, result);
    }
    if (kind == wire::LocationKind::account)
        return ReadStatus::ok;
    result.holds = false;
    result.kind = kind;
    result.address = read.address;
    if (found != nullptr) {
        ++found->conflicts;
        result.writer = found->writer_of(kind);
    }
    return ReadStatus::ok;
}

ReadStatus BlockState::check_slot(const AccountRead& read, const SlotRead& slot, bool from_base,
                                  CheckResult& result) noexcept {
    const Account* const account = find(read.address, hash_of(read.address));
    Slot* const found = account == nullptr ? nullptr : find_slot(*account, slot.key);
    if (found == nullptr && from_base && (account == nullptr || account->generation == 0))
        return ReadStatus::ok;
    if (found != nullptr)
        depend(found->writer, found->dependents, result);
    Bytes32 value;
    if (const ReadStatus status = load_storage(read.address, slot.key, value);
        status != ReadStatus::ok)
        return status;
    if (value == slot.value)
        return ReadStatus::ok;
    result.holds = false;
    result.kind = wire::LocationKind::storage;
    result.address = read.address;
    result.key = slot.key;
    if (found != nullptr) {
        ++found->conflicts;
        result.writer = found->writer;
    } else if (account != nullptr) {
        result.writer = account->code_writer; // its storage went with it
    }
    return ReadStatus::ok;
}

void BlockState::depend(int32_t writer, uint32_t& dependents, CheckResult& result) const noexcept {
    if (writer == no_writer)
        return;
    if (result.is_final)
        ++dependents;
    if (result.depends_on == no_writer || chain_of(writer) > chain_of(result.depends_on))
        result.depends_on = writer;
}

void BlockState::end_chain(int32_t transaction, int32_t depends_on, uint64_t duration) {
    const auto index = static_cast<size_t>(transaction);
    if (chains_.size() <= index)
        chains_.resize(index + 1);
    chains_[index] = duration + chain_of(depends_on);
}

uint64_t BlockState::chain_of(int32_t transaction) const noexcept {
    const auto index = static_cast<size_t>(transaction);
    return transaction == no_writer || index >= chains_.size() ? 0 : chains_[index];
}

} // namespace braid::block
