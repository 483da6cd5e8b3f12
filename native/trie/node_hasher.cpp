#include "trie/node_hasher.hpp"

#include "crypto/keccak.hpp"
#include "trie/empty_root.hpp"

namespace braid::trie {

bool NodeHasher::hash(uint32_t root) {
    constexpr uint32_t root_words = node_part::reference + hash_words;
    if (root == 0 || words_.size() < root_words || root > words_.size() - root_words ||
        kind_of(words_[root]) != NodeKind::root)
        return false;
    if ((words_[root] & node_flag::dirty) == 0)
        return true;
    words_[root] &= ~node_flag::dirty;
    const uint32_t reference = root + node_part::reference;
    const uint32_t child = words_[root + node_part::child];
    if (child == 0) {
        std::memcpy(words_.data() + reference, empty_root.bytes, sizeof(empty_root));
        return true;
    }
    entries_.assign(1, Entry{child, root, reference, 0, 0});
    std::vector<size_t> levels{0};
    while (levels.back() < entries_.size()) {
        const size_t end = entries_.size();
        for (size_t i = levels.back(); i < end; ++i) {
            const Entry parent = entries_[i];
            if (!collect_children(parent))
                return false;
        }
        levels.push_back(end);
    }
    for (size_t level = levels.size() - 1; level-- > 0;)
        if (!hash_level(levels[level], levels[level + 1]))
            return false;
    return true;
}

/// Lists the dirty nodes right below a node, and marks them clean: so no record is listed twice,
/// and a pool with cycles has an end, too.
bool NodeHasher::collect_children(const Entry& parent) {
    const uint32_t node = parent.node;
    if (record_size(words_, node) == 0)
        return false;
    const uint32_t head = words_[node];
    const bool is_dirty = (head & node_flag::dirty) != 0;
    switch (kind_of(head)) {
    case NodeKind::branch: {
        const uint32_t dirty = head >> 16;
        const uint32_t present = words_[node + 1];
        uint32_t child = node + node_part::children;
        uint32_t reference = child + branch_capacity(head);
        for (uint8_t nibble = 0; dirty != 0 && nibble < branch_width; ++nibble) {
            if ((present >> nibble & 1) == 0)
                continue;
            if ((dirty >> nibble & 1) != 0)
                entries_.push_back(Entry{words_[child], node, reference,
                                         static_cast<uint8_t>(parent.depth + 1), nibble});
            ++child;
            reference += hash_words;
        }
        words_[node] = head & 0xffff;
        break;
    }
    case NodeKind::extension:
        if (!is_dirty)
            break;
        entries_.push_back(Entry{words_[node + node_part::child], node, node + node_part::reference,
                                 static_cast<uint8_t>(extension_end(head)), 0});
        words_[node] = head & ~node_flag::dirty;
        break;
    case NodeKind::account:
        if (!is_dirty)
            break;
        if ((head & node_flag::has_storage) == 0)
            return false;
        entries_.push_back(
            Entry{words_[node + node_part::storage], node, node + node_part::storage_hash, 0, 0});
        words_[node] = head & ~node_flag::dirty;
        break;
    default:
        break;
    }
    // Keys end before a deeper node.
    return entries_.size() == 1 || entries_.back().depth <= key_nibbles;
}

bool NodeHasher::hash_level(size_t begin, size_t end) {
    uint8_t* free = buffer_.data() + buffer_.size();
    for (size_t i = begin; i < end; ++i) {
        if (waiting_count_ == batch_size ||
            static_cast<size_t>(free - buffer_.data()) < max_node_size) {
            flush();
            free = buffer_.data() + buffer_.size();
        }
        const Entry& entry = entries_[i];
        RlpWriter writer{free};
        const auto encoding = encode_node(words_, entry.node, entry.depth, writer);
        if (!encoding)
            return false;
        if (encoding->size() < sizeof(Bytes32) && settle_inline(entry, *encoding))
            continue;
        waiting_[waiting_count_] = &entry;
        encodings_[waiting_count_++] = *encoding;
        free = writer.position();
    }
    flush();
    return true;
}

/// Puts a short node itself into its parent. Not into a root or an account: they hold hashes.
bool NodeHasher::settle_inline(const Entry& entry, BytesView encoding) noexcept {
    const NodeKind kind = kind_of(words_[entry.owner]);
    if (kind != NodeKind::branch && kind != NodeKind::extension)
        return false;
    mark_reference(entry, true);
    std::memcpy(words_.data() + entry.reference, encoding.data(), encoding.size());
    return true;
}

/// Notes in the parent whether a reference is the child itself, or its hash.
void NodeHasher::mark_reference(const Entry& entry, bool is_inline) noexcept {
    const bool in_branch = kind_of(words_[entry.owner]) == NodeKind::branch;
    const uint32_t flag = in_branch ? 1U << (16 + entry.nibble) : node_flag::is_inline;
    uint32_t& flags = words_[entry.owner + (in_branch ? 1 : 0)];
    flags = is_inline ? flags | flag : flags & ~flag;
}

void NodeHasher::flush() noexcept {
    crypto::keccak256_batch({encodings_.data(), waiting_count_}, {hashes_.data(), waiting_count_});
    for (size_t i = 0; i < waiting_count_; ++i) {
        const Entry& entry = *waiting_[i];
        std::memcpy(words_.data() + entry.reference, hashes_[i].bytes, sizeof(Bytes32));
        mark_reference(entry, false);
    }
    waiting_count_ = 0;
}

} // namespace braid::trie
