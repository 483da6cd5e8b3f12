/// Arithmetic on little-endian arrays of 64-bit limbs of a length known at run time.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace braid::crypto::limbs {

using uint128 = unsigned __int128;

/// accumulator += factor * multiplier over `size` limbs; returns the carry out.
[[gnu::always_inline]] inline uint64_t add_product(uint64_t* accumulator, const uint64_t* factor,
                                                   size_t size, uint64_t multiplier) noexcept {
    uint64_t carry = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i < size; ++i) {
        const uint128 sum = uint128{factor[i]} * multiplier + accumulator[i] + carry;
        accumulator[i] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
    }
    return carry;
}

/// accumulator -= factor * multiplier over `size` limbs; returns the borrow out.
inline uint64_t subtract_product(uint64_t* accumulator, const uint64_t* factor, size_t size,
                                 uint64_t multiplier) noexcept {
    uint64_t borrow = 0;
    for (size_t i = 0; i < size; ++i) {
        const uint128 product = uint128{factor[i]} * multiplier + borrow;
        const uint64_t low = static_cast<uint64_t>(product);
        borrow = static_cast<uint64_t>(product >> 64) + (accumulator[i] < low);
        accumulator[i] -= low;
    }
    return borrow;
}

/// a += b over `size` limbs; returns the carry out, 0 or 1.
inline uint64_t add(uint64_t* a, const uint64_t* b, size_t size) noexcept {
    uint64_t carry = 0;
    for (size_t i = 0; i < size; ++i) {
        const uint128 sum = uint128{a[i]} + b[i] + carry;
        a[i] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
    }
    return carry;
}

/// out = a - b over `size` limbs; returns the borrow out, 0 or 1. `out` may be a or b.
inline uint64_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b,
                         size_t size) noexcept {
    uint64_t borrow = 0;
    for (size_t i = 0; i < size; ++i) {
        const uint128 difference = uint128{a[i]} - b[i] - borrow;
        out[i] = static_cast<uint64_t>(difference);
        borrow = static_cast<uint64_t>(difference >> 64) & 1;
    }
    return borrow;
}

/// Whether a >= b.
inline bool not_less(const uint64_t* a, const uint64_t* b, size_t size) noexcept {
    for (size_t i = size; i-- > 0;) {
        if (a[i] != b[i])
            return a[i] > b[i];
    }
    return true;
}

/// out = a << shift over `size` limbs, 0 <= shift < 64; returns the bits shifted out.
inline uint64_t shift_left(uint64_t* out, const uint64_t* a, size_t size, unsigned shift) noexcept {
    if (shift == 0) {
        std::copy_n(a, size, out);
        return 0;
    }
    uint64_t carry = 0;
    for (size_t i = 0; i < size; ++i) {
        const uint64_t value = a[i];
        out[i] = (value << shift) | carry;
        carry = value >> (64 - shift);
    }
    return carry;
}

/// a >>= shift over `size` limbs, 0 <= shift < 64.
inline void shift_right(uint64_t* a, size_t size, unsigned shift) noexcept {
    if (shift == 0)
        return;
    for (size_t i = 0; i + 1 < size; ++i)
        a[i] = (a[i] >> shift) | (a[i + 1] << (64 - shift));
    a[size - 1] >>= shift;
}

/// out = a * b over `size` limbs, modulo 2^(64 * size). `out` must not overlap the factors.
inline void multiply_low(uint64_t* out, const uint64_t* a, const uint64_t* b,
                         size_t size) noexcept {
    std::fill_n(out, size, 0);
    for (size_t i = 0; i < size; ++i)
        add_product(out + i, a, size - i, b[i]);
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the number
/// of correct bits, and x itself is right to 3 bits.
constexpr uint64_t inverse_mod_2_64(uint64_t odd) noexcept {
    uint64_t inverse = odd;
    for (int i = 0; i < 5; ++i)
        inverse *= 2 - odd * inverse;
    return inverse;
}

/// The quotient of (high, low) / divisor, where high < divisor.
inline uint64_t divide(uint64_t high, uint64_t low, uint64_t divisor, uint64_t* rest) noexcept {
#if defined(__x86_64__)
    // The compiler would call a library routine: it does not know that the quotient fits.
    uint64_t quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(divisor) : "cc");
    return quotient;
#else
    const uint128 dividend = (uint128{high} << 64) | low;
    *rest = static_cast<uint64_t>(dividend % divisor);
    return static_cast<uint64_t>(dividend / divisor);
#endif
}

