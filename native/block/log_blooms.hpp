/// The filters that tell which receipts may hold a log.
#pragma once

#include "wire/block_records.hpp"

#include <cstddef>

namespace braid::block {

/// Computes the blooms of the receipts [begin, end), which are empty so far, from their logs'
/// addresses and topics (Yellow Paper, section 4.3.1), and adds them to the block's.
void fill_blooms(wire::BlockRecords& records, size_t begin, size_t end);

} // namespace braid::block
