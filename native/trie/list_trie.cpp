#include "trie/list_trie.hpp"

#include "crypto/keccak.hpp"
#include "trie/empty_root.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace braid::trie {
namespace {

/// The indices below this one are keys of one byte: themselves, but zero is encoded as 0x80.
constexpr size_t one_byte_keys = 0x80;

constexpr uint8_t branch_width = 16;

/// The most bytes of a branch: a header, 16 hashes as strings, no value.
constexpr size_t max_branch_size = 3 + branch_width * 33 + 1;

/// The RLP of an index from the most significant byte on, at most five bytes, then zeros. No key
/// starts with another one.
uint64_t key_of(size_t index) noexcept {
    if (index == 0)
        return uint64_t{0x80} << 56;
    if (index < one_byte_keys)
        return uint64_t{index} << 56;
    const auto size = static_cast<unsigned>(std::bit_width(index) + 7) / 8;
    return uint64_t{0x80 + size} << 56 | uint64_t{index} << (56 - 8 * size);
}

/// The nibbles of a key.
uint8_t size_of(uint64_t key) noexcept {
    const uint64_t first = key >> 56;
    return static_cast<uint8_t>(first <= 0x80 ? 2 : 2 * (1 + first - 0x80));
}

/// How many nibbles two different keys share from the start.
uint8_t shared_nibbles(uint64_t a, uint64_t b) noexcept {
    return static_cast<uint8_t>(std::countl_zero(a ^ b) / 4);
}

uint8_t nibble_at(uint64_t key, uint8_t position) noexcept {
    return static_cast<uint8_t>(key >> (60 - 4 * position) & 15);
}

/// Where an index stands among those of `count` items in the order of their keys: zero behind the
/// other keys of one byte.
size_t position_of(size_t index, size_t count) noexcept {
    if (index == 0)
        return std::min(count, one_byte_keys) - 1;
    return index < one_byte_keys ? index - 1 : index;
}

/// The index at a position.
size_t index_at(size_t position, size_t count) noexcept {
    const size_t zero = position_of(0, count);
    if (position == zero)
        return 0;
    return position < zero ? position + 1 : position;
}

/// The nibbles above the leaf at a position: what its key shares with a neighbour's, and one more
/// that tells them apart.
uint8_t leaf_depth(size_t position, size_t count) noexcept {
    const uint64_t key = key_of(index_at(position, count));
    uint8_t depth = 0;
    if (position > 0)
        depth =
            static_cast<uint8_t>(shared_nibbles(key_of(index_at(position - 1, count)), key) + 1);
    if (position + 1 < count)
        depth = std::max(
            depth,
            static_cast<uint8_t>(shared_nibbles(key, key_of(index_at(position + 1, count))) + 1));
    return depth;
}

/// The flags of hex-prefix encodings (Yellow Paper, appendix C), as their first byte holds them.
enum class PathKind : uint8_t { extension = 0x00, leaf = 0x20 };
constexpr uint8_t odd_path = 0x10;

/// Writes the nibbles [begin, end) of a key as a hex-prefix string.
void write_path(RlpWriter& writer, uint64_t key, uint8_t begin, uint8_t end,
                PathKind kind) noexcept {
    const uint8_t* const last = writer.position();
    for (; end - begin >= 2; end = static_cast<uint8_t>(end - 2))
        writer.byte(static_cast<uint8_t>(nibble_at(key, static_cast<uint8_t>(end - 2)) << 4 |
                                         nibble_at(key, static_cast<uint8_t>(end - 1))));
    const auto flags = static_cast<uint8_t>(kind);
    writer.byte(end == begin ? flags
                             : static_cast<uint8_t>(flags | odd_path | nibble_at(key, begin)));
    writer.string(last);
}

} // namespace

void ListTrie::Node::refer(BytesView encoding, const Bytes32& hash) noexcept {
    // Appendix D, c(): nodes shorter than a hash stand in their parents themselves.
    if (encoding.size() < sizeof(hash)) {
        size = static_cast<uint8_t>(encoding.size());
        std::ranges::copy(encoding, reference.bytes);
    } else {
        size = sizeof(hash);
        reference = hash;
    }
}

void ListTrie::Node::write_reference(RlpWriter& writer) const noexcept {
    const BytesView bytes{reference.bytes, size};
    if (size == sizeof(reference))
        writer.string(bytes);
    else
        writer.raw(bytes);
}

/// The branches of one level, hashed in batches as they are made.
class ListTrie::Level {
  public:
    explicit Level(uint8_t depth) noexcept : depth_{depth} {}