/// Reduces `dividend` (dividend_size limbs) modulo `divisor` (size limbs, top bit set), in place:
/// the remainder stays in the lowest `size` limbs. dividend_size > size, and the top limb of the
/// dividend must be below the divisor's (a zero limb on top will do). Knuth, TAOCP 2, algorithm D.
inline void reduce(uint64_t* dividend, size_t dividend_size, const uint64_t* divisor,
                   size_t size) noexcept {
    const uint64_t top = divisor[size - 1];
    const uint64_t second = size > 1 ? divisor[size - 2] : 0;
    for (size_t i = dividend_size - size; i-- > 0;) {
        uint64_t* window = dividend + i;
        const uint64_t head = window[size];
        const uint64_t next = window[size - 1];
        uint64_t estimate = ~uint64_t{0};
        if (head < top) {
            uint64_t rest;
            estimate = divide(head, next, top, &rest);
            const uint64_t below = size > 1 ? window[size - 2] : 0;
            while (uint128{estimate} * second > ((uint128{rest} << 64) | below)) {
                --estimate;
                rest += top;
                if (rest < top)
                    break;
            }
        }
        const uint64_t borrow = subtract_product(window, divisor, size, estimate);
        window[size] = head - borrow;
        // The estimate is too large by at most one, or by two where it was capped.
        if (head < borrow) {
            while (window[size] != 0)
                window[size] += add(window, divisor, size);
        }
    }
}

/// Splits a number of `size` limbs into `count` digits of `digit_bits` bits each, lowest first.
inline void split(uint64_t* digits, size_t count, const uint64_t* number, size_t size,
                  unsigned digit_bits) noexcept {
    const uint64_t mask = (uint64_t{1} << digit_bits) - 1;
    for (size_t i = 0; i < count; ++i) {
        const size_t limb = i * digit_bits / 64;
        const unsigned shift = i * digit_bits % 64;
        const uint64_t low = limb < size ? number[limb] >> shift : 0;
        // Two shifts: one by 64 - 0 would not be defined.
        const uint64_t high = limb + 1 < size ? number[limb + 1] << 1 << (63 - shift) : 0;
        digits[i] = (low | high) & mask;
    }
}

/// Joins `count` digits of `digit_bits` bits each into `size` limbs; what passes them is dropped.
inline void join(uint64_t* number, size_t size, const uint64_t* digits, size_t count,
                 unsigned digit_bits) noexcept {
    std::fill_n(number, size, 0);
    for (size_t i = 0; i < count; ++i) {
        const size_t limb = i * digit_bits / 64;
        const unsigned shift = i * digit_bits % 64;
        if (limb < size)
            number[limb] |= digits[i] << shift;
        if (limb + 1 < size)
            number[limb + 1] |= digits[i] >> 1 >> (63 - shift);
    }
}

/// Reads a big-endian number into `size` limbs, which must be enough for it.
inline void load_big_endian(uint64_t* out, size_t size, BytesView bytes) noexcept {
    size_t left = bytes.size();
    size_t i = 0;
    for (; left >= 8; left -= 8)
        out[i++] = load_be64(bytes.data() + left - 8);
    if (left != 0) {
        uint64_t limb = 0;
        for (size_t j = 0; j < left; ++j)
            limb = (limb << 8) | bytes[j];
        out[i++] = limb;
    }
    std::fill(out + i, out + size, 0);
}

/// Writes the lowest bytes of a number of `size` limbs, big-endian, padded with zeros on the left.
inline void store_big_endian(uint8_t* out, size_t out_size, const uint64_t* number,
                             size_t size) noexcept {
    for (size_t i = 0; i < out_size; ++i) {
        const size_t limb = i / 8;
        const uint64_t value = limb < size ? number[limb] >> (8 * (i % 8)) : 0;
        out[out_size - 1 - i] = static_cast<uint8_t>(value);
    }
}

} // namespace braid::crypto::limbs
