/// The way through a trie that changed: past what stayed, down to what did not.
#pragma once

#include "trie/branch_list.hpp"
#include "trie/hash_builder.hpp"

#include <span>

namespace braid::trie {

/// What a failed move of a cursor makes of a calculation.
[[nodiscard]] inline TrieStatus status_of(CursorStatus status) noexcept {
    return status == CursorStatus::io_error ? TrieStatus::io_error : TrieStatus::corrupt;
}

/// The first key behind those below a path. False where there is none.
[[nodiscard]] inline bool key_behind(const Path& path, Bytes32& key) noexcept {
    key = path.nibbles;
    unsigned end = path.size;
    while (end > 0 && nibble_of(key, end - 1) == 15)
        --end;
    key = Path::of(key, end).nibbles;
    if (end == 0)
        return false;
    key.bytes[(end - 1) / 2] =
        static_cast<uint8_t>(key.bytes[(end - 1) / 2] + (end % 2 != 0 ? 16 : 1));
    return true;
}

/// Feeds a builder with a trie after a change, in order: the hashes of branches that lie in no
/// changed key's way, and the leaves below the other children. It goes down from stored branch to
/// stored branch, at most 64 deep.
template <typename Leaf>
class TrieWalk {
  public:
    /// What the walk is told is the caller's, and outlives it. `opened` is told the stored branches
    /// in whose place the builder makes new ones, in ascending order.
    TrieWalk(BranchCursor& branches, Cursor<Bytes32, Leaf>& leaves,
             std::span<const Bytes32> changed, HashBuilder& builder, BranchList& opened) noexcept
        : branches_{branches}, leaves_{leaves}, changed_{changed}, builder_{builder}, opened_{
                                                                                          opened} {}

    /// Walks all that lies below a path of whose branches nothing is known.
    [[nodiscard]] TrieStatus walk(const Path& path) {
        below(path, false);
        return status();
    }

    /// Walks what lies below one child of a stored branch.
    [[nodiscard]] TrieStatus walk_child(const Path& path, const BranchNode& branch,
                                        unsigned nibble) {
        child(path, branch, nibble);
        return status();
    }

  private:
    /// About what two branches of leaves hold.
    static constexpr int max_steps = 8;

    /// Keys from one on, up to another or to the last one there is.
    struct Range {
        Bytes32 begin;
        Bytes32 end;
        bool is_bounded;

        explicit Range(const Path& path) noexcept
            : begin{path.nibbles}, is_bounded{key_behind(path, end)} {}
        Range(const Bytes32& first, const Bytes32& behind) noexcept
            : begin{first}, end{behind}, is_bounded{true} {}

        [[nodiscard]] bool ends_behind(const Bytes32& key) const noexcept {
            return !is_bounded || key_less(key, end);
        }
    };

    [[nodiscard]] TrieStatus status() const noexcept {
        return status_ != TrieStatus::ok ? status_ : builder_.status();
    }

    /// The first changed key from another one on; null where there is none. Asked for in ascending
    /// order.
    [[nodiscard]] const Bytes32* change_from(const Bytes32& key) noexcept {
        while (next_change_ < changed_.size() && key_less(changed_[next_change_], key))
            ++next_change_;
        return next_change_ < changed_.size() ? &changed_[next_change_] : nullptr;
    }

    /// Whether a key in the range was changed.
    [[nodiscard]] bool is_changed(const Range& range) noexcept {
        const Bytes32* const change = change_from(range.begin);
        return change != nullptr && range.ends_behind(*change);
    }

