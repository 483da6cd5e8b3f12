/// A small seeded generator of random numbers: the same sequence on every machine.
#pragma once

#include "base/bytes.hpp"
#include "tests/evm/word.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

namespace braid::test {

/// splitmix64. Or decisions that somebody else has made: while there are bytes of theirs, the
/// numbers come from those, few bytes for each, so that a byte changed is mostly one decision
/// changed.
class Random {
  public:
    explicit Random(uint64_t seed) : state_{seed} {}
    /// The bytes must outlive this.
    explicit Random(BytesView decisions) : state_{decisions.size()}, decisions_{decisions} {}

    uint64_t next() {
        if (!decisions_.empty())
            return take(sizeof(uint64_t));
        uint64_t value = state_ += 0x9e3779b97f4a7c15ULL;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31);
    }
    /// A number below `bound`.
    uint64_t below(uint64_t bound) {
        if (!decisions_.empty() && bound <= 0x10000)
            return take(bound <= 0x100 ? 1 : 2) % bound;
        return next() % bound;
    }
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
    uint64_t take(size_t size) {
        uint64_t value = 0;
        const BytesView taken = decisions_.first(std::min(size, decisions_.size()));
        for (const uint8_t byte : taken)
            value = value << 8 | byte;
        decisions_ = decisions_.subspan(taken.size());
        return value;
    }

    uint64_t state_;
    BytesView decisions_;
};

} // namespace braid::test
