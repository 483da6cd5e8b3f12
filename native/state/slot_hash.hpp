/// The hash by which tables of storage slots find their records.
#pragma once

#include "base/bytes.hpp"

namespace braid::state {

/// A hash of a slot, from the hash_of() of its account's address and its key.
[[nodiscard]] inline uint64_t slot_hash(uint64_t account_hash, const Bytes32& key) noexcept {
    return account_hash * 0x9e3779b97f4a7c15ULL ^ hash_of(key);
}

} // namespace braid::state
