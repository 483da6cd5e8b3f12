/// 256-bit arithmetic written for the reader, not the processor: the tests' judge of
/// base/uint256.hpp. Shares nothing with it.
#pragma once

#include "evmc/evmc.h"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace braid::reference {

/// A 256-bit number: eight 32-bit limbs, least significant first.
struct Word {
    std::array<uint32_t, 8> limb{};

    Word() = default;
    Word(uint64_t value) // NOLINT: implicit, as numbers are
        : limb{static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)} {}

    /// Reads `size` (at most 32) big-endian bytes.
    static Word from_bytes(const uint8_t* bytes, size_t size) {
        Word result;
        for (size_t i = 0; i < size; ++i)
            result.limb[i / 4] |= uint32_t{bytes[size - 1 - i]} << (8 * (i % 4));
        return result;
    }
    explicit Word(const evmc_bytes32& value) : Word{from_bytes(value.bytes, 32)} {}
    explicit Word(const evmc_address& value) : Word{from_bytes(value.bytes, 20)} {}

    /// Byte i, counted from the least significant.
    [[nodiscard]] uint8_t byte(size_t i) const {
        return static_cast<uint8_t>(limb[i / 4] >> (8 * (i % 4)));
    }
    /// Bit i, counted from the least significant.
    [[nodiscard]] bool bit(size_t i) const { return ((limb[i / 32] >> (i % 32)) & 1) != 0; }
    void set_bit(size_t i) { limb[i / 32] |= uint32_t{1} << (i % 32); }

    [[nodiscard]] evmc_bytes32 to_bytes() const {
        evmc_bytes32 result;
        for (size_t i = 0; i < 32; ++i)
            result.bytes[31 - i] = byte(i);
        return result;
    }
    [[nodiscard]] evmc_address to_address() const {
        evmc_address result;
        for (size_t i = 0; i < 20; ++i)
            result.bytes[19 - i] = byte(i);
        return result;
    }
    /// The low 64 bits.
    [[nodiscard]] uint64_t low() const { return uint64_t{limb[1]} << 32 | limb[0]; }
    /// How many bits the number needs: 0 for 0.
    [[nodiscard]] unsigned bit_length() const {
        for (unsigned i = 8; i-- > 0;)
            if (limb[i] != 0)
                return 32 * i + 32 - static_cast<unsigned>(std::countl_zero(limb[i]));
        return 0;
    }
    [[nodiscard]] bool is_zero() const { return limb == decltype(limb){}; }
    [[nodiscard]] bool is_negative() const { return bit(255); }

    bool operator==(const Word&) const = default;
};

inline bool operator<(const Word& a, const Word& b) {
    for (size_t i = 8; i-- > 0;)
        if (a.limb[i] != b.limb[i])
            return a.limb[i] < b.limb[i];
    return false;
}

/// a + b; `carry` receives bit 256.
inline Word add(const Word& a, const Word& b, bool& carry) {
    Word result;
    uint64_t sum = 0;
    for (size_t i = 0; i < 8; ++i) {
        sum += uint64_t{a.limb[i]} + b.limb[i];
        result.limb[i] = static_cast<uint32_t>(sum);
        sum >>= 32;
    }
    carry = sum != 0;
    return result;
}

inline Word operator~(const Word& a) {
    Word result;
    for (size_t i = 0; i < 8; ++i)
        result.limb[i] = ~a.limb[i];
    return result;
}
inline Word operator+(const Word& a, const Word& b) {
    bool carry;
    return add(a, b, carry);
}
inline Word operator-(const Word& a) { return ~a + Word{1}; }
inline Word operator-(const Word& a, const Word& b) { return a + -b; }

inline Word operator*(const Word& a, const Word& b) {
    Word result;
    for (size_t i = 0; i < 8; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; i + j < 8; ++j) {
            carry += uint64_t{a.limb[i]} * b.limb[j] + result.limb[i + j];
            result.limb[i + j] = static_cast<uint32_t>(carry);
            carry >>= 32;
        }
    }
    return result;
}

