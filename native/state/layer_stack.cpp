#include "state/layer_stack.hpp"

#include <atomic>

namespace braid::state {

ReadStatus LayerStack::load_account(size_t level, StateView& below, const Address& address,
                                    AccountState& account, bool& exists) const noexcept {
    for (; level > 0; --level) {
        const LayerAccount* const said = layers_[level - 1]->find(address);
        if (said == nullptr)
            continue;
        if (said->is_whole()) {
            exists = said->exists;
            account = {};
            if (exists)
                account = {said->nonce, said->balance, said->code_hash, said->stored_slots != 0};
            return ReadStatus::ok;
        }
        // As deep as there are layers that say only a part of this account.
        const ReadStatus status = load_account(level - 1, below, address, account, exists);
        if (status != ReadStatus::ok)
            return status;
        exists = exists || said->exists;
        if ((said->said & LayerAccount::nonce_said) != 0)
            account.nonce = said->nonce;
        if ((said->said & LayerAccount::balance_said) != 0)
            account.balance = said->balance;
        if ((said->said & LayerAccount::code_said) != 0)
            account.code_hash = said->code_hash;
        account.has_storage = (said->said & LayerAccount::slots_said) != 0
                                  ? said->stored_slots != 0
                                  : account.has_storage || said->set_slots != 0;
        return ReadStatus::ok;
    }
    return below.load_account(address, account, exists);
}

ReadStatus LayerStack::load_storage(StateView& below, const Address& address, const Bytes32& key,
                                    Bytes32& value) const noexcept {
    for (size_t level = layers_.size(); level > 0; --level)
        if (layers_[level - 1]->find_storage(address, key, value))
            return ReadStatus::ok;
    return below.load_storage(address, key, value);
}

ReadStatus LayerStack::load_code(StateView& below, const Address& address, const Bytes32& code_hash,
                                 const Code*& code) const noexcept {
    for (size_t level = layers_.size(); level > 0; --level) {
        code = layers_[level - 1]->find_code(code_hash);
        if (code != nullptr)
            return ReadStatus::ok;
    }
    return below.load_code(address, code_hash, code);
}

std::vector<PrecompileOverride> LayerStack::precompile_overrides(const StateView& below) const {
    const auto first = below.precompile_overrides();
    std::vector<PrecompileOverride> all{first.begin(), first.end()};
    for (const std::shared_ptr<Layer>& layer : layers_) {
        const auto further = layer->precompile_overrides();
        all.insert(all.end(), further.begin(), further.end());
    }
    return all;
}

bool LayerStack::is_account_said(const Address& address, size_t first) const noexcept {
    for (size_t level = first; level < layers_.size(); ++level)
        if (layers_[level]->find(address) != nullptr)
            return true;
    return false;
}

bool LayerStack::is_slot_said(const Address& address, const Bytes32& key,
                              size_t first) const noexcept {
    Bytes32 value;
    for (size_t level = first; level < layers_.size(); ++level)
        if (layers_[level]->find_storage(address, key, value))
            return true;
    return false;
}

Layer* LayerStack::alone_on_top(size_t first) noexcept {
    if (layers_.size() <= first || layers_.back().use_count() > 1)
        return nullptr;
    // acquire: pairs with the release in the last other owner's decrement of the count, so that its
    // reads happened before what is written now.
    std::atomic_thread_fence(std::memory_order_acquire);
    return layers_.back().get();
}

void LayerStack::compact(size_t first) {
    while (layers_.size() >= first + 2) {
        const std::shared_ptr<Layer> top = layers_.back();
        std::shared_ptr<Layer>& below = layers_[layers_.size() - 2];
        if (below->size() > 2 * top->size())
            return;
        layers_.pop_back();
        if (Layer* const alone = alone_on_top(first); alone != nullptr) {
            alone->absorb(*top);
        } else {
            auto merged = std::make_shared<Layer>(*below);
            merged->absorb(*top);
            layers_.back() = std::move(merged);
        }
    }
}

size_t LayerStack::record_bytes() const noexcept {
    size_t bytes = 0;
    for (const std::shared_ptr<Layer>& layer : layers_)
        bytes += layer->record_bytes();
    return bytes;
}

} // namespace braid::state
