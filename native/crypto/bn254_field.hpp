/// The fields under alt_bn128, which EIP-196 and EIP-197 use: the integers modulo p and modulo the
/// group order r, and the quadratic extension. p and r are the Barreto-Naehrig polynomials at u.
#pragma once

#include "crypto/field.hpp"

namespace braid::crypto::bn254 {

/// The curve's parameter.
inline constexpr uint64_t u = 4965661367192848881;

/// An integer modulo p.
using Fp = MontgomeryField<Uint256{
    {0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029}}>;

/// An integer modulo r.
using Fr = MontgomeryField<Uint256{
    {0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029}}>;

/// real + imaginary * i, with i^2 = -1.
struct Fp2 {
    Fp real;
    Fp imaginary;

    [[nodiscard]] static constexpr Fp2 one() noexcept { return {Fp::one(), {}}; }

    constexpr bool operator==(const Fp2&) const noexcept = default;

    [[nodiscard]] constexpr bool is_zero() const noexcept {
        return real.is_zero() && imaginary.is_zero();
    }

    friend constexpr Fp2 operator+(const Fp2& a, const Fp2& b) noexcept {
        return {a.real + b.real, a.imaginary + b.imaginary};
    }

    friend constexpr Fp2 operator-(const Fp2& a, const Fp2& b) noexcept {
        return {a.real - b.real, a.imaginary - b.imaginary};
    }

    constexpr Fp2 operator-() const noexcept { return {-real, -imaginary}; }

    friend constexpr Fp2 operator*(const Fp2& a, const Fp2& b) noexcept {
        // Karatsuba on unreduced products: three multiplications, two reductions. Sums of two
        // elements are below 2^255, and their product is below p * 2^256.
        Uint512 reals;
        Uint512 imaginaries;
        Uint512 mixed;
        multiply_wide(reals, a.real.representative(), b.real.representative());
        multiply_wide(imaginaries, a.imaginary.representative(), b.imaginary.representative());
        multiply_wide(mixed, add_unreduced(a.real.representative(), a.imaginary.representative()),
                      add_unreduced(b.real.representative(), b.imaginary.representative()));
        subtract_wide_twice(mixed, reals, imaginaries);
        subtract_wide_modulo(reals, imaginaries, Fp::modulus);
        return {Fp::from_wide(reals), Fp::from_wide(mixed)};
    }

    friend constexpr Fp2 operator*(const Fp2& a, const Fp& b) noexcept {
        return {a.real * b, a.imaginary * b};
    }

    [[nodiscard]] constexpr Fp2 squared() const noexcept {
        // (real + imaginary) (real - imaginary) and 2 real imaginary.
        const Fp difference = real - imaginary;
        return {Fp::from_product(add_unreduced(real.representative(), imaginary.representative()),
                                 difference.representative()),
                Fp::from_product(add_unreduced(real.representative(), real.representative()),
                                 imaginary.representative())};
    }

    [[nodiscard]] constexpr Fp2 doubled() const noexcept {
        return {real.doubled(), imaginary.doubled()};
    }

    [[nodiscard]] constexpr Fp2 tripled() const noexcept { return doubled() + *this; }

    [[nodiscard]] constexpr Fp2 halved() const noexcept {
        return {real.halved(), imaginary.halved()};
    }

    /// The conjugate, which is the p-th power.
    [[nodiscard]] constexpr Fp2 conjugate() const noexcept { return {real, -imaginary}; }

    /// This element times 9 + i, which is neither a square nor a cube: the towers grow by its
    /// roots.
    [[nodiscard]] constexpr Fp2 times_xi() const noexcept {
        return {real.doubled().doubled().doubled() + (real - imaginary),
                imaginary.doubled().doubled().doubled() + (imaginary + real)};
    }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] Fp2 inverse() const noexcept {
        const Fp norm_inverse = (real.squared() + imaginary.squared()).inverse();
        return {real * norm_inverse, -(imaginary * norm_inverse)};
    }

    /// This element to a power.
    [[nodiscard]] constexpr Fp2 power(const Uint256& exponent) const noexcept {
        Fp2 result = one();
        for (unsigned i = 256; i-- > 0;) {
            result = result.squared();
            if (exponent.bit(i))
                result = result * *this;
        }
        return result;
    }
};

/// 9 + i.
inline constexpr Fp2 xi{Fp::from_word(9), Fp::one()};

} // namespace braid::crypto::bn254
