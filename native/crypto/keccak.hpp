/// Keccak-256 as Ethereum uses it: Keccak[c = 512] with the original 0x01 padding, not SHA3-256.
#pragma once

#include "base/bytes.hpp"

#include <span>

namespace braid::crypto {

/// The number of input bytes one permutation absorbs.
inline constexpr size_t keccak256_block_size = 136;

/// keccak256 of the data. The input may be empty.
[[nodiscard]] Bytes32 keccak256(BytesView data) noexcept;

/// keccak256 of every input, outputs[i] for inputs[i]; `outputs` is at least as long as `inputs`.
/// Several hashes run side by side in vector registers where the processor has them: the more
/// inputs, and the more alike their lengths, the cheaper each one is.
void keccak256_batch(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept;

} // namespace braid::crypto
