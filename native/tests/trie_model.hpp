/// RLP and tries as appendices B and D of the Yellow Paper define them, word by word: what the
/// native tries are compared with.
#pragma once

#include "base/bytes.hpp"
#include "crypto/keccak.hpp"

#include <span>
#include <vector>

namespace braid::test::model {

using Bytes = std::vector<uint8_t>;

inline Bytes concatenated(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

/// BE: a number without leading zeros.
inline Bytes big_endian(uint64_t number) {
    Bytes bytes;
    for (; number != 0; number /= 256)
        bytes.insert(bytes.begin(), static_cast<uint8_t>(number % 256));
    return bytes;
}

inline Bytes with_header(const Bytes& payload, unsigned base) {
    if (payload.size() < 56)
        return concatenated({{static_cast<uint8_t>(base + payload.size())}, payload});
    const Bytes size = big_endian(payload.size());
    return concatenated({{static_cast<uint8_t>(base + 55 + size.size())}, size, payload});
}

/// RLP of a byte string.
inline Bytes string(const Bytes& bytes) {
    return bytes.size() == 1 && bytes[0] < 128 ? bytes : with_header(bytes, 128);
}

/// RLP of a number.
inline Bytes number(uint64_t value) { return string(big_endian(value)); }

/// RLP of a list of encoded items.
inline Bytes list(std::initializer_list<Bytes> items) {
    return with_header(concatenated(items), 192);
}

/// An entry of a trie: the nibbles of its key, and its value.
struct Entry {
    Bytes nibbles;
    Bytes value;
};

/// HP: appendix C.
inline Bytes hex_prefix(std::span<const uint8_t> nibbles, bool terminates) {
    const uint8_t flags = terminates ? 2 : 0;
    const size_t odd = nibbles.size() % 2;
    Bytes bytes{static_cast<uint8_t>(odd != 0 ? 16 * (flags + 1) + nibbles[0] : 16 * flags)};
    for (size_t i = odd; i < nibbles.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(16 * nibbles[i] + nibbles[i + 1]));
    return bytes;
}

inline Bytes node_cap(std::span<const Entry> entries, size_t depth);

/// c(I, i), of entries that agree on the first `depth` nibbles; none ends another's key.
inline Bytes node(std::span<const Entry> entries, size_t depth) {
    const Bytes& first = entries[0].nibbles;
    if (entries.size() == 1)
        return list(
            {string(hex_prefix(std::span{first}.subspan(depth), true)), string(entries[0].value)});
    size_t shared = depth;
    const auto all_share = [&](size_t position) {
        for (const Entry& entry : entries)
            if (entry.nibbles[position] != first[position])
                return false;
        return true;
    };
    while (all_share(shared))
        ++shared;
    if (shared > depth)
        return list({string(hex_prefix(std::span{first}.subspan(depth, shared - depth), false)),
                     node_cap(entries, shared)});
    Bytes items;
    for (uint8_t nibble = 0; nibble < 16; ++nibble) {
        std::vector<Entry> below;
        for (const Entry& entry : entries)
            if (entry.nibbles[depth] == nibble)
                below.push_back(entry);
        const Bytes item = below.empty() ? string({}) : node_cap(below, depth + 1);
        items.insert(items.end(), item.begin(), item.end());
    }
    return list({items, string({})});
}

inline Bytes hash(const Bytes& bytes) {
    const Bytes32 digest = crypto::keccak256(bytes);
    return {digest.bytes, digest.bytes + sizeof(digest)};
}

/// n(I, i).
inline Bytes node_cap(std::span<const Entry> entries, size_t depth) {
    const Bytes encoding = node(entries, depth);
    return encoding.size() < 32 ? encoding : string(hash(encoding));
}

/// The root of the trie that maps rlp(index) to each item.
inline Bytes list_root(std::span<const Bytes> items) {
    if (items.empty())
        return hash(string({}));
    std::vector<Entry> entries;
    for (size_t i = 0; i < items.size(); ++i) {
        Entry entry{{}, items[i]};
        for (const uint8_t byte : number(i)) {
            entry.nibbles.push_back(byte / 16);
            entry.nibbles.push_back(byte % 16);
        }
        entries.push_back(entry);
    }
    return hash(node(entries, 0));
}

} // namespace braid::test::model
