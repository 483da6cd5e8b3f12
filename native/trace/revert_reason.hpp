/// What the data of a REVERT say.
#pragma once

#include "base/bytes.hpp"

#include <string>

namespace braid::trace {

/// The text of Solidity's Error(string), or what its Panic(uint256) stands for; empty where the
/// data are neither. The text need not be UTF-8.
[[nodiscard]] std::string revert_reason(BytesView data);

} // namespace braid::trace
