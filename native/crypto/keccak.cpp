#include "crypto/keccak.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/keccak_variants.hpp"

namespace braid::crypto {
namespace {

using keccak::lane_count;
using keccak::round_constants;
using keccak::round_count;

#include "crypto/keccak_rounds.hpp"

struct ScalarOps {
    using Lane = uint64_t;
    static Lane broadcast(uint64_t value) noexcept { return value; }
    static Lane xor2(Lane a, Lane b) noexcept { return a ^ b; }
    static Lane xor5(Lane a, Lane b, Lane c, Lane d, Lane e) noexcept { return a ^ b ^ c ^ d ^ e; }
    static Lane chi(Lane a, Lane b, Lane c) noexcept { return a ^ (~b & c); }
    template <int count>
    static Lane rotate(Lane a) noexcept {
        return std::rotl(a, count);
    }
};

Bytes32 hash_scalar(BytesView data) noexcept {
    uint64_t state[keccak::lane_count] = {};
    return keccak::finish_scalar(state, data.data(), data.size());
}

void hash_many_scalar(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept {
    for (size_t i = 0; i < inputs.size(); ++i)
        outputs[i] = hash_scalar(inputs[i]);
}

/// The fastest variants for this processor.
struct Variants {
    Bytes32 (*hash)(BytesView data) noexcept = hash_scalar;
    void (*hash_many)(std::span<const BytesView> inputs,
                      std::span<Bytes32> outputs) noexcept = hash_many_scalar;

    Variants() noexcept {
#if defined(__x86_64__)
        if (cpu_features().avx512) {
            hash = keccak::hash_avx512;
            hash_many = keccak::hash_many_avx512;
        } else if (cpu_features().avx2) {
            hash_many = keccak::hash_many_avx2;
        }
#endif
    }
};

const Variants& variants() noexcept {
    static const Variants chosen;
    return chosen;
}

} // namespace

Bytes32 keccak::finish_scalar(uint64_t state[lane_count], const uint8_t* input,
                              size_t left) noexcept {
    for (; left >= keccak256_block_size; left -= keccak256_block_size) {
        for (size_t i = 0; i < rate_lanes; ++i)
            state[i] ^= load_le64(input + 8 * i);
        permute<ScalarOps>(state);
        input += keccak256_block_size;
    }
    size_t lane = 0;
    for (; left >= 8; left -= 8) {
        state[lane++] ^= load_le64(input);
        input += 8;
    }
    uint8_t tail[8] = {};
    std::copy_n(input, left, tail);
    tail[left] = 0x01;
    state[lane] ^= load_le64(tail);
    state[rate_lanes - 1] ^= uint64_t{1} << 63;
    permute<ScalarOps>(state);

    Bytes32 hash;
    for (size_t i = 0; i < 4; ++i)
        store_be64(hash.bytes + 8 * i, __builtin_bswap64(state[i]));
    return hash;
}

Bytes32 keccak256(BytesView data) noexcept { return variants().hash(data); }

void keccak256_batch(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept {
    variants().hash_many(inputs, outputs);
}

} // namespace braid::crypto