/// a << bits; everything is shifted out from 256 on.
inline Word shift_left(const Word& a, unsigned bits) {
    Word result;
    for (unsigned i = bits / 32; i < 8; ++i) {
        const unsigned from = i - bits / 32;
        const uint64_t pair = uint64_t{a.limb[from]} << 32 | (from > 0 ? a.limb[from - 1] : 0);
        result.limb[i] = static_cast<uint32_t>(pair << (bits % 32) >> 32);
    }
    return result;
}
/// a >> bits; everything is shifted out from 256 on.
inline Word shift_right(const Word& a, unsigned bits) {
    Word result;
    for (unsigned i = bits / 32; i < 8; ++i) {
        const uint64_t pair = uint64_t{i + 1 < 8 ? a.limb[i + 1] : 0} << 32 | a.limb[i];
        result.limb[i - bits / 32] = static_cast<uint32_t>(pair >> (bits % 32));
    }
    return result;
}

/// (2 * a + b) mod m for a < m; b is one bit.
inline Word double_mod(const Word& a, bool b, const Word& m, bool& subtracted) {
    bool carry;
    Word doubled = add(a, a, carry);
    doubled.limb[0] |= static_cast<uint32_t>(b);
    subtracted = carry || !(doubled < m);
    return subtracted ? doubled - m : doubled;
}

/// Quotient and remainder by long division in base 2; both are 0 where the divisor is 0.
inline std::pair<Word, Word> divide(const Word& a, const Word& b) {
    Word quotient;
    Word remainder;
    if (b.is_zero())
        return {quotient, remainder};
    if (a < b)
        return {quotient, a};
    // The leading bits of `a` that are fewer than those of `b` go in at once.
    const unsigned rest = a.bit_length() - b.bit_length() + 1;
    remainder = shift_right(a, rest);
    for (unsigned i = rest; i-- > 0;) {
        bool subtracted;
        remainder = double_mod(remainder, a.bit(i), b, subtracted);
        if (subtracted)
            quotient.set_bit(i);
    }
    return {quotient, remainder};
}

/// Two's-complement division, truncating; the remainder has the dividend's sign.
inline std::pair<Word, Word> divide_signed(const Word& a, const Word& b) {
    auto [quotient, remainder] = divide(a.is_negative() ? -a : a, b.is_negative() ? -b : b);
    return {a.is_negative() != b.is_negative() ? -quotient : quotient,
            a.is_negative() ? -remainder : remainder};
}

/// a + b mod m for a and b below m.
inline Word add_reduced(const Word& a, const Word& b, const Word& m) {
    bool carry;
    const Word sum = add(a, b, carry);
    return carry || !(sum < m) ? sum - m : sum;
}

/// (a + b) mod m over the integers; 0 where m is 0.
inline Word add_mod(const Word& a, const Word& b, const Word& m) {
    return m.is_zero() ? Word{} : add_reduced(divide(a, m).second, divide(b, m).second, m);
}

/// (a * b) mod m over the integers, by doubling and adding; 0 where m is 0.
inline Word multiply_mod(const Word& a, const Word& b, const Word& m) {
    Word result;
    if (m.is_zero())
        return result;
    const Word reduced = divide(a, m).second;
    for (unsigned i = b.bit_length(); i-- > 0;) {
        result = add_reduced(result, result, m);
        if (b.bit(i))
            result = add_reduced(result, reduced, m);
    }
    return result;
}

/// base^exponent modulo 2^256.
inline Word power(const Word& base, const Word& exponent) {
    Word result{1};
    for (unsigned i = exponent.bit_length(); i-- > 0;) {
        result = result * result;
        if (exponent.bit(i))
            result = result * base;
    }
    return result;
}

} // namespace braid::reference
