#include "evm/jump_destinations.hpp"

#include "evm/decoding.hpp"

#include <bit>

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

#if defined(__AVX2__)
/// Which of the 32 bytes before `end`, taken as PUSHes, would reach the byte at it. Bit i stands
/// for the byte at end - 32 + i.
uint32_t pushes_reaching(const uint8_t* end) noexcept {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(end - 32));
    const __m256i pushes =
        _mm256_cmpeq_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8(static_cast<char>(0xe0))),
                          _mm256_set1_epi8(OP_PUSH1));
    // The byte at end - k needs k bytes of data or more, which PUSH1 + k - 1 and up have. With
    // k = 32 - i it is a matter of the byte's low five bits and i adding up to 31.
    const __m256i indexes =
        _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                         21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    const __m256i low = _mm256_and_si256(bytes, _mm256_set1_epi8(31));
    const __m256i reaching = _mm256_cmpgt_epi8(_mm256_add_epi8(low, indexes), _mm256_set1_epi8(30));
    return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(pushes, reaching)));
}
#else
uint32_t pushes_reaching(const uint8_t* end) noexcept {
    uint32_t mask = 0;
    const uint8_t* bytes = end - 32;
    for (unsigned i = 0; i < 32; ++i)
        mask |= uint32_t{push_size(bytes[i]) >= 32 - i} << i;
    return mask;
}
#endif

/// Finds a place at or before `position` where an instruction starts for sure. False where it would
/// take long.
bool find_start(BytesView code, size_t position, size_t& start) noexcept {
    constexpr int most_steps = 8;
    for (int step = 0; step < most_steps; ++step) {
        if (position < 32) {
            start = 0;
            return true;
        }
        const uint32_t pushes = pushes_reaching(code.data() + position);
        if (pushes == 0) {
            start = position;
            return true;
        }
        position -= 32 - static_cast<size_t>(std::countr_zero(pushes));
    }
    return false;
}

} // namespace

bool JumpDestinations::contain(BytesView code, uint64_t position, size_t& taken) noexcept {
    if (position >= code.size() || code[position] != OP_JUMPDEST)
        return false;
    // acquire: pairs with the release in bitmap(), so a reader sees the bits.
    const Bitmap* all = bitmap_.load(std::memory_order_acquire);
    // relaxed, here and below: a bound, which need not be exact.
    if (size_t at = 0; all == nullptr && walked_.load(std::memory_order_relaxed) <= code.size() &&
                       find_start(code, position, at)) {
        if (at != position)
            walked_.fetch_add(position - at, std::memory_order_relaxed);
        while (at < position)
            at += 1 + push_size(code[at]);
        return at == position;
    }
    if (all == nullptr)
        all = &bitmap(code, taken);
    return ((*all)[position / 64] >> (position % 64) & 1) != 0;
}

const JumpDestinations::Bitmap& JumpDestinations::bitmap(BytesView code, size_t& taken) noexcept {
    const auto* made = new Bitmap{find_jump_destinations(code)};
    const Bitmap* known = nullptr;
    // release: the bits become visible with the pointer. acquire: another's bits are looked at.
    if (bitmap_.compare_exchange_strong(known, made, std::memory_order_release,
                                        std::memory_order_acquire)) {
        taken += sizeof(Bitmap) + made->size() * sizeof(uint64_t);
        return *made;
    }
    delete made;
    return *known;
}

void JumpDestinations::clear() noexcept {
    // relaxed: whoever clears is alone.
    walked_.store(0, std::memory_order_relaxed);
    delete bitmap_.exchange(nullptr, std::memory_order_relaxed);
}

std::vector<uint64_t> find_jump_destinations(BytesView code) noexcept {
    std::vector<uint64_t> words((code.size() + 63) / 64);
    size_t push_data = 0; // bytes of the next word that belong to a push before it
    for (size_t index = 0; index < words.size(); ++index) {
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
        for (uint64_t left = masks.pushes; left != 0;) {
            auto at = static_cast<unsigned>(std::countr_zero(left));
            unsigned end = at;
            // Where a push follows a push, its place is known without a search.
            do {
                at = end;
                end = at + bytes[at] - OP_PUSH1 + 2u;
                if (end >= 64) {
                    masks.destinations &= (uint64_t{1} << at) - 1;
                    push_data = end - 64;
                    break;
                }
                masks.destinations &= ~((uint64_t{1} << end) - (uint64_t{1} << at));
            } while ((masks.pushes >> end & 1) != 0);
            left = end < 64 ? masks.pushes & ~uint64_t{0} << end : 0;
        }
        words[index] = masks.destinations;
    }
    return words;
}

} // namespace braid::evm
