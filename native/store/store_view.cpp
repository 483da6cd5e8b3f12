#include "store/store_view.hpp"

#include "crypto/keccak.hpp"

namespace braid::store {

using state::ReadStatus;

ReadStatus StoreView::load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept {
    const HotCache::Generation generation = snapshot_->generation();
    if (caches_->hot.find_account(generation, address, account, exists))
        return ReadStatus::ok;
    Account found;
    if (snapshot_->read_account(crypto::keccak256(address.bytes), found).failed())
        return ReadStatus::unavailable;
    exists = found.exists;
    account = {found.nonce, found.balance, found.code_hash, found.slot_count != 0};
    caches_->hot.fill_account(generation, address, account, exists);
    return ReadStatus::ok;
}

ReadStatus StoreView::load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept {
    const HotCache::Generation generation = snapshot_->generation();
    if (caches_->hot.find_slot(generation, address, key, value))
        return ReadStatus::ok;
    const std::array<BytesView, 2> preimages{BytesView{address.bytes}, BytesView{key.bytes}};
    std::array<Bytes32, 2> hashes;
    crypto::keccak256_batch(preimages, hashes);
    Slot slot;
    if (snapshot_->read_slot({hashes[0], hashes[1]}, slot).failed())
        return ReadStatus::unavailable;
    value = slot.value;
    caches_->hot.fill_slot(generation, address, key, value);
    return ReadStatus::ok;
}

ReadStatus StoreView::load_code(const Address& /*address*/, const Bytes32& code_hash,
                                const Code*& code) noexcept {
    const uint64_t hash = hash_of(code_hash);
    if (const Code* const* known = codes_.find(hash, code_hash)) {
        code = *known;
        return ReadStatus::ok;
    }
    CodeRef found = caches_->codes.find(code_hash);
    if (found == nullptr) {
        if (snapshot_->read_code(code_hash, found).failed())
            return ReadStatus::unavailable;
        if (found == nullptr)
            return ReadStatus::missing_code;
        found = caches_->codes.add(std::move(found));
    }
    {
        const std::lock_guard lock{mutex_};
        kept_.push_back(found);
    }
    // Of several threads that come here at once all keep what they found; one of them is handed
    // out.
    codes_.insert(hash, code_hash, found.get());
    code = *codes_.find(hash, code_hash);
    return ReadStatus::ok;
}

} // namespace braid::store
