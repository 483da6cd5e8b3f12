/// Field elements in vectors, lane by lane: their numbers, comparing them and choosing between
/// them.
#pragma once

#include "crypto/secp256k1_field_ifma.hpp"

namespace braid::crypto::secp256k1::ifma {

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

/// The same elements as numbers below p.
template <size_t groups>
BRAID_INLINE Element<groups> canonical(const Element<groups>& a) noexcept {
    Sum<groups> sum;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            sum.limbs[g][k] = a.limbs[g][k];
    }
    // Below 2^256 from here: a top limb above 2^48 leaves little once it is folded.
    Element<groups> result = reduced(sum);
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        auto& limbs = result.limbs[g];
        // Adding 2^256 - p passes 2^256 where the number is p or more.
        Vector shifted[limb_count];
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            shifted[k] = limbs[k];
        shifted[0] = _mm512_add_epi64(shifted[0], broadcast(fold_word));
        carry(shifted);
        const __mmask8 passed = _mm512_cmpgt_epu64_mask(shifted[4], broadcast(top_limb_mask));
        shifted[4] = _mm512_and_si512(shifted[4], broadcast(top_limb_mask));
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            limbs[k] = _mm512_mask_mov_epi64(limbs[k], passed, shifted[k]);
    }
    return result;
}

/// The lanes in which two canonical elements are equal.
template <size_t groups>
BRAID_INLINE LaneMask<groups> equal_lanes(const Element<groups>& a,
                                          const Element<groups>& b) noexcept {
    LaneMask<groups> mask;
    for (size_t g = 0; g < groups; ++g) {
        mask.lanes[g] = 0xff;
        for (unsigned k = 0; k < limb_count; ++k)
            mask.lanes[g] =
                _mm512_mask_cmpeq_epu64_mask(mask.lanes[g], a.limbs[g][k], b.limbs[g][k]);
    }
    return mask;
}

/// b in the lanes of the mask and a in the others.
template <size_t groups>
BRAID_INLINE Element<groups> select(const LaneMask<groups>& mask, const Element<groups>& a,
                                    const Element<groups>& b) noexcept {
    Element<groups> result;
    for (size_t g = 0; g < groups; ++g) {
        for (unsigned k = 0; k < limb_count; ++k)
            result.limbs[g][k] = _mm512_mask_mov_epi64(a.limbs[g][k], mask.lanes[g], b.limbs[g][k]);
    }
    return result;
}

/// The limbs of eight numbers below 2^256 from their four words.
BRAID_INLINE void to_limbs(Vector (&limbs)[limb_count], const Vector (&words)[4]) noexcept {
    const Vector mask = broadcast(limb_mask);
    limbs[0] = _mm512_and_si512(words[0], mask);
    limbs[1] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(words[0], 52), _mm512_slli_epi64(words[1], 12)), mask);
    limbs[2] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(words[1], 40), _mm512_slli_epi64(words[2], 24)), mask);
    limbs[3] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(words[2], 28), _mm512_slli_epi64(words[3], 36)), mask);
    limbs[4] = _mm512_srli_epi64(words[3], 16);
}

/// 256-bit numbers, one for each lane: word `i` of all lanes is in a row.
template <size_t groups>
struct LaneNumbers {
    void set(size_t lane, const Uint256& number) noexcept {
        for (unsigned i = 0; i < 4; ++i)
            words[i][lane] = number.words[i];
    }

    [[nodiscard]] Uint256 get(size_t lane) const noexcept {
        return {{words[0][lane], words[1][lane], words[2][lane], words[3][lane]}};
    }

    alignas(64) uint64_t words[4][groups * group_lanes];
};

/// The elements for any numbers.
template <size_t groups>
BRAID_INLINE Element<groups> load(const LaneNumbers<groups>& numbers) noexcept {
    Element<groups> result;
    for (size_t g = 0; g < groups; ++g) {
        Vector words[4];
        for (unsigned i = 0; i < 4; ++i)
            words[i] = _mm512_load_si512(&numbers.words[i][g * group_lanes]);
        to_limbs(result.limbs[g], words);
    }
    return result;
}

/// The numbers of canonical elements.
template <size_t groups>
BRAID_INLINE void store(LaneNumbers<groups>& numbers, const Element<groups>& a) noexcept {
    for (size_t g = 0; g < groups; ++g) {
        const auto& limbs = a.limbs[g];
        const Vector words[4] = {
            _mm512_or_si512(limbs[0], _mm512_slli_epi64(limbs[1], 52)),
            _mm512_or_si512(_mm512_srli_epi64(limbs[1], 12), _mm512_slli_epi64(limbs[2], 40)),
            _mm512_or_si512(_mm512_srli_epi64(limbs[2], 24), _mm512_slli_epi64(limbs[3], 28)),
            _mm512_or_si512(_mm512_srli_epi64(limbs[3], 36), _mm512_slli_epi64(limbs[4], 16))};
        for (unsigned i = 0; i < 4; ++i)
            _mm512_store_si512(&numbers.words[i][g * group_lanes], words[i]);
    }
}

/// The same number in all lanes.
template <size_t groups>
BRAID_INLINE Element<groups> broadcast_number(const Uint256& number) noexcept {
    Element<groups> result;
    Vector words[4];
    for (unsigned i = 0; i < 4; ++i)
        words[i] = broadcast(number.words[i]);
    for (size_t g = 0; g < groups; ++g)
        to_limbs(result.limbs[g], words);
    return result;
}

/// One in all lanes.
template <size_t groups>
BRAID_INLINE Element<groups> one() noexcept {
    return broadcast_number<groups>({{1, 0, 0, 0}});
}

BRAID_TARGET_END

} // namespace braid::crypto::secp256k1::ifma
