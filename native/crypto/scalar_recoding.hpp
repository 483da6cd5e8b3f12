/// Scalars rewritten for faster multiplication: signed digits, and the split along an endomorphism.
#pragma once

#include "crypto/field_words.hpp"

#include <bit>

namespace braid::crypto {

/// A number below 2^bits in width-w non-adjacent form: every digit is zero or odd and below 2^(w-1)
/// in magnitude, and of w digits in a row at most one is not zero.
template <unsigned width, unsigned bits>
class SignedDigits {
  public:
    static_assert(width >= 2 && width <= 15 && bits <= 256);

    /// Recodes a number below 2^bits; its negative where `negate` is set.
    explicit constexpr SignedDigits(const Uint256& number, bool negate = false) noexcept {
        uint64_t carry = 0;
        unsigned position = 0;
        while (position < bits) {
            // With a carry, a run of ones adds up to zeros and the carry goes on.
            const uint64_t window = window_at(number, position) ^ (uint64_t{0} - carry);
            if ((window & 1) == 0) {
                position += window == 0 ? 64 : static_cast<unsigned>(std::countr_zero(window));
                continue;
            }
            const uint64_t value =
                (window_at(number, position) & ((uint64_t{1} << width) - 1)) + carry;
            carry = value >> (width - 1);
            const int digit = static_cast<int>(value) - static_cast<int>(carry << width);
            digits_[position] = static_cast<int16_t>(negate ? -digit : digit);
            size_ = position + 1;
            position += width;
        }
        if (carry != 0) {
            digits_[bits] = negate ? -1 : 1;
            size_ = bits + 1;
        }
    }

    /// How many digits there are up to the highest one that is not zero.
    [[nodiscard]] constexpr unsigned size() const noexcept { return size_; }

    /// The digit of 2^index; index is at most `bits`.
    [[nodiscard]] constexpr int operator[](unsigned index) const noexcept { return digits_[index]; }

  private:
    static constexpr uint64_t window_at(const Uint256& number, unsigned position) noexcept {
        const unsigned word = position / 64;
        const unsigned shift = position % 64;
        uint64_t window = number.words[word] >> shift;
        if (shift != 0 && word < 3)
            window |= number.words[word + 1] << (64 - shift);
        return window;
    }

    int16_t digits_[bits + 1]{};
    unsigned size_ = 0;
};

/// A scalar as first + second * lambda modulo the group order, both parts below 2^128 in magnitude.
struct SplitScalar {
    Uint256 first;
    Uint256 second;
    bool first_negative;
    bool second_negative;
};

/// Splits scalars along an endomorphism that multiplies by `lambda` modulo the group order: R.
/// Gallant, R. Lambert, S. Vanstone, "Faster point multiplication on elliptic curves with efficient
/// endomorphisms" (2001), section 4. The short lattice basis is derived here by the extended
/// Euclidean algorithm.
template <Uint256 order, Uint256 lambda>
class ScalarSplitter {
  public:
    /// Splits a scalar below the order.
    [[nodiscard]] static constexpr SplitScalar split(const Uint256& scalar) noexcept {
        // The nearest lattice point to (scalar, 0) is c1 * v1 + c2 * v2; what is left is short. The
        // signs are in the constants, and everything is exact modulo 2^256.
        const Uint256 c1 = high_product(scalar, lattice.reciprocal_1);
        const Uint256 c2 = high_product(scalar, lattice.reciprocal_2);
        const Uint256 first = add(scalar, add(low_product(c1, lattice.first_1), //
                                              low_product(c2, lattice.first_2)));
        const Uint256 second =
            add(low_product(c1, lattice.second_1), low_product(c2, lattice.second_2));
        const bool first_negative = is_negative(first);
        const bool second_negative = is_negative(second);
        return {first_negative ? negate(first) : first, second_negative ? negate(second) : second,
                first_negative, second_negative};
    }

  private:
    static constexpr Uint256 add(const Uint256& a, const Uint256& b) noexcept {
        Uint256 sum;
        add_words<4>(sum.words, a.words, b.words);
        return sum;
    }

