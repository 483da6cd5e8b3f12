/// Places at which a test can break the store: BRAID_FAILPOINT in the environment, in builds with
/// the CMake option BRAID_FAILPOINTS alone. Elsewhere they cost nothing.
///
///     BRAID_FAILPOINT=commit-diffs:3          ends the process at the third time there (SIGKILL)
///     BRAID_FAILPOINT=lmdb-write:10:ENOSPC    makes the tenth write fail; also EIO
///     BRAID_FAILPOINT_LOG=FILE                appends the name of each place that is passed
///
/// docs/states-lmdb.md lists the names.
#pragma once

namespace braid::store {

#ifdef BRAID_FAILPOINTS
/// Passes a place. 0, or the errno that it is to fail with; or never returns.
[[nodiscard]] int failpoint(const char* name) noexcept;

/// Arms a failpoint from within the process, as the environment variable does; null disarms.
void arm_failpoint(const char* description) noexcept;
#else
[[nodiscard]] constexpr int failpoint(const char* /*name*/) noexcept { return 0; }
#endif

} // namespace braid::store
