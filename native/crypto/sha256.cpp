#include "crypto/sha256.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/sha256_compress.hpp"

#include <bit>

namespace braid::crypto {
namespace {

uint32_t load_be32(const uint8_t* data) noexcept {
    return (uint32_t{data[0]} << 24) | (uint32_t{data[1]} << 16) | (uint32_t{data[2]} << 8) |
           data[3];
}

sha256_detail::Compress select_compress() noexcept {
#if defined(__x86_64__)
    if (cpu_features().sha)
        return sha256_detail::compress_sha_extensions;
#endif
    return sha256_detail::compress_portable;
}

} // namespace

namespace sha256_detail {

void compress_portable(uint32_t state[8], const uint8_t* blocks, size_t count) noexcept {
    for (; count > 0; --count, blocks += block_size) {
        uint32_t w[64];
        for (size_t i = 0; i < 16; ++i)
            w[i] = load_be32(blocks + 4 * i);
        for (size_t i = 16; i < 64; ++i) {
            const uint32_t s0 =
                std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const uint32_t s1 =
                std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (size_t i = 0; i < 64; ++i) {
            const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const uint32_t choice = (e & f) ^ (~e & g);
            const uint32_t t1 = h + sum1 + choice + round_constants[i] + w[i];
            const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + sum0 + majority;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

} // namespace sha256_detail

Bytes32 sha256(BytesView data) noexcept {
    using sha256_detail::block_size;
    static const sha256_detail::Compress compress = select_compress();

    // FIPS 180-4, section 5.3.3.
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const size_t whole = data.size() / block_size;
    if (whole != 0)
        compress(state, data.data(), whole);

    // The padding: a one bit, zeros, and the length in bits in the last 8 bytes (section 5.1.1).
    uint8_t tail[2 * block_size] = {};
    const size_t left = data.size() % block_size;
    if (left != 0)
        std::memcpy(tail, data.data() + whole * block_size, left);
    tail[left] = 0x80;
    const size_t tail_blocks = left + 9 <= block_size ? 1 : 2;
    store_be64(tail + tail_blocks * block_size - 8, uint64_t{data.size()} * 8);
    compress(state, tail, tail_blocks);

    Bytes32 hash;
    for (size_t i = 0; i < 8; i += 2)
        store_be64(hash.bytes + 4 * i, (uint64_t{state[i]} << 32) | state[i + 1]);
    return hash;
}

} // namespace braid::crypto
