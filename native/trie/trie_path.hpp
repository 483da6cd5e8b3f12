/// Places in a trie: nibbles of a hashed key, from the root down.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>

namespace braid::trie {

/// Nibbles of a whole key.
inline constexpr unsigned path_nibbles = 64;

/// The nibble of a key at a position below path_nibbles.
[[nodiscard]] inline uint8_t nibble_of(const Bytes32& key, unsigned position) noexcept {
    const uint8_t byte = key.bytes[position / 2];
    return position % 2 != 0 ? byte & 15 : byte >> 4;
}

/// How many nibbles two keys share from the start.
[[nodiscard]] inline unsigned shared_nibbles(const Bytes32& a, const Bytes32& b) noexcept {
    for (unsigned word = 0; word < 4; ++word) {
        const uint64_t difference = load_be64(a.bytes + 8 * word) ^ load_be64(b.bytes + 8 * word);
        if (difference != 0)
            return 16 * word + static_cast<unsigned>(std::countl_zero(difference)) / 4;
    }
    return path_nibbles;
}

/// Whether one key comes before another.
[[nodiscard]] inline bool key_less(const Bytes32& a, const Bytes32& b) noexcept {
    for (unsigned word = 0; word < 4; ++word) {
        const uint64_t left = load_be64(a.bytes + 8 * word);
        const uint64_t right = load_be64(b.bytes + 8 * word);
        if (left != right)
            return left < right;
    }
    return false;
}

/// The first `size` nibbles of a key. Paths are ordered as what lies below them, and each comes
/// before those that it is the start of.
struct Path {
    Bytes32 nibbles{}; ///< two in a byte; zeros behind the last one
    uint8_t size = 0;  ///< at most path_nibbles

    /// The path of so many nibbles that a key begins with.
    [[nodiscard]] static Path of(const Bytes32& key, unsigned size) noexcept {
        Path path{key, static_cast<uint8_t>(size)};
        if (size % 2 != 0)
            path.nibbles.bytes[size / 2] &= 0xf0;
        std::fill(path.nibbles.bytes + (size + 1) / 2, std::end(path.nibbles.bytes), uint8_t{0});
        return path;
    }

    /// The path of a child. Not of a path that is a whole key.
    [[nodiscard]] Path child(unsigned nibble) const noexcept {
        Path path = *this;
        path.nibbles.bytes[size / 2] |= static_cast<uint8_t>(size % 2 != 0 ? nibble : nibble << 4);
        ++path.size;
        return path;
    }

    /// Whether a key lies below.
    [[nodiscard]] bool holds(const Bytes32& key) const noexcept {
        return shared_nibbles(nibbles, key) >= size;
    }

    /// Whether another path is this one, or lies below.
    [[nodiscard]] bool holds(const Path& other) const noexcept {
        return other.size >= size && holds(other.nibbles);
    }

    [[nodiscard]] friend bool operator==(const Path& a, const Path& b) noexcept {
        return a.size == b.size && a.nibbles == b.nibbles;
    }

    [[nodiscard]] friend std::strong_ordering operator<=>(const Path& a, const Path& b) noexcept {
        if (a.nibbles == b.nibbles)
            return a.size <=> b.size;
        return key_less(a.nibbles, b.nibbles) ? std::strong_ordering::less
                                              : std::strong_ordering::greater;
    }
};

/// The most bytes of an encoded path.
inline constexpr size_t max_encoded_path = path_nibbles;

/// Encodes a path as a key of a sorted store: a byte for each nibble. Compared as byte strings, the
/// shorter one first where it is the start of the other, encodings are ordered as their paths, and
/// the length tells itself; so they also work behind a prefix of fixed size. `out` has room for
/// max_encoded_path bytes.
///
/// @returns the size in bytes
inline size_t encode_path(const Path& path, uint8_t* out) noexcept {
    for (unsigned i = 0; i < path.size; ++i)
        out[i] = nibble_of(path.nibbles, i);
    return path.size;
}

/// Decodes what encode_path() made. False where the bytes are no path.
[[nodiscard]] inline bool decode_path(BytesView bytes, Path& path) noexcept {
    if (bytes.size() > max_encoded_path)
        return false;
    path = {};
    for (const uint8_t nibble : bytes) {
        if (nibble > 15)
            return false;
        path = path.child(nibble);
    }
    return true;
}

} // namespace braid::trie
