/// 256-bit numbers as four 64-bit words, and the carry arithmetic that every field is built on.
/// Everything in the curve code runs in variable time: it only ever sees public data.
#pragma once

#include "base/bytes.hpp"
#include "crypto/field_x86.hpp"

#include <type_traits>

#if BRAID_FIELD_X86
#include <immintrin.h>
#endif

namespace braid::crypto {

using uint128 = unsigned __int128;

/// An unsigned 256-bit number, least significant word first.
struct Uint256 {
    uint64_t words[4]{};

    constexpr bool operator==(const Uint256&) const noexcept = default;

    /// Whether this is zero.
    [[nodiscard]] constexpr bool is_zero() const noexcept {
        return (words[0] | words[1] | words[2] | words[3]) == 0;
    }

    /// The bit with the given index, 0 to 255.
    [[nodiscard]] constexpr bool bit(unsigned index) const noexcept {
        return ((words[index / 64] >> (index % 64)) & 1) != 0;
    }
};

/// out = in, in the way that keeps a copied field element quick to use at once.
constexpr void copy_words(Uint256& out, const Uint256& in) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::copy(out.words, in.words);
        return;
    }
#endif
    out = in;
}

/// a + b + carry; carry is 0 or 1 and is replaced by the outgoing one.
constexpr uint64_t add_with_carry(uint64_t a, uint64_t b, uint64_t& carry) noexcept {
    const uint128 sum = static_cast<uint128>(a) + b + carry;
    carry = static_cast<uint64_t>(sum >> 64);
    return static_cast<uint64_t>(sum);
}

/// a - b - borrow; borrow is 0 or 1 and is replaced by the outgoing one.
constexpr uint64_t subtract_with_borrow(uint64_t a, uint64_t b, uint64_t& borrow) noexcept {
    const uint128 difference = static_cast<uint128>(a) - b - borrow;
    borrow = static_cast<uint64_t>(difference >> 64) & 1;
    return static_cast<uint64_t>(difference);
}

/// The low word of a * b + c + carry, which never overflows 128 bits; carry becomes the high word.
constexpr uint64_t multiply_add(uint64_t a, uint64_t b, uint64_t c, uint64_t& carry) noexcept {
    const uint128 sum = static_cast<uint128>(a) * b + c + carry;
    carry = static_cast<uint64_t>(sum >> 64);
    return static_cast<uint64_t>(sum);
}

/// out = a + b over `count` words; returns the carry. out may be a or b.
template <unsigned count>
constexpr uint64_t add_words(uint64_t* out, const uint64_t* a, const uint64_t* b) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        unsigned char carry = 0;
        for (unsigned i = 0; i < count; ++i) {
            unsigned long long word;
            carry = _addcarry_u64(carry, a[i], b[i], &word);
            out[i] = word;
        }
        return carry;
    }
#endif
    uint64_t carry = 0;
    for (unsigned i = 0; i < count; ++i)
        out[i] = add_with_carry(a[i], b[i], carry);
    return carry;
}

/// out = a - b over `count` words; returns the borrow. out may be a or b.
template <unsigned count>
constexpr uint64_t subtract_words(uint64_t* out, const uint64_t* a, const uint64_t* b) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        unsigned char borrow = 0;
        for (unsigned i = 0; i < count; ++i) {
            unsigned long long word;
            borrow = _subborrow_u64(borrow, a[i], b[i], &word);
            out[i] = word;
        }
        return borrow;
    }
#endif
    uint64_t borrow = 0;
    for (unsigned i = 0; i < count; ++i)
        out[i] = subtract_with_borrow(a[i], b[i], borrow);
    return borrow;
}

/// Whether a < b.
constexpr bool less(const Uint256& a, const Uint256& b) noexcept {
    for (unsigned i = 4; i-- > 0;) {
        if (a.words[i] != b.words[i])
            return a.words[i] < b.words[i];
    }
    return false;
}

/// An unsigned 512-bit number, least significant word first. Not initialised: it is always the
/// target of a product.
struct Uint512 {
    uint64_t words[8];
};

