/// KZG point evaluation (EIP-4844) over BLS12-381.
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// What to verify: that the polynomial behind a commitment takes the value y at the point z.
struct KzgOpening {
    /// Compressed G1 point.
    const uint8_t* commitment;
    /// Big-endian scalar below the group order.
    const uint8_t* z;
    /// Big-endian scalar below the group order.
    const uint8_t* y;
    /// Compressed G1 point.
    const uint8_t* proof;
};

/// The size of a compressed G1 point, the form of commitments and proofs.
inline constexpr size_t kzg_commitment_size = 48;

/// Verifies an opening (verify_kzg_proof of the consensus specifications, deneb/
/// polynomial-commitments.md). False for a wrong proof and for malformed input alike: a scalar
/// that is not below the group order, bytes that are no point of the subgroup.
[[nodiscard]] bool kzg_verify(const KzgOpening& opening) noexcept;

/// The versioned hash of a commitment: 0x01, then the last 31 bytes of its SHA-256 (EIP-4844).
[[nodiscard]] Bytes32 kzg_versioned_hash(const uint8_t commitment[kzg_commitment_size]) noexcept;

} // namespace braid::crypto
