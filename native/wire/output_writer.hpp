/// Packs what executing a block produced into one BlockOutput buffer.
#pragma once

#include "wire/block_records.hpp"
#include "wire/section_writer.hpp"

namespace braid::wire {

/// Packs a block's records. Where `records.error` is set, only the header is written and every
/// section is empty. Records that do not fit into 4 GiB or into memory become a header that says
/// OUT_OF_MEMORY; the buffer is null where there is no memory even for that.
[[nodiscard]] PackedBuffer write_output(const BlockRecords& records) noexcept;

} // namespace braid::wire
