/// The branches that a store keeps of a trie.
#pragma once

#include "base/bytes.hpp"

#include <array>

namespace braid::trie {

/// A branch of a trie as it is stored beside flat leaves: enough of it to find its node without
/// looking below the children that did not change.
///
/// What is stored is a function of the leaves alone. A branch is stored where one of its children
/// has_hash or has_branch. The others have at most leaves, or extensions that lead to such
/// branches: their nodes are made of flat leaves again.
struct BranchNode {
    uint16_t present = 0;    ///< bit n: there is something below nibble n
    uint16_t has_branch = 0; ///< bit n: a stored branch lies at or below child n
    /// bit n: child n is a branch, exactly one nibble below, and stands in this one by its hash:
    /// neither an extension nor a node shorter than a hash
    uint16_t has_hash = 0;
    std::array<Bytes32, 16> hashes; ///< by nibble; those that has_hash tells

    /// Whether a branch with these masks is stored.
    [[nodiscard]] bool is_stored() const noexcept { return (has_branch | has_hash) != 0; }
};

/// The most bytes of a record.
inline constexpr size_t max_branch_record = 3 * sizeof(uint16_t) + 16 * sizeof(Bytes32);

/// Encodes a branch: the three masks, big-endian, in the order of BranchNode's fields, then the
/// hashes that has_hash tells, in the order of their nibbles. `out` has room for max_branch_record
/// bytes.
///
/// @returns the size in bytes
size_t encode_branch(const BranchNode& branch, uint8_t* out) noexcept;

/// Decodes a record, whoever wrote it. False where it is none that encode_branch() makes of a
/// stored branch.
[[nodiscard]] bool decode_branch(BytesView record, BranchNode& branch) noexcept;

} // namespace braid::trie
