/// 256-bit unsigned arithmetic with the EVM's semantics (everything wraps modulo 2^256).
#pragma once

#include "base/bytes.hpp"

#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace braid {

__extension__ typedef unsigned __int128 uint128;

/// A 256-bit unsigned number: four 64-bit words, least significant first.
struct uint256 {
    uint64_t word[4]{};

    constexpr uint256() noexcept = default;
    constexpr uint256(uint64_t value) noexcept : word{value, 0, 0, 0} {} // NOLINT: implicit
    constexpr uint256(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3) noexcept
        : word{w0, w1, w2, w3} {}

    /// Whether the value is not zero.
    explicit constexpr operator bool() const noexcept {
        return (word[0] | word[1] | word[2] | word[3]) != 0;
    }

    /// Whether the value is below 2^64.
    [[nodiscard]] constexpr bool fits_uint64() const noexcept {
        return (word[1] | word[2] | word[3]) == 0;
    }

    /// The largest value, 2^256 - 1.
    static constexpr uint256 max() noexcept { return {~0ULL, ~0ULL, ~0ULL, ~0ULL}; }
};

/// A 512-bit product: eight words, least significant first.
struct uint512 {
    uint64_t word[8]{};
};

/// Quotient and remainder.
struct DivisionResult {
    uint256 quotient;
    uint256 remainder;
};

[[nodiscard]] constexpr bool operator==(const uint256& a, const uint256& b) noexcept {
    return ((a.word[0] ^ b.word[0]) | (a.word[1] ^ b.word[1]) | (a.word[2] ^ b.word[2]) |
            (a.word[3] ^ b.word[3])) == 0;
}

/// a - b - borrow of one word; the borrow goes in and out as 0 or 1.
constexpr uint64_t subtract_word(uint64_t a, uint64_t b, uint8_t& borrow) noexcept {
#if defined(__x86_64__)
    // The intrinsic keeps the borrow in the flag; compilers turn 128-bit arithmetic into more.
    if (!std::is_constant_evaluated()) {
        unsigned long long result;
        borrow = _subborrow_u64(borrow, a, b, &result);
        return result;
    }
#endif
    const uint128 difference = uint128{a} - b - borrow;
    borrow = static_cast<uint8_t>(difference >> 64) & 1;
    return static_cast<uint64_t>(difference);
}

/// a + b + carry of one word; the carry goes in and out as 0 or 1.
constexpr uint64_t add_word(uint64_t a, uint64_t b, uint8_t& carry) noexcept {
#if defined(__x86_64__)
    if (!std::is_constant_evaluated()) {
        unsigned long long result;
        carry = _addcarry_u64(carry, a, b, &result);
        return result;
    }
#endif
    const uint128 sum = uint128{a} + b + carry;
    carry = static_cast<uint8_t>(sum >> 64);
    return static_cast<uint64_t>(sum);
}

/// a - b with the borrow out.
constexpr bool subtract_with_borrow(const uint256& a, const uint256& b, uint256& out) noexcept {
    uint8_t borrow = 0;
    const uint64_t w0 = subtract_word(a.word[0], b.word[0], borrow);
    const uint64_t w1 = subtract_word(a.word[1], b.word[1], borrow);
    const uint64_t w2 = subtract_word(a.word[2], b.word[2], borrow);
    const uint64_t w3 = subtract_word(a.word[3], b.word[3], borrow);
    out = {w0, w1, w2, w3};
    return borrow != 0;
}

/// a + b with the carry out.
constexpr bool add_with_carry(const uint256& a, const uint256& b, uint256& out) noexcept {
    uint8_t carry = 0;
    const uint64_t w0 = add_word(a.word[0], b.word[0], carry);
    const uint64_t w1 = add_word(a.word[1], b.word[1], carry);
    const uint64_t w2 = add_word(a.word[2], b.word[2], carry);
    const uint64_t w3 = add_word(a.word[3], b.word[3], carry);
    out = {w0, w1, w2, w3};
    return carry != 0;
}

[[nodiscard]] constexpr bool operator<(const uint256& a, const uint256& b) noexcept {
    uint256 ignored;
    return subtract_with_borrow(a, b, ignored);
}
[[nodiscard]] constexpr bool operator>(const uint256& a, const uint256& b) noexcept {
    return b < a;
}
[[nodiscard]] constexpr bool operator<=(const uint256& a, const uint256& b) noexcept {
    return !(b < a);
}
[[nodiscard]] constexpr bool operator>=(const uint256& a, const uint256& b) noexcept {
    return !(a < b);
}

