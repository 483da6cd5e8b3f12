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

/// The two numbers that a price has beside the complexity of the call.
struct ModexpRates {
    int64_t least = 0; ///< what a call costs at least
    uint64_t divisor = 1;
};

/// The protocol's, from Byzantium on.
[[nodiscard]] ModexpRates modexp_rates(evmc_revision revision) noexcept;

/// The price under a revision's complexity and rates that may be others.
[[nodiscard]] int64_t modexp_gas(evmc_revision revision, BytesView input,
                                 const ModexpRates& rates) noexcept;

/// Any lengths.
Answer run_modexp(BytesView input, OutputBuffer& output) noexcept;

/// Lengths of up to 1024 bytes only (EIP-7823, from Osaka on).
Answer run_modexp_bounded(BytesView input, OutputBuffer& output) noexcept;

} // namespace braid::precompiles
