/// The nodes of a state trie as JavaScript keeps them: records of 32-bit words in one pool.
///
/// `lib/trie/node-pool.ts` describes the records and owns them. What it calls a node is the index
/// of a record's first word. Nothing here trusts a pool: a record that does not fit, or that says
/// what no record can say, is malformed.
#pragma once

#include "base/bytes.hpp"

#include <span>

namespace braid::trie {

/// All records; word 0 belongs to nobody.
using NodeWords = std::span<uint32_t>;

/// What a record is: the lowest four bits of its first word.
enum class NodeKind : uint32_t { root = 1, extension = 2, branch = 3, leaf = 4, account = 5 };

/// Flags in the first word of records with one child.
namespace node_flag {
inline constexpr uint32_t dirty = 16;
inline constexpr uint32_t is_inline = 32;
inline constexpr uint32_t has_storage = 64;
inline constexpr uint32_t has_code = 128;
} // namespace node_flag

/// Words of a hash or a key.
inline constexpr uint32_t hash_words = 8;
/// Nibbles of a key.
inline constexpr uint32_t key_nibbles = 64;
/// Children of a branch.
inline constexpr uint32_t branch_width = 16;

/// Where the parts of a record are, in words from its start.
namespace node_part {
inline constexpr uint32_t child = 1;
inline constexpr uint32_t reference = 2;
inline constexpr uint32_t key = 1;
inline constexpr uint32_t extension_key = 10;
inline constexpr uint32_t value = 9;
inline constexpr uint32_t storage = 9;
inline constexpr uint32_t storage_hash = 10;
inline constexpr uint32_t children = 2;
} // namespace node_part

[[nodiscard]] constexpr NodeKind kind_of(uint32_t head) noexcept { return NodeKind{head & 15}; }

/// Below which nibble an extension's child hangs.
[[nodiscard]] constexpr uint32_t extension_end(uint32_t head) noexcept { return head >> 16; }

/// How many children a branch has room for.
[[nodiscard]] constexpr uint32_t branch_capacity(uint32_t head) noexcept { return head >> 8 & 31; }

/// Bytes of a leaf's value.
[[nodiscard]] constexpr uint32_t value_size(uint32_t head) noexcept { return head >> 16; }

/// Bytes of an account's balance and nonce.
[[nodiscard]] constexpr uint32_t balance_size(uint32_t head) noexcept { return head >> 16 & 255; }
[[nodiscard]] constexpr uint32_t nonce_size(uint32_t head) noexcept { return head >> 24; }

/// Where the hash of an account's code is, in words from its start.
[[nodiscard]] constexpr uint32_t code_part(uint32_t head) noexcept {
    return node_part::storage + ((head & node_flag::has_storage) != 0 ? 1 + hash_words : 0);
}

/// Where an account's nonce is, in words from its start; the balance follows it.
[[nodiscard]] constexpr uint32_t numbers_part(uint32_t head) noexcept {
    return code_part(head) + ((head & node_flag::has_code) != 0 ? hash_words : 0);
}

/// Words of the record at `node`; 0 where it is malformed, or no node of a trie.
[[nodiscard]] uint32_t record_size(NodeWords words, uint32_t node) noexcept;

/// The bytes of the pool from a word on.
[[nodiscard]] inline const uint8_t* bytes_at(NodeWords words, uint32_t word) noexcept {
    return reinterpret_cast<const uint8_t*>(words.data() + word);
}

} // namespace braid::trie
