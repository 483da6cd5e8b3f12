/// Prime fields of up to 256 bits in Montgomery form, the modulus fixed at compile time.
/// P. L. Montgomery, "Modular multiplication without trial division" (1985).
#pragma once

#include "crypto/field_inverse.hpp"
#include "crypto/field_words.hpp"

#include <optional>

namespace braid::crypto {

/// An element of the field of integers modulo an odd prime above 2^192. The representative
/// number * 2^256 is always fully reduced, so equality is equality of words.
template <Uint256 modulus_words>
class MontgomeryField {
  public:
    /// The prime.
    static constexpr Uint256 modulus = modulus_words;

    /// Zero.
    constexpr MontgomeryField() noexcept = default;
    constexpr MontgomeryField(const MontgomeryField& other) noexcept {
        copy_words(words_, other.words_);
    }
    constexpr MontgomeryField& operator=(const MontgomeryField& other) noexcept {
        copy_words(words_, other.words_);
        return *this;
    }
    ~MontgomeryField() = default;

    /// The element for a number below the modulus.
    [[nodiscard]] static constexpr MontgomeryField from_number(const Uint256& number) noexcept {
        return MontgomeryField{number} * MontgomeryField{square_of_radix};
    }

    /// The element for a small number.
    [[nodiscard]] static constexpr MontgomeryField from_word(uint64_t number) noexcept {
        return from_number({{number, 0, 0, 0}});
    }

    /// The element for 32 big-endian bytes, or nothing where they are not below the modulus.
    [[nodiscard]] static std::optional<MontgomeryField> from_bytes(const uint8_t* data) noexcept {
        const Uint256 number = load_be256(data);
        if (!less(number, modulus))
            return std::nullopt;
        return from_number(number);
    }

    /// The element for any 256-bit number, reduced.
    [[nodiscard]] static constexpr MontgomeryField from_any_number(Uint256 number) noexcept {
        // A product of a * b < modulus * 2^256 reduces fully: square_of_radix is below the modulus.
        Uint512 product;
        multiply_wide(product, number, square_of_radix);
        return from_wide(product);
    }

    /// One.
    [[nodiscard]] static constexpr MontgomeryField one() noexcept { return MontgomeryField{radix}; }

    /// The number this element stands for.
    [[nodiscard]] constexpr Uint256 number() const noexcept {
        const auto& words = words_.words;
        return from_wide({{words[0], words[1], words[2], words[3], 0, 0, 0, 0}}).words_;
    }

    /// Writes the number as 32 big-endian bytes.
    void to_bytes(uint8_t* data) const noexcept { store_be256(data, number()); }

    constexpr bool operator==(const MontgomeryField&) const noexcept = default;

    [[nodiscard]] constexpr bool is_zero() const noexcept { return words_.is_zero(); }

    friend constexpr MontgomeryField operator+(const MontgomeryField& a,
                                               const MontgomeryField& b) noexcept {
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            MontgomeryField sum;
            x86::add_modulo(sum.words_.words, a.words_.words, b.words_.words, constants.modulus);
            return sum;
        }
#endif
        Uint256 sum;
        const uint64_t carry = add_words<4>(sum.words, a.words_.words, b.words_.words);
        Uint256 reduced;
        const uint64_t borrow = subtract_words<4>(reduced.words, sum.words, modulus.words);
        return MontgomeryField{select(carry < borrow, sum, reduced)};
    }

    friend constexpr MontgomeryField operator-(const MontgomeryField& a,
                                               const MontgomeryField& b) noexcept {
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            MontgomeryField difference;
            x86::subtract_modulo(difference.words_.words, a.words_.words, b.words_.words,
                                 constants.modulus);
            return difference;
        }
#endif
        Uint256 difference;
        const uint64_t borrow = subtract_words<4>(difference.words, a.words_.words, b.words_.words);
        const uint64_t mask = uint64_t{0} - borrow;
        const Uint256 correction{{modulus.words[0] & mask, modulus.words[1] & mask,
                                  modulus.words[2] & mask, modulus.words[3] & mask}};
        add_words<4>(difference.words, difference.words, correction.words);
        return MontgomeryField{difference};
    }

    constexpr MontgomeryField operator-() const noexcept { return MontgomeryField{} - *this; }

    friend constexpr MontgomeryField operator*(const MontgomeryField& a,
                                               const MontgomeryField& b) noexcept {
        return from_product(a.words_, b.words_);
    }

    [[nodiscard]] constexpr MontgomeryField squared() const noexcept {
        Uint512 square;
        square_wide(square, words_);
        return from_wide(square);
    }

    [[nodiscard]] constexpr MontgomeryField doubled() const noexcept { return *this + *this; }

    /// Half of this element.
    [[nodiscard]] constexpr MontgomeryField halved() const noexcept {
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            MontgomeryField half;
            x86::halve_modulo(half.words_.words, words_.words, constants.modulus);
            return half;
        }
