/// What KECCAK256 is about to hash.
#pragma once

#include "evm/step.hpp"

#include <optional>
#include <vector>

namespace braid::trace {

/// The part of memory that a KECCAK256 hashes, as it will find it; nothing where its operands are
/// not there, or where geth gives up.
[[nodiscard]] std::optional<std::vector<uint8_t>> hashed_memory(const evm::Step& step);

} // namespace braid::trace
