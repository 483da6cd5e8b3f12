/// Whether a store is what it says.
#pragma once

#include "base/cancellation.hpp"
#include "store/snapshot.hpp"

#include <atomic>
#include <string>

namespace braid::store {

/// What a check has found.
struct CheckReport {
    uint64_t accounts = 0;
    uint64_t slots = 0;
    uint64_t codes = 0;
    uint64_t code_bytes = 0;
    uint64_t undo_records = 0;
    Bytes32 root{};      ///< that the leaves give
    std::string problem; ///< the first one, in words; empty where there is none
};

/// Reads everything: recalculates every storage root and the state root from the leaves and
/// compares them, and all stored branches, with what is on record; counts accounts and slots; looks
/// for slots and branches without an account; hashes all code; reads every undo record. `done`, of
/// accounts, may be looked at by others meanwhile. The status is `corrupt` where the report names a
/// problem, `cancelled` where that was asked for. For pages that are in order: ask check_pages()
/// first.
Status check_state(const Snapshot& snapshot, std::atomic<uint64_t>& done,
                   const Cancellation* cancellation, CheckReport& report);

/// Reads the structure of the file alone, page by page, without LMDB: whether every page of every
/// table is what its place says, and within the file. LMDB trusts its pages: a file of which this
/// says `corrupt` can end the process that reads it. Ask before the store is opened.
Status check_pages(const std::string& folder);

} // namespace braid::store
