#include "crypto/blake2b_compress.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <cstddef>
#include <immintrin.h>

namespace braid::crypto::blake2b {

BRAID_TARGET_BEGIN("avx2")
namespace avx2 {

#include "crypto/blake2b_vector.hpp"

struct ShuffleRotations {
    static __m256i right24(__m256i x) noexcept {
        return _mm256_shuffle_epi8(x, _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15,
                                                       8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13,
                                                       14, 15, 8, 9, 10));
    }
    static __m256i right16(__m256i x) noexcept {
        return _mm256_shuffle_epi8(x, _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14,
                                                       15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12,
                                                       13, 14, 15, 8, 9));
    }
    static __m256i right63(__m256i x) noexcept {
        return _mm256_or_si256(_mm256_add_epi64(x, x), _mm256_srli_epi64(x, 63));
    }
};

} // namespace avx2

void compress_avx2(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                   const Parameters& parameters) noexcept {
    avx2::compress_rows<avx2::ShuffleRotations>(rounds, h, m, parameters);
}
BRAID_TARGET_END

BRAID_TARGET_BEGIN("avx2,avx512f,avx512vl")
namespace avx512 {

#include "crypto/blake2b_vector.hpp"

struct RotateInstructions {
    static __m256i right24(__m256i x) noexcept { return _mm256_ror_epi64(x, 24); }
    static __m256i right16(__m256i x) noexcept { return _mm256_ror_epi64(x, 16); }
    static __m256i right63(__m256i x) noexcept { return _mm256_ror_epi64(x, 63); }
};

} // namespace avx512

void compress_avx512(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                     const Parameters& parameters) noexcept {
    avx512::compress_rows<avx512::RotateInstructions>(rounds, h, m, parameters);
}
BRAID_TARGET_END

} // namespace braid::crypto::blake2b

#endif
