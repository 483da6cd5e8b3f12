#include "crypto/cpu_features.hpp"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace braid::crypto {

#if defined(__x86_64__)
namespace {

/// The register-state components the operating system saves (XCR0).
uint64_t enabled_state_components() noexcept {
    uint32_t low;
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t{high} << 32) | low;
}

CpuFeatures detect() noexcept {
    CpuFeatures features;
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0)
        return features;
    const bool os_saves_state = (c & bit_OSXSAVE) != 0;
    const bool sse = (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0;
    const uint64_t components = os_saves_state ? enabled_state_components() : 0;

    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0)
        return features;
    // Intel SDM vol. 1, 14.3 and 15.2: XCR0 bits 1-2 for AVX, 5-7 more for AVX-512.
    const bool ymm = (components & 0x06) == 0x06;
    const bool zmm = (components & 0xe6) == 0xe6;
    constexpr uint32_t avx512_bits = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
    features.avx2 = ymm && (b & bit_AVX2) != 0;
    features.avx512 = zmm && (b & avx512_bits) == avx512_bits;
    features.avx512_ifma = features.avx512 && (b & bit_AVX512IFMA) != 0;
    features.sha = sse && (b & bit_SHA) != 0;
    return features;
}

} // namespace
#else
namespace {
CpuFeatures detect() noexcept { return {}; }
} // namespace
#endif

const CpuFeatures& cpu_features() noexcept {
    static const CpuFeatures features = detect();
    return features;
}

} // namespace braid::crypto
