/// State roots of a lasting store: calculated from what changed, and from all leaves.
///
/// Works on one trie: that of the accounts, or one account's storage (trie_cursors.hpp). The roots
/// of storages come first: they are part of the accounts. An account that is destroyed needs no
/// calculation: the branches and slots of its storage are removed by their prefix, and where it
/// exists again its storage begins with empty_root.
#pragma once

#include "trie/hash_builder.hpp"
#include "trie/trie_cursors.hpp"

#include <array>
#include <span>

namespace braid::trie {

/// A root, where the status is ok.
struct RootResult {
    TrieStatus status = TrieStatus::ok;
    Bytes32 root{};
};

/// The root after a change. Reads the branches above the changed keys and the leaves beside them,
/// nothing else. `changed` holds every key whose leaf was added, changed or removed, ascending,
/// each once; keys whose leaf stayed as it was do no harm. When all is read and calculated, `sink`
/// is told in ascending order of paths which branches to store and to remove so that the store
/// holds what it would after a full build; those that stay as they are it isn't told.
///
/// Memory: a few KB for each branch above a changed key.
[[nodiscard]] RootResult update_root(BranchCursor& branches, AccountLeafCursor& leaves,
                                     std::span<const Bytes32> changed, BranchSink& sink);
/// The same of one account's storage.
[[nodiscard]] RootResult update_root(BranchCursor& branches, SlotLeafCursor& leaves,
                                     std::span<const Bytes32> changed, BranchSink& sink);

/// What lies below one nibble of the root, calculated apart from the other fifteen.
struct TriePart {
    TrieStatus status = TrieStatus::ok;
    SubTrie top;
};

/// update_root() in sixteen parts, for as many threads: the part below `nibble`, and the changes to
/// the branches there. Each part has cursors, a sink, and those of the changed keys that begin with
/// its nibble. A part without changes is wanted, too; it costs next to nothing.
[[nodiscard]] TriePart update_part(unsigned nibble, BranchCursor& branches,
                                   AccountLeafCursor& leaves, std::span<const Bytes32> changed,
                                   BranchSink& sink);
/// The same of one account's storage.
[[nodiscard]] TriePart update_part(unsigned nibble, BranchCursor& branches, SlotLeafCursor& leaves,
                                   std::span<const Bytes32> changed, BranchSink& sink);

/// Joins the parts below all nibbles: the root, and the change to the branch at the top. A part
/// that failed gives the result its status.
[[nodiscard]] RootResult join_parts(const std::array<TriePart, 16>& parts, BranchCursor& branches,
                                    BranchSink& sink);

/// What check_root() found. In each trie the first difference by the order of paths.
enum class Difference : uint8_t {
    none,
    missing, ///< a branch that should be stored is not
    wrong,   ///< a branch is stored with another record than the leaves give it
    surplus, ///< a branch is stored where none should be
};

/// The outcome of check_root(): the root that the leaves give, and how the branches differ.
struct CheckResult {
    TrieStatus status = TrieStatus::ok;
    Bytes32 root{};
    Difference difference = Difference::none;
    Path path; ///< where, if there is a difference
};

/// Calculates the root from all leaves and compares each stored branch with what it should be.
/// Records that are malformed are `wrong`; status is corrupt where a cursor says so. Memory: 33
/// bytes for each branch.
[[nodiscard]] CheckResult check_root(BranchCursor& branches, AccountLeafCursor& leaves);
/// The same of one account's storage.
[[nodiscard]] CheckResult check_root(BranchCursor& branches, SlotLeafCursor& leaves);

} // namespace braid::trie
