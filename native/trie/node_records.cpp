#include "trie/node_records.hpp"

#include <bit>

namespace braid::trie {

namespace {

constexpr uint32_t words_of(uint32_t bytes) noexcept { return (bytes + 3) / 4; }

/// The size that the record's own words speak of; 0 where they contradict themselves.
uint32_t claimed_size(NodeWords words, uint32_t node) noexcept {
    const uint32_t head = words[node];
    switch (kind_of(head)) {
    case NodeKind::extension:
        return extension_end(head) > key_nibbles ? 0 : node_part::extension_key + hash_words;
    case NodeKind::branch: {
        const uint32_t capacity = branch_capacity(head);
        const uint32_t present = words[node + 1] & 0xffff;
        const bool fits =
            capacity <= branch_width && static_cast<uint32_t>(std::popcount(present)) <= capacity;
        return fits ? node_part::children + capacity * (1 + hash_words) : 0;
    }
    case NodeKind::leaf:
        return node_part::value + words_of(value_size(head));
    case NodeKind::account:
        return balance_size(head) > sizeof(Bytes32) || nonce_size(head) > sizeof(uint64_t)
                   ? 0
                   : numbers_part(head) + words_of(balance_size(head) + nonce_size(head));
    default:
        return 0;
    }
}

} // namespace

uint32_t record_size(NodeWords words, uint32_t node) noexcept {
    if (node == 0 || words.size() < 2 || node > words.size() - 2)
        return 0;
    const uint32_t size = claimed_size(words, node);
    return size <= words.size() - node ? size : 0;
}

} // namespace braid::trie
