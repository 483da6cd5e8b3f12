/// For loops that wait.
#pragma once

#include <chrono>

namespace braid::parallel {

/// Tells the processor that this is a waiting loop.
inline void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// How long a thread that has nothing to do stays awake: about what sleeping and waking costs.
inline constexpr std::chrono::microseconds awake_time{50};

/// Waits, awake, until the condition holds or the time is up.
template <typename Condition>
void spin_until(Condition&& condition) noexcept {
    const auto deadline = std::chrono::steady_clock::now() + awake_time;
    while (!condition() && std::chrono::steady_clock::now() < deadline)
        for (int i = 0; i < 16; ++i)
            pause();
}

} // namespace braid::parallel
