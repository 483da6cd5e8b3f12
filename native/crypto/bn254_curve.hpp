/// The two groups of alt_bn128 and their encodings. Private to bn254.cpp and bn254_pairing.cpp.
#pragma once

#include "crypto/bn254_tower.hpp"
#include "crypto/curve_point.hpp"

#include <optional>

namespace braid::crypto::bn254 {

/// A point of y^2 = x^3 + 3 over Fp, or infinity as (0, 0), which is not on the curve.
struct G1Point {
    Fp x;
    Fp y;

    [[nodiscard]] bool is_infinity() const noexcept { return x.is_zero() && y.is_zero(); }
};

/// A point of the twist y^2 = x^3 + 3 / xi over Fp2, or infinity as (0, 0), likewise.
struct G2Point {
    Fp2 x;
    Fp2 y;

    [[nodiscard]] bool is_infinity() const noexcept { return x.is_zero() && y.is_zero(); }
};

/// Reads 64 bytes as EIP-196 has them; nothing where a coordinate is not below p or the point is
/// not on the curve. The curve has prime order, so the point is in the group.
[[nodiscard]] inline std::optional<G1Point> load_g1(const uint8_t* data) noexcept {
    const auto x = Fp::from_bytes(data);
    const auto y = Fp::from_bytes(data + 32);
    if (!x || !y)
        return std::nullopt;
    const G1Point point{*x, *y};
    static constexpr Fp three = Fp::from_word(3);
    if (!(point.y.squared() == point.x.squared() * point.x + three) && !point.is_infinity())
        return std::nullopt;
    return point;
}

/// Writes 64 bytes as EIP-196 has them.
inline void store_g1(const G1Point& point, uint8_t* data) noexcept {
    point.x.to_bytes(data);
    point.y.to_bytes(data + 32);
}

} // namespace braid::crypto::bn254
