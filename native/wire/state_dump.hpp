/// Packed states: what a state store is loaded from and written to.
#pragma once

#include "wire/section_writer.hpp"

#include <optional>
#include <span>
#include <vector>

namespace braid::wire {

/// A checked StateDump: spans into the buffer it was read from. Every range inside the records
/// points into these spans.
struct StateDumpView {
    std::span<const StateAccount> accounts;
    std::span<const StateSlot> slots;
    BytesView pool;
    std::span<const PrecompileMove> moves;
};

/// The records of a state before they are packed.
struct StateDumpRecords {
    std::vector<StateAccount> accounts;
    std::vector<StateSlot> slots;
    std::vector<uint8_t> pool;
};

/// Reads a state. `buffer` must start at a multiple of 8. Nothing where the magic number, the
/// version, the alignment or any range is wrong.
[[nodiscard]] std::optional<StateDumpView> read_state_dump(BytesView buffer) noexcept;

/// Packs a state. The buffer is null where it would be over 4 GiB or memory runs out.
[[nodiscard]] PackedBuffer write_state_dump(const StateDumpRecords& records) noexcept;

} // namespace braid::wire
