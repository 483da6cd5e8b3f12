/// How much of a test is done in which build.
#pragma once

#include <cstddef>

namespace braid::test {

/// Of so many rounds of what one thread does by itself: all, but under ThreadSanitizer, which takes
/// twenty times as long and has nothing to find there, a tenth.
constexpr size_t single_threaded(size_t rounds) {
#if defined(__SANITIZE_THREAD__)
    return (rounds + 9) / 10;
#else
    return rounds;
#endif
}

/// How far apart rounds are that are taken out of a row, by the same measure.
constexpr size_t single_threaded_stride() { return single_threaded(10) == 10 ? 1 : 5; }

} // namespace braid::test
