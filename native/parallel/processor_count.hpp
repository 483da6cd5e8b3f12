/// How many processors the process may use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace braid::parallel {

/// The processors that the process may run on, or fewer where its control groups grant less time
/// than those have: a container with two processors' worth of time on a machine of 64 gets 2. At
/// least 1.
[[nodiscard]] size_t processor_count() noexcept;

// The parts of it.

/// The processors' worth of time in a quota per period, rounded up; 0 where there is no limit: a
/// quota below 1, or a period of 0.
[[nodiscard]] size_t processors_granted(long long quota, long long period) noexcept;

/// The same for the content of `cpu.max` (control groups, version 2): "150000 100000", or "max
/// 100000" where there is no limit. 0 also for what is neither.
[[nodiscard]] size_t processors_granted(std::string_view cpu_max) noexcept;

/// The least that the control groups of a process and those around them grant; 0 where none has a
/// limit. `memberships` is what /proc/self/cgroup says, `root` where control groups are mounted
/// (/sys/fs/cgroup). Knows both versions.
[[nodiscard]] size_t processors_granted(std::string_view memberships, const std::string& root);

} // namespace braid::parallel
