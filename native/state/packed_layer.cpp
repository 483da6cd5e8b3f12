#include "state/packed_layer.hpp"

namespace braid::state {

namespace {

uint8_t said_by(uint32_t flags) noexcept {
    namespace flag = wire::state_account_flag;
    return static_cast<uint8_t>(
        ((flags & flag::nonce_said) != 0 ? LayerAccount::nonce_said : 0) |
        ((flags & flag::balance_said) != 0 ? LayerAccount::balance_said : 0) |
        ((flags & flag::code_said) != 0 ? LayerAccount::code_said : 0));
}

} // namespace

std::shared_ptr<Layer> make_layer(const wire::StateDumpView& dump) {
    auto layer = std::make_shared<Layer>();
    for (const wire::PrecompileMove& move : dump.moves)
        layer->override_precompile({move.from, move.to});
    for (const wire::StateAccount& account : dump.accounts) {
        layer->override_precompile({account.address, std::nullopt});
        if ((account.flags & wire::state_account_flag::storage_replaced) != 0)
            layer->clear_storage(account.address);
        layer->patch_account(
            {account.address, account.nonce, to_uint256(account.balance), account.code_hash},
            said_by(account.flags));
        if (account.code_size != 0)
            layer->add_code(dump.pool.subspan(account.code_offset, account.code_size),
                            account.code_hash);
        const auto slots = dump.slots.subspan(account.slot_start, account.slot_count);
        for (const wire::StateSlot& slot : slots)
            layer->set_storage(account.address, slot.key, slot.value);
        // Others are below, where the storage is not replaced: how many is not known here.
        if ((account.flags & wire::state_account_flag::storage_replaced) != 0)
            layer->count_slots(account.address, layer->find(account.address)->set_slots);
    }
    return layer;
}

std::shared_ptr<Layer> make_layer(const wire::OutputView& output) {
    namespace flag = wire::account_flag;
    auto layer = std::make_shared<Layer>();
    for (const wire::AccountChange& account : output.accounts) {
        if ((account.flags & flag::exists_after) == 0) {
            layer->remove_account(account.address);
            continue;
        }
        if ((account.flags & flag::storage_cleared) != 0)
            layer->clear_storage(account.address);
        layer->set_account({account.address, account.nonce_after, to_uint256(account.balance_after),
                            account.code_hash_after});
        if ((account.flags & flag::code_changed) != 0)
            layer->add_code(output.pool.subspan(account.code_offset, account.code_size),
                            account.code_hash_after);
        for (const wire::SlotChange& slot :
             output.slots.subspan(account.slot_start, account.slot_count))
            layer->set_storage(account.address, slot.key, slot.after);
    }
    return layer;
}

} // namespace braid::state
