/// The BLS12-381 operations of EIP-2537, on its encodings.
///
/// A field element is 64 bytes big-endian below the modulus; a G1 point is 128 bytes (x, y), a G2
/// point 256 bytes (x.c0, x.c1, y.c0, y.c1); all zeros is the point at infinity. A scalar is 32
/// bytes big-endian of any value. Every function answers false (or no value) where the EIP says
/// that the input is invalid; the output is then undefined. None allocates memory.
#pragma once

#include "base/bytes.hpp"

#include <optional>

namespace braid::crypto {

/// Sizes of the encodings in bytes; the pairs are what multiplications and pairings read in a row.
inline constexpr size_t bls12_fp_size = 64;
inline constexpr size_t bls12_fp2_size = 128;
inline constexpr size_t bls12_g1_size = 128;
inline constexpr size_t bls12_g2_size = 256;
inline constexpr size_t bls12_g1_msm_pair_size = 160;
inline constexpr size_t bls12_g2_msm_pair_size = 288;
inline constexpr size_t bls12_pairing_pair_size = 384;

/// The sum of two G1 points. Points outside of the subgroup are allowed.
[[nodiscard]] bool bls12_g1_add(const uint8_t input[256], uint8_t output[128]) noexcept;

/// The sum of two G2 points. Points outside of the subgroup are allowed.
[[nodiscard]] bool bls12_g2_add(const uint8_t input[512], uint8_t output[256]) noexcept;

/// The sum of scalar * point over `count` pairs of a G1 point (in the subgroup) and a scalar.
[[nodiscard]] bool bls12_g1_msm(const uint8_t* pairs, size_t count, uint8_t output[128]) noexcept;

/// The sum of scalar * point over `count` pairs of a G2 point (in the subgroup) and a scalar.
[[nodiscard]] bool bls12_g2_msm(const uint8_t* pairs, size_t count, uint8_t output[256]) noexcept;

/// Whether the product of the pairings of `count` pairs of a G1 and a G2 point is one. Both points
/// must be in their subgroups.
[[nodiscard]] std::optional<bool> bls12_pairing_check(const uint8_t* pairs, size_t count) noexcept;

/// Maps a field element to G1 (simplified SWU, isogeny, cofactor cleared).
[[nodiscard]] bool bls12_map_fp_to_g1(const uint8_t input[64], uint8_t output[128]) noexcept;

/// Maps an element of the quadratic extension to G2.
[[nodiscard]] bool bls12_map_fp2_to_g2(const uint8_t input[128], uint8_t output[256]) noexcept;

} // namespace braid::crypto
