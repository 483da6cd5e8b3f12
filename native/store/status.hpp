/// How what is asked of a store ends.
#pragma once

#include <cstdint>

namespace braid::store {

/// What went wrong. The values are stable: they cross the boundary to TypeScript.
enum class StoreCode : uint32_t {
    ok = 0,
    not_found = 1,        ///< no store in the folder, and none was to be created
    not_imported = 2,     ///< the folder holds no state: empty, or an import that never ended
    already_exists = 3,   ///< a state is there already
    locked = 4,           ///< somebody else has the folder open, in this process or another
    version_mismatch = 5, ///< the files are of another version of the format
    corrupt = 6,          ///< the files are damaged
    disk_full = 7,        ///< no space left on the device, or no quota
    map_full = 8,         ///< the file would grow beyond the limit that was set
    read_only = 9,        ///< the store, or its folder, can't be written
    io_error = 10,        ///< the system failed: `error` is its errno
    out_of_memory = 11,
    too_many_readers = 12, ///< more snapshots are open than there may be
    stale = 13,            ///< a block's output doesn't follow from the state
    wrong_root = 14,       ///< the state has another root than it was said to have
    no_undo = 15,          ///< the block before is not on record
    no_preimages = 16,     ///< addresses and slot numbers were not kept
    duplicate = 17,        ///< an import brings an account or a slot twice
    wrong_code = 18,       ///< an import brings code that has another hash, or names unknown code
    malformed = 19,        ///< what was handed in can't be part of a state
    misuse = 20,           ///< not at this moment: the header says when
    cancelled = 21,
};

/// A code, with what the system or LMDB said.
struct [[nodiscard]] Status {
    StoreCode code = StoreCode::ok;
    int error = 0; ///< errno, or LMDB's negative code; 0 where neither has to do with it

    Status() = default;
    Status(StoreCode code, int error = 0) noexcept : code{code}, error{error} {}

    /// Whether something went wrong.
    [[nodiscard]] bool failed() const noexcept { return code != StoreCode::ok; }
};

/// What an errno means here; ok for 0.
[[nodiscard]] Status status_of_errno(int error) noexcept;

/// What a result of LMDB means here. MDB_NOTFOUND, where it isn't expected, means corrupt.
[[nodiscard]] Status status_of_lmdb(int result) noexcept;

} // namespace braid::store
