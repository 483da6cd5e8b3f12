/// A clock that is cheap enough to be read for every transaction.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace braid {

/// The clock's state in ticks of a constant but unknown length; the same on all threads.
[[nodiscard]] inline uint64_t read_ticks() noexcept {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Turns ticks since a moment into nanoseconds. The length of a tick is what it was on average
/// between that moment and the latest calibration.
class TickScale {
  public:
    /// The moment is now.
    TickScale() noexcept : start_{std::chrono::steady_clock::now()}, start_ticks_{read_ticks()} {}

    /// Nanoseconds since the moment; learns how long a tick is.
    uint64_t calibrate() noexcept {
        const uint64_t ticks = read_ticks() - start_ticks_;
        const auto elapsed = static_cast<uint64_t>(
            std::chrono::nanoseconds{std::chrono::steady_clock::now() - start_}.count());
        if (ticks != 0)
            nanoseconds_per_tick_ = static_cast<double>(elapsed) / static_cast<double>(ticks);
        return elapsed;
    }

    /// From the moment to a reading of the clock, in nanoseconds. A reading of another core that
    /// seems to lie before the moment is the moment.
    [[nodiscard]] uint64_t nanoseconds(uint64_t ticks) const noexcept {
        if (ticks <= start_ticks_)
            return 0;
        return static_cast<uint64_t>(static_cast<double>(ticks - start_ticks_) *
                                     nanoseconds_per_tick_);
    }

  private:
    std::chrono::steady_clock::time_point start_;
    uint64_t start_ticks_;
    double nanoseconds_per_tick_ = 1.0;
};

} // namespace braid
