#include "trie/node_encoding.hpp"

#include "base/code.hpp"
#include "trie/empty_root.hpp"

namespace braid::trie {

namespace {

/// The flags of hex-prefix encodings (Yellow Paper, appendix C), as their first byte holds them.
constexpr uint8_t leaf_path = 0x20;
constexpr uint8_t odd_path = 0x10;

/// The longest value of a leaf whose encoding has at most max_node_size bytes.
constexpr uint32_t max_value_size = 984;

constexpr uint8_t list_base = 0xc0;

uint8_t nibble_at(const uint8_t* key, uint32_t position) noexcept {
    const uint8_t byte = key[position / 2];
    return position % 2 != 0 ? byte & 15 : byte >> 4;
}

/// Writes the nibbles [begin, end) of a key as a hex-prefix string.
void write_path(RlpWriter& writer, const uint8_t* key, uint32_t begin, uint32_t end,
                uint8_t kind) noexcept {
    const uint8_t* const last = writer.position();
    const uint32_t first_pair = begin + (end - begin) % 2;
    if (end % 2 == 0) {
        writer.raw({key + first_pair / 2, key + end / 2});
    } else {
        for (uint32_t at = end; at != first_pair; at -= 2)
            writer.byte(static_cast<uint8_t>(nibble_at(key, at - 2) << 4 | nibble_at(key, at - 1)));
    }
    writer.byte(
        first_pair == begin ? kind : static_cast<uint8_t>(kind | odd_path | nibble_at(key, begin)));
    writer.string(last);
}

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
               0);
    writer.list(end);
    return true;
}

bool write_leaf(NodeWords words, uint32_t node, uint32_t depth, RlpWriter& writer) noexcept {
    const uint32_t size = value_size(words[node]);
    if (size > max_value_size)
        return false;
    const uint8_t* const end = writer.position();
    writer.string({bytes_at(words, node + node_part::value), size});
    write_path(writer, bytes_at(words, node + node_part::key), depth, key_nibbles, leaf_path);
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
    write_path(writer, bytes_at(words, node + node_part::key), depth, key_nibbles, leaf_path);
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
