/// The base field of secp256k1 in AVX-512 IFMA vectors: every lane holds an element of its own, in
/// five limbs of 52 bits. S. Gueron, V. Krasnov, "Accelerating big integer arithmetic using Intel
/// IFMA extensions" (2016).
///
/// Everything works on `groups` vectors of eight lanes, one after the other at each step: one group
/// computes while the other waits for its carries.
#pragma once

#include "crypto/field_words.hpp"
#include "crypto/target_region.hpp"

#include <cstddef>
#include <immintrin.h>

namespace braid::crypto::secp256k1::ifma {

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

// A call would pass whole elements through memory. Compiling for a sanitizer takes minutes where
// all of this is inlined.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BRAID_INLINE [[gnu::noinline]] inline
#else
#define BRAID_INLINE [[gnu::always_inline]] inline
#endif

using Vector = __m512i;

inline constexpr unsigned limb_count = 5;
inline constexpr unsigned limb_bits = 52;
inline constexpr unsigned top_limb_bits = 256 - 4 * limb_bits;
inline constexpr size_t group_lanes = 8;
inline constexpr uint64_t limb_mask = (uint64_t{1} << limb_bits) - 1;
inline constexpr uint64_t top_limb_mask = (uint64_t{1} << top_limb_bits) - 1;

/// 2^256 modulo p, and 2^260, where the sixth limb of a product begins.
inline constexpr uint64_t fold_word = 0x1000003d1;
inline constexpr uint64_t limb_fold_word = fold_word << (limb_count * limb_bits - 256);

/// The limbs of p.
inline constexpr uint64_t prime_limbs[limb_count] = {limb_mask - fold_word + 1, limb_mask,
                                                     limb_mask, limb_mask, top_limb_mask};

/// Field elements below 2^256 + 2^220: the first four limbs are below 2^52, as the multiplication
/// needs it, the top limb is at most 2^48 + 2^11.
template <size_t groups>
struct Element {
    Vector limbs[groups][limb_count];
};

/// Field elements with carries outstanding: all limbs are below 2^62, the top one below 2^59.
template <size_t groups>
struct Sum {
    Vector limbs[groups][limb_count];
};

BRAID_INLINE Vector broadcast(uint64_t word) noexcept {
    return _mm512_set1_epi64(static_cast<long long>(word));
}

/// columns += a * b; column k has the weight 2^(52 k).
BRAID_INLINE void add_product(Vector (&columns)[2 * limb_count], const Vector (&a)[limb_count],
                              const Vector (&b)[limb_count]) noexcept {
#pragma GCC unroll 5
    for (unsigned i = 0; i < limb_count; ++i) {
#pragma GCC unroll 5
        for (unsigned j = 0; j < limb_count; ++j)
            columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a[i], b[j]);
#pragma GCC unroll 5
        for (unsigned j = 0; j < limb_count; ++j)
            columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a[i], b[j]);
    }
}

/// columns = a * a.
BRAID_INLINE void set_square(Vector (&columns)[2 * limb_count],
                             const Vector (&a)[limb_count]) noexcept {
#pragma GCC unroll 10
    for (auto& column : columns)
        column = _mm512_setzero_si512();
#pragma GCC unroll 5
    for (unsigned i = 0; i < limb_count; ++i) {
#pragma GCC unroll 5
        for (unsigned j = i + 1; j < limb_count; ++j)
            columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a[i], a[j]);
#pragma GCC unroll 5
        for (unsigned j = i + 1; j < limb_count; ++j)
            columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a[i], a[j]);
    }
#pragma GCC unroll 10
    for (unsigned k = 1; k < 2 * limb_count - 1; ++k)
        columns[k] = _mm512_add_epi64(columns[k], columns[k]);
#pragma GCC unroll 5
    for (unsigned i = 0; i < limb_count; ++i) {
        columns[2 * i] = _mm512_madd52lo_epu64(columns[2 * i], a[i], a[i]);
        columns[2 * i + 1] = _mm512_madd52hi_epu64(columns[2 * i + 1], a[i], a[i]);
    }
}

