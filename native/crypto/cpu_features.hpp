/// What the processor offers beyond the build's baseline.
#pragma once

namespace braid::crypto {

/// The instruction sets that some algorithm here has a variant for. All false off x86-64.
struct CpuFeatures {
    bool avx2 = false;
    /// AVX-512 F, DQ, BW and VL, with operating system support.
    bool avx512 = false;
    /// AVX-512 IFMA52, with everything `avx512` says.
    bool avx512_ifma = false;
    /// The SHA extensions with the SSSE3 and SSE4.1 that code using them needs.
    bool sha = false;
};

/// The features of the processor this process runs on, detected once.
[[nodiscard]] const CpuFeatures& cpu_features() noexcept;

} // namespace braid::crypto
