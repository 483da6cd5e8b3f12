#include "crypto/blake2b.hpp"

#include "crypto/blake2b_compress.hpp"
#include "crypto/cpu_features.hpp"
#include "tests/harness.hpp"

#include <algorithm>

namespace {

using braid::BytesView;

struct Vector {
    size_t size;
    const char* hash;
};

/// The messages of the vectors: byte i is i*i*7 + i*13 + size.
std::vector<uint8_t> message(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<uint8_t>(i * i * 7 + i * 13 + size);
    return bytes;
}

// BLAKE2b-512 of messages of up to one block, computed with @noble/hashes 1.8.
constexpr Vector vectors[] = {
    {0, "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee58531389644493"
        "4eb04b903a685b1448b755d56f701afe9be2ce"},
    {1, "9545ba37b230d8a2e716c4707586542780815b7c4088edcb9af6a9452d50f32474d5ba9aab52a67aca864ef269"
        "6981c2eadf49020416136afd838fb048d21653"},
    {127, "9f6bfeb6feb479eca310b6a931db20a9c63f46fe1832df4facf37cfb571310bc3e6a9df31acf5fe97802ea92"
          "75e551ae0f57e4133f97bd6fa48a03d0047e4491"},
    {128, "e634195f0ea2e7c5b1def7fb17834065f1579031cbdfb4eb5aeafde843201f9667177b6d28fd1bc76b333edc"
          "26d5dc7f3ffa4c93fe7b1b3b475c20511ac3a920"},
};

struct State {
    uint64_t h[8];
    uint64_t m[16];
};

State some_state(uint64_t seed) {
    State state;
    for (auto* word = state.h; word != state.h + 8; ++word)
        *word = seed = braid::mix64(seed + 1);
    for (auto* word = state.m; word != state.m + 16; ++word)
        *word = seed = braid::mix64(seed + 1);
    return state;
}

} // namespace

TEST("blake2b: one-block hashes through the compression function") {
    for (const auto& [size, hash] : vectors) {
        auto block = message(size);
        block.resize(128);
        State state;
        std::copy_n(braid::crypto::blake2b::initial_vector, 8, state.h);
        state.h[0] ^= 0x01010040; // RFC 7693: 64 bytes of output, no key
        for (size_t i = 0; i < 16; ++i)
            state.m[i] = braid::load_le64(block.data() + 8 * i);
        const uint64_t t[2] = {size, 0};
        braid::crypto::blake2b_compress(12, state.h, state.m, t, true);
        CHECK_EQ(braid::test::to_hex(reinterpret_cast<const uint8_t*>(state.h), 64), hash);
    }
}

TEST("blake2b: the variants agree for any number of rounds") {
    using namespace braid::crypto::blake2b;
    for (uint32_t rounds = 0; rounds <= 45; ++rounds) {
        const State start = some_state(rounds);
        const Parameters parameters{{rounds, 7, rounds % 2 == 0 ? 0 : ~uint64_t{0}, 0}};
        State expected = start;
        compress_portable(rounds, expected.h, start.m, parameters);

        State chosen = start;
        const uint64_t t[2] = {rounds, 7};
        braid::crypto::blake2b_compress(rounds, chosen.h, start.m, t, rounds % 2 != 0);
        CHECK(std::memcmp(chosen.h, expected.h, sizeof(chosen.h)) == 0);
#if defined(__x86_64__)
        if (braid::test::has(braid::crypto::cpu_features().avx2, "AVX2")) {
            State state = start;
            compress_avx2(rounds, state.h, start.m, parameters);
            CHECK(std::memcmp(state.h, expected.h, sizeof(state.h)) == 0);
        }
        if (braid::test::has(braid::crypto::cpu_features().avx512, "AVX-512")) {
            State state = start;
            compress_avx512(rounds, state.h, start.m, parameters);
            CHECK(std::memcmp(state.h, expected.h, sizeof(state.h)) == 0);
        }
#endif
    }
}
