#include "state/partial_view.hpp"

#include "state/slot_hash.hpp"

namespace braid::state {
namespace {

uint64_t hash_of_missing(const wire::MissingKey& key) noexcept {
    return slot_hash(hash_of(key.address) + key.kind, key.key);
}

bool is_same(const wire::MissingKey& a, const wire::MissingKey& b) noexcept {
    return a.kind == b.kind && a.address == b.address && a.key == b.key;
}

wire::MissingKey missing_key(wire::MissingKind kind, const Address& address, const Bytes32& key) {
    wire::MissingKey missing{};
    missing.kind = static_cast<uint32_t>(kind);
    missing.address = address;
    missing.key = key;
    return missing;
}

} // namespace

ReadStatus PartialView::load_account(const Address& address, AccountState& account,
                                     bool& exists) noexcept {
    if (!known_->find_account(address, account, exists)) {
        account = {};
        exists = false;
        miss(missing_key(wire::MissingKind::account, address, {}));
    }
    return ReadStatus::ok;
}

ReadStatus PartialView::load_storage(const Address& address, const Bytes32& key,
                                     Bytes32& value) noexcept {
    if (!known_->find_storage(address, key, value))
        miss(missing_key(wire::MissingKind::slot, address, key));
    return ReadStatus::ok;
}

ReadStatus PartialView::load_code(const Address& address, const Bytes32& code_hash,
                                  const Code*& code) noexcept {
    code = known_->find_code(code_hash);
    if (code == nullptr) {
        code = &no_code_;
        miss(missing_key(wire::MissingKind::code, address, code_hash));
    }
    return ReadStatus::ok;
}

std::vector<wire::MissingKey> PartialView::take_missing() {
    const std::lock_guard lock{mutex_};
    missing_index_.clear();
    return std::exchange(missing_, {});
}

void PartialView::miss(const wire::MissingKey& key) noexcept {
    const uint64_t hash = hash_of_missing(key);
    const std::lock_guard lock{mutex_};
    const uint32_t found =
        missing_index_.find(hash, [&](uint32_t i) { return is_same(missing_[i], key); });
    if (found != HashIndex::none)
        return;
    missing_index_.insert(hash, static_cast<uint32_t>(missing_.size()),
                          [this](uint32_t i) { return hash_of_missing(missing_[i]); });
    missing_.push_back(key);
}

} // namespace braid::state