#endif
        const uint64_t mask = uint64_t{0} - (words_.words[0] & 1);
        const Uint256 correction{{modulus.words[0] & mask, modulus.words[1] & mask,
                                  modulus.words[2] & mask, modulus.words[3] & mask}};
        Uint256 even;
        const uint64_t carry = add_words<4>(even.words, words_.words, correction.words);
        return MontgomeryField{
            {{even.words[0] >> 1 | even.words[1] << 63, even.words[1] >> 1 | even.words[2] << 63,
              even.words[2] >> 1 | even.words[3] << 63, even.words[3] >> 1 | carry << 63}}};
    }

    /// This element to a power.
    [[nodiscard]] constexpr MontgomeryField power(const Uint256& exponent) const noexcept {
        MontgomeryField result = one();
        for (unsigned i = 256; i-- > 0;) {
            result = result.squared();
            if (exponent.bit(i))
                result = result * *this;
        }
        return result;
    }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] MontgomeryField inverse() const noexcept {
        // (a 2^256)^-1 times 2^768 / 2^256 is a^-1 2^256.
        return MontgomeryField{inverter(words_)} * MontgomeryField{cube_of_radix};
    }

    /// The words of the Montgomery representative, for lazy reduction.
    [[nodiscard]] constexpr const Uint256& representative() const noexcept { return words_; }

    /// The element whose representative is a * b / 2^256; a * b must be below modulus * 2^256.
    [[nodiscard]] static constexpr MontgomeryField from_product(const Uint256& a,
                                                                const Uint256& b) noexcept {
#if BRAID_FIELD_X86
        if (has_spare_bits && !std::is_constant_evaluated()) {
            MontgomeryField product;
            x86::montgomery_multiply(product.words_.words, a.words, b.words, constants);
            subtract_once(product.words_, 0);
            return product;
        }
#endif
        Uint512 product;
        multiply_wide(product, a, b);
        return from_wide(product);
    }

    /// The element whose representative is wide / 2^256; wide must be below modulus * 2^256.
    [[nodiscard]] static constexpr MontgomeryField from_wide(const Uint512& wide) noexcept {
        MontgomeryField result;
        reduce(result.words_, wide);
        return result;
    }

  private:
    explicit constexpr MontgomeryField(const Uint256& words) noexcept : words_{words} {}

    /// Whether twice the modulus leaves a bit free, so that row sums never leave five words and an
    /// unreduced product is seldom above the modulus.
    static constexpr bool has_spare_bits = (modulus.words[3] >> 62) == 0;

    /// Whether the three lower words are 2^96 - 1, as in the prime of P-256.
    static constexpr bool has_p256_shape =
        modulus.words[0] == ~uint64_t{0} && modulus.words[1] == 0xffffffff && modulus.words[2] == 0;

    static constexpr Uint256 double_times(Uint256 value, unsigned times) noexcept {
        for (; times > 0; --times)
            value = (MontgomeryField{value} + MontgomeryField{value}).words_;
        return value;
    }

    static constexpr uint64_t negated_inverse_of(uint64_t word) noexcept {
        uint64_t inverse = word;
        for (int i = 0; i < 5; ++i)
            inverse *= 2 - word * inverse;
        return uint64_t{0} - inverse;
    }

#if BRAID_FIELD_X86
    static constexpr x86::MontgomeryConstants constants{
        {modulus.words[0], modulus.words[1], modulus.words[2], modulus.words[3]},
        negated_inverse_of(modulus.words[0])};
#endif
    // 2^256, 2^512 and 2^768 modulo the modulus, by doubling 1.
    static constexpr Uint256 radix = double_times({{1, 0, 0, 0}}, 256);
    static constexpr Uint256 square_of_radix = double_times(radix, 256);
    static constexpr Uint256 cube_of_radix = double_times(square_of_radix, 256);
    static constexpr Inverter inverter{modulus};

    static constexpr Uint256 select(bool first, const Uint256& a, const Uint256& b) noexcept {
        const uint64_t mask = uint64_t{0} - static_cast<uint64_t>(first);
        Uint256 result;
        for (unsigned i = 0; i < 4; ++i)
            result.words[i] = b.words[i] ^ ((a.words[i] ^ b.words[i]) & mask);
        return result;
    }

    /// Reduces carry * 2^256 + value, which is below twice the modulus.
    static constexpr void subtract_once(Uint256& value, uint64_t carry) noexcept {
        if constexpr (has_spare_bits) {
            // Nearly always below: the branch is cheaper than a conditional move.
            if (value.words[3] < modulus.words[3]) [[likely]]
                return;
        }
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            x86::subtract_once(value.words, carry, constants.modulus);
            return;
        }
#endif
        Uint256 reduced;
        const uint64_t borrow = subtract_words<4>(reduced.words, value.words, modulus.words);
        value = select(carry < borrow, value, reduced);
    }

    /// result = wide / 2^256 modulo the modulus; wide must be below modulus * 2^256.
    static constexpr void reduce(Uint256& result, const Uint512& wide) noexcept {
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            uint64_t carry = 0;
            if constexpr (has_p256_shape)
                carry = x86::montgomery_reduce_p256(result.words, wide.words, modulus.words[3]);
            else
                carry = x86::montgomery_reduce(result.words, wide.words, constants);
            subtract_once(result, carry);
            return;
        }
#endif
        Uint512 window = wide;
        uint64_t top = 0;
        for (unsigned i = 0; i < 4; ++i) {
            const uint64_t quotient = window.words[i] * negated_inverse_of(modulus.words[0]);
            uint64_t carry = 0;
            for (unsigned j = 0; j < 4; ++j)
                window.words[i + j] =
                    multiply_add(quotient, modulus.words[j], window.words[i + j], carry);
            window.words[i + 4] = add_with_carry(window.words[i + 4], carry, top);
        }
        result = {{window.words[4], window.words[5], window.words[6], window.words[7]}};
        subtract_once(result, top);
    }

    Uint256 words_;
};

} // namespace braid::crypto
