/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel: "RIPEMD-160: a strengthened version of RIPEMD").
#pragma once

#include "base/bytes.hpp"

namespace braid::crypto {

/// RIPEMD-160 of the data, 20 bytes.
void ripemd160(BytesView data, uint8_t output[20]) noexcept;

} // namespace braid::crypto
