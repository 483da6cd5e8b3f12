#include "trie/hash_builder.hpp"

#include "crypto/keccak.hpp"
#include "trie/empty_root.hpp"
#include "trie/hex_prefix.hpp"

#include <algorithm>
#include <bit>

namespace braid::trie {
namespace {

/// The most bytes of an encoded node: a branch of a header, 16 hashes as strings and no value.
constexpr size_t max_node = 3 + 16 * 33 + 1;
/// The most bytes of a leaf with a long path and value; of an extension there are fewer.
constexpr size_t max_leaf = 2 * RlpWriter::max_header_size + 34 + SubTrie::max_value_size;

/// Writes a number of 32 bytes without its leading zeros.
void write_number(RlpWriter& writer, const Bytes32& number) noexcept {
    const uint8_t* const first =
        std::find_if(number.bytes, std::end(number.bytes), [](uint8_t byte) { return byte != 0; });
    writer.string({first, std::end(number.bytes)});
}

/// Writes what stands for a child in its parent.
void write_reference(RlpWriter& writer, const Bytes32& reference, uint8_t size) noexcept {
    const BytesView bytes{reference.bytes, size};
    if (size == sizeof(reference))
        writer.string(bytes);
    else
        writer.raw(bytes);
}

void write_leaf(RlpWriter& writer, const Bytes32& key, unsigned depth, BytesView value) noexcept {
    const uint8_t* const end = writer.position();
    writer.string(value);
    write_path(writer, key.bytes, depth, path_nibbles, PathKind::leaf);
    writer.list(end);
}

void write_extension(RlpWriter& writer, const Bytes32& key, unsigned begin, unsigned end,
                     const Bytes32& reference, uint8_t size) noexcept {
    const uint8_t* const last = writer.position();
    write_reference(writer, reference, size);
    write_path(writer, key.bytes, begin, end, PathKind::extension);
    writer.list(last);
}

} // namespace

HashBuilder::HashBuilder(BranchSink& sink)
    : sink_{sink}, buffer_(buffer_size), free_{buffer_.data() + buffer_.size()} {}

void HashBuilder::add(const AccountLeaf& leaf) {
    if (!append(leaf.key, path_nibbles))
        return;
    uint8_t* const end = value_.data() + value_.size();
    RlpWriter writer{end};
    writer.string({leaf.code_hash.bytes, sizeof(Bytes32)});
    writer.string({leaf.storage_root.bytes, sizeof(Bytes32)});
    write_number(writer, leaf.balance);
    writer.number(leaf.nonce);
    writer.list(end);
    value_size_ = static_cast<uint8_t>(end - writer.position());
}

void HashBuilder::add(const SlotLeaf& leaf) {
    if (is_zero(leaf.value))
        fail(TrieStatus::corrupt);
    if (!append(leaf.key, path_nibbles))
        return;
    uint8_t* const end = value_.data() + value_.size();
    RlpWriter writer{end};
    write_number(writer, leaf.value);
    value_size_ = static_cast<uint8_t>(end - writer.position());
}

void HashBuilder::add_branch(const Path& path, const Bytes32& hash, bool has_branch) {
    if (path.size >= path_nibbles)
        fail(TrieStatus::corrupt);
    if (!append(path.nibbles, path.size))
        return;
    Node& node = row_.back();
    node.reference = hash;
    node.size = sizeof(hash);
    node.has_branch = has_branch;
}

void HashBuilder::add(const SubTrie& part) {
    if (part.kind == SubTrie::Kind::empty)
        return;
    if (!append(part.key, part.kind == SubTrie::Kind::leaf ? path_nibbles : part.level))
        return;
    if (part.kind == SubTrie::Kind::leaf) {
        value_size_ = part.size;
        std::copy_n(part.value.data(), part.size, value_.data() + value_.size() - part.size);
    } else {
        Node& node = row_.back();
        node.reference = part.reference;
        node.size = part.size;
        node.has_branch = part.has_branch;
    }
}

/// Keeps the first failure.
void HashBuilder::fail(TrieStatus status) noexcept {
    if (status_ == TrieStatus::ok)
        status_ = status;
}

/// Adds a node to the row. False, where it does not belong behind the last one.
bool HashBuilder::append(const Bytes32& key, uint8_t level) {
    if (status_ != TrieStatus::ok)
        return false;
    if (!row_.empty()) {
        const Node& last = row_.back();
        const unsigned shared = shared_nibbles(last.key, key);
        if (shared >= std::min(last.level, level) || !key_less(last.key, key)) {
            fail(TrieStatus::corrupt);
            return false;
        }
        settle_last(static_cast<int>(shared));
        shared_before_ = static_cast<int>(shared);
    }
    row_.push_back({.key = key, .reference = {}, .level = level});
    if (row_.size() >= long_row)
        shorten(&key);
    return true;
}

/// The last node's neighbours are known, and so is what of its key is above it.
void HashBuilder::settle_last(int shared_after) {
    Node& last = row_.back();
    last.depth = static_cast<uint8_t>(1 + std::max(shared_before_, shared_after));
    if (last.level != path_nibbles)
        return;
    RlpWriter writer = room();
    const uint8_t* const end = writer.position();
    write_leaf(writer, last.key, last.depth, last_value());
    enqueue(row_.size() - 1, writer.written(end));
}

/// The value of the last node, which is a leaf.
BytesView HashBuilder::last_value() const noexcept {
    return {value_.data() + value_.size() - value_size_, value_size_};
}

/// Makes branches of all nodes in the row that no later one can join. `last`: the key of the last
/// node, which knows no depth yet; null, if nothing follows.
void HashBuilder::shorten(const Bytes32* last) {
    flush();
    uint64_t depths = 0; // bit n: some node hangs below depth n
    for (const Node& node : row_)
        if (node.depth != 0)
            depths |= uint64_t{1} << (node.depth - 1);
    while (depths != 0) {
        const auto depth = static_cast<unsigned>(std::bit_width(depths)) - 1;
        depths ^= uint64_t{1} << depth;
        depths |= merge(depth, last);
    }
    end_run();
}

/// Makes branches of the nodes that hang below the given depth. Tells below which depths these
/// hang, as shorten() has them.
uint64_t HashBuilder::merge(unsigned depth, const Bytes32* last) {
    uint64_t depths = 0;
    size_t kept = 0;
    const size_t count = row_.size();
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = first + 1;
        if (row_[first].depth != depth + 1) {
            row_[kept++] = row_[first];
            continue;
        }
        const Bytes32 key = row_[first].key;
        if (last != nullptr && shared_nibbles(key, *last) >= depth) {
            // What follows may be joined by nodes to come.
            while (first < count)
                row_[kept++] = row_[first++];
            break;
        }
        while (end < count && shared_nibbles(key, row_[end].key) >= depth)
            ++end;
        int shared = -1;
        if (kept > 0)
            shared = static_cast<int>(shared_nibbles(row_[kept - 1].key, key));
        if (end < count)
            shared = std::max(shared, static_cast<int>(shared_nibbles(key, row_[end].key)));
        if (shared >= 0)
            depths |= uint64_t{1} << shared;

        RlpWriter writer = room();
        const uint8_t* const last_byte = writer.position();
        const bool is_stored = write_branch(writer, {row_.data() + first, end - first}, depth);
        row_[kept] = {.key = key,
                      .reference = {},
                      .depth = static_cast<uint8_t>(shared + 1),
                      .level = static_cast<uint8_t>(depth),
                      .has_branch = is_stored};
        enqueue(kept++, writer.written(last_byte));
    }
    flush();
    row_.resize(kept);
    return depths;
}

