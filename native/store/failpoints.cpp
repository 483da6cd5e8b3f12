#include "store/failpoints.hpp"

#ifdef BRAID_FAILPOINTS

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <unistd.h>

namespace braid::store {
namespace {

struct Armed {
    std::mutex mutex; ///< over everything here: places are passed by any thread
    std::string name;
    long count = 0;
    int error = 0; ///< 0: the process ends
    int log = -1;

    void arm(const char* description) {
        name.clear();
        if (description == nullptr)
            return;
        const std::string text{description};
        const size_t first = text.find(':');
        name = text.substr(0, first);
        count = first == std::string::npos ? 1 : std::atol(text.c_str() + first + 1);
        error = text.ends_with(":ENOSPC") ? ENOSPC : text.ends_with(":EIO") ? EIO : 0;
    }

    Armed() {
        arm(std::getenv("BRAID_FAILPOINT"));
        if (const char* file = std::getenv("BRAID_FAILPOINT_LOG"))
            log = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    }
};

Armed& armed() {
    static Armed state;
    return state;
}

} // namespace

int failpoint(Failpoint place) noexcept {
    const std::string_view name = place.name();
    Armed& state = armed();
    const std::lock_guard lock{state.mutex};
    if (state.log >= 0) {
        const std::string line = std::string{name} + '\n';
        [[maybe_unused]] const ssize_t ignored = ::write(state.log, line.data(), line.size());
    }
    if (state.name != name || --state.count != 0)
        return 0;
    if (state.error == 0)
        ::raise(SIGKILL);
    return state.error;
}

void arm_failpoint(const char* description) noexcept {
    Armed& state = armed();
    const std::lock_guard lock{state.mutex};
    state.arm(description);
}

} // namespace braid::store

#endif