/// sum = columns, the sum of at most two products of elements: limbs below 21 * 2^52.
BRAID_INLINE void fold(Vector (&sum)[limb_count], Vector (&columns)[2 * limb_count]) noexcept {
    // The multiplication looks at 52 bits of a column only, so what is carried need not be cleared.
    // The products are below 2^515: nothing is carried out of the last column.
#pragma GCC unroll 5
    for (unsigned k = limb_count; k < 2 * limb_count - 1; ++k)
        columns[k + 1] = _mm512_add_epi64(columns[k + 1], _mm512_srli_epi64(columns[k], limb_bits));
    const Vector factor = broadcast(limb_fold_word);
    Vector over = _mm512_setzero_si512();
#pragma GCC unroll 5
    for (unsigned k = 0; k < limb_count; ++k) {
        const Vector high = columns[limb_count + k];
        columns[k] = _mm512_madd52lo_epu64(columns[k], factor, high);
        Vector& next = k + 1 < limb_count ? columns[k + 1] : over;
        next = _mm512_madd52hi_epu64(next, factor, high);
    }
    columns[0] = _mm512_madd52lo_epu64(columns[0], factor, over);
    columns[1] = _mm512_madd52hi_epu64(columns[1], factor, over);
#pragma GCC unroll 5
    for (unsigned k = 0; k < limb_count; ++k)
        sum[k] = columns[k];
}

/// Moves carries up to the top limb.
BRAID_INLINE void carry(Vector (&limbs)[limb_count]) noexcept {
    const Vector mask = broadcast(limb_mask);
#pragma GCC unroll 5
    for (unsigned k = 0; k + 1 < limb_count; ++k) {
        limbs[k + 1] = _mm512_add_epi64(limbs[k + 1], _mm512_srli_epi64(limbs[k], limb_bits));
        limbs[k] = _mm512_and_si512(limbs[k], mask);
    }
}

/// The same elements without outstanding carries.
template <size_t groups>
BRAID_INLINE Element<groups> reduced(const Sum<groups>& sum) noexcept {
    Element<groups> result;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        auto& limbs = result.limbs[g];
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            limbs[k] = sum.limbs[g][k];
        const Vector over = _mm512_srli_epi64(limbs[4], top_limb_bits);
        limbs[4] = _mm512_and_si512(limbs[4], broadcast(top_limb_mask));
        limbs[0] = _mm512_madd52lo_epu64(limbs[0], over, broadcast(fold_word));
        carry(limbs);
    }
    return result;
}

/// a * b.
template <size_t groups>
BRAID_INLINE Sum<groups> multiply(const Element<groups>& a, const Element<groups>& b) noexcept {
    Sum<groups> sum;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        Vector columns[2 * limb_count]{};
        add_product(columns, a.limbs[g], b.limbs[g]);
        fold(sum.limbs[g], columns);
    }
    return sum;
}

/// a * a.
template <size_t groups>
BRAID_INLINE Sum<groups> square(const Element<groups>& a) noexcept {
    Sum<groups> sum;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        Vector columns[2 * limb_count];
        set_square(columns, a.limbs[g]);
        fold(sum.limbs[g], columns);
    }
    return sum;
}

/// a * b + c * d.
template <size_t groups>
BRAID_INLINE Sum<groups> multiply_add(const Element<groups>& a, const Element<groups>& b,
                                      const Element<groups>& c, const Element<groups>& d) noexcept {
    Sum<groups> sum;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        Vector columns[2 * limb_count]{};
        add_product(columns, a.limbs[g], b.limbs[g]);
        add_product(columns, c.limbs[g], d.limbs[g]);
        fold(sum.limbs[g], columns);
    }
    return sum;
}

/// a * b + c * c.
template <size_t groups>
BRAID_INLINE Sum<groups> multiply_add_square(const Element<groups>& a, const Element<groups>& b,
                                             const Element<groups>& c) noexcept {
    Sum<groups> sum;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        Vector columns[2 * limb_count];
        set_square(columns, c.limbs[g]);
        add_product(columns, a.limbs[g], b.limbs[g]);
        fold(sum.limbs[g], columns);
    }
    return sum;
}

