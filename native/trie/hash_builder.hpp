/// The root of a trie whose leaves come in order, and the branches that are stored of it.
#pragma once

#include "base/rlp_writer.hpp"
#include "trie/branch_node.hpp"
#include "trie/trie_cursors.hpp"

#include <array>
#include <span>
#include <vector>

namespace braid::trie {

/// The node at the top of some part of a trie, before it is known what stands above it.
struct SubTrie {
    /// The most bytes of a leaf's value: an account's.
    static constexpr size_t max_value_size = 110;

    enum class Kind : uint8_t { empty, leaf, branch };

    Kind kind = Kind::empty;
    bool has_branch = false; ///< a stored branch lies at or below it
    uint8_t level = 0;       ///< of a branch: the nibbles of its path
    uint8_t size = 0;        ///< of a leaf: bytes of its value; of a branch: of its reference
    Bytes32 key{};           ///< of the leaf, or begins with the branch's path
    Bytes32 reference{};     ///< of a branch: its hash, or itself where it is shorter than one
    std::array<uint8_t, max_value_size> value; ///< of a leaf, encoded
};

/// Builds a trie out of what it is given in ascending order: leaves, and branches whose hash is
/// known in place of all leaves below them. Neighbours in a row become the branch above them, level
/// by level from the deepest one up, so that nodes are hashed many at a time. Whenever the row is
/// long, what is complete in it becomes the nodes at its top: memory does not grow with the trie.
///
///     add() ...
///     root() or take()
///
/// Branches that are to be stored go to the sink's put() in runs. A run comes after some thousand
/// leaves and ascends; a later one begins with branches that stand above the end of those before
/// it, at most 64, and goes on behind them. The top of the trie comes in the last run.
class HashBuilder {
  public:
    /// `sink` outlives the builder.
    explicit HashBuilder(BranchSink& sink);
    HashBuilder(const HashBuilder&) = delete;
    HashBuilder& operator=(const HashBuilder&) = delete;

    void add(const AccountLeaf& leaf);
    void add(const SlotLeaf& leaf);
    /// Adds a branch in place of all leaves below it, by its hash.
    void add_branch(const Path& path, const Bytes32& hash, bool has_branch);
    /// Adds what take() gave.
    void add(const SubTrie& part);

    /// How it went so far: corrupt where something did not come in order, or a slot was zero;
    /// io_error where the sink said so. What comes after is ignored.
    [[nodiscard]] TrieStatus status() const noexcept { return status_; }

    /// Ends the trie. Its root, if the status is ok.
    [[nodiscard]] Bytes32 root();

    /// Ends the trie, as a part of a larger one.
    [[nodiscard]] SubTrie take();

    /// How many nodes were hashed.
    [[nodiscard]] uint64_t hash_count() const noexcept { return hash_count_; }

  private:
    /// A node in the row, by what stands for it in its parent.
    struct Node {
        Bytes32 key;       ///< of any leaf below it
        Bytes32 reference; ///< once it is hashed
        uint8_t depth = 0; ///< nibbles of the key above it
        uint8_t level = 0; ///< nibbles of its path, and of a leaf's whole key
        uint8_t size = 0;  ///< bytes of the reference
        bool has_branch = false;
    };
    /// A branch that waits for the end of its run.
    struct Record {
        Path path;
        uint32_t begin;
        uint32_t size;
    };

    /// Nodes hashed in one go: enough to fill the vectors, few enough to stay in the cache.
    static constexpr size_t batch_size = 128;
    static constexpr size_t buffer_size = size_t{48} * 1024;
    /// Nodes in the row after which it is shortened. At most 64 * 15 + 1 of them stay.
    static constexpr size_t long_row = 4096;

    void fail(TrieStatus status) noexcept;
    [[nodiscard]] bool append(const Bytes32& key, uint8_t level);
    void settle_last(int shared_after);
    [[nodiscard]] BytesView last_value() const noexcept;
    void shorten(const Bytes32* last);
    [[nodiscard]] uint64_t merge(unsigned depth, const Bytes32* last);
    [[nodiscard]] bool write_branch(RlpWriter& writer, std::span<Node> children, unsigned depth);
    void extend(Node& node, unsigned depth);
    [[nodiscard]] RlpWriter room();
    void enqueue(size_t node, BytesView encoding);
    void flush();
    void end_run();

    BranchSink& sink_;
    TrieStatus status_ = TrieStatus::ok;
    uint64_t hash_count_ = 0;
    std::vector<Node> row_;
    /// What the last node of the row shares with the one before it; -1: it is the first.
    int shared_before_ = -1;
    // The value of the last node of the row, where that is a leaf.
    std::array<uint8_t, SubTrie::max_value_size> value_;
    uint8_t value_size_ = 0;
    // The branches of this run.
    std::vector<Record> records_;
    std::vector<uint8_t> record_bytes_;
    // The nodes that wait to be hashed. Their encodings lie in the buffer, the first one last.
    size_t waiting_count_ = 0;
    std::array<uint32_t, batch_size> waiting_;
    std::array<BytesView, batch_size> encodings_;
    std::array<Bytes32, batch_size> hashes_;
    std::vector<uint8_t> buffer_;
    uint8_t* free_;
};

} // namespace braid::trie
