#include "crypto/bn254.hpp"

#include "crypto/bn254_curve.hpp"
#include "crypto/scalar_recoding.hpp"

#include <algorithm>

namespace braid::crypto {
namespace {

using namespace bn254;

using Affine = AffinePoint<Fp>;
using Point = JacobianPoint<Fp, CurveKind::a_is_zero>;

/// A primitive cube root of one modulo r; multiplying by it maps (x, y) to (beta x, y).
constexpr Uint256 lambda{{0x8b17ea66b99c90dd, 0x5bfc41088d8daaa7, 0xb3c4d79d41a91758, 0}};
static_assert(Fr::from_number(lambda).squared() + Fr::from_number(lambda) == -Fr::one());
using Splitter = ScalarSplitter<Fr::modulus, lambda>;

/// The cube root of one modulo p that goes with lambda.
constexpr Fp beta =
    Fp::from_number({{0x5763473177fffffe, 0xd4f263f1acdb5c4f, 0x59e26bcea0d48bac, 0}});
static_assert(beta.squared() + beta == -Fp::one());

/// The sum of two points that are on the curve.
G1Point add_points(const G1Point& a, const G1Point& b) noexcept {
    if (a.is_infinity())
        return b;
    if (b.is_infinity())
        return a;
    Fp numerator = b.y - a.y;
    Fp denominator = b.x - a.x;
    if (denominator.is_zero()) {
        // No point of a group of odd order has y = 0, so a point that is not the negative is equal.
        if (!numerator.is_zero())
            return {};
        const Fp square = a.x.squared();
        numerator = square.doubled() + square;
        denominator = a.y.doubled();
    }
    const Fp slope = numerator * denominator.inverse();
    const Fp x = slope.squared() - a.x - b.x;
    return {x, slope * (a.x - x) - a.y};
}

/// scalar * point, for a scalar below r.
Point multiply(const Affine& point, const Uint256& scalar) noexcept {
    constexpr unsigned width = 5;
    constexpr size_t table_size = size_t{1} << (width - 2);
    Affine multiples[table_size];
    odd_multiples<CurveKind::a_is_zero>(point, multiples);
    Affine images[table_size];
    for (size_t i = 0; i < table_size; ++i)
        images[i] = {multiples[i].x * beta, multiples[i].y};
    const SplitScalar split = Splitter::split(scalar);
    const SignedDigits<width, 128> first{split.first, split.first_negative};
    const SignedDigits<width, 128> second{split.second, split.second_negative};
    Point sum;
    for (unsigned i = std::max(first.size(), second.size()); i-- > 0;) {
        sum.double_in_place();
        add_digit(sum, multiples, first[i]);
        add_digit(sum, images, second[i]);
    }
    return sum;
}

} // namespace

bool bn254_add(const uint8_t input[128], uint8_t output[64]) noexcept {
    const auto a = load_g1(input);
    const auto b = load_g1(input + 64);
    if (!a || !b)
        return false;
    store_g1(add_points(*a, *b), output);
    return true;
}

bool bn254_mul(const uint8_t input[96], uint8_t output[64]) noexcept {
    const auto point = load_g1(input);
    if (!point)
        return false;
    G1Point result;
    if (!point->is_infinity()) {
        const Uint256 scalar = Fr::from_any_number(load_be256(input + 64)).number();
        const Point product = multiply({point->x, point->y}, scalar);
        if (!product.is_infinity()) {
            const Affine affine = product.to_affine();
            result = {affine.x, affine.y};
        }
    }
    store_g1(result, output);
    return true;
}

} // namespace braid::crypto
