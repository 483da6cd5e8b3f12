/// A small seeded generator of random numbers: the same sequence on every machine.
#pragma once

#include "tests/evm/word.hpp"

#include <cstdint>
#include <initializer_list>

namespace braid::test {

/// splitmix64.
class Random {
  public:
    explicit Random(uint64_t seed) : state_{seed} {}

    uint64_t next() {
        uint64_t value = state_ += 0x9e3779b97f4a7c15ULL;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31);
    }
    /// A number below `bound`.
    uint64_t below(uint64_t bound) { return next() % bound; }
    /// True `percent` times of a hundred.
    bool chance(unsigned percent) { return below(100) < percent; }
    template <typename Value>
    Value pick(std::initializer_list<Value> values) {
        return values.begin()[below(values.size())];
    }

    /// A 256-bit number of the kinds where arithmetic goes wrong: small, powers of two and their
    /// neighbours, negatives, words of all zeros and all ones, and any.
    reference::Word word() {
        using reference::Word;
        const auto any = [&] {
            Word value;
            for (uint32_t& limb : value.limb)
                limb = static_cast<uint32_t>(next());
            return value;
        };
        switch (below(9)) {
        case 0:
            return any();
        case 1:
            return shift_right(any(), static_cast<unsigned>(below(256)));
        case 2:
            return ~shift_right(any(), static_cast<unsigned>(below(256)));
        case 3:
            return shift_left(Word{1}, static_cast<unsigned>(below(256)));
        case 4:
            return shift_left(Word{1}, static_cast<unsigned>(below(257))) - Word{1};
        case 5: {
            Word value;
            for (size_t i = 0; i < 8; i += 2) {
                const uint64_t part =
                    pick({uint64_t{0}, ~uint64_t{0}, uint64_t{1}, uint64_t{1} << 63, next()});
                value.limb[i] = static_cast<uint32_t>(part);
                value.limb[i + 1] = static_cast<uint32_t>(part >> 32);
            }
            return value;
        }
        case 6:
            return -Word{below(300)};
        case 7:
            return next() >> below(64);
        default:
            return below(40);
        }
    }

  private:
    uint64_t state_;
};

} // namespace braid::test
