#include "base/uint256.hpp"

namespace braid {
namespace {

/// floor((2^128 - 1) / divisor) - 2^64 for a normalised divisor (top bit set): the reciprocal of
/// Möller and Granlund, "Improved division by invariant integers" (2011), section 3.
uint64_t reciprocal_of(uint64_t divisor) noexcept {
    const uint128 numerator = (uint128{~divisor} << 64) | ~uint64_t{0};
    return static_cast<uint64_t>(numerator / divisor);
}

/// Divides high:low by a normalised divisor; high < divisor. Algorithm 4 of the same paper.
uint64_t divide_2_by_1(uint64_t high, uint64_t low, uint64_t divisor, uint64_t reciprocal,
                       uint64_t& remainder) noexcept {
    uint128 quotient = uint128{reciprocal} * high;
    quotient += (uint128{high} << 64) | low;
    uint64_t q1 = static_cast<uint64_t>(quotient >> 64) + 1;
    const uint64_t q0 = static_cast<uint64_t>(quotient);
    uint64_t r = low - q1 * divisor;
    if (r > q0) {
        --q1;
        r += divisor;
    }
    if (r >= divisor) [[unlikely]] {
        ++q1;
        r -= divisor;
    }
    remainder = r;
    return q1;
}

int word_count(const uint64_t* words, int limit) noexcept {
    while (limit > 0 && words[limit - 1] == 0)
        --limit;
    return limit;
}

/// Divides `length` words in place of `quotient` by one word.
uint64_t divide_by_word(const uint64_t* dividend, int length, uint64_t divisor,
                        uint64_t* quotient) noexcept {
    const int shift = std::countl_zero(divisor);
    const uint64_t normalised = divisor << shift;
    const uint64_t reciprocal = reciprocal_of(normalised);
    const auto spill = [shift](uint64_t word) { return shift == 0 ? 0 : word >> (64 - shift); };
    uint64_t remainder = spill(dividend[length - 1]);
    for (int i = length - 1; i >= 0; --i) {
        const uint64_t word = (dividend[i] << shift) | (i > 0 ? spill(dividend[i - 1]) : 0);
        quotient[i] = divide_2_by_1(remainder, word, normalised, reciprocal, remainder);
    }
    return remainder >> shift;
}

/// Knuth's algorithm D (TAOCP volume 2, 4.3.1) for a divisor of 2 to 4 words and a dividend of up
/// to 8. `quotient` may be null where only the remainder is wanted.
void divide_long(const uint64_t* dividend, int dividend_length, const uint64_t* divisor,
                 int divisor_length, uint64_t* quotient, uint64_t* remainder) noexcept {
    const int shift = std::countl_zero(divisor[divisor_length - 1]);
    const auto spill = [shift](uint64_t word) { return shift == 0 ? 0 : word >> (64 - shift); };

    uint64_t v[4];
    for (int i = divisor_length - 1; i > 0; --i)
        v[i] = (divisor[i] << shift) | spill(divisor[i - 1]);
    v[0] = divisor[0] << shift;

    uint64_t u[9];
    u[dividend_length] = spill(dividend[dividend_length - 1]);
    for (int i = dividend_length - 1; i > 0; --i)
        u[i] = (dividend[i] << shift) | spill(dividend[i - 1]);
    u[0] = dividend[0] << shift;

    const uint64_t v1 = v[divisor_length - 1];
    const uint64_t v2 = v[divisor_length - 2];
    const uint64_t reciprocal = reciprocal_of(v1);

    for (int j = dividend_length - divisor_length; j >= 0; --j) {
        const uint64_t u2 = u[j + divisor_length];
        const uint64_t u1 = u[j + divisor_length - 1];
        const uint64_t u0 = u[j + divisor_length - 2];
        uint64_t estimate;
        if (u2 >= v1) [[unlikely]] {
            estimate = ~uint64_t{0};
        } else {
            uint64_t rest;
            estimate = divide_2_by_1(u2, u1, v1, reciprocal, rest);
            uint128 product = uint128{estimate} * v2;
            while (product > ((uint128{rest} << 64) | u0)) {
                --estimate;
                product -= v2;
                rest += v1;
                if (rest < v1)
                    break;
            }
        }

        uint64_t borrow = 0;
        uint64_t carry = 0;
        for (int i = 0; i < divisor_length; ++i) {
            const uint128 product = uint128{estimate} * v[i] + carry;
            carry = static_cast<uint64_t>(product >> 64);
            const uint128 difference = uint128{u[i + j]} - static_cast<uint64_t>(product) - borrow;
            u[i + j] = static_cast<uint64_t>(difference);
            borrow = static_cast<uint64_t>(difference >> 64) & 1;
        }
        const uint128 difference = uint128{u[j + divisor_length]} - carry - borrow;
        u[j + divisor_length] = static_cast<uint64_t>(difference);
        // The estimate is at most two too large; adding the divisor back repairs it.
        while ((static_cast<uint64_t>(difference >> 64) & 1) != 0 && u[j + divisor_length] != 0) {
            --estimate;
            uint64_t add_carry = 0;
            for (int i = 0; i < divisor_length; ++i) {
                const uint128 sum = uint128{u[i + j]} + v[i] + add_carry;
                u[i + j] = static_cast<uint64_t>(sum);
                add_carry = static_cast<uint64_t>(sum >> 64);
            }
            u[j + divisor_length] += add_carry;
        }
        if (quotient != nullptr)
            quotient[j] = estimate;
    }

    for (int i = 0; i < divisor_length; ++i) {
        const uint64_t above = i + 1 < divisor_length ? u[i + 1] : 0;
        remainder[i] = (u[i] >> shift) | (shift == 0 ? 0 : above << (64 - shift));
    }
}

uint256 remainder_of(const uint64_t* dividend, int limit, const uint256& modulus) noexcept {
    const int dividend_length = word_count(dividend, limit);
    const int modulus_length = word_count(modulus.word, 4);
    uint256 result;
    if (dividend_length < modulus_length) {
        for (int i = 0; i < dividend_length; ++i)
            result.word[i] = dividend[i];
        return result;
    }
    if (modulus_length == 1) {
        uint64_t ignored[8];
        return divide_by_word(dividend, dividend_length, modulus.word[0], ignored);
    }
    divide_long(dividend, dividend_length, modulus.word, modulus_length, nullptr, result.word);
    return result;
}

/// The reciprocal for divide_3_by_2 of a normalised two-word divisor. Algorithm 6 of Möller and
/// Granlund.
uint64_t reciprocal_of(uint64_t high, uint64_t low) noexcept {
    uint64_t reciprocal = reciprocal_of(high);
    uint64_t p = high * reciprocal + low;
    if (p < low) {
        --reciprocal;
        if (p >= high) {
            --reciprocal;
            p -= high;
        }
        p -= high;
    }
    const uint128 t = uint128{reciprocal} * low;
    p += static_cast<uint64_t>(t >> 64);
    if (p < static_cast<uint64_t>(t >> 64)) {
        --reciprocal;
        const uint128 rest = (uint128{p} << 64) | static_cast<uint64_t>(t);
        if (rest >= ((uint128{high} << 64) | low))
            --reciprocal;
    }
    return reciprocal;
}

/// Divides three words by a normalised two-word divisor; u2:u1 is below the divisor. Algorithm 5
/// of the same paper.
uint64_t divide_3_by_2(uint64_t u2, uint64_t u1, uint64_t u0, uint128 divisor, uint64_t reciprocal,
                       uint128& remainder) noexcept {
    const auto d1 = static_cast<uint64_t>(divisor >> 64);
    const auto d0 = static_cast<uint64_t>(divisor);
    const uint128 q = uint128{reciprocal} * u2 + ((uint128{u2} << 64) | u1);
    uint64_t q1 = static_cast<uint64_t>(q >> 64);
    const uint64_t q0 = static_cast<uint64_t>(q);
    const uint64_t r1 = u1 - q1 * d1;
    uint128 r = ((uint128{r1} << 64) | u0) - uint128{d0} * q1 - divisor;
    ++q1;
    if (static_cast<uint64_t>(r >> 64) >= q0) {
        --q1;
        r += divisor;
    }
    if (r >= divisor) [[unlikely]] {
        ++q1;
        r -= divisor;
    }
    remainder = r;
    return q1;
}

/// The remainder of eight words by a modulus of four: Knuth's algorithm D unrolled, with digits
/// from three words by two, which are too large by one at most and that almost never.
uint256 remainder_by_four_words(const uint512& dividend, const uint256& modulus) noexcept {
    const auto shift = static_cast<unsigned>(std::countl_zero(modulus.word[3]));
    const uint256 v = shift_left(modulus, shift);
    uint64_t u[9];
    u[8] = dividend.word[7] >> 1 >> (63 - shift);
    for (int i = 7; i > 0; --i)
        u[i] = (dividend.word[i] << shift) | (dividend.word[i - 1] >> 1 >> (63 - shift));
    u[0] = dividend.word[0] << shift;

    const uint128 divisor = (uint128{v.word[3]} << 64) | v.word[2];
    const uint64_t reciprocal = reciprocal_of(v.word[3], v.word[2]);
    // Operands below the modulus leave the topmost digit zero.
    const bool top_is_zero = u[8] == 0 && uint256{u[4], u[5], u[6], u[7]} < v;
    for (int j = top_is_zero ? 3 : 4; j >= 0; --j) {
        const uint128 top = (uint128{u[j + 4]} << 64) | u[j + 3];
        if (top >= divisor) [[unlikely]] {
            // The digit is the largest there is, 2^64 - 1: subtract (v << 64) - v. That can't
            // be too much, since v is larger than all words below the two that are equal.
            uint8_t borrow = 0;
            for (int i = 0; i < 4; ++i)
                u[j + i + 1] = subtract_word(u[j + i + 1], v.word[i], borrow);
            uint8_t carry = 0;
            for (int i = 0; i < 4; ++i)
                u[j + i] = add_word(u[j + i], v.word[i], carry);
            u[j + 4] += carry;
            continue;
        }
        uint128 rest;
        const uint64_t digit =
            divide_3_by_2(u[j + 4], u[j + 3], u[j + 2], divisor, reciprocal, rest);
        const uint128 p0 = uint128{digit} * v.word[0];
        const uint128 p1 = uint128{digit} * v.word[1] + static_cast<uint64_t>(p0 >> 64);
        uint8_t borrow = 0;
        uint64_t w0 = subtract_word(u[j], static_cast<uint64_t>(p0), borrow);
        uint64_t w1 = subtract_word(u[j + 1], static_cast<uint64_t>(p1), borrow);
        uint64_t w2 =
            subtract_word(static_cast<uint64_t>(rest), static_cast<uint64_t>(p1 >> 64), borrow);
        uint64_t w3 = subtract_word(static_cast<uint64_t>(rest >> 64), 0, borrow);
        if (borrow != 0) [[unlikely]] {
            uint8_t carry = 0;
            w0 = add_word(w0, v.word[0], carry);
            w1 = add_word(w1, v.word[1], carry);
            w2 = add_word(w2, v.word[2], carry);
            w3 = add_word(w3, v.word[3], carry);
        }
        u[j] = w0;
        u[j + 1] = w1;
        u[j + 2] = w2;
        u[j + 3] = w3;
    }
    return shift_right({u[0], u[1], u[2], u[3]}, shift);
}

bool is_negative(const uint256& a) noexcept { return (a.word[3] >> 63) != 0; }

} // namespace

uint512 multiply_full(const uint256& a, const uint256& b) noexcept {
    uint512 result;
    for (int i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (int j = 0; j < 4; ++j) {
            const uint128 sum = uint128{a.word[i]} * b.word[j] + result.word[i + j] + carry;
            result.word[i + j] = static_cast<uint64_t>(sum);
            carry = static_cast<uint64_t>(sum >> 64);
        }
        result.word[i + 4] = carry;
    }
    return result;
}

DivisionResult divide(const uint256& dividend, const uint256& divisor) noexcept {
    const int dividend_length = word_count(dividend.word, 4);
    const int divisor_length = word_count(divisor.word, 4);
    DivisionResult result;
    if (dividend_length < divisor_length || dividend_length == 0) {
        result.remainder = dividend;
        return result;
    }
    if (divisor_length == 1) {
        if (dividend_length == 1) {
            result.quotient = dividend.word[0] / divisor.word[0];
            result.remainder = dividend.word[0] % divisor.word[0];
        } else {
            result.remainder = divide_by_word(dividend.word, dividend_length, divisor.word[0],
                                              result.quotient.word);
        }
        return result;
    }
    divide_long(dividend.word, dividend_length, divisor.word, divisor_length, result.quotient.word,
                result.remainder.word);
    return result;
}

DivisionResult divide_signed(const uint256& dividend, const uint256& divisor) noexcept {
    const bool dividend_negative = is_negative(dividend);
    const bool divisor_negative = is_negative(divisor);
    DivisionResult result =
        divide(dividend_negative ? -dividend : dividend, divisor_negative ? -divisor : divisor);
    if (dividend_negative != divisor_negative)
        result.quotient = -result.quotient;
    if (dividend_negative)
        result.remainder = -result.remainder;
    return result;
}

uint256 add_mod(const uint256& a, const uint256& b, const uint256& modulus) noexcept {
    // Operands already reduced are the common case: one conditional subtraction is enough.
    if (modulus.word[3] != 0 && a < modulus && b < modulus) {
        uint256 sum;
        uint256 reduced;
        const bool carry = add_with_carry(a, b, sum);
        const bool borrow = subtract_with_borrow(sum, modulus, reduced);
        return carry || !borrow ? reduced : sum;
    }
    uint256 sum;
    const bool carry = add_with_carry(a, b, sum);
    const uint64_t wide[5] = {sum.word[0], sum.word[1], sum.word[2], sum.word[3], carry};
    return remainder_of(wide, 5, modulus);
}

uint256 multiply_mod(const uint256& a, const uint256& b, const uint256& modulus) noexcept {
    const uint512 product = multiply_full(a, b);
    if (modulus.word[3] != 0)
        return remainder_by_four_words(product, modulus);
    return remainder_of(product.word, 8, modulus);
}

uint256 power(uint256 base, const uint256& exponent) noexcept {
    if (base == uint256{2})
        return exponent < uint256{256} ? shift_left(1, static_cast<unsigned>(exponent.word[0]))
                                       : uint256{};
    uint256 result{1};
    const unsigned bits = 256 - count_leading_zeros(exponent);
    for (unsigned i = 0; i < bits; ++i) {
        if ((exponent.word[i / 64] >> (i % 64)) & 1)
            result = result * base;
        base = base * base;
    }
    return result;
}

} // namespace braid
