#include "trie/branch_list.hpp"

#include <algorithm>

namespace braid::trie {

void BranchList::sort() { std::ranges::sort(entries_, {}, &Entry::path); }

bool BranchList::replace_by(const BranchList& others, BranchSink& sink) const {
    auto old = entries_.begin();
    for (const Entry& entry : others.entries_) {
        for (; old != entries_.end() && old->path < entry.path; ++old)
            if (!sink.remove(old->path))
                return false;
        const BytesView wanted = others.record(entry);
        const bool has_old = old != entries_.end() && old->path == entry.path;
        if (!(has_old && std::ranges::equal(record(*old), wanted)) && !sink.put(entry.path, wanted))
            return false;
        if (has_old)
            ++old;
    }
    for (; old != entries_.end(); ++old)
        if (!sink.remove(old->path))
            return false;
    return true;
}

} // namespace braid::trie
