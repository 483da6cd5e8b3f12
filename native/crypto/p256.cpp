#include "crypto/p256.hpp"

#include "crypto/curve_point.hpp"
#include "crypto/field.hpp"
#include "crypto/scalar_recoding.hpp"

#include <algorithm>

namespace braid::crypto {
namespace {

using Field = MontgomeryField<Uint256{
    {0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001}}>;

/// The group order.
constexpr Uint256 order{
    {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000}};
using Scalar = MontgomeryField<order>;

using Affine = AffinePoint<Field>;
using Point = JacobianPoint<Field, CurveKind::a_is_minus_three>;

/// The b of y^2 = x^3 - 3 x + b.
constexpr Field curve_b = Field::from_number(
    {{0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7}});

constexpr bool is_on_curve(const Affine& point) noexcept {
    const Field three = Field::from_word(3);
    return point.y.squared() == (point.x.squared() - three) * point.x + curve_b;
}

constexpr Affine generator{Field::from_number({{0xf4a13945d898c296, 0x77037d812deb33a0,
                                                0xf8bce6e563a440f2, 0x6b17d1f2e12c4247}}),
                           Field::from_number({{0xcbb6406837bf51f5, 0x2bce33576b315ece,
                                                0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b}})};
static_assert(is_on_curve(generator));

/// Odd multiples of the generator.
struct GeneratorTable {
    static constexpr unsigned width = 11;

    GeneratorTable() noexcept { odd_multiples<CurveKind::a_is_minus_three>(generator, multiples); }

    Affine multiples[size_t{1} << (width - 2)];
};

/// The table, built by the first caller (well below a millisecond) and immutable from then on.
const GeneratorTable& generator_table() noexcept {
    static const GeneratorTable table;
    return table;
}

/// a * generator + b * point.
Point multiply_add(const Uint256& a, const Uint256& b, const Affine& point) noexcept {
    constexpr unsigned width = 5;
    Affine multiples[size_t{1} << (width - 2)];
    odd_multiples<CurveKind::a_is_minus_three>(point, multiples);
    const GeneratorTable& table = generator_table();
    const SignedDigits<GeneratorTable::width, 256> generator_digits{a};
    const SignedDigits<width, 256> point_digits{b};
    Point sum;
    for (unsigned i = std::max(generator_digits.size(), point_digits.size()); i-- > 0;) {
        sum.double_in_place();
        add_digit(sum, multiples, point_digits[i]);
        add_digit(sum, table.multiples, generator_digits[i]);
    }
    return sum;
}

/// Whether the point's x is r modulo the order: as p is below twice the order, x is r or r + order.
bool has_x_modulo_order(const Point& point, const Uint256& r) noexcept {
    const Field z_squared = point.z.squared();
    if (Field::from_number(r) * z_squared == point.x)
        return true;
    Uint256 other;
    if (add_words<4>(other.words, r.words, order.words) != 0 || !less(other, Field::modulus))
        return false;
    return Field::from_number(other) * z_squared == point.x;
}

} // namespace

bool p256_verify(const Bytes32& hash, const Bytes32& r, const Bytes32& s, const Bytes32& x,
                 const Bytes32& y) noexcept {
    const Uint256 r_number = load_be256(r.bytes);
    const Uint256 s_number = load_be256(s.bytes);
    if (r_number.is_zero() || s_number.is_zero() || !less(r_number, order) ||
        !less(s_number, order))
        return false;
    const auto key_x = Field::from_bytes(x.bytes);
    const auto key_y = Field::from_bytes(y.bytes);
    // Infinity, encoded as (0, 0), is not on the curve either: b is not zero.
    if (!key_x || !key_y || !is_on_curve({*key_x, *key_y}))
        return false;
    const Scalar s_inverse = Scalar::from_number(s_number).inverse();
    const Scalar u1 = Scalar::from_any_number(load_be256(hash.bytes)) * s_inverse;
    const Scalar u2 = Scalar::from_number(r_number) * s_inverse;
    const Point point = multiply_add(u1.number(), u2.number(), {*key_x, *key_y});
    return !point.is_infinity() && has_x_modulo_order(point, r_number);
}

} // namespace braid::crypto
