/// How much stack the calling thread has left.
#pragma once

#include <cstddef>

namespace braid::parallel {

/// Whether code may be compiled with sanitizers, whose frames are many times larger.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool has_large_frames = true;
#else
inline constexpr bool has_large_frames = false;
#endif

/// The bytes between here and the end of the calling thread's stack; 0 where that is not known.
[[nodiscard]] size_t stack_room() noexcept;

} // namespace braid::parallel
