/// For loops that wait.
#pragma once

namespace braid::parallel {

/// Tells the processor that this is a waiting loop.
inline void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace braid::parallel
