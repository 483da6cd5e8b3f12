#include "crypto/ripemd160.hpp"

#include <utility>

namespace braid::crypto {
namespace {

constexpr size_t block_size = 64;

// Appendix A of the paper: message word and rotation of each step, left and right line.
constexpr uint8_t left_word[80] = {0, 1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15,
                                   7, 4,  13, 1,  10, 6,  15, 3,  12, 0, 9,  5,  2,  14, 11, 8,
                                   3, 10, 14, 4,  9,  15, 8,  1,  2,  7, 0,  6,  13, 11, 5,  12,
                                   1, 9,  11, 10, 0,  8,  12, 4,  13, 3, 7,  15, 14, 5,  6,  2,
                                   4, 0,  5,  9,  7,  12, 2,  10, 14, 1, 3,  8,  11, 6,  15, 13};
constexpr uint8_t right_word[80] = {5,  14, 7,  0, 9, 2,  11, 4,  13, 6,  15, 8,  1,  10, 3,  12,
                                    6,  11, 3,  7, 0, 13, 5,  10, 14, 15, 8,  12, 4,  9,  1,  2,
                                    15, 5,  1,  3, 7, 14, 6,  9,  11, 8,  12, 2,  10, 0,  4,  13,
                                    8,  6,  4,  1, 3, 11, 15, 0,  5,  12, 2,  13, 9,  7,  10, 14,
                                    12, 15, 10, 4, 1, 5,  8,  7,  6,  2,  13, 14, 0,  3,  9,  11};
constexpr uint8_t left_shift[80] = {11, 14, 15, 12, 5,  8,  7,  9,  11, 13, 14, 15, 6,  7,  9,  8,
                                    7,  6,  8,  13, 11, 9,  7,  15, 7,  12, 15, 9,  11, 7,  13, 12,
                                    11, 13, 6,  7,  14, 9,  13, 15, 14, 8,  13, 6,  5,  12, 7,  5,
                                    11, 12, 14, 15, 14, 15, 9,  8,  9,  14, 5,  6,  8,  6,  5,  12,
                                    9,  15, 5,  11, 6,  8,  13, 12, 5,  12, 13, 14, 11, 8,  5,  6};
constexpr uint8_t right_shift[80] = {
    8,  9,  9,  11, 13, 15, 15, 5, 7,  7,  8,  11, 14, 14, 12, 6,  9,  13, 15, 7,
    12, 8,  9,  11, 7,  7,  12, 7, 6,  15, 13, 11, 9,  7,  15, 11, 8,  6,  6,  14,
    12, 13, 5,  14, 13, 13, 7,  5, 15, 5,  8,  11, 14, 14, 6,  14, 6,  9,  12, 9,
    12, 5,  15, 8,  8,  5,  12, 9, 12, 5,  14, 6,  8,  13, 6,  5,  15, 13, 11, 11};
constexpr uint32_t left_constant[5] = {0x00000000, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e};
constexpr uint32_t right_constant[5] = {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0x00000000};

template <size_t function>
[[gnu::always_inline]] inline uint32_t boolean(uint32_t x, uint32_t y, uint32_t z) noexcept {
    if constexpr (function == 0)
        return x ^ y ^ z;
    else if constexpr (function == 1)
        return (x & y) | (~x & z);
    else if constexpr (function == 2)
        return (x | ~y) ^ z;
    else if constexpr (function == 3)
        return (x & z) | (y & ~z);
    else
        return x ^ (y | ~z);
}

/// The five registers of one line. Step j works on them rotated by j places, so nothing moves.
struct Line {
    uint32_t v[5];
};

template <size_t step, size_t function, int shift>
[[gnu::always_inline]] inline void advance(Line& line, uint32_t addend) noexcept {
    uint32_t& a = line.v[(80 - step) % 5];
    const uint32_t b = line.v[(81 - step) % 5];
    uint32_t& c = line.v[(82 - step) % 5];
    const uint32_t d = line.v[(83 - step) % 5];
    const uint32_t e = line.v[(84 - step) % 5];
    a = std::rotl(a + boolean<function>(b, c, d) + addend, shift) + e;
    c = std::rotl(c, 10);
}

template <size_t... steps>
[[gnu::always_inline]] inline void run(Line& left, Line& right, const uint32_t* words,
                                       std::index_sequence<steps...>) noexcept {
    ((advance<steps, steps / 16, left_shift[steps]>(left, words[left_word[steps]] +
                                                              left_constant[steps / 16]),
      advance<steps, 4 - steps / 16, right_shift[steps]>(right, words[right_word[steps]] +
                                                                    right_constant[steps / 16])),
     ...);
}

void compress(uint32_t state[5], const uint8_t* block) noexcept {
    uint32_t words[16];
    for (size_t i = 0; i < 16; i += 2) {
        const uint64_t pair = load_le64(block + 4 * i);
        words[i] = static_cast<uint32_t>(pair);
        words[i + 1] = static_cast<uint32_t>(pair >> 32);
    }
    Line left{{state[0], state[1], state[2], state[3], state[4]}};
    Line right = left;
    run(left, right, words, std::make_index_sequence<80>{});

    const uint32_t first = state[1] + left.v[2] + right.v[3];
    state[1] = state[2] + left.v[3] + right.v[4];
    state[2] = state[3] + left.v[4] + right.v[0];
    state[3] = state[4] + left.v[0] + right.v[1];
    state[4] = state[0] + left.v[1] + right.v[2];
    state[0] = first;
}

void store_le64(uint8_t* data, uint64_t value) noexcept {
    store_be64(data, __builtin_bswap64(value));
}

} // namespace

void ripemd160(BytesView data, uint8_t output[20]) noexcept {
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    const uint8_t* input = data.data();
    size_t left = data.size();
    for (; left >= block_size; left -= block_size, input += block_size)
        compress(state, input);

    // The padding of MD4: a one bit, zeros, and the length in bits, little-endian.
    uint8_t tail[2 * block_size] = {};
    if (left != 0)
        std::memcpy(tail, input, left);
    tail[left] = 0x80;
    const size_t tail_size = left + 9 <= block_size ? block_size : 2 * block_size;
    store_le64(tail + tail_size - 8, uint64_t{data.size()} * 8);
    for (size_t i = 0; i < tail_size; i += block_size)
        compress(state, tail + i);

    for (size_t i = 0; i < 20; ++i)
        output[i] = static_cast<uint8_t>(state[i / 4] >> (8 * (i % 4)));
}

} // namespace braid::crypto