    /// Takes what lies below a path from the topmost stored branch there. All leaves that were
    /// there before are below it: beside it there are only new ones.
    void below(const Path& path, bool must_have_branch) {
        StoredBranch stored;
        const CursorStatus found = branches_.seek(path, stored);
        if (found == CursorStatus::io_error || found == CursorStatus::corrupt) {
            status_ = status_of(found);
            return;
        }
        const Range range{path};
        if (found == CursorStatus::end || !path.holds(stored.path)) {
            if (must_have_branch)
                status_ = TrieStatus::corrupt;
            else
                (void)feed(range);
            return;
        }
        BranchNode branch;
        // Below the last nibble there are only leaves: such a branch is not stored.
        if (stored.path.size >= path_nibbles - 1 || !decode_branch(stored.record, branch)) {
            status_ = TrieStatus::corrupt;
            return;
        }
        const Path top = stored.path;
        opened_.add(top, stored.record);
        const Range before{range.begin, top.nibbles};
        if (is_changed(before))
            (void)feed(before);
        for (unsigned nibble = 0; nibble < 16 && status() == TrieStatus::ok; ++nibble)
            child(top, branch, nibble);
        Range behind = range;
        if (status() == TrieStatus::ok && key_behind(top, behind.begin) &&
            range.ends_behind(behind.begin) && is_changed(behind))
            (void)feed(behind);
    }

    void child(const Path& parent, const BranchNode& branch, unsigned nibble) {
        const Path path = parent.child(nibble);
        const unsigned bit = 1U << nibble;
        const Bytes32* const change = change_from(path.nibbles);
        const bool changed = change != nullptr && path.holds(*change);
        const bool has_branch = (branch.has_branch & bit) != 0;
        if (!changed && (branch.present & bit) == 0)
            return;
        if (!changed && (branch.has_hash & bit) != 0)
            pass(path, branch.hashes[nibble], has_branch);
        else if (has_branch)
            below(path, true);
        else if (!feed(Range{path}) && !changed && status_ == TrieStatus::ok)
            status_ = TrieStatus::corrupt; // the branch says that there is something
    }

    /// Gives the builder the leaves in a range. False where there are none.
    bool feed(const Range& range) {
        move_to(range.begin);
        bool any = false;
        while (at_ == CursorStatus::found && range.ends_behind(leaf_.key)) {
            any = true;
            builder_.add(leaf_);
            if (builder_.status() != TrieStatus::ok)
                break;
            step();
        }
        return any;
    }

    /// Gives the builder a branch in which nothing changed.
    void pass(const Path& path, const Bytes32& hash, bool has_branch) {
        builder_.add_branch(path, hash, has_branch);
        // Without a branch below it there are few leaves.
        is_near_ = is_near_ && !has_branch;
    }

    /// Moves to the first leaf at or after a key. Steps that find it cost less than a search.
    void move_to(const Bytes32& key) {
        if (is_placed_ && !key_less(key, gap_)) {
            for (int steps = is_near_ ? max_steps : 0;; --steps) {
                if (at_ != CursorStatus::found || !key_less(leaf_.key, key)) {
                    is_near_ = true;
                    return;
                }
                if (steps == 0)
                    break;
                step();
            }
        }
        is_placed_ = true;
        is_near_ = true;
        gap_ = key;
        settle(leaves_.seek(key, leaf_));
    }

    void step() {
        gap_ = leaf_.key;
        settle(leaves_.next(leaf_));
    }

    void settle(CursorStatus status) noexcept {
        at_ = status;
        if (status == CursorStatus::io_error || status == CursorStatus::corrupt)
            status_ = status_of(status);
    }

    BranchCursor& branches_;
    Cursor<Bytes32, Leaf>& leaves_;
    std::span<const Bytes32> changed_;
    size_t next_change_ = 0;
    HashBuilder& builder_;
    BranchList& opened_;
    TrieStatus status_ = TrieStatus::ok;
    // Where the cursor of leaves stands: from gap_ on, leaf_ is the first one.
    bool is_placed_ = false;
    bool is_near_ = false; ///< few leaves were passed since
    CursorStatus at_ = CursorStatus::end;
    Bytes32 gap_{};
    Leaf leaf_{};
};

} // namespace braid::trie
