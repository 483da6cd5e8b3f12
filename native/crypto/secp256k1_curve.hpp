/// The group of secp256k1 and its constants, for the variants of recovery.
#pragma once

#include "crypto/curve_point.hpp"
#include "crypto/field.hpp"
#include "crypto/scalar_recoding.hpp"
#include "crypto/secp256k1_field.hpp"

namespace braid::crypto::secp256k1 {

using Field = Secp256k1Field;
using Affine = AffinePoint<Field>;
using Point = JacobianPoint<Field, CurveKind::a_is_zero>;

/// The group order.
inline constexpr Uint256 order{
    {0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff}};
using Scalar = MontgomeryField<order>;

/// A primitive cube root of one modulo the order; multiplying by it maps (x, y) to (beta x, y).
inline constexpr Uint256 lambda{
    {0xdf02967c1b23bd72, 0x122e22ea20816678, 0xa5261c028812645a, 0x5363ad4cc05c30e0}};
static_assert(Scalar::from_number(lambda).squared() + Scalar::from_number(lambda) ==
              -Scalar::one());
using Splitter = ScalarSplitter<order, lambda>;

/// The cube root of one modulo p that goes with lambda.
inline constexpr Field beta = Field::from_number(
    {{0xc1396c28719501ee, 0x9cf0497512f58995, 0x6e64479eac3434e9, 0x7ae96a2b657c0710}});
static_assert(beta.squared() + beta == -Field::one());

inline constexpr Affine generator{Field::from_number({{0x59f2815b16f81798, 0x029bfcdb2dce28d9,
                                                       0x55a06295ce870b07, 0x79be667ef9dcbbac}}),
                                  Field::from_number({{0x9c47d08ffb10d4b8, 0xfd17b448a6855419,
                                                       0x5da4fbfc0e1108a8, 0x483ada7726a3c465}})};

/// Odd multiples of the generator and of 2^128 times it: the two halves of a scalar then share
/// their doublings with each other and with the other point's.
class GeneratorTable {
  public:
    static constexpr unsigned width = 13;

    GeneratorTable() noexcept {
        odd_multiples<CurveKind::a_is_zero>(generator, low);
        Point shifted = Point::from(generator);
        for (int i = 0; i < 128; ++i)
            shifted.double_in_place();
        odd_multiples<CurveKind::a_is_zero>(shifted.to_affine(), high);
    }

    // Aligned, so that an entry is one cache line.
    alignas(64) Affine low[size_t{1} << (width - 2)];
    alignas(64) Affine high[size_t{1} << (width - 2)];
};

/// The table, built by the first caller (below a millisecond) and immutable from then on.
[[nodiscard]] const GeneratorTable& generator_table() noexcept;

/// Whether r and s are in the range of ECDSA: above zero and below the order.
[[nodiscard]] inline bool in_range(const Uint256& r, const Uint256& s) noexcept {
    return !r.is_zero() && !s.is_zero() && less(r, order) && less(s, order);
}

} // namespace braid::crypto::secp256k1
