#include "precompiles/hashes.hpp"

#include "crypto/blake2b.hpp"
#include "crypto/ripemd160.hpp"
#include "crypto/sha256.hpp"

namespace braid::precompiles {
namespace {

// EIP-152: rounds (4 bytes, big-endian), h (64), m (128), t (16), final flag (1).
constexpr size_t blake2f_input_size = 213;
constexpr size_t blake2f_h = 4;
constexpr size_t blake2f_m = 68;
constexpr size_t blake2f_t = 196;
constexpr size_t blake2f_final = 212;

uint32_t blake2f_rounds(BytesView input) noexcept {
    return (uint32_t{input[0]} << 24) | (uint32_t{input[1]} << 16) | (uint32_t{input[2]} << 8) |
           input[3];
}

} // namespace

Answer run_sha256(BytesView input, OutputBuffer& output) noexcept {
    const Bytes32 hash = crypto::sha256(input);
    std::memcpy(output.take(32), hash.bytes, 32);
    return Answer::success(32);
}

Answer run_ripemd160(BytesView input, OutputBuffer& output) noexcept {
    uint8_t* answer = output.take(32);
    std::memset(answer, 0, 12);
    crypto::ripemd160(input, answer + 12);
    return Answer::success(32);
}

Answer run_identity(BytesView input, OutputBuffer& output) noexcept {
    if (!input.empty())
        std::memcpy(output.take(input.size()), input.data(), input.size());
    return Answer::success(input.size());
}

int64_t blake2f_gas(BytesView input) noexcept {
    return input.size() == blake2f_input_size ? int64_t{blake2f_rounds(input)} : 0;
}

Answer run_blake2f(BytesView input, OutputBuffer& output) noexcept {
    if (input.size() != blake2f_input_size || input[blake2f_final] > 1)
        return Answer::failure();
    uint64_t h[8];
    uint64_t m[16];
    for (size_t i = 0; i < 8; ++i)
        h[i] = load_le64(input.data() + blake2f_h + 8 * i);
    for (size_t i = 0; i < 16; ++i)
        m[i] = load_le64(input.data() + blake2f_m + 8 * i);
    const uint64_t t[2] = {load_le64(input.data() + blake2f_t),
                           load_le64(input.data() + blake2f_t + 8)};
    crypto::blake2b_compress(blake2f_rounds(input), h, m, t, input[blake2f_final] == 1);

    uint8_t* answer = output.take(64);
    for (size_t i = 0; i < 8; ++i)
        store_be64(answer + 8 * i, __builtin_bswap64(h[i]));
    return Answer::success(64);
}

} // namespace braid::precompiles