template <size_t groups>
BRAID_INLINE Sum<groups> operator+(Sum<groups> a, const Element<groups>& b) noexcept {
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            a.limbs[g][k] = _mm512_add_epi64(a.limbs[g][k], b.limbs[g][k]);
    }
    return a;
}

template <size_t groups>
BRAID_INLINE Sum<groups> operator-(const Element<groups>& a, const Element<groups>& b) noexcept {
    Sum<groups> difference;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k) {
            // Every limb of 2 p is above the limb it has b's subtracted from.
            const Vector above = _mm512_add_epi64(a.limbs[g][k], broadcast(2 * prime_limbs[k]));
            difference.limbs[g][k] = _mm512_sub_epi64(above, b.limbs[g][k]);
        }
    }
    return difference;
}

/// a - 2 b, for a product a.
template <size_t groups>
BRAID_INLINE Sum<groups> subtract_twice(Sum<groups> a, const Element<groups>& b) noexcept {
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k) {
            const Vector above = _mm512_add_epi64(a.limbs[g][k], broadcast(4 * prime_limbs[k]));
            const Vector twice = _mm512_add_epi64(b.limbs[g][k], b.limbs[g][k]);
            a.limbs[g][k] = _mm512_sub_epi64(above, twice);
        }
    }
    return a;
}

/// This multiple of p has limbs above those of every product.
inline constexpr uint64_t product_bound = 512;

/// -a, for a product a.
template <size_t groups>
BRAID_INLINE Sum<groups> negated(Sum<groups> a) noexcept {
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k)
            a.limbs[g][k] =
                _mm512_sub_epi64(broadcast(product_bound * prime_limbs[k]), a.limbs[g][k]);
    }
    return a;
}

/// One bit for every lane of the groups.
template <size_t groups>
struct LaneMask {
    __mmask8 lanes[groups]{};
};

/// -a in the lanes of the mask and a in the others, for a product a.
template <size_t groups>
BRAID_INLINE Sum<groups> negated_where(const LaneMask<groups>& mask, Sum<groups> a) noexcept {
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k) {
            const Vector limb = a.limbs[g][k];
            a.limbs[g][k] = _mm512_mask_sub_epi64(limb, mask.lanes[g],
                                                  broadcast(product_bound * prime_limbs[k]), limb);
        }
    }
    return a;
}

/// 3 a / 2, for a product a.
template <size_t groups>
BRAID_INLINE Sum<groups> three_halves(Sum<groups> a) noexcept {
    // (p + 1) / 2: half of an odd number x is (x - 1) / 2 and this.
    constexpr uint64_t half[limb_count] = {limb_mask + 1 - fold_word / 2, limb_mask, limb_mask,
                                           limb_mask, top_limb_mask >> 1};
    const Vector low_bit = broadcast(1);
    const Vector half_limb = broadcast(uint64_t{1} << (limb_bits - 1));
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        auto& limbs = a.limbs[g];
#pragma GCC unroll 5
        for (auto& limb : limbs)
            limb = _mm512_add_epi64(_mm512_add_epi64(limb, limb), limb);
        const __mmask8 odd = _mm512_test_epi64_mask(limbs[0], low_bit);
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k) {
            limbs[k] = _mm512_srli_epi64(limbs[k], 1);
            limbs[k] = _mm512_mask_add_epi64(limbs[k], odd, limbs[k], broadcast(half[k]));
            if (k + 1 < limb_count) {
                const __mmask8 above_odd = _mm512_test_epi64_mask(limbs[k + 1], low_bit);
                limbs[k] = _mm512_mask_add_epi64(limbs[k], above_odd, limbs[k], half_limb);
            }
        }
    }
    return a;
}

BRAID_TARGET_END

} // namespace braid::crypto::secp256k1::ifma