    static constexpr Uint256 negate(const Uint256& a) noexcept {
        Uint256 result;
        subtract_words<4>(result.words, Uint256{}.words, a.words);
        return result;
    }

    /// Whether the number, read as two's complement, is negative.
    static constexpr bool is_negative(const Uint256& a) noexcept { return a.words[3] >> 63 != 0; }

    static constexpr Uint256 low_product(const Uint256& a, const Uint256& b) noexcept {
        Uint512 product;
        multiply_wide(product, a, b);
        return {{product.words[0], product.words[1], product.words[2], product.words[3]}};
    }

    /// round(a * b / 2^320).
    static constexpr Uint256 high_product(const Uint256& a, const Uint256& b) noexcept {
        Uint512 product;
        multiply_wide(product, a, b);
        uint64_t carry = product.words[4] >> 63;
        const uint64_t low = add_with_carry(product.words[5], 0, carry);
        const uint64_t middle = add_with_carry(product.words[6], 0, carry);
        return {{low, middle, product.words[7] + carry, 0}};
    }

    /// quotient and remainder of a / b, one bit at a time.
    static constexpr Uint256 divide(const Uint256& a, const Uint256& b, Uint256& remainder) {
        Uint256 quotient;
        remainder = {};
        for (unsigned i = 256; i-- > 0;) {
            remainder = add(remainder, remainder);
            remainder.words[0] |= a.bit(i) ? 1 : 0;
            if (!less(remainder, b)) {
                subtract_words<4>(remainder.words, remainder.words, b.words);
                quotient.words[i / 64] |= uint64_t{1} << (i % 64);
            }
        }
        return quotient;
    }

    /// A lattice vector (r, -t) of the algorithm, with r = t * lambda modulo the order; t is in
    /// two's complement.
    struct Row {
        Uint256 r;
        Uint256 t;
    };

    static constexpr Row next_row(const Row& before, const Row& last) {
        Row next;
        const Uint256 quotient = divide(before.r, last.r, next.r);
        next.t = add(before.t, negate(low_product(quotient, last.t)));
        return next;
    }

    static constexpr Uint256 magnitude(const Uint256& a) { return is_negative(a) ? negate(a) : a; }

    struct Lattice {
        Uint256 reciprocal_1; // round(2^320 * |second of v2| / order)
        Uint256 reciprocal_2; // round(2^320 * |second of v1| / order)
        Uint256 first_1;      // the first of v1, its sign turned so that c1 is taken as positive
        Uint256 first_2;
        Uint256 second_1;
        Uint256 second_2;
    };

    static consteval Lattice derive() {
        Row before{order, {}};
        Row last{lambda, {{1, 0, 0, 0}}};
        while (last.r.words[2] != 0 || last.r.words[3] != 0) {
            const Row next = next_row(before, last);
            before = last;
            last = next;
        }
        // last is the first row below the root of the order. The second vector is the shorter of
        // its two neighbours, by its larger coordinate.
        const Row after = next_row(before, last);
        const auto length = [](const Row& row) {
            const Uint256 t = magnitude(row.t);
            return less(row.r, t) ? t : row.r;
        };
        const Row& other = less(length(before), length(after)) ? before : after;
        const Uint256 a1 = last.r;
        const Uint256 b1 = negate(last.t);
        const Uint256 a2 = other.r;
        const Uint256 b2 = negate(other.t);
        // c1 = b2 * k / det and c2 = -b1 * k / det, where det = a1 b2 - a2 b1 is plus or minus
        // order.
        const bool det_negative = !(add(low_product(a1, b2), negate(low_product(a2, b1))) == order);
        const bool c1_negative = is_negative(b2) != det_negative;
        const bool c2_negative = is_negative(b1) == det_negative;
        return {divide_shifted(magnitude(b2), 320, order),
                divide_shifted(magnitude(b1), 320, order),
                c1_negative ? a1 : negate(a1),
                c2_negative ? a2 : negate(a2),
                c1_negative ? b1 : negate(b1),
                c2_negative ? b2 : negate(b2)};
    }

    static constexpr Lattice lattice = derive();
};

} // namespace braid::crypto
