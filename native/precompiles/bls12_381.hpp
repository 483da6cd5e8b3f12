/// The contracts on BLS12-381: the seven of EIP-2537, and the point evaluation of EIP-4844.
#pragma once

#include "precompiles/contract.hpp"

namespace braid::precompiles {

/// 0x0a: verifies that a blob's polynomial takes a value at a point (EIP-4844).
Answer run_point_evaluation(BytesView input, OutputBuffer& output) noexcept;

/// 0x0b: BLS12_G1ADD.
Answer run_bls12_g1_add(BytesView input, OutputBuffer& output) noexcept;

/// 0x0c: BLS12_G1MSM.
Answer run_bls12_g1_msm(BytesView input, OutputBuffer& output) noexcept;

/// 0x0d: BLS12_G2ADD.
Answer run_bls12_g2_add(BytesView input, OutputBuffer& output) noexcept;

/// 0x0e: BLS12_G2MSM.
Answer run_bls12_g2_msm(BytesView input, OutputBuffer& output) noexcept;

/// 0x0f: BLS12_PAIRING_CHECK.
Answer run_bls12_pairing_check(BytesView input, OutputBuffer& output) noexcept;

/// 0x10: BLS12_MAP_FP_TO_G1.
Answer run_bls12_map_fp_to_g1(BytesView input, OutputBuffer& output) noexcept;

/// 0x11: BLS12_MAP_FP2_TO_G2.
Answer run_bls12_map_fp2_to_g2(BytesView input, OutputBuffer& output) noexcept;

/// The price of BLS12_G1MSM.
int64_t bls12_g1_msm_gas(BytesView input) noexcept;

/// The price of BLS12_G2MSM.
int64_t bls12_g2_msm_gas(BytesView input) noexcept;

} // namespace braid::precompiles
