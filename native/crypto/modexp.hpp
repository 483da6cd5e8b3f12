/// Modular exponentiation of numbers of any length (the work of EIP-198's precompile).
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// Writes base^exponent mod modulus, big-endian, to `output`, which holds modulus.size() bytes.
/// All operands are big-endian, of any length, with leading zeros allowed. A modulus of 0 or 1
/// gives 0; 0^0 is 1. Returns false, with the output undefined, only where the scratch memory
/// (about 40 times the longest operand) cannot be had.
///
/// Not constant-time: never use it with secret operands.
[[nodiscard]] bool modexp(BytesView base, BytesView exponent, BytesView modulus,
                          uint8_t* output) noexcept;

} // namespace braid::crypto
