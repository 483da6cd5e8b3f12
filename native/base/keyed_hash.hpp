/// The hash of every in-memory table whose keys somebody else chooses: addresses, storage keys,
/// code hashes.
///
/// It depends on random words of the process. Whoever does not know them cannot choose keys that
/// meet in a table more often than keys drawn at random do. So hashes differ from process to
/// process: nothing may store them, send them anywhere, or let a result depend on their order.
#pragma once

#include "base/bytes.hpp"

namespace braid {

/// The words that hashes depend on. Slots and addresses have words of their own: nobody can make a
/// part of one hash equal to a part of the other.
struct HashKey {
    uint64_t bytes32[6];
    uint64_t address[6];
};

/// The key of this process: random words, written when the library is loaded, before any code of it
/// can run; from then on it is only read, by any number of threads.
[[gnu::visibility("hidden")]] extern HashKey hash_key;

/// A key out of the operating system's random words.
[[nodiscard]] HashKey random_hash_key() noexcept;

/// A key made of a number, for tests that must be repeatable.
[[nodiscard]] HashKey hash_key_of(uint64_t seed) noexcept;

/// Replaces the process's key: for tests. Nobody may hash meanwhile, and no table filled before may
/// be used after.
inline void set_hash_key(const HashKey& key) noexcept { hash_key = key; }

/// The 128-bit product of two words with its halves laid over each other: all bits of both factors
/// reach the low bits of the result as well as the high ones.
[[nodiscard]] inline uint64_t folded_product(uint64_t a, uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Both hashes are two levels of folded products of words XORed with the key's. A factor of zero
// would make the other one irrelevant: whoever does not know the key finds such a word once in 2^64
// tries. One level alone would map keys that count to multiples of one number, which for one random
// key in a hundred lie so that linear probing looks at five times as many places. After the second
// any bits of the hash may choose a place.

/// The hash of an address.
[[nodiscard]] inline uint64_t hash_of(const Address& address) noexcept {
    const uint64_t(&key)[6] = hash_key.address;
    // Four words in 20 bytes: they overlap, so that every byte goes through both levels.
    const uint64_t first =
        folded_product(load_le64(address.bytes) ^ key[0], load_le64(address.bytes + 8) ^ key[1]);
    const uint64_t second = folded_product(load_le64(address.bytes + 4) ^ key[2],
                                           load_le64(address.bytes + 12) ^ key[3]);
    return folded_product(first ^ key[4], second ^ key[5]);
}

/// The hash of 32 bytes together with another hash, which whoever chooses the bytes does not know.
[[nodiscard]] inline uint64_t hash_with(uint64_t other, const Bytes32& value) noexcept {
    const uint64_t(&key)[6] = hash_key.bytes32;
    const uint64_t first =
        folded_product(load_le64(value.bytes) ^ key[0], load_le64(value.bytes + 8) ^ key[1]);
    const uint64_t second =
        folded_product(load_le64(value.bytes + 16) ^ key[2], load_le64(value.bytes + 24) ^ key[3]);
    return folded_product(first ^ other, second ^ key[4]);
}

/// The hash of 32 bytes.
[[nodiscard]] inline uint64_t hash_of(const Bytes32& value) noexcept {
    return hash_with(hash_key.bytes32[5], value);
}

} // namespace braid
