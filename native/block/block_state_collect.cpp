/// What a block has changed, and where its transactions met.
#include "block/block_state.hpp"

#include <algorithm>
#include <bit>
#include <string_view>
#include <tuple>

namespace braid::block {
namespace {

/// How many locations are worth a report.
constexpr size_t max_hot_locations = 16;

/// The start of an address or a key, ordered as the whole is.
template <typename Bytes>
uint64_t leading_bytes(const Bytes& value) noexcept {
    uint64_t bytes;
    std::memcpy(&bytes, value.bytes, sizeof(bytes));
    return std::endian::native == std::endian::little ? __builtin_bswap64(bytes) : bytes;
}

template <typename Bytes>
std::string_view text_of(const Bytes& value) noexcept {
    return {reinterpret_cast<const char*>(value.bytes), sizeof(value.bytes)};
}

} // namespace

void BlockState::collect(wire::BlockRecords& records) {
    sorted_.clear();
    for (size_t i = 0; i < accounts_.size(); ++i)
        sorted_.push_back({leading_bytes(accounts_[i].address), &accounts_[i]});
    std::ranges::sort(sorted_, [](const Sorted& a, const Sorted& b) {
        if (a.leading_bytes != b.leading_bytes)
            return a.leading_bytes < b.leading_bytes;
        return text_of(a.account->address) < text_of(b.account->address);
    });
    records.accounts.reserve(sorted_.size());
    for (const Sorted& entry : sorted_)
        collect_account(*entry.account, records);
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
    sorted_slots_.clear();
    for (const Slot* slot = account.slots; slot != nullptr; slot = slot->next) {
        const Bytes32 now = slot->generation == account.generation ? slot->now : Bytes32{};
        // Where the old storage was cleared, what stands is written again even if it equals it.
        const bool rewritten = account.generation != 0 && !is_zero(now);
        if (rewritten || !(slot->before == now))
            sorted_slots_.push_back({leading_bytes(slot->key), slot});
    }
    std::ranges::sort(sorted_slots_, [](const SortedSlot& a, const SortedSlot& b) {
        if (a.leading_bytes != b.leading_bytes)
            return a.leading_bytes < b.leading_bytes;
        return text_of(a.slot->key) < text_of(b.slot->key);
    });
    for (const SortedSlot& entry : sorted_slots_) {
        const Slot& slot = *entry.slot;
        records.slots.push_back(
            {slot.key, slot.before, slot.generation == account.generation ? slot.now : Bytes32{}});
    }
}

void BlockState::collect_hot_locations(wire::BlockRecords& records) {
    std::vector<wire::HotLocation>& hot = records.hot_locations;
    for (size_t i = 0; i < accounts_.size(); ++i) {
        const Account& account = accounts_[i];
        if (account.dependents + account.conflicts > 1)
            hot.push_back({account.address, static_cast<uint32_t>(wire::LocationKind::account),
                           Bytes32{}, account.dependents, account.conflicts});
    }
    for (size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[i];
        if (slot.dependents + slot.conflicts > 1)
            hot.push_back({slot.account->address,
                           static_cast<uint32_t>(wire::LocationKind::storage), slot.key,
                           slot.dependents, slot.conflicts});
    }
    // The location itself breaks ties, so that equal runs give equal lists.
    std::ranges::sort(hot, {}, [](const wire::HotLocation& location) {
        return std::tuple{~(uint64_t{location.dependents} + location.conflicts),
                          text_of(location.address), text_of(location.key), location.kind};
    });
    if (hot.size() > max_hot_locations)
        hot.resize(max_hot_locations);
}

} // namespace braid::block
