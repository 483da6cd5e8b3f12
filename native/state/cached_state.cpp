#include "state/cached_state.hpp"

#include "state/slot_hash.hpp"

namespace braid::state {

namespace {

// A block reads some thousand accounts and some ten thousand slots, and runs some hundred codes.
// Clearing the buckets takes less than one slow read.
constexpr size_t account_buckets = size_t{1} << 12;
constexpr size_t slot_buckets = size_t{1} << 14;
constexpr size_t code_buckets = size_t{1} << 9;

} // namespace

CachedState::CachedState(StateView& base)
    : base_{base}, accounts_{account_buckets}, slots_{slot_buckets}, codes_{code_buckets} {}

ReadStatus CachedState::load_account(const Address& address, AccountState& account,
                                     bool& exists) noexcept {
    const uint64_t hash = hash_of(address);
    if (const AccountRead* known = accounts_.find(hash, address)) {
        account = known->account;
        exists = known->exists;
        return ReadStatus::ok;
    }
    const ReadStatus status = base_.load_account(address, account, exists);
    if (status == ReadStatus::ok)
        accounts_.insert(hash, address, {account, exists});
    return status;
}

ReadStatus CachedState::load_storage(const Address& address, const Bytes32& key,
                                     Bytes32& value) noexcept {
    const Slot slot{address, key};
    const uint64_t hash = slot_hash(hash_of(address), key);
    if (const Bytes32* known = slots_.find(hash, slot)) {
        value = *known;
        return ReadStatus::ok;
    }
    const ReadStatus status = base_.load_storage(address, key, value);
    if (status == ReadStatus::ok)
        slots_.insert(hash, slot, value);
    return status;
}

ReadStatus CachedState::load_code(const Address& address, const Bytes32& code_hash,
                                  const Code*& code) noexcept {
    // The hash says it all: whichever account it was read for, the code is the same.
    const uint64_t hash = hash_of(code_hash);
    if (const Code* const* known = codes_.find(hash, code_hash)) {
        code = *known;
        return ReadStatus::ok;
    }
    const ReadStatus status = base_.load_code(address, code_hash, code);
    if (status == ReadStatus::ok)
        codes_.insert(hash, code_hash, code);
    return status;
}

} // namespace braid::state
