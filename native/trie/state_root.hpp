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
    uint64_t hash_count = 0; ///< nodes hashed for it
};

/// The root after a change. Reads the branches above the changed keys and the leaves beside them,
/// nothing else. `changed` holds every key whose leaf was added, changed or removed, ascending,
/// each once; keys whose leaf stayed as it was do no harm. When all is read and calculated, `sink`
/// is told in ascending order of paths which branches to store and to remove so that the store
/// holds what it would after a full build; those that stay as they are it isn't told.
///
/// Memory: about 1 KB for each branch above a changed key.
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

/// The root of a trie whose branches are not stored yet: of all leaves, from the first one on.
/// `sink` is told all branches to store, in the order of HashBuilder. Memory does not grow with the
/// trie.
[[nodiscard]] RootResult build_root(AccountLeafCursor& leaves, BranchSink& sink);
/// The same of one account's storage.
[[nodiscard]] RootResult build_root(SlotLeafCursor& leaves, BranchSink& sink);

} // namespace braid::trie
