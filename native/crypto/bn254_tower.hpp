/// The extensions of degree 6 and 12 in which the alt_bn128 pairing takes its values:
/// Fp6 = Fp2[v] / (v^3 - xi), Fp12 = Fp6[w] / (w^2 - v). Follows J.-L. Beuchat et al., "High-speed
/// software implementation of the optimal ate pairing over Barreto-Naehrig curves" (2010).
#pragma once

#include "crypto/bn254_field.hpp"

#include <array>

namespace braid::crypto::bn254 {

/// c0 + c1 v + c2 v^2.
struct Fp6 {
    Fp2 c0;
    Fp2 c1;
    Fp2 c2;

    [[nodiscard]] static constexpr Fp6 one() noexcept { return {Fp2::one(), {}, {}}; }

    constexpr bool operator==(const Fp6&) const noexcept = default;

    friend constexpr Fp6 operator+(const Fp6& a, const Fp6& b) noexcept {
        return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2};
    }

    friend constexpr Fp6 operator-(const Fp6& a, const Fp6& b) noexcept {
        return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2};
    }

    constexpr Fp6 operator-() const noexcept { return {-c0, -c1, -c2}; }

    friend constexpr Fp6 operator*(const Fp6& a, const Fp6& b) noexcept {
        const Fp2 t0 = a.c0 * b.c0;
        const Fp2 t1 = a.c1 * b.c1;
        const Fp2 t2 = a.c2 * b.c2;
        return {((a.c1 + a.c2) * (b.c1 + b.c2) - t1 - t2).times_xi() + t0,
                (a.c0 + a.c1) * (b.c0 + b.c1) - t0 - t1 + t2.times_xi(),
                (a.c0 + a.c2) * (b.c0 + b.c2) - t0 - t2 + t1};
    }

    friend constexpr Fp6 operator*(const Fp6& a, const Fp2& b) noexcept {
        return {a.c0 * b, a.c1 * b, a.c2 * b};
    }

    /// This element times b0 + b1 v.
    [[nodiscard]] constexpr Fp6 times_sparse(const Fp2& b0, const Fp2& b1) const noexcept {
        const Fp2 t0 = c0 * b0;
        const Fp2 t1 = c1 * b1;
        return {(c2 * b1).times_xi() + t0, (c0 + c1) * (b0 + b1) - t0 - t1, c2 * b0 + t1};
    }

    /// This element times v.
    [[nodiscard]] constexpr Fp6 times_v() const noexcept { return {c2.times_xi(), c0, c1}; }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] Fp6 inverse() const noexcept {
        const Fp2 t0 = c0.squared() - (c1 * c2).times_xi();
        const Fp2 t1 = c2.squared().times_xi() - c0 * c1;
        const Fp2 t2 = c1.squared() - c0 * c2;
        const Fp2 norm = c0 * t0 + (c2 * t1 + c1 * t2).times_xi();
        return Fp6{t0, t1, t2} * norm.inverse();
    }
};

/// xi^(i (p - 1) / 6) for i from 0 to 5: what the p-th power makes of w^i.
inline constexpr std::array<Fp2, 6> frobenius_constants = [] {
    // p is 1 modulo 6, so the quotient rounds down to (p - 1) / 6.
    constexpr Uint256 exponent = divide_shifted(Fp::modulus, 0, {{6, 0, 0, 0}});
    std::array<Fp2, 6> constants{Fp2::one(), xi.power(exponent)};
    for (size_t i = 2; i < constants.size(); ++i)
        constants[i] = constants[i - 1] * constants[1];
    return constants;
}();

/// c0 + c1 w.
struct Fp12 {
    Fp6 c0;
    Fp6 c1;

    [[nodiscard]] static constexpr Fp12 one() noexcept { return {Fp6::one(), {}}; }

    constexpr bool operator==(const Fp12&) const noexcept = default;

    friend constexpr Fp12 operator*(const Fp12& a, const Fp12& b) noexcept {
        const Fp6 t0 = a.c0 * b.c0;
        const Fp6 t1 = a.c1 * b.c1;
        return {t0 + t1.times_v(), (a.c0 + a.c1) * (b.c0 + b.c1) - t0 - t1};
    }

    /// This element times a + (b + c v) w, the shape of a line.
    [[nodiscard]] constexpr Fp12 times_line(const Fp2& a, const Fp2& b,
                                            const Fp2& c) const noexcept {
        const Fp6 t0 = c0 * a;
        const Fp6 t1 = c1.times_sparse(b, c);
        return {t0 + t1.times_v(), (c0 + c1).times_sparse(a + b, c) - t0 - t1};
    }

    [[nodiscard]] constexpr Fp12 squared() const noexcept {
        const Fp6 product = c0 * c1;
        return {(c0 + c1) * (c0 + c1.times_v()) - product - product.times_v(), product + product};
    }

    /// The square of an element of the cyclotomic subgroup: R. Granger, M. Scott, "Faster squaring
    /// in the cyclotomic subgroup of sixth degree extensions" (2010), section 3.2.
    [[nodiscard]] constexpr Fp12 cyclotomic_squared() const noexcept {
        // Over Fp4 = Fp2[s] / (s^2 - xi) with s = w^3 the element is A + B w + C w^2; its square is
        // (3 A^2 - 2 A') + (3 s C^2 + 2 B') w + (3 B^2 - 2 C') w^2, where ' negates s.
        const Square a = square_fp4(c0.c0, c1.c1);
        const Square b = square_fp4(c1.c0, c0.c2);
        const Square c = square_fp4(c0.c1, c1.c2);
        return {{three_minus_two(a.first, c0.c0), three_minus_two(b.first, c0.c1),
                 three_minus_two(c.first, c0.c2)},
                {three_plus_two(c.second.times_xi(), c1.c0), three_plus_two(a.second, c1.c1),
                 three_plus_two(b.second, c1.c2)}};
    }

    /// The p^6-th power; for an element of the cyclotomic subgroup, the inverse.
    [[nodiscard]] constexpr Fp12 conjugate() const noexcept { return {c0, -c1}; }

    /// The multiplicative inverse; zero for zero.
    [[nodiscard]] Fp12 inverse() const noexcept {
        const Fp6 norm_inverse = (c0 * c0 - (c1 * c1).times_v()).inverse();
        return {c0 * norm_inverse, -(c1 * norm_inverse)};
    }

    /// The p-th power.
    [[nodiscard]] constexpr Fp12 frobenius() const noexcept {
        const auto& g = frobenius_constants;
        return {{c0.c0.conjugate(), c0.c1.conjugate() * g[2], c0.c2.conjugate() * g[4]},
                {c1.c0.conjugate() * g[1], c1.c1.conjugate() * g[3], c1.c2.conjugate() * g[5]}};
    }

  private:
    struct Square {
        Fp2 first;
        Fp2 second;
    };

    /// (a + b s)^2.
    static constexpr Square square_fp4(const Fp2& a, const Fp2& b) noexcept {
        const Fp2 a_squared = a.squared();
        const Fp2 b_squared = b.squared();
        return {b_squared.times_xi() + a_squared, (a + b).squared() - a_squared - b_squared};
    }

    /// 3 a - 2 b.
    static constexpr Fp2 three_minus_two(const Fp2& a, const Fp2& b) noexcept {
        return (a - b).doubled() + a;
    }

    /// 3 a + 2 b.
    static constexpr Fp2 three_plus_two(const Fp2& a, const Fp2& b) noexcept {
        return (a + b).doubled() + a;
    }
};

} // namespace braid::crypto::bn254