[[nodiscard]] constexpr uint256 operator+(const uint256& a, const uint256& b) noexcept {
    uint256 result;
    add_with_carry(a, b, result);
    return result;
}
[[nodiscard]] constexpr uint256 operator-(const uint256& a, const uint256& b) noexcept {
    uint256 result;
    subtract_with_borrow(a, b, result);
    return result;
}
[[nodiscard]] constexpr uint256 operator-(const uint256& a) noexcept { return uint256{} - a; }
[[nodiscard]] constexpr uint256 operator~(const uint256& a) noexcept {
    return {~a.word[0], ~a.word[1], ~a.word[2], ~a.word[3]};
}
[[nodiscard]] constexpr uint256 operator&(const uint256& a, const uint256& b) noexcept {
    return {a.word[0] & b.word[0], a.word[1] & b.word[1], a.word[2] & b.word[2],
            a.word[3] & b.word[3]};
}
[[nodiscard]] constexpr uint256 operator|(const uint256& a, const uint256& b) noexcept {
    return {a.word[0] | b.word[0], a.word[1] | b.word[1], a.word[2] | b.word[2],
            a.word[3] | b.word[3]};
}
[[nodiscard]] constexpr uint256 operator^(const uint256& a, const uint256& b) noexcept {
    return {a.word[0] ^ b.word[0], a.word[1] ^ b.word[1], a.word[2] ^ b.word[2],
            a.word[3] ^ b.word[3]};
}
constexpr uint256& operator+=(uint256& a, const uint256& b) noexcept { return a = a + b; }
constexpr uint256& operator-=(uint256& a, const uint256& b) noexcept { return a = a - b; }

/// a * b modulo 2^256.
[[nodiscard]] constexpr uint256 operator*(const uint256& a, const uint256& b) noexcept {
    // Schoolbook by rows; what would land at or above word 4 is dropped.
    const uint128 p00 = uint128{a.word[0]} * b.word[0];
    const uint128 p01 = uint128{a.word[0]} * b.word[1];
    const uint128 p02 = uint128{a.word[0]} * b.word[2];
    const uint128 p10 = uint128{a.word[1]} * b.word[0];
    const uint128 p11 = uint128{a.word[1]} * b.word[1];
    const uint128 p20 = uint128{a.word[2]} * b.word[0];
    const auto low = [](uint128 product) { return static_cast<uint64_t>(product); };
    const auto high = [](uint128 product) { return static_cast<uint64_t>(product >> 64); };
    const uint64_t top = a.word[0] * b.word[3] + a.word[1] * b.word[2] + a.word[2] * b.word[1] +
                         a.word[3] * b.word[0];

    uint8_t carry = 0;
    uint64_t w1 = add_word(high(p00), low(p01), carry);
    uint64_t w2 = add_word(high(p01), low(p02), carry);
    uint64_t w3 = add_word(high(p02), top, carry);
    carry = 0;
    w1 = add_word(w1, low(p10), carry);
    w2 = add_word(w2, low(p11), carry);
    w3 = add_word(w3, high(p11), carry);
    carry = 0;
    w2 = add_word(w2, high(p10), carry);
    w3 = add_word(w3, high(p20), carry);
    carry = 0;
    w2 = add_word(w2, low(p20), carry);
    w3 = add_word(w3, 0, carry);
    return {low(p00), w1, w2, w3};
}

/// The full 512-bit product.
[[nodiscard]] uint512 multiply_full(const uint256& a, const uint256& b) noexcept;

/// Unsigned division. The divisor must not be zero (the EVM's x / 0 = 0 is the caller's).
[[nodiscard]] DivisionResult divide(const uint256& dividend, const uint256& divisor) noexcept;

/// Two's-complement division, truncating towards zero; the remainder takes the dividend's sign.
/// The divisor must not be zero.
[[nodiscard]] DivisionResult divide_signed(const uint256& dividend,
                                           const uint256& divisor) noexcept;

/// (a + b) mod modulus without wrapping in between. The modulus must not be zero.
[[nodiscard]] uint256 add_mod(const uint256& a, const uint256& b, const uint256& modulus) noexcept;

/// (a * b) mod modulus without wrapping in between. The modulus must not be zero.
[[nodiscard]] uint256 multiply_mod(const uint256& a, const uint256& b,
                                   const uint256& modulus) noexcept;

