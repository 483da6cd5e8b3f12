#include "block/block_summary.hpp"

#include "block/log_blooms.hpp"

namespace braid::block {

void BlockSummary::begin(size_t transactions, bool has_receipts_root) {
    done_ = 0;
    has_receipts_root_ = has_receipts_root;
    if (has_receipts_root)
        receipts_root_.begin(transactions);
}

void BlockSummary::add_receipts(wire::BlockRecords& records) {
    const size_t begin = done_;
    done_ = records.receipts.size();
    fill_blooms(records, begin, done_);
    if (has_receipts_root_)
        receipts_root_.add(records, begin, done_);
}

void BlockSummary::finish(wire::BlockRecords& records, BlockState& state) {
    add_receipts(records);
    if (has_receipts_root_)
        records.receipts_root = receipts_root_.root();
    state.collect(records);
}

} // namespace braid::block
