#include "trie/node_encoding.hpp"

#include "base/code.hpp"
#include "trie/empty_root.hpp"
#include "trie/hex_prefix.hpp"

namespace braid::trie {

namespace {

/// The longest value of a leaf whose encoding has at most max_node_size bytes.
constexpr uint32_t max_value_size = 984;

constexpr uint8_t list_base = 0xc0;

/// Writes what stands for a child: its hash, or itself. False where it is neither.
bool write_reference(RlpWriter& writer, const uint8_t* reference, bool is_inline) noexcept {
    if (!is_inline) {
        writer.string({reference, sizeof(Bytes32)});
        return true;
    }
    // A node shorter than a hash: its header is one byte.
    if (reference[0] < list_base || reference[0] >= list_base + sizeof(Bytes32) - 1)
        return false;
    writer.raw({reference, size_t{reference[0]} - list_base + 1});
    return true;
}

bool write_branch(NodeWords words, uint32_t node, RlpWriter& writer) noexcept {
    const uint32_t present = words[node + 1] & 0xffff;
    const uint32_t inlined = words[node + 1] >> 16;
    const uint32_t references = node + node_part::children + branch_capacity(words[node]);
    const uint8_t* reference = bytes_at(words, references) +
                               static_cast<uint32_t>(__builtin_popcount(present)) * sizeof(Bytes32);
    const uint8_t* const end = writer.position();
    writer.string(BytesView{}); // no key ends at a branch
    for (uint32_t nibble = branch_width; nibble-- > 0;) {
        if ((present >> nibble & 1) == 0) {
            writer.string(BytesView{});
            continue;
        }
        reference -= sizeof(Bytes32);
        if (!write_reference(writer, reference, (inlined >> nibble & 1) != 0))
            return false;
    }
    writer.list(end);
    return true;
}

bool write_extension(NodeWords words, uint32_t node, uint32_t depth, RlpWriter& writer) noexcept {
    const uint32_t head = words[node];
    if (depth >= extension_end(head))
        return false;
    const uint8_t* const end = writer.position();
    if (!write_reference(writer, bytes_at(words, node + node_part::reference),
                         (head & node_flag::is_inline) != 0))
        return false;
    write_path(writer, bytes_at(words, node + node_part::extension_key), depth, extension_end(head),
               PathKind::extension);
    writer.list(end);
    return true;
}

bool write_leaf(NodeWords words, uint32_t node, uint32_t depth, RlpWriter& writer) noexcept {
    const uint32_t size = value_size(words[node]);
    if (size > max_value_size)
        return false;
    const uint8_t* const end = writer.position();
    writer.string({bytes_at(words, node + node_part::value), size});
    write_path(writer, bytes_at(words, node + node_part::key), depth, key_nibbles, PathKind::leaf);
    writer.list(end);
    return true;
}

void write_hash(RlpWriter& writer, const uint8_t* hash) noexcept {
    writer.string(BytesView{hash, sizeof(Bytes32)});
}

void write_account(NodeWords words, uint32_t node, uint32_t depth, RlpWriter& writer) noexcept {
    const uint32_t head = words[node];
    const uint8_t* const nonce = bytes_at(words, node + numbers_part(head));
    const uint8_t* const end = writer.position();
    write_hash(writer, (head & node_flag::has_code) != 0 ? bytes_at(words, node + code_part(head))
                                                         : empty_code_hash.bytes);
    write_hash(writer, (head & node_flag::has_storage) != 0
                           ? bytes_at(words, node + node_part::storage_hash)
                           : empty_root.bytes);
    writer.string({nonce + nonce_size(head), balance_size(head)});
    writer.string({nonce, nonce_size(head)});
    writer.list(end);
    writer.string(end);
    write_path(writer, bytes_at(words, node + node_part::key), depth, key_nibbles, PathKind::leaf);
    writer.list(end);
}

} // namespace

std::optional<BytesView> encode_node(NodeWords words, uint32_t node, uint32_t depth,
                                     RlpWriter& writer) noexcept {
    if (depth > key_nibbles || record_size(words, node) == 0)
        return std::nullopt;
    const uint8_t* const end = writer.position();
    bool is_written = true;
    switch (kind_of(words[node])) {
    case NodeKind::branch:
        is_written = write_branch(words, node, writer);
        break;
    case NodeKind::extension:
        is_written = write_extension(words, node, depth, writer);
        break;
    case NodeKind::account:
        write_account(words, node, depth, writer);
        break;
    default:
        is_written = write_leaf(words, node, depth, writer);
        break;
    }
    if (!is_written)
        return std::nullopt;
    return writer.written(end);
}

} // namespace braid::trie
