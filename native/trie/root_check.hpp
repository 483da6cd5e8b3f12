/// Whether what a store keeps of a trie is what its leaves say.
#pragma once

#include "trie/trie_cursors.hpp"

namespace braid::trie {

/// How a stored branch differs from what it should be.
enum class Difference : uint8_t {
    none,
    missing, ///< a branch that should be stored is not
    wrong,   ///< a branch is stored with another record than the leaves give it
    surplus, ///< a branch is stored where none should be
};

/// The outcome of check_root().
struct CheckResult {
    TrieStatus status = TrieStatus::ok;
    Bytes32 root{}; ///< that the leaves give
    Difference difference = Difference::none;
    Path path; ///< of the first branch that differs
};

/// Calculates the root from all leaves, and compares every stored branch with what it should be.
/// The status is corrupt where a cursor says so; a record that is none is `wrong`. Memory: 33 bytes
/// for each branch.
[[nodiscard]] CheckResult check_root(BranchCursor& branches, AccountLeafCursor& leaves);
/// The same of one account's storage.
[[nodiscard]] CheckResult check_root(BranchCursor& branches, SlotLeafCursor& leaves);

} // namespace braid::trie
