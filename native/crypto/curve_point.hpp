/// Points of short Weierstrass curves y^2 = x^3 + a x + b with a = 0 or a = -3, over any field.
/// Formulas: D. Hankerson, A. Menezes, S. Vanstone, "Guide to Elliptic Curve Cryptography" (2004),
/// section 3.2.2, in Jacobian coordinates, scaled to halve where that saves additions.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

namespace braid::crypto {

/// The coefficient a of a curve.
enum class CurveKind {
    a_is_zero,
    a_is_minus_three,
};

/// A point other than infinity.
template <class Field>
struct AffinePoint {
    Field x;
    Field y;

    [[nodiscard]] constexpr AffinePoint operator-() const noexcept { return {x, -y}; }
};

/// The point (x / z^2, y / z^3), or infinity where z is zero.
template <class Field, CurveKind kind>
struct JacobianPoint {
    Field x;
    Field y;
    Field z;

    [[nodiscard]] static constexpr JacobianPoint infinity() noexcept { return {}; }

    [[nodiscard]] static constexpr JacobianPoint from(const AffinePoint<Field>& point) noexcept {
        return {point.x, point.y, Field::one()};
    }

    [[nodiscard]] constexpr bool is_infinity() const noexcept { return z.is_zero(); }

    /// Replaces this point by twice itself.
    constexpr void double_in_place() noexcept {
        const Field slope = tangent_slope();
        const Field y_squared = y.squared();
        const Field product = x * y_squared;
        z = y * z;
        const Field slope_squared = slope.squared();
        x = slope_squared - product.doubled();
        const Field y_fourth = y_squared.squared();
        const Field turned = slope * (product - x);
        y = turned - y_fourth;
    }

    /// Adds a point.
    constexpr void add(const AffinePoint<Field>& point) noexcept { add(point.x, point.y); }

    /// Adds the negative of a point.
    constexpr void subtract(const AffinePoint<Field>& point) noexcept { add(point.x, -point.y); }

    /// Adds the point (other_x, other_y).
    constexpr void add(const Field& other_x, const Field& other_y) noexcept {
        if (is_infinity()) {
            x = other_x;
            y = other_y;
            z = Field::one();
            return;
        }
        const Field z_squared = z.squared();
        const Field x_difference = other_x * z_squared - x;
        const Field y_difference = other_y * (z_squared * z) - y;
        if (x_difference.is_zero()) [[unlikely]] {
            if (y_difference.is_zero())
                double_in_place();
            else
                *this = infinity();
            return;
        }
        finish_addition(x_difference, y_difference, x, y, z);
    }

    /// Adds a point.
    constexpr void add(const JacobianPoint& other) noexcept {
        if (other.is_infinity())
            return;
        if (is_infinity()) {
            *this = other;
            return;
        }
        const Field z1_squared = z.squared();
        const Field z2_squared = other.z.squared();
        const Field scaled_x = x * z2_squared;
        const Field scaled_y = y * (z2_squared * other.z);
        const Field x_difference = other.x * z1_squared - scaled_x;
        const Field y_difference = other.y * (z1_squared * z) - scaled_y;
        if (x_difference.is_zero()) [[unlikely]] {
            if (y_difference.is_zero())
                double_in_place();
            else
                *this = infinity();
            return;
        }
        finish_addition(x_difference, y_difference, scaled_x, scaled_y, z * other.z);
    }

    /// The affine point, given 1 / z. Not for infinity.
    [[nodiscard]] constexpr AffinePoint<Field> to_affine(const Field& z_inverse) const noexcept {
        const Field square = z_inverse.squared();
        return {x * square, y * (square * z_inverse)};
    }

    /// The affine point. Not for infinity.
    [[nodiscard]] AffinePoint<Field> to_affine() const noexcept { return to_affine(z.inverse()); }

  private:
    /// (3 x^2 + a z^4) / 2.
    [[nodiscard]] constexpr Field tangent_slope() const noexcept {
        if constexpr (kind == CurveKind::a_is_minus_three) {
            const Field z_squared = z.squared();
            const Field product = (x - z_squared) * (x + z_squared);
            return (product.doubled() + product).halved();
        } else {
            const Field square = x.squared();
            return (square.doubled() + square).halved();
        }
    }

    /// The end of both additions: the first point is (x1, y1) over the common denominator z1.
    constexpr void finish_addition(const Field& x_difference, const Field& y_difference,
                                   const Field& x1, const Field& y1, const Field& z1) noexcept {
        const Field square = x_difference.squared();
        const Field cube = square * x_difference;
        const Field product = x1 * square;
        const Field slope_squared = y_difference.squared();
        z = z1 * x_difference;
        const Field y_part = y1 * cube;
        x = slope_squared - cube - product.doubled();
        const Field turned = y_difference * (product - x);
        y = turned - y_part;
    }
};

/// Replaces every element by its inverse at the cost of one inversion; zeros stay. (P. L.
/// Montgomery, "Speeding the Pollard and elliptic curve methods of factorization", 1987,
/// section 10.3.1.)
template <class Field>
void invert_all(std::span<Field> elements) noexcept {
    constexpr size_t chunk = 128;
    for (; elements.size() > chunk; elements = elements.subspan(chunk))
        invert_all(elements.first(chunk));
    Field products_before[chunk];
    Field product = Field::one();
    for (size_t i = 0; i < elements.size(); ++i) {
        products_before[i] = product;
        if (!elements[i].is_zero())
            product = product * elements[i];
    }
    Field inverse = product.inverse();
    for (size_t i = elements.size(); i-- > 0;) {
        if (elements[i].is_zero())
            continue;
        const Field result = inverse * products_before[i];
        inverse = inverse * elements[i];
        elements[i] = result;
    }
}

/// Fills `multiples` with 1, 3, 5, ... times the base, which must have an order above all of them.
template <CurveKind kind, class Field>
void odd_multiples(const AffinePoint<Field>& base,
                   std::type_identity_t<std::span<AffinePoint<Field>>> multiples) noexcept {
    constexpr size_t chunk = 64;
    using Point = JacobianPoint<Field, kind>;
    Point current = Point::from(base);
    Point twice = current;
    twice.double_in_place();
    const AffinePoint<Field> step = twice.to_affine();
    for (size_t start = 0; start < multiples.size(); start += chunk) {
        const size_t count = multiples.size() - start < chunk ? multiples.size() - start : chunk;
        Point points[chunk];
        Field inverses[chunk];
        for (size_t i = 0; i < count; ++i) {
            points[i] = current;
            inverses[i] = current.z;
            current.add(step);
        }
        invert_all(std::span{inverses, count});
        for (size_t i = 0; i < count; ++i)
            multiples[start + i] = points[i].to_affine(inverses[i]);
    }
}

/// Adds the multiple of a table of odd multiples that a signed digit names; nothing for zero.
template <class Field, CurveKind kind>
constexpr void add_digit(JacobianPoint<Field, kind>& point, const AffinePoint<Field>* odd_multiples,
                         int digit) noexcept {
    if (digit > 0)
        point.add(odd_multiples[digit / 2]);
    else if (digit < 0)
        point.subtract(odd_multiples[-digit / 2]);
}

} // namespace braid::crypto
