/// The parameters of Keccak-f[1600] (FIPS 202, section 3.2) and of Keccak-256.
#pragma once

#include <cstddef>
#include <cstdint>

namespace braid::crypto::keccak {

/// Number of lanes in the state; lane (x, y) has index x + 5 * y.
inline constexpr size_t lane_count = 25;

/// The lanes that absorb input in Keccak-256.
inline constexpr size_t rate_lanes = 17;

inline constexpr size_t round_count = 24;

/// The round constants of iota (FIPS 202, section 3.2.5).
inline constexpr uint64_t round_constants[round_count] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

} // namespace braid::crypto::keccak
