/// A MemoryState in and out of the packed boundary formats.
#pragma once

#include "state/memory_state.hpp"
#include "wire/layout.hpp"

#include <vector>

namespace braid::state {

/// Fills the state from a wire::StateDump, on top of what it holds: an account of the dump replaces
/// nonce, balance and code, and adds slots. Code hashes are taken as the dump says them. False,
/// with the state unchanged, where the buffer is malformed. `buffer` must start at a multiple of 8.
[[nodiscard]] bool load_dump(MemoryState& state, BytesView buffer);

/// Writes the whole state as a wire::StateDump, accounts by address and slots by key ascending.
[[nodiscard]] std::vector<uint8_t> make_dump(const MemoryState& state);

/// Moves the state on by the changes in a wire::BlockOutput. False, with the state unchanged, where
/// the buffer is malformed or reports an error. `buffer` must start at a multiple of 8.
[[nodiscard]] bool apply_output(MemoryState& state, BytesView buffer);

/// Moves the state on by changes that point inside their spans.
void apply_changes(MemoryState& state, std::span<const wire::AccountChange> accounts,
                   std::span<const wire::SlotChange> slots, BytesView pool);

} // namespace braid::state
