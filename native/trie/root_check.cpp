#include "trie/root_check.hpp"

#include "trie/state_root.hpp"
#include "trie/trie_walk.hpp"

#include <algorithm>
#include <vector>

namespace braid::trie {
namespace {

/// Looks for each branch that should be stored.
class Comparison final : public BranchSink {
  public:
    explicit Comparison(BranchCursor& branches) noexcept : branches_{branches} {}

    CheckResult result;

    bool put(const Path& path, BytesView record) noexcept override {
        paths_.push_back(path);
        StoredBranch stored;
        const CursorStatus found = branches_.seek(path, stored);
        if (found == CursorStatus::end || (found == CursorStatus::found && stored.path != path))
            note(Difference::missing, path);
        else if (found != CursorStatus::found)
            result.status = status_of(found);
        else if (!std::ranges::equal(stored.record, record))
            note(Difference::wrong, path);
        return result.status == TrieStatus::ok;
    }

    bool remove(const Path&) noexcept override { return true; }

    /// Looks for branches that should not be there, when all others were put.
    void find_surplus() {
        std::ranges::sort(paths_);
        auto expected = paths_.begin();
        StoredBranch stored;
        CursorStatus found = branches_.seek(Path{}, stored);
        for (; found == CursorStatus::found; found = branches_.next(stored)) {
            expected = std::find_if(expected, paths_.end(),
                                    [&](const Path& path) { return path >= stored.path; });
            if (expected == paths_.end() || *expected != stored.path)
                return note(Difference::surplus, stored.path);
        }
        if (found != CursorStatus::end)
            result.status = status_of(found);
    }

  private:
    void note(Difference difference, const Path& path) noexcept {
        if (result.difference != Difference::none && result.path < path)
            return;
        result.difference = difference;
        result.path = path;
    }

    BranchCursor& branches_;
    std::vector<Path> paths_;
};

template <typename Leaf>
CheckResult check(BranchCursor& branches, Cursor<Bytes32, Leaf>& leaves) {
    Comparison comparison{branches};
    const RootResult built = build_root(leaves, comparison);
    CheckResult& result = comparison.result;
    result.root = built.root;
    if (result.status == TrieStatus::ok)
        result.status = built.status;
    if (result.status == TrieStatus::ok)
        comparison.find_surplus();
    return result;
}

} // namespace

CheckResult check_root(BranchCursor& branches, AccountLeafCursor& leaves) {
    return check(branches, leaves);
}

CheckResult check_root(BranchCursor& branches, SlotLeafCursor& leaves) {
    return check(branches, leaves);
}

} // namespace braid::trie
