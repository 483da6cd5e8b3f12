/// secp256k1 (SEC 2, section 2.4.1): who signed a hash. Runs in variable time: public data only,
/// except public_key_of, which is meant for tests and tools and not for guarding a real key.
#pragma once

#include "base/bytes.hpp"

#include <span>

namespace braid::crypto {

/// A hash and an ECDSA signature of it; the numbers are big-endian.
struct RecoveryInput {
    Bytes32 hash;
    Bytes32 r;
    Bytes32 s;
    /// Whether the point that r came from has an odd y: 0 or 1.
    uint8_t y_parity;
};

/// Recovers the address that signed each input. valid[i] is false, and addresses[i] zero, where r
/// or s is zero or not below the group order, y_parity is above 1, r is not the x of a point, or
/// the key comes out as infinity. A high s is accepted (the rule of EIP-2 is the caller's). The
/// three spans have the same size, which may be anything; inversions are shared inside.
void recover_addresses(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                       std::span<bool> valid) noexcept;

/// Recovers the public key (x and y, big-endian) that signed the input. False, and the key
/// untouched, in the cases named at recover_addresses.
[[nodiscard]] bool recover_public_key(const RecoveryInput& input, uint8_t public_key[64]) noexcept;

/// The public key of a secret key; false where the secret key is zero or not below the group order.
[[nodiscard]] bool public_key_of(const Bytes32& secret_key, uint8_t public_key[64]) noexcept;

/// The address of a public key: the last 20 bytes of its keccak-256.
[[nodiscard]] Address address_of(const uint8_t public_key[64]) noexcept;

} // namespace braid::crypto
