/// Roots of the tries that hold a block's ordered lists.
#pragma once

#include "base/bytes.hpp"
#include "base/rlp_writer.hpp"

#include <span>
#include <vector>

namespace braid::trie {

/// The trie that maps rlp(index) to each item of a list (Yellow Paper, section 4.3.2 and
/// appendix D). The keys are known from the number of items alone, so nothing is searched or
/// linked: the leaves stand in a row in the order of their keys, and from the deepest level up
/// neighbours become the branch above them.
///
///     begin(count)
///     make_leaf() in front of every item's encoding, hash_leaves() for all: any threads
///     root()
///
/// Keep one and use it for many lists: its memory is reused.
class ListTrie {
  public:
    /// The most bytes that make_leaf() writes.
    static constexpr size_t max_leaf_overhead = 2 * RlpWriter::max_header_size + 8;

    /// Starts the trie of a list of `count` items, fewer than 2^32.
    void begin(size_t count);

    /// Makes an item the leaf that holds it. The item, which is not empty, is what was written
    /// since the position was `end`; it becomes a part of the leaf, and stays where it is until it
    /// is hashed. Any thread, each with other items.
    void make_leaf(size_t index, RlpWriter& writer, const uint8_t* end) noexcept;

    /// Hashes the leaves [begin, end), which have been made. Any thread, each with other leaves.
    void hash_leaves(size_t begin, size_t end) noexcept;

    /// The root, once every leaf is hashed. Ends the trie.
    [[nodiscard]] Bytes32 root() noexcept;

  private:
    /// A node by what stands for it in its parent.
    struct Node {
        uint64_t key = 0;  ///< of any item below it
        uint8_t depth = 0; ///< nibbles of the key above it
        uint8_t size = 0;  ///< bytes of the reference: 32 of a hash, fewer of the node itself
        Bytes32 reference{};

        /// What stands for an encoded node whose hash, should it be needed, is this.
        void refer(BytesView encoding, const Bytes32& hash) noexcept;
        void write_reference(RlpWriter& writer) const noexcept;
    };
    class Level;

    void merge(uint8_t depth) noexcept;

    // By index: each leaf, and its hash.
    std::vector<BytesView> leaves_;
    std::vector<Bytes32> hashes_;
    // In the order of their keys.
    std::vector<Node> nodes_;
};

/// The root of the trie of a list whose items are encoded already. No item is empty.
[[nodiscard]] Bytes32 list_root(std::span<const BytesView> items);

} // namespace braid::trie
