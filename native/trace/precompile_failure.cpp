#include "trace/precompile_failure.hpp"

#include "crypto/bls12_381.hpp"
#include "crypto/bn254.hpp"
#include "crypto/kzg.hpp"

#include <algorithm>
#include <cstring>

namespace braid::trace {
namespace {

// What geth's libraries say.
constexpr const char* bad_coordinate = "invalid fp.Element encoding";
constexpr const char* bad_length = "invalid input length";

/// Where a list of parts stops being right: the first text that is not null.
using Text = const char*;

/// EIP-196: p.
constexpr uint8_t bn254_modulus[32] = {
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
    0x97, 0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47};

/// EIP-2537: p, behind 16 bytes of zeros.
constexpr uint8_t bls12_modulus[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab};

/// Bytes from a place on, zeros beyond the end.
template <size_t size>
void read_padded(BytesView input, size_t from, uint8_t (&bytes)[size]) noexcept {
    std::memset(bytes, 0, size);
    if (from < input.size())
        std::memcpy(bytes, input.data() + from, std::min(size, input.size() - from));
}

bool has_bn254_coordinates(const uint8_t* point, size_t count) noexcept {
    for (size_t i = 0; i < count; ++i)
        if (std::memcmp(point + 32 * i, bn254_modulus, 32) >= 0)
            return false;
    return true;
}

Text bn254_g1_failure(const uint8_t point[64]) noexcept {
    if (!has_bn254_coordinates(point, 2))
        return bad_coordinate;
    uint8_t with_infinity[128] = {};
    uint8_t sum[64];
    std::memcpy(with_infinity, point, 64);
    return crypto::bn254_add(with_infinity, sum) ? nullptr : "point is not on curve";
}

Text bn254_g2_failure(const uint8_t point[128]) noexcept {
    if (!has_bn254_coordinates(point, 4))
        return bad_coordinate;
    uint8_t with_infinity[192] = {};
    std::memcpy(with_infinity + 64, point, 128);
    return crypto::bn254_pairing_check(with_infinity, 1) ? nullptr : "point is not on curve";
}

Text bn254_points_failure(BytesView input, size_t count) noexcept {
    for (size_t i = 0; i < count; ++i) {
        uint8_t point[64];
        read_padded(input, 64 * i, point);
        if (const Text text = bn254_g1_failure(point))
            return text;
    }
    return nullptr;
}

Text bn254_pairing_failure(BytesView input) noexcept {
    constexpr size_t pair_size = 192;
    if (input.size() % pair_size != 0)
        return "bad elliptic curve pairing size";
    for (size_t at = 0; at < input.size(); at += pair_size) {
        if (const Text text = bn254_g1_failure(input.data() + at))
            return text;
        if (const Text text = bn254_g2_failure(input.data() + at + 64))
            return text;
    }
    return nullptr;
}

Text bls12_fields_failure(const uint8_t* fields, size_t count) noexcept {
    constexpr uint8_t zeros[16] = {};
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* field = fields + crypto::bls12_fp_size * i;
        if (std::memcmp(field, zeros, sizeof(zeros)) != 0)
            return "invalid field element top bytes";
        if (std::memcmp(field + sizeof(zeros), bls12_modulus, sizeof(bls12_modulus)) >= 0)
            return bad_coordinate;
    }
    return nullptr;
}

Text bls12_g1_failure(const uint8_t* point, bool in_subgroup) noexcept {
    if (const Text text = bls12_fields_failure(point, 2))
        return text;
    uint8_t with_infinity[2 * crypto::bls12_g1_size] = {};
    uint8_t result[crypto::bls12_g1_size];
    std::memcpy(with_infinity, point, crypto::bls12_g1_size);
    if (!crypto::bls12_g1_add(with_infinity, result))
        return "invalid point: not on curve";
    // Twice a scalar of zero: all that can be wrong is the subgroup.
    return !in_subgroup || crypto::bls12_g1_msm(with_infinity, 1, result)
               ? nullptr
               : "g1 point is not on correct subgroup";
}

Text bls12_g2_failure(const uint8_t* point, bool in_subgroup) noexcept {
    if (const Text text = bls12_fields_failure(point, 4))
        return text;
    uint8_t with_infinity[2 * crypto::bls12_g2_size] = {};
    uint8_t result[crypto::bls12_g2_size];
    std::memcpy(with_infinity, point, crypto::bls12_g2_size);
    if (!crypto::bls12_g2_add(with_infinity, result))
        return "invalid point: not on curve";
    return !in_subgroup || crypto::bls12_g2_msm(with_infinity, 1, result)
               ? nullptr
               : "g2 point is not on correct subgroup";
}

/// Of a list of `size` bytes for each item, the first of which `failure` says something.
template <typename Failure>
Text first_failure(BytesView input, size_t size, Failure&& failure) noexcept {
    if (input.empty() || input.size() % size != 0)
        return bad_length;
    for (size_t at = 0; at < input.size(); at += size)
        if (const Text text = failure(input.data() + at))
            return text;
    return nullptr;
}

Text bls12_failure(uint8_t contract, BytesView input) noexcept {
    constexpr size_t g1 = crypto::bls12_g1_size;
    constexpr size_t g2 = crypto::bls12_g2_size;
    switch (contract) {
    case 0x0b: // G1ADD
        if (input.size() != 2 * g1)
            return bad_length;
        return first_failure(input, g1,
                             [](const uint8_t* at) { return bls12_g1_failure(at, false); });
    case 0x0c: // G1MSM
        return first_failure(input, crypto::bls12_g1_msm_pair_size,
                             [](const uint8_t* at) { return bls12_g1_failure(at, true); });
    case 0x0d: // G2ADD
        if (input.size() != 2 * g2)
            return bad_length;
        return first_failure(input, g2,
                             [](const uint8_t* at) { return bls12_g2_failure(at, false); });
    case 0x0e: // G2MSM
        return first_failure(input, crypto::bls12_g2_msm_pair_size,
                             [](const uint8_t* at) { return bls12_g2_failure(at, true); });
    case 0x0f: // PAIRING_CHECK: all points of a pair are read before the subgroups are looked at
        return first_failure(input, crypto::bls12_pairing_pair_size, [](const uint8_t* at) {
            Text text = bls12_g1_failure(at, false);
            text = text != nullptr ? text : bls12_g2_failure(at + g1, false);
            text = text != nullptr ? text : bls12_g1_failure(at, true);
            return text != nullptr ? text : bls12_g2_failure(at + g1, true);
        });
    case 0x10: // MAP_FP_TO_G1
        return input.size() != crypto::bls12_fp_size ? bad_length
                                                     : bls12_fields_failure(input.data(), 1);
    default: // MAP_FP2_TO_G2
        return input.size() != crypto::bls12_fp2_size ? bad_length
                                                      : bls12_fields_failure(input.data(), 2);
    }
}

Text blake2f_failure(BytesView input) noexcept {
    constexpr size_t input_size = 213; // EIP-152
    return input.size() != input_size ? bad_length : "invalid final flag";
}

Text point_evaluation_failure(BytesView input) noexcept {
    constexpr size_t input_size = 192; // EIP-4844
    if (input.size() != input_size)
        return bad_length;
    const Bytes32 hash = crypto::kzg_versioned_hash(input.data() + 96);
    if (std::memcmp(hash.bytes, input.data(), sizeof(hash.bytes)) != 0)
        return "mismatched versioned hash";
    return "error verifying kzg proof: can't verify opening proof";
}

Text failure_of(uint8_t contract, BytesView input) noexcept {
    switch (contract) {
    case 0x05: // EIP-7823
        return "one or more of base/exponent/modulus length exceeded 1024 bytes";
    case 0x06:
        return bn254_points_failure(input, 2);
    case 0x07:
        return bn254_points_failure(input, 1);
    case 0x08:
        return bn254_pairing_failure(input);
    case 0x09:
        return blake2f_failure(input);
    case 0x0a:
        return point_evaluation_failure(input);
    default:
        return bls12_failure(contract, input);
    }
}

} // namespace

std::string precompile_failure_text(const Address& address, BytesView input) {
    const Text text = failure_of(address.bytes[sizeof(address.bytes) - 1], input);
    return text != nullptr ? text : "execution failed";
}

} // namespace braid::trace
