/// Byte-level vocabulary shared by every room: addresses, hashes, views.
#pragma once

#include "evmc/evmc.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace braid {

/// An account address, 20 bytes.
using Address = evmc_address;

/// 32 bytes: a hash, a storage key or value, or a big-endian 256-bit number.
using Bytes32 = evmc_bytes32;

/// A read-only run of bytes owned by somebody else.
using BytesView = std::span<const uint8_t>;

/// Whether two addresses are the same.
[[nodiscard]] inline bool operator==(const Address& a, const Address& b) noexcept {
    uint64_t x[2];
    uint64_t y[2];
    uint32_t x_tail;
    uint32_t y_tail;
    std::memcpy(x, a.bytes, sizeof(x));
    std::memcpy(y, b.bytes, sizeof(y));
    std::memcpy(&x_tail, a.bytes + sizeof(x), sizeof(x_tail));
    std::memcpy(&y_tail, b.bytes + sizeof(y), sizeof(y_tail));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x_tail ^ y_tail)) == 0;
}

/// Whether two 32-byte values are the same.
[[nodiscard]] inline bool operator==(const Bytes32& a, const Bytes32& b) noexcept {
    uint64_t x[4];
    uint64_t y[4];
    std::memcpy(x, a.bytes, sizeof(x));
    std::memcpy(y, b.bytes, sizeof(y));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

/// Whether all 32 bytes are zero.
[[nodiscard]] inline bool is_zero(const Bytes32& value) noexcept {
    uint64_t words[4];
    std::memcpy(words, value.bytes, sizeof(words));
    return (words[0] | words[1] | words[2] | words[3]) == 0;
}

/// Whether all 20 bytes are zero.
[[nodiscard]] inline bool is_zero(const Address& value) noexcept { return value == Address{}; }

/// Reads 8 bytes as a little-endian number, at any alignment.
[[nodiscard]] inline uint64_t load_le64(const uint8_t* data) noexcept {
    uint64_t value;
    std::memcpy(&value, data, sizeof(value));
    if constexpr (std::endian::native == std::endian::big)
        value = __builtin_bswap64(value);
    return value;
}

/// Reads 8 bytes as a big-endian number, at any alignment.
[[nodiscard]] inline uint64_t load_be64(const uint8_t* data) noexcept {
    uint64_t value;
    std::memcpy(&value, data, sizeof(value));
    if constexpr (std::endian::native == std::endian::little)
        value = __builtin_bswap64(value);
    return value;
}

/// Writes a number as 8 big-endian bytes, at any alignment.
inline void store_be64(uint8_t* data, uint64_t value) noexcept {
    if constexpr (std::endian::native == std::endian::little)
        value = __builtin_bswap64(value);
    std::memcpy(data, &value, sizeof(value));
}

/// Mixes 64 bits; every input bit reaches every output bit (the finaliser of splitmix64). Anybody
/// can turn it round: no hash for tables whose keys others choose (see keyed_hash.hpp).
[[nodiscard]] constexpr uint64_t mix64(uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

} // namespace braid