/// product = a * b in full.
constexpr void multiply_wide(Uint512& product, const Uint256& a, const Uint256& b) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::multiply_wide(product.words, a.words, b.words);
        return;
    }
#endif
    for (auto& word : product.words)
        word = 0;
    for (unsigned i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (unsigned j = 0; j < 4; ++j)
            product.words[i + j] =
                multiply_add(a.words[j], b.words[i], product.words[i + j], carry);
        product.words[i + 4] = carry;
    }
}

/// square = a * a in full.
constexpr void square_wide(Uint512& square, const Uint256& a) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::square_wide(square.words, a.words);
        return;
    }
#endif
    multiply_wide(square, a, a);
}

/// a + b, which must be below 2^256.
constexpr Uint256 add_unreduced(const Uint256& a, const Uint256& b) noexcept {
    Uint256 sum;
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::add_unreduced(sum.words, a.words, b.words);
        return sum;
    }
#endif
    add_words<4>(sum.words, a.words, b.words);
    return sum;
}

/// a = a - b; where that is negative, plus modulus * 2^256.
constexpr void subtract_wide_modulo(Uint512& a, const Uint512& b, const Uint256& modulus) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::subtract_wide_modulo(a.words, b.words, modulus.words);
        return;
    }
#endif
    if (subtract_words<8>(a.words, a.words, b.words) != 0)
        add_words<4>(a.words + 4, a.words + 4, modulus.words);
}

/// a = a - b - c, which must not be negative.
constexpr void subtract_wide_twice(Uint512& a, const Uint512& b, const Uint512& c) noexcept {
#if BRAID_FIELD_X86
    if (!std::is_constant_evaluated()) {
        x86::subtract_wide_twice(a.words, b.words, c.words);
        return;
    }
#endif
    subtract_words<8>(a.words, a.words, b.words);
    subtract_words<8>(a.words, a.words, c.words);
}

/// round(number * 2^shift / divisor), for constants: one bit of the quotient at a time. The
/// quotient must be below 2^256.
consteval Uint256 divide_shifted(const Uint256& number, unsigned shift, const Uint256& divisor) {
    Uint256 quotient;
    uint64_t remainder[5]{};
    const uint64_t wide_divisor[5]{divisor.words[0], divisor.words[1], divisor.words[2],
                                   divisor.words[3], 0};
    // One position past the binary point decides the rounding.
    bool round_up = false;
    for (unsigned position = 256 + shift + 1; position-- > 0;) {
        const bool next = position > shift && number.bit(position - shift - 1);
        for (unsigned i = 4; i > 0; --i)
            remainder[i] = (remainder[i] << 1) | (remainder[i - 1] >> 63);
        remainder[0] = (remainder[0] << 1) | (next ? 1 : 0);
        uint64_t reduced[5];
        const bool fits = subtract_words<5>(reduced, remainder, wide_divisor) == 0;
        if (fits) {
            for (unsigned i = 0; i < 5; ++i)
                remainder[i] = reduced[i];
        }
        if (position == 0) {
            round_up = fits;
        } else {
            for (unsigned i = 3; i > 0; --i)
                quotient.words[i] = (quotient.words[i] << 1) | (quotient.words[i - 1] >> 63);
            quotient.words[0] = (quotient.words[0] << 1) | (fits ? 1 : 0);
        }
    }
    const Uint256 one{{round_up ? 1ULL : 0ULL, 0, 0, 0}};
    add_words<4>(quotient.words, quotient.words, one.words);
    return quotient;
}

/// Reads 32 big-endian bytes.
inline Uint256 load_be256(const uint8_t* data) noexcept {
    return {{load_be64(data + 24), load_be64(data + 16), load_be64(data + 8), load_be64(data)}};
}

/// Writes 32 big-endian bytes.
inline void store_be256(uint8_t* data, const Uint256& number) noexcept {
    for (unsigned i = 0; i < 4; ++i)
        store_be64(data + 8 * i, number.words[3 - i]);
}

} // namespace braid::crypto
