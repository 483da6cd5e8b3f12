#include "state/partial_view.hpp"

namespace braid::state {
namespace {

wire::MissingKey missing_key(wire::MissingKind kind, const Address& address, const Bytes32& key) {
    wire::MissingKey missing{};
    missing.kind = static_cast<uint32_t>(kind);
    missing.address = address;
    missing.key = key;
    return missing;
}

} // namespace

ReadStatus PartialReader::load_account(const Address& address, AccountState& account,
                                       bool& exists) noexcept {
    if (!known_.find_account(address, account, exists)) {
        account = {};
        exists = false;
        misses_.add(missing_key(wire::MissingKind::account, address, {}));
    }
    return ReadStatus::ok;
}

ReadStatus PartialReader::load_storage(const Address& address, const Bytes32& key,
                                       Bytes32& value) noexcept {
    if (!known_.find_storage(address, key, value))
        misses_.add(missing_key(wire::MissingKind::slot, address, key));
    return ReadStatus::ok;
}

ReadStatus PartialReader::load_code(const Address& address, const Bytes32& code_hash,
                                    const Code*& code) noexcept {
    code = known_.find_code(code_hash);
    if (code == nullptr) {
        code = &no_code_;
        misses_.add(missing_key(wire::MissingKind::code, address, code_hash));
    }
    return ReadStatus::ok;
}

ReadStatus PartialView::load_account(const Address& address, AccountState& account,
                                     bool& exists) noexcept {
    if (known_->find_account(address, account, exists))
        return ReadStatus::ok;
    const std::lock_guard lock{mutex_};
    return reader_.load_account(address, account, exists);
}

ReadStatus PartialView::load_storage(const Address& address, const Bytes32& key,
                                     Bytes32& value) noexcept {
    if (known_->find_storage(address, key, value))
        return ReadStatus::ok;
    const std::lock_guard lock{mutex_};
    return reader_.load_storage(address, key, value);
}

ReadStatus PartialView::load_code(const Address& address, const Bytes32& code_hash,
                                  const Code*& code) noexcept {
    code = known_->find_code(code_hash);
    if (code != nullptr)
        return ReadStatus::ok;
    const std::lock_guard lock{mutex_};
    return reader_.load_code(address, code_hash, code);
}

std::vector<wire::MissingKey> PartialView::take_missing() {
    const std::lock_guard lock{mutex_};
    std::vector<wire::MissingKey> taken{misses_.keys().begin(), misses_.keys().end()};
    misses_.clear();
    return taken;
}

} // namespace braid::state
