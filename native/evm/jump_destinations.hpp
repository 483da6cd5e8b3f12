/// Where code may be jumped to.
#pragma once

#include "base/bytes.hpp"

#include <vector>

namespace braid::evm {

/// The JUMPDESTs of a piece of code that are not push data, numbered in order. Immutable.
class JumpDestinations {
  public:
    /// No JUMPDEST.
    static constexpr uint32_t none = UINT32_MAX;

    /// Finds them in one pass over the code, 64 bytes at a time.
    explicit JumpDestinations(BytesView code) noexcept;

    /// The number of the JUMPDEST at this position of the code, or none.
    [[nodiscard]] uint32_t find(uint64_t position) const noexcept {
        if (position / 64 >= words_.size())
            return none;
        const Word& word = words_[position / 64];
        const uint64_t bit = uint64_t{1} << (position % 64);
        if ((word.destinations & bit) == 0)
            return none;
        return static_cast<uint32_t>(word.rank) +
               static_cast<uint32_t>(std::popcount(word.destinations & (bit - 1)));
    }

    /// The position of a JUMPDEST by its number.
    [[nodiscard]] size_t position_of(uint32_t number) const noexcept;

    /// How many there are.
    [[nodiscard]] uint32_t count() const noexcept { return count_; }

    /// Bytes held.
    [[nodiscard]] size_t memory_size() const noexcept { return words_.size() * sizeof(Word); }

  private:
    /// 64 positions of the code, and how many JUMPDESTs there are before them.
    struct Word {
        uint64_t destinations;
        uint64_t rank;
    };
    std::vector<Word> words_;
    uint32_t count_ = 0;
};

} // namespace braid::evm
