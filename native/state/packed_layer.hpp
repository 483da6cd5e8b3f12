/// Layers of differences out of the records of the packed boundary.
#pragma once

#include "state/layer.hpp"
#include "wire/output_reader.hpp"
#include "wire/state_dump.hpp"

#include <memory>

namespace braid::state {

/// A layer that says of accounts what a dump does: the values that the flags nonce_said,
/// balance_said and code_said name, the slots, and with storage_replaced that there are no others.
/// Every account of it exists, and is no precompile; before that, the dump's precompiles are moved.
[[nodiscard]] std::shared_ptr<Layer> make_layer(const wire::StateDumpView& dump);

/// A layer that says what a block's output changed. How many slots the accounts have in all is left
/// to be told by count_slots().
[[nodiscard]] std::shared_ptr<Layer> make_layer(const wire::OutputView& output);

} // namespace braid::state
