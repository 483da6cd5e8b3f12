/// The compression function F of BLAKE2b (RFC 7693, section 3.2) with a free number of rounds, as
/// EIP-152 exposes it.
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// Runs F on the state `h` with message block `m` and offset counter `t`; `final` marks the last
/// block. Any number of rounds is allowed; round i uses the permutation i mod 10.
void blake2b_compress(uint32_t rounds, uint64_t h[8], const uint64_t m[16], const uint64_t t[2],
                      bool final) noexcept;

} // namespace braid::crypto
