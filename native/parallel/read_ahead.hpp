/// What a block is going to read as far as it says so itself: to ask a slow state for it early.
#pragma once

#include "block/senders.hpp"
#include "state/state_view.hpp"
#include "wire/block_reader.hpp"

#include <vector>

namespace braid::parallel {

/// An account or a slot that a block names. The pointers lead into the block or its senders.
struct NamedLocation {
    const Address* address;
    const Bytes32* key; ///< null: the account itself
};

/// Lists what a block names in about the order it will be read: what a policy foretold, senders,
/// recipients, access lists (EIP-2930), authorities (EIP-7702), and what the block itself pays or
/// calls. An account may come more than once. `senders` has run all its jobs.
[[nodiscard]] std::vector<NamedLocation> named_locations(const wire::BlockView& block,
                                                         const block::SenderTable& senders);

/// Reads a location, and an account's code with it, for the sake of a cache behind `state`. A
/// failure is not reported: whoever needs the value asks again.
void touch(state::StateView& state, const NamedLocation& location) noexcept;

} // namespace braid::parallel
