/// The variants of recover_addresses that secp256k1.cpp chooses from at run time. All have its
/// contract and give equal results.
#pragma once

#include "crypto/secp256k1.hpp"

namespace braid::crypto::secp256k1 {

/// For any processor.
void recover_addresses_scalar(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                              std::span<bool> valid) noexcept;

#if defined(__x86_64__)
/// Below this many inputs the scalar variant is faster.
inline constexpr size_t ifma_min_inputs = 2;

/// Eight signatures to a vector. Needs cpu_features().avx512_ifma. Returns how many of the inputs
/// it left to the scalar variant: those where points that are equal or opposite had to be added.
size_t recover_addresses_ifma(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                              std::span<bool> valid) noexcept;
#endif

} // namespace braid::crypto::secp256k1
