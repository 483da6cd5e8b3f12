/// The base field of secp256k1 (SEC 2, section 2.4.1): integers modulo p = 2^256 - 2^32 - 977.
#pragma once

#include "crypto/field_inverse.hpp"
#include "crypto/field_words.hpp"

#include <array>
#include <cstddef>

namespace braid::crypto {

/// An element of the field. Because p is so close to 2^256, the words are any representative below
/// 2^256 and a carry out of them folds back in as 2^32 + 977; only comparisons reduce fully.
class Secp256k1Field {
  public:
    /// 2^256 - p.
    static constexpr uint64_t fold_word = 0x1000003d1;

    /// p.
    static constexpr Uint256 modulus{
        {~uint64_t{0} - fold_word + 1, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}};

    /// Zero.
    constexpr Secp256k1Field() noexcept = default;
    constexpr Secp256k1Field(const Secp256k1Field& other) noexcept {
        copy_words(words_, other.words_);
    }
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
        Uint512 wide;
        multiply_wide(wide, a.words_, b.words_);
        Secp256k1Field product;
        reduce(product.words_, wide);
        return product;
    }

    [[nodiscard]] constexpr Secp256k1Field squared() const noexcept {
        Uint512 wide;
        square_wide(wide, words_);
        Secp256k1Field square;
        reduce(square.words_, wide);
        return square;
    }

    [[nodiscard]] constexpr Secp256k1Field doubled() const noexcept { return *this + *this; }

    /// Half of this element.
    [[nodiscard]] constexpr Secp256k1Field halved() const noexcept {
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            Secp256k1Field half;
            x86::halve_modulo(half.words_.words, words_.words, modulus.words);
            return half;
        }
#endif
        // An odd representative becomes even by adding p, that is 2^256 - fold_word.
        const uint64_t mask = uint64_t{0} - (words_.words[0] & 1);
        const Uint256 fold{{fold_word & mask, 0, 0, 0}};
        Uint256 even;
        const uint64_t borrow = subtract_words<4>(even.words, words_.words, fold.words);
        const uint64_t top = (mask & 1) - borrow;
        return from_number(
            {{even.words[0] >> 1 | even.words[1] << 63, even.words[1] >> 1 | even.words[2] << 63,
              even.words[2] >> 1 | even.words[3] << 63, even.words[3] >> 1 | top << 63}});
    }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] Secp256k1Field inverse() const noexcept {
        static constexpr Inverter inverter{modulus};
        return from_number(inverter(number()));
    }

    /// For each element the one candidate for its square root, which is one where its square is the
    /// element. The lanes run side by side: a single chain of squarings mostly waits for itself.
    template <size_t lanes>
    [[nodiscard]] static std::array<Secp256k1Field, lanes>
    square_root_candidates(const std::array<Secp256k1Field, lanes>& elements) noexcept {
        using Lanes = std::array<Secp256k1Field, lanes>;
        // shifted(x, k, y) is x^(2^k) * y: it appends the digits of the power y to those of x.
        const auto shifted = [](Lanes x, unsigned squarings, const Lanes& y) noexcept {
            for (; squarings > 0; --squarings) {
                for (auto& lane : x)
                    lane.square_in_place();
            }
            for (size_t i = 0; i < lanes; ++i)
                x[i] = x[i] * y[i];
            return x;
        };
        // p = 3 modulo 4, so the root is the power (p + 1) / 4. Its binary digits are 223 ones, a
        // zero, 22 ones, four zeros, two ones and two zeros; ones_k is the power 2^k - 1.
        const Lanes ones_2 = shifted(elements, 1, elements);
        const Lanes ones_3 = shifted(ones_2, 1, elements);
        const Lanes ones_6 = shifted(ones_3, 3, ones_3);
        const Lanes ones_9 = shifted(ones_6, 3, ones_3);
        const Lanes ones_11 = shifted(ones_9, 2, ones_2);
        const Lanes ones_22 = shifted(ones_11, 11, ones_11);
        const Lanes ones_44 = shifted(ones_22, 22, ones_22);
        const Lanes ones_88 = shifted(ones_44, 44, ones_44);
        const Lanes ones_176 = shifted(ones_88, 88, ones_88);
        const Lanes ones_220 = shifted(ones_176, 44, ones_44);
        const Lanes ones_223 = shifted(ones_220, 3, ones_3);
        Lanes roots = shifted(shifted(ones_223, 23, ones_22), 6, ones_2);
        for (auto& root : roots) {
            root.square_in_place();
            root.square_in_place();
        }
        return roots;
    }

  private:
    /// number - p, for a number of at least p.
    static constexpr Uint256 folded(const Uint256& number) noexcept {
        return {{number.words[0] + fold_word, 0, 0, 0}};
    }

    /// result = wide modulo p, up to one more multiple of it.
    static constexpr void reduce(Uint256& result, const Uint512& wide) noexcept {
        auto& out = result.words;
#if BRAID_FIELD_X86
        if (!std::is_constant_evaluated()) {
            x86::reduce_by_folding(out, wide.words, fold_word);
            return;
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
        // Where this carried, what is left is below 2^68, so the last fold stops in the second
        // word.
        uint64_t last = 0;
        out[0] = add_with_carry(out[0], fold_word & (uint64_t{0} - over), last);
        out[1] += last;
    }

    void square_in_place() noexcept {
        Uint512 square;
        square_wide(square, words_);
        reduce(words_, square);
    }

    Uint256 words_;
};

} // namespace braid::crypto
