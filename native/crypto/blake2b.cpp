#include "crypto/blake2b.hpp"

#include "crypto/blake2b_compress.hpp"
#include "crypto/cpu_features.hpp"

namespace braid::crypto {
namespace {

[[gnu::always_inline]] inline void mix(uint64_t& a, uint64_t& b, uint64_t& c, uint64_t& d,
                                       uint64_t x, uint64_t y) noexcept {
    a += b + x;
    d = std::rotr(d ^ a, 32);
    c += d;
    b = std::rotr(b ^ c, 24);
    a += b + y;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 63);
}

blake2b::Compress select_compress() noexcept {
#if defined(__x86_64__)
    if (cpu_features().avx512)
        return blake2b::compress_avx512;
    if (cpu_features().avx2)
        return blake2b::compress_avx2;
#endif
    return blake2b::compress_portable;
}

} // namespace

void blake2b::compress_portable(uint32_t rounds, uint64_t h[8], const uint64_t m[16],
                                const Parameters& parameters) noexcept {
    uint64_t v[16];
    for (size_t i = 0; i < 8; ++i) {
        v[i] = h[i];
        v[i + 8] = initial_vector[i];
    }
    for (size_t i = 0; i < 4; ++i)
        v[i + 12] ^= parameters.words[i];

    uint32_t schedule = 0;
    for (uint32_t round = 0; round < rounds; ++round) {
        const uint8_t* s = sigma[schedule];
        mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
        mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
        mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
        mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
        mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
        mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
        mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
        mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
        schedule = schedule == schedule_count - 1 ? 0 : schedule + 1;
    }
    for (size_t i = 0; i < 8; ++i)
        h[i] ^= v[i] ^ v[i + 8];
}

void blake2b_compress(uint32_t rounds, uint64_t h[8], const uint64_t m[16], const uint64_t t[2],
                      bool final) noexcept {
    static const blake2b::Compress compress = select_compress();
    const blake2b::Parameters parameters{{t[0], t[1], final ? ~uint64_t{0} : 0, 0}};
    // The vector variants lay out all message schedules first, which pays off from about here on.
    if (rounds < blake2b::schedule_count)
        blake2b::compress_portable(rounds, h, m, parameters);
    else
        compress(rounds, h, m, parameters);
}

} // namespace braid::crypto
