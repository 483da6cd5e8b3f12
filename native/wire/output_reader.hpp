/// Reads a packed BlockOutput in place, every range of it checked once.
#pragma once

#include "wire/layout.hpp"

#include <optional>
#include <span>

namespace braid::wire {

/// The part of a BlockOutput that changes a state: spans into the buffer it was read from. Every
/// range inside the records points into these spans.
struct OutputView {
    const BlockOutput* header = nullptr;
    std::span<const AccountChange> accounts;
    std::span<const SlotChange> slots;
    BytesView pool;
};

/// Reads a block's output. `buffer` must start at a multiple of 8. Nothing where the magic number,
/// the version, the alignment or any range of the account changes is wrong.
[[nodiscard]] std::optional<OutputView> read_output(BytesView buffer) noexcept;

} // namespace braid::wire
