/// An addon of its own that says what the processor can do, so that the loader picks the build of
/// the engine that fits. Compiled for the first x86-64 processors, and without a C++ library: it
/// has to run wherever Node runs.
///
/// It exports `cpuLevel`: the microarchitecture level (System V psABI for AMD64, 3.1.1) of the
/// processor and the operating system, 1 to 3. Level 4 counts as 3: what AVX-512 is good for is
/// chosen inside of the engine.

#include <cpuid.h>
#include <cstdint>
#include <node_api.h>

namespace {

struct Registers {
    uint32_t a = 0, b = 0, c = 0, d = 0;
};

/// What cpuid says about a leaf; zeros where the processor does not know it.
Registers cpuid(uint32_t leaf) noexcept {
    Registers r;
    if (__get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d) == 0)
        return {};
    return r;
}

/// Whether the operating system saves the YMM registers (Intel SDM vol. 1, 14.3). Needs OSXSAVE.
bool saves_ymm() noexcept {
    uint32_t low;
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 0x06) == 0x06;
}

constexpr bool has_all(uint32_t word, uint32_t bits) noexcept { return (word & bits) == bits; }

uint32_t cpu_level() noexcept {
    constexpr uint32_t lahf = 1u << 0;
    constexpr uint32_t lzcnt = 1u << 5;
    const Registers basic = cpuid(1);
    const Registers extended = cpuid(0x80000001);
    if (!has_all(basic.c,
                 bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_CMPXCHG16B | bit_POPCNT) ||
        !has_all(extended.c, lahf))
        return 1;
    const Registers structured = cpuid(7);
    if (!has_all(basic.c, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C | bit_MOVBE) ||
        !has_all(structured.b, bit_BMI | bit_BMI2 | bit_AVX2) || !has_all(extended.c, lzcnt) ||
        !saves_ymm())
        return 2;
    return 3;
}

} // namespace

extern "C" NAPI_EXTERN napi_value napi_register_module_v1(napi_env env, napi_value exports) {
    napi_value level = nullptr;
    if (napi_create_uint32(env, cpu_level(), &level) != napi_ok ||
        napi_set_named_property(env, exports, "cpuLevel", level) != napi_ok)
        napi_throw_error(env, nullptr, "cannot say what the processor can do");
    return exports;
}

extern "C" NAPI_EXTERN int32_t node_api_module_get_api_version_v1() { return NAPI_VERSION; }