/// Writes the branch above these nodes, and notes it where it is to be stored.
bool HashBuilder::write_branch(RlpWriter& writer, std::span<Node> children, unsigned depth) {
    const uint8_t* const end = writer.position();
    BranchNode branch;
    writer.string(BytesView{}); // no key ends at a branch
    unsigned nibble = 16;
    for (size_t i = children.size(); i-- > 0;) {
        Node& child = children[i];
        const unsigned wanted = nibble_of(child.key, depth);
        while (--nibble != wanted)
            writer.string(BytesView{});
        const auto bit = static_cast<uint16_t>(1U << nibble);
        branch.present |= bit;
        if (child.has_branch)
            branch.has_branch |= bit;
        if (child.level == depth + 1 && child.level != path_nibbles &&
            child.size == sizeof(Bytes32)) {
            branch.has_hash |= bit;
            branch.hashes[nibble] = child.reference;
        }
        if (child.level > depth + 1 && child.level != path_nibbles)
            extend(child, depth + 1);
        write_reference(writer, child.reference, child.size);
    }
    while (nibble-- > 0)
        writer.string(BytesView{});
    writer.list(end);
    if (!branch.is_stored())
        return false;
    const size_t begin = record_bytes_.size();
    record_bytes_.resize(begin + max_branch_record);
    const size_t size = encode_branch(branch, record_bytes_.data() + begin);
    record_bytes_.resize(begin + size);
    records_.push_back({Path::of(children[0].key, depth), static_cast<uint32_t>(begin),
                        static_cast<uint32_t>(size)});
    return true;
}

