/// EIP-6110: deposits to the beacon chain, read from the logs of their contract.
#pragma once

#include "wire/block_reader.hpp"
#include "wire/block_records.hpp"

namespace braid::block {

/// The type of a deposit request (EIP-6110).
inline constexpr uint32_t deposit_request_type = 0;

/// Appends all deposits of the block's logs as one request, or nothing where there are none. False
/// where a log of the deposit contract does not have the layout of the event.
[[nodiscard]] bool append_deposits(const wire::BlockInput& header, wire::BlockRecords& records);

} // namespace braid::block
