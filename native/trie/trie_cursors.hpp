/// What the calculation of a state root reads of a store, and what it wants written: the store
/// implements these.
///
/// A store keeps the leaves of each trie flat, by their hashed keys, and branches of it by their
/// paths (branch_node.hpp). There is one trie of accounts, and for each account one of its slots:
/// cursors and sinks belong to one trie.
#pragma once

#include "base/bytes.hpp"
#include "trie/trie_path.hpp"

namespace braid::trie {

/// How a cursor's move ended.
enum class CursorStatus : uint8_t {
    found,    ///< it stands at an entry, which was handed out
    end,      ///< no entry is there any more
    io_error, ///< the store could not be read
    corrupt,  ///< what was read is no entry
};

/// A branch as it is stored.
struct StoredBranch {
    Path path;
    BytesView record; ///< as encode_branch() made it; valid until the cursor moves
};

/// An account, by keccak256 of its address. An account that does not exist has no leaf.
struct AccountLeaf {
    Bytes32 key;
    uint64_t nonce = 0;
    Bytes32 balance{}; ///< wei, big-endian
    Bytes32 code_hash{};
    Bytes32 storage_root{};
};

/// A slot of one account's storage, by keccak256 of its number.
struct SlotLeaf {
    Bytes32 key;
    Bytes32 value{}; ///< big-endian; never zero: such a slot has no leaf
};

/// Goes through entries in ascending order. Used by one thread at a time.
template <typename Position, typename Entry>
class Cursor {
  public:
    virtual ~Cursor() = default;

    /// Moves to the first entry at or after a position, forwards or backwards. `entry` is changed
    /// only where one is found.
    [[nodiscard]] virtual CursorStatus seek(const Position& position, Entry& entry) noexcept = 0;

    /// Moves to the entry after the one at which the cursor stands. Called only where the last move
    /// found one.
    [[nodiscard]] virtual CursorStatus next(Entry& entry) noexcept = 0;
};

/// The branches of one trie as they were stored BEFORE the changes.
using BranchCursor = Cursor<Path, StoredBranch>;

/// The accounts as they are AFTER the changes: the storage roots are the new ones.
using AccountLeafCursor = Cursor<Bytes32, AccountLeaf>;

/// The slots of one account as they are AFTER the changes.
using SlotLeafCursor = Cursor<Bytes32, SlotLeaf>;

/// Takes the changes to the stored branches of one trie.
class BranchSink {
  public:
    virtual ~BranchSink() = default;

    /// Stores a branch in place of the one with the same path, if there is one. `record` is valid
    /// during the call. False ends the calculation with TrieStatus::io_error.
    [[nodiscard]] virtual bool put(const Path& path, BytesView record) noexcept = 0;

    /// Removes a branch that the branch cursor has shown. False as for put().
    [[nodiscard]] virtual bool remove(const Path& path) noexcept = 0;
};

/// How a calculation ended.
enum class TrieStatus : uint8_t {
    ok,
    io_error, ///< a cursor or a sink said so
    corrupt,  ///< a stored branch is malformed, or branches and leaves contradict each other
};

} // namespace braid::trie
