#include "crypto/keccak_variants.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <immintrin.h>

namespace braid::crypto::keccak {

BRAID_TARGET_BEGIN("avx2")
namespace {

#include "crypto/keccak_rounds.hpp"

#include "crypto/keccak_many.hpp"

struct Avx2Ops {
    using Lane = __m256i;
    static constexpr size_t width = 4;

    static Lane broadcast(uint64_t value) noexcept {
        return _mm256_set1_epi64x(static_cast<long long>(value));
    }
    static Lane load(const uint64_t* words) noexcept {
        return _mm256_load_si256(reinterpret_cast<const Lane*>(words));
    }
    static Lane xor2(Lane a, Lane b) noexcept { return _mm256_xor_si256(a, b); }
    static Lane and2(Lane a, Lane b) noexcept { return _mm256_and_si256(a, b); }
    static Lane xor5(Lane a, Lane b, Lane c, Lane d, Lane e) noexcept {
        return xor2(xor2(xor2(a, b), xor2(c, d)), e);
    }
    static Lane chi(Lane a, Lane b, Lane c) noexcept { return xor2(a, _mm256_andnot_si256(b, c)); }
    template <int count>
    static Lane rotate(Lane a) noexcept {
        if constexpr (count == 0) {
            return a;
        } else if constexpr (count == 8) {
            return _mm256_shuffle_epi8(a, _mm256_setr_epi8(7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11,
                                                           12, 13, 14, 7, 0, 1, 2, 3, 4, 5, 6, 15,
                                                           8, 9, 10, 11, 12, 13, 14));
        } else if constexpr (count == 56) {
            return _mm256_shuffle_epi8(a, _mm256_setr_epi8(1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12,
                                                           13, 14, 15, 8, 1, 2, 3, 4, 5, 6, 7, 0, 9,
                                                           10, 11, 12, 13, 14, 15, 8));
        } else {
            return _mm256_or_si256(_mm256_slli_epi64(a, count), _mm256_srli_epi64(a, 64 - count));
        }
    }

    static Bytes32 finish(uint64_t state[lane_count], const uint8_t* input, size_t left) noexcept {
        return finish_scalar(state, input, left);
    }

    /// block[i] gets word i of the four rows of 136 bytes.
    static void load_rows(const uint8_t* const rows[width], Lane block[rate_lanes]) noexcept {
        for (size_t i = 0; i < 16; i += 4) {
            Lane r[4];
            for (size_t j = 0; j < 4; ++j)
                r[j] = _mm256_loadu_si256(reinterpret_cast<const Lane*>(rows[j] + 8 * i));
            const Lane even01 = _mm256_unpacklo_epi64(r[0], r[1]);
            const Lane odd01 = _mm256_unpackhi_epi64(r[0], r[1]);
            const Lane even23 = _mm256_unpacklo_epi64(r[2], r[3]);
            const Lane odd23 = _mm256_unpackhi_epi64(r[2], r[3]);
            block[i] = _mm256_permute2x128_si256(even01, even23, 0x20);
            block[i + 1] = _mm256_permute2x128_si256(odd01, odd23, 0x20);
            block[i + 2] = _mm256_permute2x128_si256(even01, even23, 0x31);
            block[i + 3] = _mm256_permute2x128_si256(odd01, odd23, 0x31);
        }
        alignas(32) uint64_t last[width];
        for (size_t j = 0; j < width; ++j)
            last[j] = load_le64(rows[j] + 128);
        block[16] = load(last);
    }
};

} // namespace

void hash_many_avx2(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept {
    Lanes<Avx2Ops>{inputs, outputs}.run();
}
BRAID_TARGET_END

} // namespace braid::crypto::keccak

#endif
