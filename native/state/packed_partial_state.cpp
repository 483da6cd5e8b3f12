#include "state/packed_partial_state.hpp"

#include <algorithm>

namespace braid::state {
namespace {

StorageFacts storage_facts(uint32_t flags) noexcept {
    if ((flags & wire::state_account_flag::storage_empty) != 0)
        return StorageFacts::complete;
    return (flags & wire::state_account_flag::storage_set) != 0 ? StorageFacts::set
                                                                : StorageFacts::unknown;
}

} // namespace

void learn_dump(PartialState& state, const wire::StateDumpView& dump) {
    for (const wire::StateAccount& account : dump.accounts) {
        if ((account.flags & wire::state_account_flag::absent) != 0)
            state.learn_absence(account.address);
        else if ((account.flags & wire::state_account_flag::slots_only) == 0)
            state.learn_account(
                {account.address, account.nonce, to_uint256(account.balance), account.code_hash},
                storage_facts(account.flags));
        if (account.code_size != 0)
            state.learn_code(dump.pool.subspan(account.code_offset, account.code_size),
                             account.code_hash);
        for (const wire::StateSlot& slot :
             dump.slots.subspan(account.slot_start, account.slot_count))
            state.learn_slot(account.address, slot.key, slot.value);
    }
}

bool follows_from(const PartialState& state, const wire::OutputView& output) noexcept {
    return std::ranges::all_of(output.accounts, [&](const wire::AccountChange& change) {
        AccountState account;
        bool exists = false;
        const bool existed = (change.flags & wire::account_flag::existed_before) != 0;
        return state.find_account(change.address, account, exists) && exists == existed &&
               account.nonce == change.nonce_before &&
               account.balance == to_uint256(change.balance_before) &&
               account.code_hash == change.code_hash_before &&
               std::ranges::all_of(output.slots.subspan(change.slot_start, change.slot_count),
                                   [&](const wire::SlotChange& slot) {
                                       // A slot may be written without anybody having asked for it:
                                       // that of an account that the block made.
                                       Bytes32 value;
                                       return !state.find_storage(change.address, slot.key,
                                                                  value) ||
                                              value == slot.before;
                                   });
    });
}

void apply_output(PartialState& state, const wire::OutputView& output) {
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
            state.learn_code(output.pool.subspan(account.code_offset, account.code_size),
                             account.code_hash_after);
        for (const wire::SlotChange& slot :
             output.slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.after);
    }
}

} // namespace braid::state
