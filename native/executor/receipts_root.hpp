/// The root of a block's receipts.
#pragma once

#include "base/rlp_writer.hpp"
#include "executor/transaction_loop.hpp"
#include "trie/list_trie.hpp"
#include "wire/block_records.hpp"

#include <vector>

namespace braid::executor {

/// Writes a receipt as its trie holds it from Byzantium on: rlp([status, cumulative gas, bloom,
/// logs]) (EIP-658), behind the type byte for typed transactions (EIP-2718).
void write_receipt(const wire::BlockRecords& records, const wire::Receipt& receipt,
                   RlpWriter& writer) noexcept;

/// No fewer bytes than write_receipt() writes.
[[nodiscard]] size_t max_receipt_size(const wire::BlockRecords& records,
                                      const wire::Receipt& receipt) noexcept;

/// Computes the roots of receipts tries. Keep one: its memory is reused.
class ReceiptsRoot {
  public:
    /// The root of the trie of the receipts (Yellow Paper, section 4.3.2), whose blooms are filled.
    /// The receipts are encoded and hashed in ranges, spread as the loop does it.
    [[nodiscard]] Bytes32 compute(const wire::BlockRecords& records, TransactionLoop& loop);

  private:
    trie::ListTrie trie_;
    std::vector<size_t> ends_; ///< where in the buffer each receipt's leaf ends
    std::vector<uint8_t> buffer_;
};

} // namespace braid::executor
