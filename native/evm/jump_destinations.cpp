#include "evm/jump_destinations.hpp"

#include "evm/opcodes.hpp"

#include <algorithm>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace braid::evm {
namespace {

/// Bit i says something about byte i of 64.
struct ByteMasks {
    uint64_t destinations = 0;
    uint64_t pushes = 0;
};

#if defined(__AVX2__)
ByteMasks classify(const uint8_t* bytes) noexcept {
    const auto mask_of = [](__m256i low, __m256i high) {
        return static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(low))) |
               static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
    };
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
    const __m256i destination = _mm256_set1_epi8(OP_JUMPDEST);
    // PUSH1 to PUSH32 are the bytes 0b011xxxxx.
    const __m256i top_bits = _mm256_set1_epi8(static_cast<char>(0xe0));
    const __m256i push = _mm256_set1_epi8(OP_PUSH1);
    return {mask_of(_mm256_cmpeq_epi8(low, destination), _mm256_cmpeq_epi8(high, destination)),
            mask_of(_mm256_cmpeq_epi8(_mm256_and_si256(low, top_bits), push),
                    _mm256_cmpeq_epi8(_mm256_and_si256(high, top_bits), push))};
}
#else
ByteMasks classify(const uint8_t* bytes) noexcept {
    ByteMasks masks;
    for (unsigned i = 0; i < 64; ++i) {
        masks.destinations |= uint64_t{bytes[i] == OP_JUMPDEST} << i;
        masks.pushes |= uint64_t{(bytes[i] & 0xe0) == OP_PUSH1} << i;
    }
    return masks;
}
#endif

} // namespace

JumpDestinations::JumpDestinations(BytesView code) noexcept : words_((code.size() + 63) / 64) {
    size_t push_data = 0; // bytes of the next word that belong to a push before it
    for (size_t index = 0; index < words_.size(); ++index) {
        uint8_t last[64] = {};
        const uint8_t* bytes = code.data() + index * 64;
        if (const size_t left = code.size() - index * 64; left < 64) {
            std::memcpy(last, bytes, left);
            bytes = last;
        }
        ByteMasks masks = classify(bytes);
        const uint64_t instructions = ~uint64_t{0} << push_data; // a push has at most 32 bytes
        masks.destinations &= instructions;
        masks.pushes &= instructions;
        push_data = 0;
        // The lowest push left is one; its data are not.
        while (masks.pushes != 0) {
            const auto at = static_cast<unsigned>(std::countr_zero(masks.pushes));
            const unsigned end = at + bytes[at] - OP_PUSH1 + 2u;
            const uint64_t before = (uint64_t{1} << at) - 1;
            if (end >= 64) {
                masks.destinations &= before;
                push_data = end - 64;
                break;
            }
            const uint64_t kept = before | ~uint64_t{0} << end;
            masks.destinations &= kept;
            masks.pushes &= ~uint64_t{0} << end;
        }
        words_[index] = {masks.destinations, count_};
        count_ += static_cast<uint32_t>(std::popcount(masks.destinations));
    }
}

size_t JumpDestinations::position_of(uint32_t number) const noexcept {
    const auto after =
        std::upper_bound(words_.begin(), words_.end(), uint64_t{number},
                         [](uint64_t wanted, const Word& word) { return wanted < word.rank; });
    const auto word = after - 1;
    uint64_t bits = word->destinations;
    for (uint64_t skipped = word->rank; skipped < number; ++skipped)
        bits &= bits - 1;
    return static_cast<size_t>(word - words_.begin()) * 64 +
           static_cast<size_t>(std::countr_zero(bits));
}

} // namespace braid::evm
