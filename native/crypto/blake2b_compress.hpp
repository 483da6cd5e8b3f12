/// The variants of BLAKE2b's compression and the tables that they share.
#pragma once

#include <cstdint>

namespace braid::crypto::blake2b {

/// The initialisation vector (RFC 7693, section 2.6).
alignas(32) inline constexpr uint64_t initial_vector[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/// The number of message schedules; round i uses schedule i mod 10.
inline constexpr uint32_t schedule_count = 10;

/// The message schedules (RFC 7693, section 2.7).
inline constexpr uint8_t sigma[schedule_count][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/// The four words that the local work vector takes besides the state: t0, t1, the final flag as a
/// mask, zero.
struct Parameters {
    uint64_t words[4];
};

using Compress = void (*)(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                          const Parameters& parameters) noexcept;

/// For any processor.
void compress_portable(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                       const Parameters& parameters) noexcept;

#if defined(__x86_64__)
/// Needs cpu_features().avx2.
void compress_avx2(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                   const Parameters& parameters) noexcept;

/// Needs cpu_features().avx512: the same vectors with rotate instructions.
void compress_avx512(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                     const Parameters& parameters) noexcept;
#endif

} // namespace braid::crypto::blake2b
