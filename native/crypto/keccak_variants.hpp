/// The variants of Keccak-256 that keccak.cpp chooses from at run time.
#pragma once

#include "base/bytes.hpp"
#include "crypto/keccak.hpp"
#include "crypto/keccak_constants.hpp"

#include <algorithm>
#include <span>

namespace braid::crypto::keccak {

/// Writes the last, partial block of a message (left < 136 bytes) with its padding: 0x01 behind
/// the message, 0x80 in the last byte of the block.
inline void pad(uint8_t block[keccak256_block_size], const uint8_t* tail, size_t left) noexcept {
    if (left != 0)
        std::memcpy(block, tail, left);
    std::memset(block + left, 0, keccak256_block_size - left);
    block[left] = 0x01;
    block[keccak256_block_size - 1] |= 0x80;
}

/// Absorbs the rest of a message into a state and gives the hash. For any processor.
[[nodiscard]] Bytes32 finish_scalar(uint64_t state[lane_count], const uint8_t* input,
                                    size_t left) noexcept;

#if defined(__x86_64__)
/// One hash, the state in five vectors. Needs cpu_features().avx512.
[[nodiscard]] Bytes32 hash_avx512(BytesView data) noexcept;

/// As finish_scalar, the state in five vectors. Needs cpu_features().avx512.
[[nodiscard]] Bytes32 finish_avx512(const uint64_t state[lane_count], const uint8_t* input,
                                    size_t left) noexcept;

/// Many hashes, 8 at a time. Needs cpu_features().avx512.
void hash_many_avx512(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept;

/// Many hashes, 4 at a time. Needs cpu_features().avx2.
void hash_many_avx2(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept;
#endif

} // namespace braid::crypto::keccak
