/// Hashing of what changed in a state trie.
#pragma once

#include "trie/node_encoding.hpp"

#include <array>
#include <vector>

namespace braid::trie {

/// Brings the references in a pool of records up to date. Dirty nodes are collected breadth first
/// from the root, through accounts into their storage; then they are encoded from the deepest level
/// up, so that a node's references are there before it. One level's nodes, of whatever tries, are
/// hashed together.
class NodeHasher {
  public:
    /// `words` is the caller's, and nobody else changes it meanwhile.
    explicit NodeHasher(NodeWords words) noexcept : words_{words} {}

    /// Makes everything below a root record, and the hash in it, up to date. False where a record
    /// is malformed; what was dirty may then be marked clean without being it.
    [[nodiscard]] bool hash(uint32_t root);

  private:
    /// A node that is hashed, and where in its parent the reference to it is.
    struct Entry {
        uint32_t node;
        uint32_t owner;
        uint32_t reference;
        uint8_t depth;
        uint8_t nibble; ///< in a parent that is a branch
    };

    /// Nodes hashed in one go: enough to fill the vectors, few enough to stay in the cache.
    static constexpr size_t batch_size = 256;
    static constexpr size_t buffer_size = size_t{96} * 1024;
    static_assert(buffer_size >= max_node_size);

    [[nodiscard]] bool collect_children(const Entry& parent);
    [[nodiscard]] bool hash_level(size_t begin, size_t end);
    [[nodiscard]] bool settle_inline(const Entry& entry, BytesView encoding) noexcept;
    void mark_reference(const Entry& entry, bool is_inline) noexcept;
    void flush() noexcept;

    NodeWords words_;
    std::vector<Entry> entries_;
    // The nodes that wait to be hashed. Their encodings lie in the buffer, the first one last.
    std::array<const Entry*, batch_size> waiting_;
    std::array<BytesView, batch_size> encodings_;
    std::array<Bytes32, batch_size> hashes_;
    size_t waiting_count_ = 0;
    std::array<uint8_t, buffer_size> buffer_;
};

} // namespace braid::trie
