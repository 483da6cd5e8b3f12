#include "crypto/keccak_variants.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace braid::crypto::keccak {

BRAID_TARGET_BEGIN("avx2,avx512f,avx512dq,avx512bw,avx512vl")
namespace {

#include "crypto/keccak_rounds.hpp"

#include "crypto/keccak_many.hpp"

// Truth tables of vpternlogq, bit index 4a + 2b + c.
constexpr int ternary_xor = 0x96;
constexpr int ternary_chi = 0xd2; // a ^ (~b & c)

struct Avx512Ops {
    using Lane = __m512i;
    static constexpr size_t width = 8;

    static Lane broadcast(uint64_t value) noexcept {
        return _mm512_set1_epi64(static_cast<long long>(value));
    }
    static Lane load(const uint64_t* words) noexcept { return _mm512_load_si512(words); }
    static Lane xor2(Lane a, Lane b) noexcept { return _mm512_xor_si512(a, b); }
    static Lane and2(Lane a, Lane b) noexcept { return _mm512_and_si512(a, b); }
    static Lane xor5(Lane a, Lane b, Lane c, Lane d, Lane e) noexcept {
        return _mm512_ternarylogic_epi64(_mm512_ternarylogic_epi64(a, b, c, ternary_xor), d, e,
                                         ternary_xor);
    }
    static Lane chi(Lane a, Lane b, Lane c) noexcept {
        return _mm512_ternarylogic_epi64(a, b, c, ternary_chi);
    }
    template <int count>
    static Lane rotate(Lane a) noexcept {
        return _mm512_rol_epi64(a, count);
    }

    static Bytes32 finish(uint64_t state[lane_count], const uint8_t* input, size_t left) noexcept {
        return finish_avx512(state, input, left);
    }

    /// block[i] gets word i of the eight rows of 136 bytes.
    static void load_rows(const uint8_t* const rows[width], Lane block[rate_lanes]) noexcept {
        for (size_t i = 0; i < 16; i += 8) {
            // Rows j and j + 4 share a vector half, so that after the pairing of words within
            // 128 bits two rounds of 128-bit shuffles finish the transposition.
            Lane pairs[8];
            for (size_t j = 0; j < 8; j += 2) {
                const Lane a = _mm512_loadu_si512(rows[j] + 8 * i);
                const Lane b = _mm512_loadu_si512(rows[j + 1] + 8 * i);
                pairs[j] = _mm512_unpacklo_epi64(a, b);
                pairs[j + 1] = _mm512_unpackhi_epi64(a, b);
            }
            for (size_t odd = 0; odd < 2; ++odd) {
                const Lane low02 = _mm512_shuffle_i64x2(pairs[odd], pairs[2 + odd], 0x88);
                const Lane low13 = _mm512_shuffle_i64x2(pairs[odd], pairs[2 + odd], 0xdd);
                const Lane high02 = _mm512_shuffle_i64x2(pairs[4 + odd], pairs[6 + odd], 0x88);
                const Lane high13 = _mm512_shuffle_i64x2(pairs[4 + odd], pairs[6 + odd], 0xdd);
                block[i + odd] = _mm512_shuffle_i64x2(low02, high02, 0x88);
                block[i + 2 + odd] = _mm512_shuffle_i64x2(low13, high13, 0x88);
                block[i + 4 + odd] = _mm512_shuffle_i64x2(low02, high02, 0xdd);
                block[i + 6 + odd] = _mm512_shuffle_i64x2(low13, high13, 0xdd);
            }
        }
        alignas(64) uint64_t last[width];
        for (size_t j = 0; j < width; ++j)
            last[j] = load_le64(rows[j] + 128);
        block[16] = load(last);
    }
};

} // namespace

void hash_many_avx512(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept {
    Lanes<Avx512Ops>{inputs, outputs}.run();
}
BRAID_TARGET_END

} // namespace braid::crypto::keccak

#endif
