/// alt_bn128 as the precompiled contracts of EIP-196 (addition, multiplication) and EIP-197
/// (pairing check) need it. Encodings are those of the EIPs: big-endian, infinity as zeros.
/// Variable time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace braid::crypto {

/// Adds two points of 64 bytes each. False, and the output untouched, where a coordinate is not
/// below p or a point is not on the curve.
[[nodiscard]] bool bn254_add(const uint8_t input[128], uint8_t output[64]) noexcept;

/// Multiplies a point of 64 bytes by a scalar of 32 bytes, which may be any number. False as above.
[[nodiscard]] bool bn254_mul(const uint8_t input[96], uint8_t output[64]) noexcept;

/// Whether the product of the pairings of `count` pairs is one; so it is for no pairs. A pair is
/// 192 bytes: a point of the first group, and one of the second with imaginary parts first. Nothing
/// where a coordinate is not below p, a point is not on its curve, or one of the second group has
/// not order r.
[[nodiscard]] std::optional<bool> bn254_pairing_check(const uint8_t* pairs, size_t count) noexcept;

} // namespace braid::crypto
