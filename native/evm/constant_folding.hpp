/// Instructions on operands that the code itself gives.
#pragma once

#include "base/uint256.hpp"

namespace braid::evm {

/// Computes an instruction on two constants, `a` being the top of the stack. False where the
/// instruction is none that is computed ahead of time.
[[nodiscard]] bool fold(uint8_t op, const uint256& a, const uint256& b, uint256& value) noexcept;

} // namespace braid::evm
