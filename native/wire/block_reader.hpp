/// Reads a packed BlockInput in place, every range of it checked once.
#pragma once

#include "wire/layout.hpp"

#include <optional>
#include <span>

namespace braid::wire {

/// A checked BlockInput: spans into the buffer it was read from, valid as long as that buffer.
/// Every offset and count inside the records points into these spans.
struct BlockView {
    const BlockInput* header = nullptr;
    std::span<const Transaction> transactions;
    std::span<const Ommer> ommers;
    std::span<const Withdrawal> withdrawals;
    /// In ascending order of their numbers, each number once.
    std::span<const BlockHash> block_hashes;
    std::span<const SystemCall> system_calls;
    std::span<const Address> drains;
    std::span<const AccessEntry> access_entries;
    std::span<const Bytes32> storage_keys;
    std::span<const Bytes32> blob_hashes;
    std::span<const Authorization> authorizations;
    std::span<const PrefetchKey> prefetch_keys;
    BytesView pool;
    /// Of a block that is traced: its hash, then those of its transactions; or nothing.
    std::span<const Bytes32> trace_hashes;
    std::span<const GasCostChange> gas_costs;
    std::span<const GasSearch> gas_searches;
};

/// Reads a block. `buffer` must start at a multiple of 8. Nothing where the magic number, the
/// version, the alignment, the order of the block hashes or any range is wrong. What the values
/// mean (a fork that does not exist, a signature out of range) is not looked at.
[[nodiscard]] std::optional<BlockView> read_block(BytesView buffer) noexcept;

} // namespace braid::wire
