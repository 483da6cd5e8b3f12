/// SHA-256 (FIPS 180-4).
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// SHA-256 of the data. Uses the processor's SHA extensions where it has them.
[[nodiscard]] Bytes32 sha256(BytesView data) noexcept;

} // namespace braid::crypto
