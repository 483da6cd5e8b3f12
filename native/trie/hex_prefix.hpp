/// Paths as leaves and extensions hold them: the hex-prefix encoding (Yellow Paper, appendix C).
#pragma once

#include "base/rlp_writer.hpp"

namespace braid::trie {

/// What kind of node a path belongs to, as its first byte says it.
enum class PathKind : uint8_t { extension = 0x00, leaf = 0x20 };

/// The flag of a path with an odd number of nibbles.
inline constexpr uint8_t odd_path = 0x10;

/// Writes the nibbles [begin, end) of a packed key as a hex-prefix string.
inline void write_path(RlpWriter& writer, const uint8_t* key, uint32_t begin, uint32_t end,
                       PathKind kind) noexcept {
    const auto nibble_at = [key](uint32_t position) {
        const uint8_t byte = key[position / 2];
        return static_cast<uint8_t>(position % 2 != 0 ? byte & 15 : byte >> 4);
    };
    const uint8_t* const last = writer.position();
    const uint32_t first_pair = begin + (end - begin) % 2;
    if (end % 2 == 0) {
        writer.raw({key + first_pair / 2, key + end / 2});
    } else {
        for (uint32_t at = end; at != first_pair; at -= 2)
            writer.byte(static_cast<uint8_t>(nibble_at(at - 2) << 4 | nibble_at(at - 1)));
    }
    const auto flags = static_cast<uint8_t>(kind);
    writer.byte(first_pair == begin ? flags
                                    : static_cast<uint8_t>(flags | odd_path | nibble_at(begin)));
    writer.string(last);
}

} // namespace braid::trie
