/// What sums a block up: its net changes, its blooms, the root of its receipts.
#pragma once

#include "block/block_state.hpp"
#include "block/receipts_root.hpp"
#include "wire/block_records.hpp"

namespace braid::block {

/// Completes the records of a block: receipts batch by batch as they come, while they are in the
/// cache, the rest in the end. Keep one: its memory is reused.
class BlockSummary {
  public:
    /// Starts a block of so many transactions. Before Byzantium, receipts hold state roots
    /// (EIP-658), and `has_receipts_root` is false.
    void begin(size_t transactions, bool has_receipts_root);

    /// Takes note of a receipt that was appended with its logs.
    void note_receipt(wire::BlockRecords& records) {
        if (records.receipts.size() - done_ >= batch_size)
            add_receipts(records);
    }

    /// Writes what is missing, once all receipts are there and the state is final.
    void finish(wire::BlockRecords& records, BlockState& state);

  private:
    /// Enough to fill the vectors of the hashes, few enough to stay in the first cache.
    static constexpr size_t batch_size = 32;

    void add_receipts(wire::BlockRecords& records);

    ReceiptsRoot receipts_root_;
    bool has_receipts_root_ = false;
    size_t done_ = 0; ///< receipts
};

} // namespace braid::block
