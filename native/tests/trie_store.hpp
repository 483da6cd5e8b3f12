/// A store of leaves and branches in memory, as the calculation of state roots sees one.
#pragma once

#include "trie/state_root.hpp"

#include <map>
#include <vector>

namespace braid::test {

struct KeyOrder {
    bool operator()(const Bytes32& a, const Bytes32& b) const { return trie::key_less(a, b); }
};

template <typename Leaf>
using LeafMap = std::map<Bytes32, Leaf, KeyOrder>;
using BranchMap = std::map<trie::Path, std::vector<uint8_t>>;

/// Lets a move of a cursor fail.
struct Fault {
    int moves_left = -1; ///< until it fails; -1: never
    trie::CursorStatus status = trie::CursorStatus::io_error;

    bool strikes() { return moves_left >= 0 && moves_left-- == 0; }
};

template <typename Leaf>
class MapLeafCursor final : public trie::Cursor<Bytes32, Leaf> {
  public:
    explicit MapLeafCursor(const LeafMap<Leaf>& leaves, Fault* fault = nullptr)
        : leaves_{leaves}, fault_{fault} {}

    size_t moves = 0;

    trie::CursorStatus seek(const Bytes32& position, Leaf& entry) noexcept override {
        at_ = leaves_.lower_bound(position);
        return show(entry);
    }
    trie::CursorStatus next(Leaf& entry) noexcept override {
        ++at_;
        return show(entry);
    }

  private:
    trie::CursorStatus show(Leaf& entry) {
        ++moves;
        if (fault_ != nullptr && fault_->strikes())
            return fault_->status;
        if (at_ == leaves_.end())
            return trie::CursorStatus::end;
        entry = at_->second;
        return trie::CursorStatus::found;
    }

    const LeafMap<Leaf>& leaves_;
    Fault* fault_;
    typename LeafMap<Leaf>::const_iterator at_;
};

class MapBranchCursor final : public trie::BranchCursor {
  public:
    explicit MapBranchCursor(const BranchMap& branches, Fault* fault = nullptr)
        : branches_{branches}, fault_{fault} {}

    trie::CursorStatus seek(const trie::Path& position,
                            trie::StoredBranch& entry) noexcept override {
        at_ = branches_.lower_bound(position);
        return show(entry);
    }
    trie::CursorStatus next(trie::StoredBranch& entry) noexcept override {
        ++at_;
        return show(entry);
    }

  private:
    trie::CursorStatus show(trie::StoredBranch& entry) {
        if (fault_ != nullptr && fault_->strikes())
            return fault_->status;
        if (at_ == branches_.end())
            return trie::CursorStatus::end;
        record_ = at_->second; // where the entry before was, there is something else
        entry = {at_->first, record_};
        return trie::CursorStatus::found;
    }

    const BranchMap& branches_;
    Fault* fault_;
    BranchMap::const_iterator at_;
    std::vector<uint8_t> record_;
};

/// Keeps what it is told until apply(), and whether that made sense.
class MapSink final : public trie::BranchSink {
  public:
    bool makes_sense = true; ///< in ascending order, only what changes something
    size_t puts = 0;
    size_t removes = 0;

    explicit MapSink(const BranchMap& before) : before_{before} {}

    bool put(const trie::Path& path, BytesView record) noexcept override {
        ++puts;
        const auto old = before_.find(path);
        const std::vector<uint8_t> bytes{record.begin(), record.end()};
        makes_sense &= old == before_.end() || old->second != bytes;
        note(path, bytes);
        return true;
    }
    bool remove(const trie::Path& path) noexcept override {
        ++removes;
        makes_sense &= before_.contains(path);
        note(path, {});
        return true;
    }

    void apply(BranchMap& branches) const {
        for (const auto& [path, bytes] : changes_) {
            if (bytes.empty())
                branches.erase(path);
            else
                branches[path] = bytes;
        }
    }

  private:
    void note(const trie::Path& path, const std::vector<uint8_t>& bytes) {
        makes_sense &= changes_.empty() || changes_.back().first < path;
        changes_.emplace_back(path, bytes);
    }

    const BranchMap& before_;
    std::vector<std::pair<trie::Path, std::vector<uint8_t>>> changes_;
};

/// Takes the branches of a full build.
class BuildSink final : public trie::BranchSink {
  public:
    BranchMap branches;
    bool is_once = true;

    bool put(const trie::Path& path, BytesView record) noexcept override {
        is_once &= branches.try_emplace(path, record.begin(), record.end()).second;
        return true;
    }
    bool remove(const trie::Path&) noexcept override { return false; }
};

} // namespace braid::test
