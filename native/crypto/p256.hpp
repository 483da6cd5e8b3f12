/// secp256r1, also called P-256 (FIPS 186-5; SEC 2, section 2.4.2): ECDSA verification as the
/// precompiled contract of EIP-7951 needs it. Variable time: public data only.
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// Whether (r, s) is a signature of the hash by the public key (x, y). False where r or s is zero
/// or not below the group order, x or y is not below p, or the key is not a point of the curve. All
/// numbers are big-endian. A high s is accepted, as EIP-7951 says.
[[nodiscard]] bool p256_verify(const Bytes32& hash, const Bytes32& r, const Bytes32& s,
                               const Bytes32& x, const Bytes32& y) noexcept;

} // namespace braid::crypto
