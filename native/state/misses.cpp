#include "state/misses.hpp"

#include "state/slot_hash.hpp"

namespace braid::state {
namespace {

uint64_t hash_of_missing(const wire::MissingKey& key) noexcept {
    return slot_hash(hash_of(key.address) + key.kind, key.key);
}

bool is_same(const wire::MissingKey& a, const wire::MissingKey& b) noexcept {
    return a.kind == b.kind && a.address == b.address && a.key == b.key;
}

} // namespace

bool KeySet::add(const wire::MissingKey& key, std::span<const wire::MissingKey> list) {
    const uint64_t hash = hash_of_missing(key);
    if (index_.find(hash, [&](uint32_t i) { return is_same(list[i], key); }) != HashIndex::none)
        return false;
    // The table may grow before the key is in the list, and asks for those that are.
    index_.insert(hash, static_cast<uint32_t>(list.size()),
                  [list](uint32_t i) { return hash_of_missing(list[i]); });
    return true;
}

} // namespace braid::state
