/// The base field of secp256k1 (SEC 2, section 2.4.1): integers modulo p = 2^256 - 2^32 - 977.
#pragma once

#include "crypto/field_words.hpp"
#include "crypto/field_inverse.hpp"

#include <optional>

namespace braid::crypto {

/// An element of the field. Because p is so close to 2^256, the words are any representative below
/// 2^256 and a carry out of them folds back in as 2^32 + 977; only comparisons reduce fully.
class Secp256k1Field {
  public:
    /// 2^256 - p.
    static constexpr uint64_t fold_word = 0x1000003d1;

    /// p.
    static constexpr Uint256 modulus{{~uint64_t{0} - fold_word + 1, ~uint64_t{0}, ~uint64_t{0},
                                      ~uint64_t{0}}};

    /// Zero.
    constexpr Secp256k1Field() noexcept = default;
    constexpr Secp256k1Field(const Secp256k1Field& other) noexcept { copy_words(words_, other.words_); }
    constexpr Secp256k1Field& operator=(const Secp256k1Field& other) noexcept {
        copy_words(words_, other.words_);
        return *this;
    }
    ~Secp256k1Field() = default;

    /// The element for any 256-bit number.
    [[nodiscard]] static constexpr Secp256k1Field from_number(const Uint256& number) noexcept {
        Secp256k1Field result;
        result.words_ = number;
        return result;
    }

    /// The element for a small number.
    [[nodiscard]] static constexpr Secp256k1Field from_word(uint64_t number) noexcept {
        return from_number({{number, 0, 0, 0}});
    }

    /// One.
    [[nodiscard]] static constexpr Secp256k1Field one() noexcept { return from_word(1); }

    /// The number, below p.
    [[nodiscard]] constexpr Uint256 number() const noexcept {
        return less(words_, modulus) ? words_ : folded(words_);
    }

    friend constexpr bool operator==(const Secp256k1Field& a, const Secp256k1Field& b) noexcept {
        return (a - b).is_zero();
    }

    [[nodiscard]] constexpr bool is_zero() const noexcept {
        return words_.is_zero() || words_ == modulus;
    }

    /// Whether the number is odd.
    [[nodiscard]] constexpr bool is_odd() const noexcept { return (number().words[0] & 1) != 0; }

    friend constexpr Secp256k1Field operator+(const Secp256k1Field& a,
                                              const Secp256k1Field& b) noexcept {
        Secp256k1Field sum;
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            x86::add_folding(sum.words_.words, a.words_.words, b.words_.words, fold_word);
            return sum;
        }
#endif
        const uint64_t carry = add_words<4>(sum.words_.words, a.words_.words, b.words_.words);
        const Uint256 fold{{fold_word & (uint64_t{0} - carry), 0, 0, 0}};
        if (add_words<4>(sum.words_.words, sum.words_.words, fold.words) != 0) [[unlikely]]
            sum.words_.words[0] += fold_word;
        return sum;
    }

