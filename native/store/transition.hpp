/// What a block's output makes of a state.
#pragma once

#include "store/jobs.hpp"
#include "store/snapshot.hpp"
#include "store/undo.hpp"
#include "wire/output_reader.hpp"

namespace braid::store {

/// The next state, as a change of the one before.
struct Transition {
    Layer layer;               ///< all that changes
    std::vector<uint8_t> undo; ///< `before`, packed
    Bytes32 root{};            ///< of the next state
    uint64_t account_count = 0;
    uint64_t slot_count = 0;
    bool knows_all = true;        ///< whether every change has its address and number
    Undo before;                  ///< what was there, unpacked
    std::vector<Bytes32> cleared; ///< accounts whose storage is built anew
};

/// Applies a block's output to a state; the roots are those of before. `stale` where what it says
/// was before is not what is; `malformed` where it changes an account or a slot twice, or brings
/// code with another hash.
Status begin_transition(const Snapshot& before, const wire::OutputView& output,
                        Transition& transition);

/// Calculates the roots of a transition that was begun, and packs what takes it back.
Status finish_transition(const Snapshot& before, const JobRunner& jobs, Transition& transition);

/// Takes a block back: from the state after it to the one before. `wrong_root` where that gives
/// another root than the block before had.
Status make_reversal(const Snapshot& after, const Undo& undo, const JobRunner& jobs,
                     Transition& transition);

} // namespace braid::store
