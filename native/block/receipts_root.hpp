/// The root of a block's receipts.
#pragma once

#include "base/rlp_writer.hpp"
#include "trie/list_trie.hpp"
#include "wire/block_records.hpp"

#include <vector>

namespace braid::block {

/// Writes a receipt as its trie holds it from Byzantium on: rlp([status, cumulative gas, bloom,
/// logs]) (EIP-658), behind the type byte for typed transactions (EIP-2718).
void write_receipt(const wire::BlockRecords& records, const wire::Receipt& receipt,
                   RlpWriter& writer) noexcept;

/// No fewer bytes than write_receipt() writes.
[[nodiscard]] size_t max_receipt_size(const wire::BlockRecords& records,
                                      const wire::Receipt& receipt) noexcept;

/// Computes the roots of receipts tries (Yellow Paper, section 4.3.2).
///
///     begin(count)
///     add() for all receipts, in ranges
///     root()
///
/// Keep one: its memory is reused.
class ReceiptsRoot {
  public:
    /// Starts the trie of a block with so many receipts.
    void begin(size_t count) { trie_.begin(count); }

    /// Encodes and hashes the receipts [begin, end), whose blooms are filled.
    void add(const wire::BlockRecords& records, size_t begin, size_t end);

    /// The root, once all receipts were added. Ends the trie.
    [[nodiscard]] Bytes32 root() noexcept { return trie_.root(); }

  private:
    trie::ListTrie trie_;
    std::vector<uint8_t> buffer_; ///< the leaves of one range
};

} // namespace braid::block
