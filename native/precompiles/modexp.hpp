/// 0x05: modular exponentiation (EIP-198), with the prices and limits of its four rule sets.
#pragma once

#include "precompiles/contract.hpp"

namespace braid::precompiles {

/// The price from Byzantium on (EIP-198).
int64_t modexp_gas_byzantium(BytesView input) noexcept;

/// The price from Berlin on (EIP-2565).
int64_t modexp_gas_berlin(BytesView input) noexcept;

/// The price from Osaka on (EIP-7883). An input that EIP-7823 forbids costs all gas.
int64_t modexp_gas_osaka(BytesView input) noexcept;

/// Any lengths.
Answer run_modexp(BytesView input, OutputBuffer& output) noexcept;

/// Lengths of up to 1024 bytes only (EIP-7823, from Osaka on).
Answer run_modexp_bounded(BytesView input, OutputBuffer& output) noexcept;

} // namespace braid::precompiles
