/// The state root after a change, and what it changes in the stored branches.
#pragma once

#include "store/jobs.hpp"
#include "store/snapshot.hpp"

namespace braid::store {

/// Completes a layer whose accounts and slots are there, in order: writes the storage roots of its
/// accounts and the changes of the branches, and gives the root of the state. Every account of
/// which slots change is in the layer. `cleared`: accounts of which all slots that they had are in
/// the layer as zero or with another value, in order; their storage is built anew.
///
/// Storages are calculated side by side, then the accounts below each nibble of the root.
Status calculate_root(const Snapshot& before, const std::vector<Bytes32>& cleared, Layer& layer,
                      const JobRunner& jobs, Bytes32& root);

} // namespace braid::store
