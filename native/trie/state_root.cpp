#include "trie/state_root.hpp"

#include "trie/trie_walk.hpp"

namespace braid::trie {
namespace {

/// Tells the sink how the branches that were opened become those that were built, when all went
/// well.
TrieStatus replace(const BranchList& opened, BranchList& built, BranchSink& sink,
                   TrieStatus status) {
    if (status != TrieStatus::ok)
        return status;
    built.sort();
    return opened.replace_by(built, sink) ? TrieStatus::ok : TrieStatus::io_error;
}

/// Reads the branch at the top of the trie, where it is stored.
TrieStatus read_top(BranchCursor& branches, StoredBranch& stored, BranchNode& branch,
                    bool& is_stored) {
    const CursorStatus found = branches.seek(Path{}, stored);
    if (found == CursorStatus::io_error || found == CursorStatus::corrupt)
        return status_of(found);
    is_stored = found == CursorStatus::found && stored.path == Path{};
    return is_stored && !decode_branch(stored.record, branch) ? TrieStatus::corrupt
                                                              : TrieStatus::ok;
}

template <typename Leaf>
RootResult update(BranchCursor& branches, Cursor<Bytes32, Leaf>& leaves,
                  std::span<const Bytes32> changed, BranchSink& sink) {
    BranchList opened;
    BranchList built;
    HashBuilder builder{built};
    RootResult result;
    TrieWalk<Leaf> walk{branches, leaves, changed, builder, opened};
    result.status = walk.walk(Path{});
    if (result.status != TrieStatus::ok)
        return result;
    result.root = builder.root();
    result.hash_count = builder.hash_count();
    result.status = replace(opened, built, sink, builder.status());
    return result;
}

template <typename Leaf>
TriePart update_nibble(unsigned nibble, BranchCursor& branches, Cursor<Bytes32, Leaf>& leaves,
                       std::span<const Bytes32> changed, BranchSink& sink) {
    BranchList opened;
    BranchList built;
    HashBuilder builder{built};
    TriePart part;
    StoredBranch stored;
    BranchNode top;
    bool is_stored = false;
    part.status = read_top(branches, stored, top, is_stored);
    if (part.status != TrieStatus::ok)
        return part;
    TrieWalk<Leaf> walk{branches, leaves, changed, builder, opened};
    part.status =
        is_stored ? walk.walk_child(Path{}, top, nibble) : walk.walk(Path{}.child(nibble));
    if (part.status != TrieStatus::ok)
        return part;
    part.top = builder.take();
    part.status = replace(opened, built, sink, builder.status());
    return part;
}

template <typename Leaf>
RootResult build(Cursor<Bytes32, Leaf>& leaves, BranchSink& sink) {
    HashBuilder builder{sink};
    RootResult result;
    Leaf leaf{};
    CursorStatus found = leaves.seek(Bytes32{}, leaf);
    for (; found == CursorStatus::found && builder.status() == TrieStatus::ok;
         found = leaves.next(leaf))
        builder.add(leaf);
    result.status = builder.status();
    if (result.status == TrieStatus::ok && found != CursorStatus::end)
        result.status = status_of(found);
    if (result.status != TrieStatus::ok)
        return result;
    result.root = builder.root();
    result.hash_count = builder.hash_count();
    result.status = builder.status();
    return result;
}

} // namespace

RootResult update_root(BranchCursor& branches, AccountLeafCursor& leaves,
                       std::span<const Bytes32> changed, BranchSink& sink) {
    return update(branches, leaves, changed, sink);
}

RootResult update_root(BranchCursor& branches, SlotLeafCursor& leaves,
                       std::span<const Bytes32> changed, BranchSink& sink) {
    return update(branches, leaves, changed, sink);
}

TriePart update_part(unsigned nibble, BranchCursor& branches, AccountLeafCursor& leaves,
                     std::span<const Bytes32> changed, BranchSink& sink) {
    return update_nibble(nibble, branches, leaves, changed, sink);
}

TriePart update_part(unsigned nibble, BranchCursor& branches, SlotLeafCursor& leaves,
                     std::span<const Bytes32> changed, BranchSink& sink) {
    return update_nibble(nibble, branches, leaves, changed, sink);
}

RootResult join_parts(const std::array<TriePart, 16>& parts, BranchCursor& branches,
                      BranchSink& sink) {
    BranchList opened;
    BranchList built;
    HashBuilder builder{built};
    RootResult result;
    for (const TriePart& part : parts) {
        if (part.status != TrieStatus::ok) {
            result.status = part.status;
            return result;
        }
        builder.add(part.top);
    }
    StoredBranch stored;
    BranchNode top;
    bool is_stored = false;
    result.status = read_top(branches, stored, top, is_stored);
    if (result.status != TrieStatus::ok)
        return result;
    if (is_stored)
        opened.add(Path{}, stored.record);
    result.root = builder.root();
    result.hash_count = builder.hash_count();
    result.status = replace(opened, built, sink, builder.status());
    return result;
}

RootResult build_root(AccountLeafCursor& leaves, BranchSink& sink) { return build(leaves, sink); }

RootResult build_root(SlotLeafCursor& leaves, BranchSink& sink) { return build(leaves, sink); }

} // namespace braid::trie
