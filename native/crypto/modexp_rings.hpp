/// The rings that modular exponentiation multiplies in.
#pragma once

#include "crypto/modexp_limbs.hpp"

namespace braid::crypto::modexp_detail {

/// Numbers modulo an odd modulus in Montgomery form: x stands for x * 2^(64 * size) mod modulus.
/// `fixed_size` is the number of limbs where it is known when compiling, else 0.
/// (Montgomery, "Modular multiplication without trial division", 1985.)
template <size_t fixed_size>
class MontgomeryRing {
  public:
    /// The modulus has `size` limbs; `scratch` has 2 * size limbs. Both outlive the ring.
    MontgomeryRing(const uint64_t* modulus, size_t size, uint64_t* scratch) noexcept
        : modulus_{modulus}, scratch_{scratch}, size_{size},
          negated_inverse_{0 - limbs::inverse_mod_2_64(modulus[0])} {}

    [[nodiscard]] size_t size() const noexcept { return fixed_size != 0 ? fixed_size : size_; }

    /// out = a * b / 2^(64 * size) mod modulus, for a * b < modulus * 2^(64 * size).
    void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b) const noexcept {
        if constexpr (fixed_size != 0)
            multiply_fixed(out, a, b);
        else
            multiply_any(out, a, b);
    }

    void square(uint64_t* out, const uint64_t* a) const noexcept {
        if constexpr (fixed_size != 0) {
            multiply_fixed(out, a, a);
        } else {
            square_wide(a);
            reduce(out);
        }
    }

    /// Leaves Montgomery form: out = a / 2^(64 * size) mod modulus.
    void leave(uint64_t* out, const uint64_t* a) const noexcept {
        uint64_t* wide = scratch_;
        std::copy_n(a, size(), wide);
        std::fill_n(wide + size(), size(), 0);
        reduce(out);
    }

  private:
    /// Interleaved multiplication and reduction on a local accumulator, for a few limbs.
    void multiply_fixed(uint64_t* out, const uint64_t* a, const uint64_t* b) const noexcept {
        uint64_t t[fixed_size + 2] = {};
#pragma GCC unroll 8
        for (size_t i = 0; i < fixed_size; ++i) {
            const uint64_t carry = row(t, a, b[i]);
            t[fixed_size] += carry;
            t[fixed_size + 1] = t[fixed_size] < carry;
            const uint64_t carry2 = row(t, modulus_, t[0] * negated_inverse_);
            t[fixed_size] += carry2;
            t[fixed_size + 1] += t[fixed_size] < carry2;
#pragma GCC unroll 10
            for (size_t j = 0; j <= fixed_size; ++j)
                t[j] = t[j + 1];
        }
        uint64_t reduced[fixed_size];
        const uint64_t borrow = limbs::subtract(reduced, t, modulus_, fixed_size);
        const uint64_t keep = 0 - static_cast<uint64_t>(t[fixed_size] < borrow);
#pragma GCC unroll 8
        for (size_t j = 0; j < fixed_size; ++j)
            out[j] = reduced[j] ^ ((reduced[j] ^ t[j]) & keep);
    }

    /// accumulator += factor * multiplier; returns the carry out.
    [[gnu::always_inline]] static uint64_t row(uint64_t* accumulator, const uint64_t* factor,
                                               uint64_t multiplier) noexcept {
        uint64_t carry = 0;
#pragma GCC unroll 8
        for (size_t j = 0; j < fixed_size; ++j) {
            const limbs::uint128 sum =
                limbs::uint128{factor[j]} * multiplier + accumulator[j] + carry;
            accumulator[j] = static_cast<uint64_t>(sum);
            carry = static_cast<uint64_t>(sum >> 64);
        }
        return carry;
    }

    void multiply_any(uint64_t* out, const uint64_t* a, const uint64_t* b) const noexcept {
        uint64_t* wide = scratch_;
        std::fill_n(wide, size_, 0);
        for (size_t i = 0; i < size_; ++i)
            wide[i + size_] = limbs::add_product(wide + i, a, size_, b[i]);
        reduce(out);
    }

    /// scratch = a * a: each product of different limbs once, doubled, then the squares.
    void square_wide(const uint64_t* a) const noexcept {
        uint64_t* wide = scratch_;
        std::fill_n(wide, size_ + 1, 0);
        for (size_t i = 0; i + 1 < size_; ++i)
            wide[i + size_] = limbs::add_product(wide + 2 * i + 1, a + i + 1, size_ - 1 - i, a[i]);
        wide[2 * size_ - 1] = 0;
        uint64_t carry = 0;
        uint64_t shifted_out = 0;
        for (size_t i = 0; i < size_; ++i) {
            const limbs::uint128 product = limbs::uint128{a[i]} * a[i];
            const uint64_t low = wide[2 * i];
            const uint64_t high = wide[2 * i + 1];
            const limbs::uint128 low_sum =
                limbs::uint128{(low << 1) | shifted_out} + static_cast<uint64_t>(product) + carry;
            const limbs::uint128 high_sum = limbs::uint128{(high << 1) | (low >> 63)} +
                                            static_cast<uint64_t>(product >> 64) +
                                            static_cast<uint64_t>(low_sum >> 64);
            shifted_out = high >> 63;
            wide[2 * i] = static_cast<uint64_t>(low_sum);
            wide[2 * i + 1] = static_cast<uint64_t>(high_sum);
            carry = static_cast<uint64_t>(high_sum >> 64);
        }
    }

    /// out = scratch / 2^(64 * size) mod modulus.
    void reduce(uint64_t* out) const noexcept {
        uint64_t* wide = scratch_;
        const size_t n = size();
        uint64_t top = 0;
        for (size_t i = 0; i < n; ++i) {
            const uint64_t carry =
                limbs::add_product(wide + i, modulus_, n, wide[i] * negated_inverse_);
            const limbs::uint128 sum = limbs::uint128{wide[i + n]} + carry + top;
            wide[i + n] = static_cast<uint64_t>(sum);
            top = static_cast<uint64_t>(sum >> 64);
        }
        if (top != 0 || limbs::not_less(wide + n, modulus_, n))
            limbs::subtract(out, wide + n, modulus_, n);
        else
            std::copy_n(wide + n, n, out);
    }

    const uint64_t* modulus_;
    uint64_t* scratch_;
    size_t size_;
    uint64_t negated_inverse_;
};

/// Numbers modulo 2^(64 * size).
class PowerOfTwoRing {
  public:
    /// `scratch` has `size` limbs and outlives the ring.
    PowerOfTwoRing(size_t size, uint64_t* scratch) noexcept : scratch_{scratch}, size_{size} {}

    [[nodiscard]] size_t size() const noexcept { return size_; }

    void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b) const noexcept {
        limbs::multiply_low(scratch_, a, b, size_);
        std::copy_n(scratch_, size_, out);
    }

    void square(uint64_t* out, const uint64_t* a) const noexcept { multiply(out, a, a); }

  private:
    uint64_t* scratch_;
    size_t size_;
};

} // namespace braid::crypto::modexp_detail
