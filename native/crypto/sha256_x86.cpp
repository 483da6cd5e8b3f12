#include "crypto/sha256_compress.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <immintrin.h>

namespace braid::crypto::sha256_detail {

BRAID_TARGET_BEGIN("sha,ssse3,sse4.1")

void compress_sha_extensions(uint32_t state[8], const uint8_t* blocks, size_t count) noexcept {
    const __m128i byte_swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    // The instructions keep the state as {a, b, e, f} and {c, d, g, h}, highest lane first.
    const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));
    const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4));
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
    const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

    for (; count > 0; --count, blocks += block_size) {
        const __m128i abef_before = abef;
        const __m128i cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; ++i)
            w[i] = _mm_shuffle_epi8(
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks + 16 * i)), byte_swap);

#pragma GCC unroll 16
        for (int group = 0; group < 16; ++group) {
            const __m128i k =
                _mm_load_si128(reinterpret_cast<const __m128i*>(round_constants + 4 * group));
            const __m128i now = w[group % 4];
            const __m128i sum = _mm_add_epi32(now, k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (group < 12) {
                // Replaces words 4*group.. by words 4*(group + 4).. of the schedule.
                const __m128i next = w[(group + 1) % 4];
                const __m128i third = w[(group + 2) % 4];
                const __m128i last = w[(group + 3) % 4];
                const __m128i partial =
                    _mm_add_epi32(_mm_sha256msg1_epu32(now, next), _mm_alignr_epi8(last, third, 4));
                w[group % 4] = _mm_sha256msg2_epu32(partial, last);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

BRAID_TARGET_END

} // namespace braid::crypto::sha256_detail

#endif
