/// Points of secp256k1 in vectors, and the roots and inverses that they need.
#pragma once

#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_lanes_ifma.hpp"

namespace braid::crypto::secp256k1::ifma {

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

/// Points other than infinity, one in every lane.
template <size_t groups>
struct AffineLanes {
    Element<groups> x;
    Element<groups> y;
};

/// The points (x / z^2, y / z^3).
template <size_t groups>
struct JacobianLanes {
    Element<groups> x;
    Element<groups> y;
    Element<groups> z;

    /// Replaces the points by twice themselves. This formula and the next one give y and z the
    /// other sign than crypto/curve_point.hpp does, so that y is a sum of products.
    [[gnu::noinline]] void double_in_place() noexcept {
        const auto slope = reduced(three_halves(square(x)));
        const auto y_squared = reduced(square(y));
        const auto new_z = reduced(negated(multiply(y, z)));
        const auto product = reduced(multiply(x, y_squared));
        x = reduced(subtract_twice(square(slope), product));
        y = reduced(multiply_add_square(slope, reduced(x - product), y_squared));
        z = new_z;
    }

    /// Adds points, negated where the mask says so. The result has z times minus the factor that
    /// is returned.
    [[gnu::noinline]] Element<groups> add(const AffineLanes<groups>& other,
                                          const LaneMask<groups>& negative) noexcept {
        LaneMask<groups> positive;
        for (size_t g = 0; g < groups; ++g)
            positive.lanes[g] = static_cast<__mmask8>(~negative.lanes[g]);
        const auto z_squared = reduced(square(z));
        const auto z_cubed = reduced(multiply(z_squared, z));
        const auto x_difference = reduced(negated(multiply(other.x, z_squared)) + x);
        const auto y_difference = reduced(negated_where(positive, multiply(other.y, z_cubed)) + y);
        const auto difference_squared = reduced(square(x_difference));
        z = reduced(negated(multiply(z, x_difference)));
        const auto cube = reduced(multiply(difference_squared, x_difference));
        const auto product = reduced(multiply(x, difference_squared));
        x = reduced(subtract_twice(square(y_difference) + cube, product));
        y = reduced(multiply_add(y_difference, reduced(x - product), y, cube));
        return x_difference;
    }
};

/// a^(2^count).
template <size_t groups>
[[gnu::noinline]] Element<groups> square_times(Element<groups> a, unsigned count) noexcept {
    for (; count > 0; --count)
        a = reduced(square(a));
    return a;
}

/// a^(2^count) * b.
template <size_t groups>
[[gnu::noinline]] Element<groups> shifted(const Element<groups>& a, unsigned count,
                                          const Element<groups>& b) noexcept {
    return reduced(multiply(square_times(a, count), b));
}

/// The candidates for the square roots, as Field::square_root_candidates has them.
template <size_t groups>
Element<groups> square_root_candidates(const Element<groups>& a) noexcept {
    const auto ones_2 = shifted(a, 1, a);
    const auto ones_3 = shifted(ones_2, 1, a);
    const auto ones_6 = shifted(ones_3, 3, ones_3);
    const auto ones_9 = shifted(ones_6, 3, ones_3);
    const auto ones_11 = shifted(ones_9, 2, ones_2);
    const auto ones_22 = shifted(ones_11, 11, ones_11);
    const auto ones_44 = shifted(ones_22, 22, ones_22);
    const auto ones_88 = shifted(ones_44, 44, ones_44);
    const auto ones_176 = shifted(ones_88, 88, ones_88);
    const auto ones_220 = shifted(ones_176, 44, ones_44);
    const auto ones_223 = shifted(ones_220, 3, ones_3);
    return square_times(shifted(shifted(ones_223, 23, ones_22), 6, ones_2), 2);
}

/// Inverts every lane; zeros stay.
template <size_t groups>
void invert_lanes(Element<groups>& a) noexcept {
    constexpr size_t lanes = groups * group_lanes;
    LaneNumbers<groups> numbers;
    store(numbers, canonical(a));
    Field fields[lanes];
    for (size_t i = 0; i < lanes; ++i)
        fields[i] = Field::from_number(numbers.get(i));
    invert_all(std::span{fields, lanes});
    for (size_t i = 0; i < lanes; ++i)
        numbers.set(i, fields[i].number());
    a = load(numbers);
}

/// How many elements can share an inversion.
inline constexpr size_t max_inverted = 4;

/// Inverts elements none of whose lanes is zero, at least one and at most max_inverted.
template <size_t groups>
void invert_nonzero(std::span<Element<groups>> elements) noexcept {
    Element<groups> products[max_inverted];
    products[0] = elements[0];
    for (size_t i = 1; i < elements.size(); ++i)
        products[i] = reduced(multiply(products[i - 1], elements[i]));
    Element<groups> inverse = products[elements.size() - 1];
    invert_lanes(inverse);
    for (size_t i = elements.size(); i-- > 1;) {
        const auto next = reduced(multiply(inverse, elements[i]));
        elements[i] = reduced(multiply(inverse, products[i - 1]));
        inverse = next;
    }
    elements[0] = inverse;
}

BRAID_TARGET_END

} // namespace braid::crypto::secp256k1::ifma
