#include "precompiles/curves.hpp"

#include "crypto/bn254.hpp"
#include "crypto/keccak.hpp"
#include "crypto/p256.hpp"
#include "crypto/secp256k1.hpp"

namespace braid::precompiles {
namespace {

Bytes32 load_word(const uint8_t* bytes) noexcept {
    Bytes32 word;
    std::memcpy(word.bytes, bytes, sizeof(word.bytes));
    return word;
}

Answer answer_bool(bool value, OutputBuffer& output) noexcept {
    uint8_t* answer = output.take(32);
    std::memset(answer, 0, 32);
    answer[31] = value ? 1 : 0;
    return Answer::success(32);
}

} // namespace

Answer run_ecrecover(BytesView input, OutputBuffer& output) noexcept {
    uint8_t padded[128];
    pad_right(input, padded);
    // v is a whole word and must be exactly 27 or 28.
    const Bytes32 v = load_word(padded + 32);
    Bytes32 v_above{v};
    v_above.bytes[31] = 0;
    if (!is_zero(v_above) || (v.bytes[31] != 27 && v.bytes[31] != 28))
        return Answer::success(0);

    const crypto::RecoveryInput signature{load_word(padded), load_word(padded + 64),
                                          load_word(padded + 96),
                                          static_cast<uint8_t>(v.bytes[31] - 27)};
    uint8_t public_key[64];
    if (!crypto::recover_public_key(signature, public_key))
        return Answer::success(0);
    const Bytes32 hash = crypto::keccak256(public_key);
    uint8_t* answer = output.take(32);
    std::memset(answer, 0, 12);
    std::memcpy(answer + 12, hash.bytes + 12, 20);
    return Answer::success(32);
}

Answer run_bn254_add(BytesView input, OutputBuffer& output) noexcept {
    uint8_t padded[128];
    pad_right(input, padded);
    return crypto::bn254_add(padded, output.take(64)) ? Answer::success(64) : Answer::failure();
}

Answer run_bn254_mul(BytesView input, OutputBuffer& output) noexcept {
    uint8_t padded[96];
    pad_right(input, padded);
    return crypto::bn254_mul(padded, output.take(64)) ? Answer::success(64) : Answer::failure();
}

Answer run_bn254_pairing(BytesView input, OutputBuffer& output) noexcept {
    if (input.size() % bn254_pair_size != 0)
        return Answer::failure();
    const auto is_one = crypto::bn254_pairing_check(input.data(), input.size() / bn254_pair_size);
    return is_one ? answer_bool(*is_one, output) : Answer::failure();
}

Answer run_p256_verify(BytesView input, OutputBuffer& output) noexcept {
    if (input.size() != 160)
        return Answer::success(0);
    const uint8_t* words = input.data();
    const bool valid =
        crypto::p256_verify(load_word(words), load_word(words + 32), load_word(words + 64),
                            load_word(words + 96), load_word(words + 128));
    return valid ? answer_bool(true, output) : Answer::success(0);
}

} // namespace braid::precompiles