    /// Encodes the branch above these nodes, which are all below it. `branch` is told what stands
    /// for it by the next flush().
    void add(std::span<const Node> children, Node& branch) noexcept {
        if (count_ == capacity)
            flush();
        uint8_t* const end = buffer_.data() + (count_ + 1) * max_branch_size;
        RlpWriter writer{end};
        writer.string(BytesView{}); // no key ends at a branch
        uint8_t nibble = branch_width;
        for (size_t i = children.size(); i-- > 0;) {
            const uint8_t wanted = nibble_at(children[i].key, depth_);
            while (--nibble != wanted)
                writer.string(BytesView{});
            children[i].write_reference(writer);
        }
        while (nibble-- > 0)
            writer.string(BytesView{});
        writer.list(end);
        encodings_[count_] = writer.written(end);
        branches_[count_++] = &branch;
    }

    void flush() noexcept {
        crypto::keccak256_batch({encodings_.data(), count_}, {hashes_.data(), count_});
        for (size_t i = 0; i < count_; ++i) {
            branches_[i]->refer(encodings_[i], hashes_[i]);
            if (branches_[i]->depth < depth_)
                extend(*branches_[i]);
        }
        count_ = 0;
    }

  private:
    /// Enough to keep the vectors full, few enough for the stack.
    static constexpr size_t capacity = 32;

    /// Puts the extension in front of a branch that lies deeper than what stands for it.
    void extend(Node& node) const noexcept {
        std::array<uint8_t, 64> buffer;
        uint8_t* const end = buffer.data() + buffer.size();
        RlpWriter writer{end};
        node.write_reference(writer);
        write_path(writer, node.key, node.depth, depth_, PathKind::extension);
        writer.list(end);
        const BytesView encoding = writer.written(end);
        node.refer(encoding, crypto::keccak256(encoding));
    }

    uint8_t depth_;
    size_t count_ = 0;
    std::array<Node*, capacity> branches_;
    std::array<BytesView, capacity> encodings_;
    std::array<Bytes32, capacity> hashes_;
    std::array<uint8_t, capacity * max_branch_size> buffer_;
};

void ListTrie::begin(size_t count) {
    leaves_.resize(count);
    hashes_.resize(count);
    nodes_.resize(count);
}

void ListTrie::make_leaf(size_t index, RlpWriter& writer, const uint8_t* end) noexcept {
    const uint64_t key = key_of(index);
    const size_t position = position_of(index, leaves_.size());
    Node& node = nodes_[position];
    node.key = key;
    node.depth = leaf_depth(position, leaves_.size());
    writer.string(end);
    write_path(writer, key, node.depth, size_of(key), PathKind::leaf);
    writer.list(end);
    leaves_[index] = writer.written(end);
}

void ListTrie::hash_leaves(size_t begin, size_t end) noexcept {
    const std::span<const BytesView> leaves{leaves_.data() + begin, end - begin};
    crypto::keccak256_batch(leaves, {hashes_.data() + begin, end - begin});
    for (size_t index = begin; index < end; ++index)
        nodes_[position_of(index, leaves_.size())].refer(leaves_[index], hashes_[index]);
}

/// Makes branches of the nodes that hang below the given depth.
void ListTrie::merge(uint8_t depth) noexcept {
    Level level{depth};
    size_t kept = 0;
    for (size_t first = 0, end = 0; first < nodes_.size(); first = end) {
        end = first + 1;
        if (nodes_[first].depth != depth + 1) {
            nodes_[kept++] = nodes_[first];
            continue;
        }
        const uint64_t key = nodes_[first].key;
        while (end < nodes_.size() && shared_nibbles(key, nodes_[end].key) >= depth)
            ++end;
        uint8_t branch_depth = 0;
        if (kept > 0)
            branch_depth = static_cast<uint8_t>(shared_nibbles(nodes_[kept - 1].key, key) + 1);
        if (end < nodes_.size())
            branch_depth = std::max(branch_depth,
                                    static_cast<uint8_t>(shared_nibbles(key, nodes_[end].key) + 1));
        level.add({nodes_.data() + first, end - first}, nodes_[kept]);
        nodes_[kept].key = key;
        nodes_[kept++].depth = branch_depth;
    }
    level.flush();
    nodes_.resize(kept);
}

Bytes32 ListTrie::root() noexcept {
    if (nodes_.empty())
        return empty_root;
    // No branch lies deeper than the longest key's last nibble.
    for (uint8_t depth = size_of(key_of(nodes_.size() - 1)); depth-- > 0 && nodes_.size() > 1;)
        merge(depth);
    const Node& root = nodes_.front();
    return root.size == sizeof(Bytes32) ? root.reference
                                        : crypto::keccak256({root.reference.bytes, root.size});
}

Bytes32 list_root(std::span<const BytesView> items) {
    ListTrie trie;
    trie.begin(items.size());
    size_t size = 0;
    for (const BytesView item : items)
        size += item.size() + ListTrie::max_leaf_overhead;
    std::vector<uint8_t> buffer(size);
    uint8_t* end = buffer.data() + size;
    for (size_t i = 0; i < items.size(); ++i) {
        RlpWriter writer{end};
        writer.raw(items[i]);
        trie.make_leaf(i, writer, end);
        end = writer.position();
    }
    trie.hash_leaves(0, items.size());
    return trie.root();
}

} // namespace braid::trie
