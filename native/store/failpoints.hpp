/// Places at which a test can break the store: BRAID_FAILPOINT in the environment, in builds with
/// the CMake option BRAID_FAILPOINTS alone. Elsewhere they cost nothing.
///
///     BRAID_FAILPOINT=write-undo:3            ends the process at the third time there (SIGKILL)
///     BRAID_FAILPOINT=lmdb-write:10:ENOSPC    makes the tenth write fail; also EIO
///     BRAID_FAILPOINT_LOG=FILE                appends the name of each place that is passed
#pragma once

#include <array>
#include <string_view>

namespace braid::store {

/// All places, in no order. `npm run test:crash` fails where one of them is never passed.
inline constexpr std::array<std::string_view, 22> failpoint_names{
    // commits, reversals, pruning
    "begin", "commit", "flush", "write-accounts", "write-slots", "write-branches", "write-codes",
    "write-undo", "remove-undo", "write-meta", "sync",
    // in LMDB
    "lmdb-write", "lmdb-sync",
    // imports
    "mark", "run-write", "import-commit", "import-sync", "import-meta", "remove", "folder-sync",
    // copies
    "copy-write", "copy-sync"};

/// One of the names, which the compiler looks up.
class Failpoint {
  public:
    consteval Failpoint(const char* name) : name_{name} {
        bool is_declared = false;
        for (const std::string_view declared : failpoint_names)
            is_declared = is_declared || declared == name_;
        if (!is_declared)
            undeclared();
    }
    [[nodiscard]] std::string_view name() const noexcept { return name_; }

  private:
    static void undeclared() {} // not constexpr: does not compile where it is reached

    std::string_view name_;
};

#ifdef BRAID_FAILPOINTS
/// Passes a place. 0, or the errno that it is to fail with; or never returns.
[[nodiscard]] int failpoint(Failpoint place) noexcept;

/// Arms a failpoint from within the process, as the environment variable does; null disarms.
void arm_failpoint(const char* description) noexcept;
#else
[[nodiscard]] constexpr int failpoint(Failpoint /*place*/) noexcept { return 0; }
#endif

} // namespace braid::store
