/// The contracts that hash or copy their input.
#pragma once

#include "precompiles/contract.hpp"

namespace braid::precompiles {

/// 0x02: SHA-256 (Yellow Paper, appendix E).
Answer run_sha256(BytesView input, OutputBuffer& output) noexcept;

/// 0x03: RIPEMD-160, padded with zeros on the left to 32 bytes (Yellow Paper, appendix E).
Answer run_ripemd160(BytesView input, OutputBuffer& output) noexcept;

/// 0x04: the input itself (Yellow Paper, appendix E).
Answer run_identity(BytesView input, OutputBuffer& output) noexcept;

/// 0x09: the compression function of BLAKE2b (EIP-152).
Answer run_blake2f(BytesView input, OutputBuffer& output) noexcept;

/// One gas per round (EIP-152); free for an input of the wrong length, which fails anyway.
int64_t blake2f_gas(BytesView input) noexcept;

} // namespace braid::precompiles
