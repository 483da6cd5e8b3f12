#include "crypto/keccak.hpp"

#include "crypto/keccak_rounds.hpp"

#include <algorithm>

namespace braid::crypto {
namespace {

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

} // namespace

Bytes32 keccak256(BytesView data) noexcept {
    uint64_t state[keccak::lane_count] = {};
    const uint8_t* input = data.data();
    size_t left = data.size();
    for (; left >= keccak256_block_size; left -= keccak256_block_size) {
        for (size_t i = 0; i < keccak::rate_lanes; ++i)
            state[i] ^= load_le64(input + 8 * i);
        keccak::permute<ScalarOps>(state);
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
    state[keccak::rate_lanes - 1] ^= uint64_t{1} << 63;
    keccak::permute<ScalarOps>(state);

    Bytes32 hash;
    for (size_t i = 0; i < 4; ++i)
        store_be64(hash.bytes + 8 * i, __builtin_bswap64(state[i]));
    return hash;
}

void keccak256_batch(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept {
    for (size_t i = 0; i < inputs.size(); ++i)
        outputs[i] = keccak256(inputs[i]);
}

} // namespace braid::crypto
