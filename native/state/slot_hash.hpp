/// The hash by which tables of storage slots find their records.
#pragma once

#include "base/keyed_hash.hpp"

namespace braid::state {

/// The hash of a slot, from the hash_of() of its account's address and its key.
[[nodiscard]] inline uint64_t slot_hash(uint64_t account_hash, const Bytes32& key) noexcept {
    return hash_with(account_hash, key);
}

} // namespace braid::state
