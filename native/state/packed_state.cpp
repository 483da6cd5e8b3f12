#include "state/packed_state.hpp"

#include <algorithm>
#include <cstring>

namespace braid::state {
namespace {

wire::StateAccount make_record(const LayeredMemory& state, const Address& address,
                               const AccountState& account) noexcept {
    wire::StateAccount record{};
    record.address = address;
    record.nonce = account.nonce;
    record.balance = to_bytes32(account.balance);
    record.code_hash = account.code_hash;
    if (!(account.code_hash == empty_code_hash) && state.find_code(account.code_hash) == nullptr)
        record.flags |= wire::state_account_flag::code_missing;
    return record;
}

/// Appends the set slots of an account in the order of their keys, and says where they are.
void append_slots(const LayeredMemory& state, wire::StateAccount& account,
                  std::vector<wire::StateSlot>& slots) {
    const size_t first = slots.size();
    state.for_each_slot(account.address, [&](const Bytes32& key, const Bytes32& value) {
        slots.push_back({key, value});
    });
    std::sort(slots.begin() + static_cast<ptrdiff_t>(first), slots.end(),
              [](const wire::StateSlot& a, const wire::StateSlot& b) {
                  return std::memcmp(a.key.bytes, b.key.bytes, 32) < 0;
              });
    account.slot_start = static_cast<uint32_t>(first);
    account.slot_count = static_cast<uint32_t>(slots.size() - first);
}

/// Whether an account lost all the storage that it had before the block.
bool loses_storage(const wire::AccountChange& change) noexcept {
    return (change.flags & wire::account_flag::existed_before) != 0 &&
           ((change.flags & wire::account_flag::exists_after) == 0 ||
            (change.flags & wire::account_flag::storage_cleared) != 0);
}

/// Adds the accounts of a dump to a state that was prepared for them.
void add_dump(LayeredMemory& state, const wire::StateDumpView& dump) {
    state.reserve(state.account_count() + dump.accounts.size(),
                  state.slot_count() + dump.slots.size());
    for (const wire::StateAccount& account : dump.accounts) {
        state.set_account(
            {account.address, account.nonce, to_uint256(account.balance), account.code_hash});
        if (account.code_size != 0)
            state.add_code(dump.pool.subspan(account.code_offset, account.code_size),
                           account.code_hash);
        for (const wire::StateSlot& slot :
             dump.slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.value);
    }
}

} // namespace

bool read_account(const LayeredMemory& state, const Address& address,
                  wire::StateAccount& record) noexcept {
    AccountState account;
    const bool exists = state.find_account(address, account);
    if (exists)
        record = make_record(state, address, account);
    return exists;
}

void load_dump(LayeredMemory& state, const wire::StateDumpView& dump) {
    state.prepare(dump.accounts.size() + dump.slots.size());
    add_dump(state, dump);
}

wire::StateDumpRecords make_dump(const LayeredMemory& state) {
    wire::StateDumpRecords records;
    state.for_each_account([&](const Address& address, const AccountState& account) {
        records.accounts.push_back(make_record(state, address, account));
    });
    std::ranges::sort(records.accounts,
                      [](const wire::StateAccount& a, const wire::StateAccount& b) {
                          return std::memcmp(a.address.bytes, b.address.bytes, 20) < 0;
                      });

    for (wire::StateAccount& account : records.accounts) {
        append_slots(state, account, records.slots);
        const Code* code = state.find_code(account.code_hash);
        if (code == nullptr)
            continue;
        account.code_offset = static_cast<uint32_t>(records.pool.size());
        account.code_size = static_cast<uint32_t>(code->bytes().size());
        records.pool.insert(records.pool.end(), code->bytes().begin(), code->bytes().end());
    }
    return records;
}

bool follows_from(const LayeredMemory& state, const wire::OutputView& output) noexcept {
    return std::ranges::all_of(output.accounts, [&](const wire::AccountChange& change) {
        AccountState account;
        const bool exists = state.find_account(change.address, account);
        const bool existed = (change.flags & wire::account_flag::existed_before) != 0;
        return exists == existed && account.nonce == change.nonce_before &&
               account.balance == to_uint256(change.balance_before) &&
               account.code_hash == change.code_hash_before &&
               std::ranges::all_of(output.slots.subspan(change.slot_start, change.slot_count),
                                   [&](const wire::SlotChange& slot) {
                                       return state.storage(change.address, slot.key) ==
                                              slot.before;
                                   });
    });
}

void apply_output(LayeredMemory& state, const wire::OutputView& output) {
    state.prepare(change_count(output));
    for (const wire::AccountChange& account : output.accounts) {
        if ((account.flags & wire::account_flag::exists_after) == 0) {
            state.remove_account(account.address);
            continue;
        }
        if ((account.flags & wire::account_flag::storage_cleared) != 0)
            state.clear_storage(account.address);
        state.set_account({account.address, account.nonce_after, to_uint256(account.balance_after),
                           account.code_hash_after});
        if ((account.flags & wire::account_flag::code_changed) != 0)
            state.add_code(output.pool.subspan(account.code_offset, account.code_size),
                           account.code_hash_after);
        for (const wire::SlotChange& slot :
             output.slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.after);
    }
}

wire::StateDumpRecords storage_to_clear(const LayeredMemory& state,
                                        const wire::OutputView& output) {
    wire::StateDumpRecords records;
    for (const wire::AccountChange& change : output.accounts) {
        wire::StateAccount record;
        if (!loses_storage(change) || !read_account(state, change.address, record))
            continue;
        append_slots(state, record, records.slots);
        if (record.slot_count != 0)
            records.accounts.push_back(record);
    }
    return records;
}

bool leads_to(const LayeredMemory& state, const wire::OutputView& output) noexcept {
    return std::ranges::all_of(output.accounts, [&](const wire::AccountChange& change) {
        AccountState account;
        const bool exists = state.find_account(change.address, account);
        if ((change.flags & wire::account_flag::exists_after) == 0)
            return !exists;
        return exists && account.nonce == change.nonce_after &&
               account.balance == to_uint256(change.balance_after) &&
               account.code_hash == change.code_hash_after &&
               std::ranges::all_of(output.slots.subspan(change.slot_start, change.slot_count),
                                   [&](const wire::SlotChange& slot) {
                                       return state.storage(change.address, slot.key) == slot.after;
                                   });
    });
}

void revert_output(LayeredMemory& state, const wire::OutputView& output,
                   const wire::StateDumpView& cleared) {
    state.prepare(change_count(output) + cleared.slots.size());
    for (const wire::AccountChange& account : output.accounts) {
        if ((account.flags & wire::account_flag::existed_before) == 0) {
            state.remove_account(account.address);
            continue;
        }
        const bool lost_storage = loses_storage(account);
        if (lost_storage)
            state.clear_storage(account.address);
        state.set_account({account.address, account.nonce_before,
                           to_uint256(account.balance_before), account.code_hash_before});
        if (lost_storage)
            continue;
        for (const wire::SlotChange& slot :
             output.slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.before);
    }
    add_dump(state, cleared);
}

} // namespace braid::state