/// Puts the extension in front of a branch that lies deeper than what stands for it.
void HashBuilder::extend(Node& node, unsigned depth) {
    std::array<uint8_t, max_leaf> buffer;
    uint8_t* const end = buffer.data() + buffer.size();
    RlpWriter writer{end};
    write_extension(writer, node.key, depth, node.level, node.reference, node.size);
    const BytesView encoding = writer.written(end);
    node.size = static_cast<uint8_t>(std::min(encoding.size(), sizeof(Bytes32)));
    if (encoding.size() < sizeof(Bytes32)) {
        std::ranges::copy(encoding, node.reference.bytes);
    } else {
        node.reference = crypto::keccak256(encoding);
        ++hash_count_;
    }
}

/// Where the next node can be written.
RlpWriter HashBuilder::room() {
    if (waiting_count_ == batch_size || free_ - buffer_.data() < static_cast<ptrdiff_t>(max_node))
        flush();
    return RlpWriter{free_};
}

/// Takes the encoding, in the room it was given, of a node of the row.
void HashBuilder::enqueue(size_t node, BytesView encoding) {
    // Appendix D, c(): nodes shorter than a hash stand in their parents themselves.
    if (encoding.size() < sizeof(Bytes32)) {
        row_[node].size = static_cast<uint8_t>(encoding.size());
        std::ranges::copy(encoding, row_[node].reference.bytes);
        return;
    }
    waiting_[waiting_count_] = static_cast<uint32_t>(node);
    encodings_[waiting_count_++] = encoding;
    free_ -= encoding.size();
}

void HashBuilder::flush() {
    crypto::keccak256_batch({encodings_.data(), waiting_count_}, {hashes_.data(), waiting_count_});
    for (size_t i = 0; i < waiting_count_; ++i) {
        row_[waiting_[i]].reference = hashes_[i];
        row_[waiting_[i]].size = sizeof(Bytes32);
    }
    hash_count_ += waiting_count_;
    waiting_count_ = 0;
    free_ = buffer_.data() + buffer_.size();
}

void HashBuilder::end_run() {
    std::ranges::sort(records_, {}, &Record::path);
    for (const Record& record : records_) {
        if (status_ != TrieStatus::ok)
            break;
        if (!sink_.put(record.path, {record_bytes_.data() + record.begin, record.size}))
            fail(TrieStatus::io_error);
    }
    records_.clear();
    record_bytes_.clear();
}

SubTrie HashBuilder::take() {
    SubTrie top;
    if (row_.size() > 1)
        settle_last(-1);
    if (!row_.empty() && status_ == TrieStatus::ok) {
        shorten(nullptr);
        const Node& node = row_.front();
        top.key = node.key;
        if (node.level == path_nibbles) {
            top.kind = SubTrie::Kind::leaf;
            top.size = value_size_;
            std::ranges::copy(last_value(), top.value.data());
        } else {
            top.kind = SubTrie::Kind::branch;
            top.level = node.level;
            top.size = node.size;
            top.reference = node.reference;
            top.has_branch = node.has_branch;
        }
    }
    row_.clear();
    shared_before_ = -1;
    waiting_count_ = 0; // of a trie that failed
    free_ = buffer_.data() + buffer_.size();
    return top;
}

Bytes32 HashBuilder::root() {
    const SubTrie top = take();
    if (top.kind == SubTrie::Kind::empty)
        return empty_root;
    if (top.kind == SubTrie::Kind::branch && top.level == 0 && top.size == sizeof(Bytes32))
        return top.reference;
    std::array<uint8_t, max_leaf> buffer;
    uint8_t* const end = buffer.data() + buffer.size();
    RlpWriter writer{end};
    if (top.kind == SubTrie::Kind::leaf)
        write_leaf(writer, top.key, 0, {top.value.data(), top.size});
    else
        write_extension(writer, top.key, 0, top.level, top.reference, top.size);
    ++hash_count_;
    return crypto::keccak256(writer.written(end));
}

} // namespace braid::trie