    friend constexpr Secp256k1Field operator-(const Secp256k1Field& a,
                                              const Secp256k1Field& b) noexcept {
        Secp256k1Field result;
        auto& words = result.words_.words;
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            x86::subtract_folding(words, a.words_.words, b.words_.words, fold_word);
            return result;
        }
#endif
        const uint64_t borrow = subtract_words<4>(words, a.words_.words, b.words_.words);
        const Uint256 fold{{fold_word & (uint64_t{0} - borrow), 0, 0, 0}};
        if (subtract_words<4>(words, words, fold.words) != 0) [[unlikely]]
            words[0] -= fold_word;
        return result;
    }

    constexpr Secp256k1Field operator-() const noexcept { return Secp256k1Field{} - *this; }

    friend constexpr Secp256k1Field operator*(const Secp256k1Field& a,
                                              const Secp256k1Field& b) noexcept {
        Uint512 product;
        multiply_wide(product, a.words_, b.words_);
        return reduce(product);
    }

    [[nodiscard]] constexpr Secp256k1Field squared() const noexcept {
        Uint512 square;
        square_wide(square, words_);
        return reduce(square);
    }

    [[nodiscard]] constexpr Secp256k1Field doubled() const noexcept { return *this + *this; }

    /// Half of this element.
    [[nodiscard]] constexpr Secp256k1Field halved() const noexcept {
        // An odd representative becomes even by adding p, that is 2^256 - fold_word.
        const uint64_t mask = uint64_t{0} - (words_.words[0] & 1);
        const Uint256 fold{{fold_word & mask, 0, 0, 0}};
        Uint256 even;
        const uint64_t borrow = subtract_words<4>(even.words, words_.words, fold.words);
        const uint64_t top = (mask & 1) - borrow;
        return from_number({{even.words[0] >> 1 | even.words[1] << 63,
                             even.words[1] >> 1 | even.words[2] << 63,
                             even.words[2] >> 1 | even.words[3] << 63,
                             even.words[3] >> 1 | top << 63}});
    }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] Secp256k1Field inverse() const noexcept {
        static constexpr Inverter inverter{modulus};
        return from_number(inverter(number()));
    }

    /// A square root, or nothing where there is none.
    [[nodiscard]] std::optional<Secp256k1Field> square_root() const noexcept {
        // p = 3 modulo 4, so the root is the power (p + 1) / 4. Its binary digits are 223 ones, a
        // zero, 22 ones, four zeros, two ones and two zeros; ones_k is the power 2^k - 1.
        const Secp256k1Field ones_2 = squared() * *this;
        const Secp256k1Field ones_3 = ones_2.squared() * *this;
        const Secp256k1Field ones_6 = ones_3.squared_times(3) * ones_3;
        const Secp256k1Field ones_9 = ones_6.squared_times(3) * ones_3;
        const Secp256k1Field ones_11 = ones_9.squared_times(2) * ones_2;
        const Secp256k1Field ones_22 = ones_11.squared_times(11) * ones_11;
        const Secp256k1Field ones_44 = ones_22.squared_times(22) * ones_22;
        const Secp256k1Field ones_88 = ones_44.squared_times(44) * ones_44;
        const Secp256k1Field ones_176 = ones_88.squared_times(88) * ones_88;
        const Secp256k1Field ones_220 = ones_176.squared_times(44) * ones_44;
        const Secp256k1Field ones_223 = ones_220.squared_times(3) * ones_3;
        const Secp256k1Field root =
            ((ones_223.squared_times(23) * ones_22).squared_times(6) * ones_2).squared_times(2);
        if (!(root.squared() == *this))
            return std::nullopt;
        return root;
    }

  private:
    /// number - p, for a number of at least p.
    static constexpr Uint256 folded(const Uint256& number) noexcept {
        return {{number.words[0] + fold_word, 0, 0, 0}};
    }

    static constexpr Secp256k1Field reduce(const Uint512& wide) noexcept {
        Secp256k1Field result;
        auto& out = result.words_.words;
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            x86::reduce_by_folding(out, wide.words, fold_word);
            return result;
        }
#endif
        uint64_t carry = 0;
        for (unsigned i = 0; i < 4; ++i)
            out[i] = multiply_add(wide.words[i + 4], fold_word, wide.words[i], carry);
        uint64_t second = 0;
        out[0] = multiply_add(carry, fold_word, out[0], second);
        uint64_t over = 0;
        out[1] = add_with_carry(out[1], second, over);
        out[2] = add_with_carry(out[2], 0, over);
        out[3] = add_with_carry(out[3], 0, over);
        // Where this carried, what is left is below 2^68, so the last fold stops in the second word.
        uint64_t last = 0;
        out[0] = add_with_carry(out[0], fold_word & (uint64_t{0} - over), last);
        out[1] += last;
        return result;
    }

    [[nodiscard]] Secp256k1Field squared_times(unsigned times) const noexcept {
        Secp256k1Field result = *this;
        for (; times > 0; --times)
            result = result.squared();
        return result;
    }

    Uint256 words_;
};

} // namespace braid::crypto
