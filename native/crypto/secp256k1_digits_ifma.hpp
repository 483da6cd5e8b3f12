/// Scalars for recovering eight secp256k1 keys at once: every lane adds at the same positions.
#pragma once

#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_lanes_ifma.hpp"

namespace braid::crypto::secp256k1::ifma {

// All lanes add at the same positions, so scalars are written in windows of fixed width. Every
// digit is odd: nothing is skipped, and infinity only comes up when two points of an addition are
// equal or opposite. From then on z is zero, whatever follows, and shows at the end: such lanes are
// left to the scalar variant. (M. Joye, M. Tunstall, "Exponent recoding and regular exponentiation
// algorithms", 2009, section 3.2, for the odd digits.)

/// The windows of the two halves that the endomorphism makes of R's scalar.
inline constexpr unsigned point_width = 5;
inline constexpr unsigned point_bits = 130;
inline constexpr size_t point_multiples = size_t{1} << (point_width - 1);

/// The windows of the two halves of the generator's scalar; their digits share the table's entries.
inline constexpr unsigned generator_width = GeneratorTable::width - 1;
inline constexpr unsigned generator_bits = 132;

static_assert(point_bits % point_width == 0 && generator_bits % generator_width == 0);

/// Lattice vectors: first + second * lambda is zero modulo the order. (Hankerson, Menezes,
/// Vanstone, "Guide to Elliptic Curve Cryptography", 2004, algorithm 3.74.)
inline constexpr Uint256 short_first{{0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0}};
inline constexpr Uint256 short_second_negated{{0x6f547fa90abfe4c3, 0xe4437ed6010e8828, 0, 0}};
inline constexpr Uint256 long_first{{0x57c1108d9d44cfd8, 0x14ca50f7a8e2f3f6, 1, 0}};
inline constexpr Uint256 long_second = short_first;
static_assert(Scalar::from_number(short_first) ==
              Scalar::from_number(short_second_negated) * Scalar::from_number(lambda));
static_assert((Scalar::from_number(long_first) +
               Scalar::from_number(long_second) * Scalar::from_number(lambda))
                  .is_zero());

constexpr Uint256 add(const Uint256& a, const Uint256& b) noexcept {
    Uint256 sum;
    add_words<4>(sum.words, a.words, b.words);
    return sum;
}

constexpr Uint256 subtract(const Uint256& a, const Uint256& b) noexcept {
    Uint256 difference;
    subtract_words<4>(difference.words, a.words, b.words);
    return difference;
}

constexpr bool is_odd(const Uint256& a) noexcept { return (a.words[0] & 1) != 0; }

/// Two's complement numbers that add up to a scalar with weights of their own.
struct Halves {
    Uint256 first;
    Uint256 second;
};

/// A scalar as first + second * lambda modulo the order, both odd and below 2^130 in magnitude.
inline Halves split_for_point(const Uint256& scalar) noexcept {
    // With one vector odd in both coordinates and one in its second only, the lattice has a point
    // to add for every parity. It is shorter than 1.3 * 2^128 in both coordinates.
    static_assert(is_odd(short_first) && is_odd(short_second_negated));
    static_assert(!is_odd(long_first) && is_odd(long_second));
    static constexpr Halves corrections[4] = {
        {short_first, subtract({}, short_second_negated)},
        {long_first, long_second},
        {add(short_first, long_first), subtract(long_second, short_second_negated)},
        {}};
    const SplitScalar split = Splitter::split(scalar);
    const Halves& correction =
        corrections[(split.first.words[0] & 1) | (split.second.words[0] & 1) << 1];
    const auto signed_sum = [](const Uint256& a, bool negative, const Uint256& b) noexcept {
        return negative ? subtract(b, a) : add(b, a);
    };
    return {signed_sum(split.first, split.first_negative, correction.first),
            signed_sum(split.second, split.second_negative, correction.second)};
}

/// The negative of a scalar as first + second * 2^128 modulo the order, both odd and below 2^128 in
/// magnitude.
inline Halves split_negated_for_generator(const Uint256& scalar) noexcept {
    // Of the scalar and its negative modulo the order one is odd.
    const bool negate = is_odd(scalar);
    const Uint256 odd = negate ? scalar : subtract(order, scalar);
    Halves halves{{{odd.words[0], odd.words[1], 0, 0}}, {{odd.words[2], odd.words[3], 0, 0}}};
    if (!is_odd(halves.second)) {
        halves.second.words[0] += 1;
        halves.first = subtract(halves.first, {{0, 0, 1, 0}});
    }
    if (negate)
        halves = {subtract({}, halves.first), subtract({}, halves.second)};
    return halves;
}

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

/// Which entry of a table of odd multiples to add in every lane, and where to negate it.
template <size_t groups>
struct Digits {
    Vector entry[groups];
    LaneMask<groups> negative;
};

/// Odd numbers below 2^bits in magnitude, ready for reading their digits, which are odd too.
template <size_t groups>
class LaneDigits {
  public:
    template <unsigned bits>
    void set(size_t lane, const Uint256& number) noexcept {
        // With digits of 1 and -1 for the ones and zeros of m, below 2^bits, the number is
        // 2 m - (2^bits - 1).
        static_assert(bits > 128 && bits < 192);
        const Uint256 sum =
            add(number, {{~uint64_t{0}, ~uint64_t{0}, (uint64_t{1} << (bits - 128)) - 1, 0}});
        for (unsigned i = 0; i < 3; ++i)
            words_[i][lane] = sum.words[i] >> 1 | sum.words[i + 1] << 63;
    }

    /// The digits of 2^position.
    template <unsigned width>
    BRAID_INLINE Digits<groups> at(unsigned position) const noexcept {
        const unsigned word = position / 64;
        const unsigned shift = position % 64;
        const __m128i right = _mm_cvtsi32_si128(static_cast<int>(shift));
        const __m128i left = _mm_cvtsi32_si128(static_cast<int>(64 - shift));
        Digits<groups> digits;
        for (size_t g = 0; g < groups; ++g) {
            Vector window =
                _mm512_srl_epi64(_mm512_load_si512(&words_[word][g * group_lanes]), right);
            if (shift + width > 64) {
                const Vector above = _mm512_load_si512(&words_[word + 1][g * group_lanes]);
                window = _mm512_or_si512(window, _mm512_sll_epi64(above, left));
            }
            // The highest digit decides the sign. Flipping all of them is negating.
            const __mmask8 negative =
                _mm512_testn_epi64_mask(window, broadcast(uint64_t{1} << (width - 1)));
            window = _mm512_mask_xor_epi64(window, negative, window, broadcast(~uint64_t{0}));
            digits.entry[g] = _mm512_and_si512(window, broadcast((uint64_t{1} << (width - 1)) - 1));
            digits.negative.lanes[g] = negative;
        }
        return digits;
    }

  private:
    alignas(64) uint64_t words_[3][groups * group_lanes];
};

BRAID_TARGET_END

} // namespace braid::crypto::secp256k1::ifma
