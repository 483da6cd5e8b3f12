/// A PartialState in the records of the packed boundary.
#pragma once

#include "state/partial_state.hpp"
#include "wire/output_reader.hpp"
#include "wire/state_dump.hpp"

namespace braid::state {

/// Learns the accounts, absences, slots (zero ones too) and code of a dump, as the flags of its
/// records say. Code hashes are taken as they are.
void learn_dump(PartialState& state, const wire::StateDumpView& dump);

/// Whether a block's output is of this state: everything that it says about accounts before the
/// block is known and so, and nothing that it says about slots is known to be otherwise.
[[nodiscard]] bool follows_from(const PartialState& state, const wire::OutputView& output) noexcept;

/// Moves the state on by the changes of a block. The output must not report an error.
void apply_output(PartialState& state, const wire::OutputView& output);

} // namespace braid::state
