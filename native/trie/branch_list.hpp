/// Branch records in memory, and what makes one set of them another one.
#pragma once

#include "trie/trie_cursors.hpp"

#include <vector>

namespace braid::trie {

/// Records of branches, in the order in which they were added.
class BranchList final : public BranchSink {
  public:
    void add(const Path& path, BytesView record) {
        entries_.push_back({path, bytes_.size(), record.size()});
        bytes_.insert(bytes_.end(), record.begin(), record.end());
    }

    bool put(const Path& path, BytesView record) noexcept override {
        add(path, record);
        return true;
    }
    /// Who builds a trie anew removes nothing.
    bool remove(const Path&) noexcept override { return false; }

    /// Puts the entries in the order of their paths.
    void sort();

    /// Tells a sink, in ascending order, how to make these branches the other ones. Both are
    /// sorted, no path is twice in one. False where the sink said so.
    [[nodiscard]] bool replace_by(const BranchList& others, BranchSink& sink) const;

  private:
    struct Entry {
        Path path;
        size_t begin;
        size_t size;
    };

    [[nodiscard]] BytesView record(const Entry& entry) const noexcept {
        return {bytes_.data() + entry.begin, entry.size};
    }

    std::vector<Entry> entries_;
    std::vector<uint8_t> bytes_;
};

} // namespace braid::trie
