/// The contracts on secp256k1, P-256 and BN254 (alt_bn128).
#pragma once

#include "precompiles/contract.hpp"

namespace braid::precompiles {

/// 0x01: the address behind a secp256k1 signature (Yellow Paper, appendix E); an empty answer
/// where there is none.
Answer run_ecrecover(BytesView input, OutputBuffer& output) noexcept;

/// 0x06: the sum of two BN254 points (EIP-196).
Answer run_bn254_add(BytesView input, OutputBuffer& output) noexcept;

/// 0x07: a BN254 point times a scalar (EIP-196).
Answer run_bn254_mul(BytesView input, OutputBuffer& output) noexcept;

/// 0x08: whether a product of BN254 pairings is one (EIP-197).
Answer run_bn254_pairing(BytesView input, OutputBuffer& output) noexcept;

/// 0x100: the number one where a P-256 signature is valid, else an empty answer (EIP-7951).
Answer run_p256_verify(BytesView input, OutputBuffer& output) noexcept;

/// The size of one pair of points in the input of run_bn254_pairing().
inline constexpr size_t bn254_pair_size = 192;

} // namespace braid::precompiles