/// base^exponent modulo 2^256.
[[nodiscard]] uint256 power(uint256 base, const uint256& exponent) noexcept;

/// a << shift for shift < 256.
[[nodiscard]] constexpr uint256 shift_left(const uint256& a, unsigned shift) noexcept {
    // Zeros below the words make every case the same: no branch on the word shift.
    const uint64_t padded[8] = {0, 0, 0, 0, a.word[0], a.word[1], a.word[2], a.word[3]};
    const uint64_t* from = padded + 4 - shift / 64; // at least padded + 1
    const unsigned bits = shift % 64;
    const auto word = [&](int i) { return (from[i] << bits) | (from[i - 1] >> 1 >> (63 - bits)); };
    return {word(0), word(1), word(2), word(3)};
}

/// a >> shift for shift < 256, filling with zeros.
[[nodiscard]] constexpr uint256 shift_right(const uint256& a, unsigned shift) noexcept {
    const uint64_t padded[8] = {a.word[0], a.word[1], a.word[2], a.word[3], 0, 0, 0, 0};
    const uint64_t* from = padded + shift / 64;
    const unsigned bits = shift % 64;
    const auto word = [&](int i) { return (from[i] >> bits) | (from[i + 1] << 1 << (63 - bits)); };
    return {word(0), word(1), word(2), word(3)};
}

/// Whether a is less than b, both taken for numbers in two's complement.
[[nodiscard]] constexpr bool less_signed(const uint256& a, const uint256& b) noexcept {
    // Flipping the sign bits maps the signed order to the unsigned one.
    constexpr uint64_t sign = uint64_t{1} << 63;
    const uint256 x{a.word[0], a.word[1], a.word[2], a.word[3] ^ sign};
    const uint256 y{b.word[0], b.word[1], b.word[2], b.word[3] ^ sign};
    return x < y;
}

/// The number of leading zero bits, 256 for zero (EIP-7939).
[[nodiscard]] constexpr unsigned count_leading_zeros(const uint256& a) noexcept {
    for (int i = 3; i >= 0; --i)
        if (a.word[i] != 0)
            return static_cast<unsigned>(3 - i) * 64 +
                   static_cast<unsigned>(std::countl_zero(a.word[i]));
    return 256;
}

/// The number of bytes needed to write the value, 0 for zero.
[[nodiscard]] constexpr unsigned significant_bytes(const uint256& a) noexcept {
    return (256 - count_leading_zeros(a) + 7) / 8;
}

/// Reads 32 big-endian bytes.
[[nodiscard]] inline uint256 load_uint256(const uint8_t* data) noexcept {
    return {load_be64(data + 24), load_be64(data + 16), load_be64(data + 8), load_be64(data)};
}

/// Reads a big-endian 256-bit number.
[[nodiscard]] inline uint256 to_uint256(const Bytes32& value) noexcept {
    return load_uint256(value.bytes);
}

/// An address as a number.
[[nodiscard]] inline uint256 to_uint256(const Address& address) noexcept {
    uint32_t top;
    std::memcpy(&top, address.bytes, sizeof(top));
    if constexpr (std::endian::native == std::endian::little)
        top = __builtin_bswap32(top);
    return {load_be64(address.bytes + 12), load_be64(address.bytes + 4), top, 0};
}

/// Writes 32 big-endian bytes.
inline void store_uint256(uint8_t* data, const uint256& value) noexcept {
    store_be64(data, value.word[3]);
    store_be64(data + 8, value.word[2]);
    store_be64(data + 16, value.word[1]);
    store_be64(data + 24, value.word[0]);
}

/// A number as 32 big-endian bytes.
[[nodiscard]] inline Bytes32 to_bytes32(const uint256& value) noexcept {
    Bytes32 result;
    store_uint256(result.bytes, value);
    return result;
}

/// The low 160 bits of a number as an address.
[[nodiscard]] inline Address to_address(const uint256& value) noexcept {
    Address result;
    uint32_t top = static_cast<uint32_t>(value.word[2]);
    if constexpr (std::endian::native == std::endian::little)
        top = __builtin_bswap32(top);
    std::memcpy(result.bytes, &top, sizeof(top));
    store_be64(result.bytes + 4, value.word[1]);
    store_be64(result.bytes + 12, value.word[0]);
    return result;
}

} // namespace braid
