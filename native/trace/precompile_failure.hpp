/// Why a precompile has failed, in geth's words.
#pragma once

#include "base/bytes.hpp"

#include <string>

namespace braid::trace {

/// What geth says where the precompile at an address fails on an input for another reason than gas.
[[nodiscard]] std::string precompile_failure_text(const Address& address, BytesView input);

} // namespace braid::trace
