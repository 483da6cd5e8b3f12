#include "state/layer.hpp"

namespace braid::state {

void Layer::remove_account(const Address& address) {
    LayerAccount& account = accounts_.intern(address);
    accounts_.zero_slots(account);
    account.exists = false;
    account.said = LayerAccount::all_said;
    account.cleared = true;
    account.stored_slots = 0;
    clears_ = true;
}

void Layer::clear_storage(const Address& address) {
    LayerAccount& account = accounts_.intern(address);
    accounts_.zero_slots(account);
    account.cleared = true;
    account.stored_slots = 0;
    account.said |= LayerAccount::slots_said;
    clears_ = true;
}

void Layer::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    const uint32_t slot = accounts_.slot_at(address, key);
    if (slot != HashIndex::none)
        accounts_.write(slot, value);
    else
        accounts_.add_slot(address, key, value);
}

void Layer::patch_account(const AccountUpdate& update, uint8_t said) {
    LayerAccount& account = accounts_.intern(update.address);
    account.exists = true;
    account.said |= said & LayerAccount::values_said;
    if ((said & LayerAccount::nonce_said) != 0)
        account.nonce = update.nonce;
    if ((said & LayerAccount::balance_said) != 0)
        account.balance = update.balance;
    if ((said & LayerAccount::code_said) != 0)
        account.code_hash = update.code_hash;
}

void Layer::absorb(const Layer& above) {
    for (const LayerAccount& account : above.accounts()) {
        if (account.is_whole() && !account.exists) {
            remove_account(account.address);
            continue;
        }
        if (account.cleared)
            clear_storage(account.address);
        if ((account.said & LayerAccount::values_said) != 0)
            patch_account({account.address, account.nonce, account.balance, account.code_hash},
                          account.said);
        above.for_each_slot(account, [&](const Bytes32& key, const Bytes32& value) {
            set_storage(account.address, key, value);
        });
        if ((account.said & LayerAccount::slots_said) != 0)
            count_slots(account.address, account.stored_slots);
    }
    codes_.add_all(above.codes_);
    precompile_overrides_.insert(precompile_overrides_.end(), above.precompile_overrides_.begin(),
                                 above.precompile_overrides_.end());
}

bool Layer::find_storage(const Address& address, const Bytes32& key,
                         Bytes32& value) const noexcept {
    const uint32_t slot = accounts_.slot_at(address, key);
    if (slot != HashIndex::none) {
        value = accounts_.value(slot);
        return true;
    }
    if (!clears_)
        return false;
    value = {};
    const LayerAccount* const account = accounts_.find(address);
    return account != nullptr && account->cleared;
}

} // namespace braid::state
