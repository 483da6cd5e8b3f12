#include "parallel/processor_count.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace braid::parallel {
namespace {

/// The text of a small file; nothing where it cannot be read.
std::optional<std::string> read_text(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "re");
    if (file == nullptr)
        return std::nullopt;
    std::string text(size_t{1} << 14, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    return text;
}

/// Takes the part in front of a separator, or all, off a text.
std::string_view take_until(std::string_view& text, char separator) noexcept {
    const size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// A number at the start of a text.
std::optional<long long> number_in(std::string_view text) noexcept {
    long long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional{number} : std::nullopt;
}

/// The smaller of two numbers of processors, of which 0 is no limit.
size_t lesser(size_t a, size_t b) noexcept { return a == 0 || (b != 0 && b < a) ? b : a; }

/// What a group of version 1 grants.
size_t granted_by_quota(const std::string& folder) {
    const auto quota = read_text(folder + "/cpu.cfs_quota_us");
    const auto period = read_text(folder + "/cpu.cfs_period_us");
    if (!quota || !period)
        return 0;
    return processors_granted(number_in(*quota).value_or(0), number_in(*period).value_or(0));
}

/// What a group of version 2 grants.
size_t granted_by_max(const std::string& folder) {
    const auto text = read_text(folder + "/cpu.max");
    return text ? processors_granted(std::string_view{*text}) : 0;
}

/// The least of what a group and those around it grant. In a container its path may be the host's,
/// of which only the mount's root is to be seen.
template <typename Granted>
size_t least_along(const std::string& mount, std::string_view path, Granted&& granted) {
    if (path.find("..") != std::string_view::npos)
        path = {};
    size_t least = granted(mount);
    for (size_t end = path.find('/', 1); path.size() > 1;
         end = end == std::string_view::npos ? end : path.find('/', end + 1)) {
        least = lesser(least, granted(mount + std::string{path.substr(0, end)}));
        if (end == std::string_view::npos)
            break;
    }
    return least;
}

bool names(std::string_view controllers, std::string_view wanted) noexcept {
    while (!controllers.empty())
        if (take_until(controllers, ',') == wanted)
            return true;
    return false;
}

/// The processors that the process may run on.
size_t affinity() noexcept {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return static_cast<size_t>(CPU_COUNT(&set));
#endif
    return std::thread::hardware_concurrency(); // 0: unknown
}

} // namespace

size_t processors_granted(long long quota, long long period) noexcept {
    if (quota < 1 || period < 1)
        return 0;
    return static_cast<size_t>(quota / period + (quota % period != 0));
}

size_t processors_granted(std::string_view cpu_max) noexcept {
    const auto quota = number_in(take_until(cpu_max, ' '));
    const auto period = number_in(cpu_max);
    return quota && period ? processors_granted(*quota, *period) : 0;
}

size_t processors_granted(std::string_view memberships, const std::string& root) {
    size_t least = 0;
    while (!memberships.empty()) {
        // hierarchy:controllers:path, see cgroups(7).
        std::string_view path = take_until(memberships, '\n');
        const std::string_view hierarchy = take_until(path, ':');
        const std::string_view controllers = take_until(path, ':');
        if (hierarchy == "0" && controllers.empty())
            least = lesser(least, least_along(root, path, granted_by_max));
        else if (names(controllers, "cpu"))
            least = lesser(
                least, least_along(root + '/' + std::string{controllers}, path, granted_by_quota));
    }
    return least;
}

size_t processor_count() noexcept {
    size_t count = std::max<size_t>(1, affinity());
#if defined(__linux__)
    if (const auto memberships = read_text("/proc/self/cgroup"))
        if (const size_t granted = processors_granted(*memberships, "/sys/fs/cgroup"))
            count = std::min(count, granted);
#endif
    return count;
}

} // namespace braid::parallel
