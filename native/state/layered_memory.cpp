#include "state/layered_memory.hpp"

#include <algorithm>
#include <atomic>

namespace braid::state {

namespace {

/// How many records sink for one that changes, and how many do in any case: the layers of what was
/// looked at sink sooner than new ones grow.
constexpr size_t sinking_rate = 4;
constexpr size_t least_sinking = 256;

} // namespace

ReadStatus LayeredMemory::load_account(const Address& address, AccountState& account,
                                       bool& exists) noexcept {
    if (layers_.empty()) [[likely]]
        return base_->load_account(address, account, exists);
    return layers_.load_account(*base_, address, account, exists);
}

ReadStatus LayeredMemory::load_storage(const Address& address, const Bytes32& key,
                                       Bytes32& value) noexcept {
    if (layers_.empty()) [[likely]]
        return base_->load_storage(address, key, value);
    return layers_.load_storage(*base_, address, key, value);
}

ReadStatus LayeredMemory::load_code(const Address& address, const Bytes32& code_hash,
                                    const Code*& code) noexcept {
    return layers_.load_code(*base_, address, code_hash, code);
}

void LayeredMemory::prepare(size_t changes) {
    if (!layers_.empty() && is_base_alone())
        sink(sinking_rate * changes + least_sinking);
    target_ = nullptr;
    if (layers_.empty() && is_base_alone())
        return;
    const size_t first = sunk_ > 0 ? 1 : 0;
    target_ = layers_.alone_on_top(first);
    if (target_ != nullptr)
        return;
    layers_.compact(first);
    auto layer = std::make_shared<Layer>();
    target_ = layer.get();
    layers_.push(std::move(layer));
}

void LayeredMemory::reserve(size_t accounts, size_t slots) {
    if (target_ == nullptr)
        base_->reserve(accounts, slots);
}

void LayeredMemory::set_account(const AccountUpdate& update) {
    if (target_ == nullptr) {
        base_->set_account(update);
        live_accounts_ = base_->account_count(); // there is nothing above it
        return;
    }
    AccountState before;
    live_accounts_ += find_account(update.address, before) ? 0 : 1;
    const uint64_t slots = stored_slots(update.address);
    target_->set_account(update);
    target_->count_slots(update.address, slots);
}

void LayeredMemory::remove_account(const Address& address) {
    if (target_ == nullptr) {
        base_->remove_account(address);
        live_accounts_ = base_->account_count();
        return;
    }
    AccountState before;
    if (!find_account(address, before))
        return;
    --live_accounts_;
    target_->remove_account(address);
}

void LayeredMemory::clear_storage(const Address& address) {
    if (target_ == nullptr) {
        base_->clear_storage(address);
        return;
    }
    AccountState account;
    if (!find_account(address, account))
        return;
    target_->set_account({address, account.nonce, account.balance, account.code_hash});
    target_->clear_storage(address);
}

void LayeredMemory::set_storage(const Address& address, const Bytes32& key, const Bytes32& value) {
    if (target_ == nullptr) {
        base_->set_storage(address, key, value);
        return;
    }
    AccountState account;
    if (!find_account(address, account))
        return;
    const uint64_t slots =
        stored_slots(address) - (is_zero(storage(address, key)) ? 0 : 1) + (is_zero(value) ? 0 : 1);
    target_->set_account({address, account.nonce, account.balance, account.code_hash});
    target_->set_storage(address, key, value);
    target_->count_slots(address, slots);
}

void LayeredMemory::add_code(BytesView bytes, const Bytes32& hash) {
    if (target_ == nullptr)
        base_->add_code(bytes, hash);
    else if (find_code(hash) == nullptr)
        target_->add_code(bytes, hash);
}

const Code* LayeredMemory::find_code(const Bytes32& hash) const noexcept {
    const Code* code = nullptr;
    return layers_.load_code(*base_, {}, hash, code) == ReadStatus::ok ? code : nullptr;
}

bool LayeredMemory::find_account(const Address& address, AccountState& account) const noexcept {
    bool exists = false;
    (void)layers_.load_account(*base_, address, account, exists);
    return exists;
}

Bytes32 LayeredMemory::storage(const Address& address, const Bytes32& key) const noexcept {
    Bytes32 value;
    (void)layers_.load_storage(*base_, address, key, value);
    return value;
}

bool LayeredMemory::is_base_alone() const noexcept {
    if (base_.use_count() > 1)
        return false;
    // acquire: pairs with the release in the last other owner's decrement of the count, so that its
    // reads happened before what is written now. Nobody can become an owner meanwhile: only who
    // changes this object copies it.
    std::atomic_thread_fence(std::memory_order_acquire);
    return true;
}

/// Moves records of the oldest layers to the state below. Half a layer does no harm there: what
/// sank is what the layer says, too.
void LayeredMemory::sink(size_t budget) {
    while (!layers_.empty()) {
        const Layer& oldest = layers_[0];
        const std::vector<LayerAccount>& accounts = oldest.accounts();
        for (; sunk_ < accounts.size(); ++sunk_) {
            const size_t cost = 1 + accounts[sunk_].set_slots;
            if (budget == 0)
                return;
            sink(oldest, accounts[sunk_]);
            budget -= std::min(budget, cost);
        }
        base_->add_codes(oldest.codes());
        layers_.drop_oldest();
        sunk_ = 0;
    }
}

void LayeredMemory::sink(const Layer& layer, const LayerAccount& account) {
    if (!account.exists) {
        base_->remove_account(account.address);
        return;
    }
    if (account.cleared)
        base_->clear_storage(account.address);
    base_->set_account({account.address, account.nonce, account.balance, account.code_hash});
    layer.for_each_slot(account, [&](const Bytes32& key, const Bytes32& value) {
        base_->set_storage(account.address, key, value);
    });
}

uint64_t LayeredMemory::stored_slots(const Address& address) const noexcept {
    for (size_t level = layers_.size(); level > 0; --level)
        if (const LayerAccount* const account = layers_[level - 1].find(address))
            return account->stored_slots;
    return base_->stored_slots(address);
}

} // namespace braid::state
