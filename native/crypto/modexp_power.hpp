/// Exponentiation by a sliding window, over any multiplication.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <bit>

namespace braid::crypto::modexp_detail {

/// An exponent: big-endian bytes without leading zeros.
class Exponent {
  public:
    explicit Exponent(BytesView bytes) noexcept : bytes_{bytes} {}

    /// The number of bits up to the highest one; 0 for the number 0.
    [[nodiscard]] size_t bit_length() const noexcept {
        return bytes_.empty() ? 0 : 8 * (bytes_.size() - 1) + std::bit_width(bytes_[0]);
    }

    /// The bit of weight 2^index.
    [[nodiscard]] unsigned bit(size_t index) const noexcept {
        return (bytes_[bytes_.size() - 1 - index / 8] >> (index % 8)) & 1;
    }

  private:
    BytesView bytes_;
};

/// The widest window: its table of odd powers has 2^(width - 1) numbers.
inline constexpr unsigned max_window = 6;

/// The window width with the fewest multiplications, 2^(w-1) + bits / (w + 1), for this length.
constexpr unsigned window_width(size_t exponent_bits) noexcept {
    if (exponent_bits <= 8)
        return 1;
    if (exponent_bits <= 36)
        return 2;
    if (exponent_bits <= 100)
        return 3;
    if (exponent_bits <= 280)
        return 4;
    return exponent_bits <= 768 ? 5 : max_window;
}

/// How many numbers the table of power() needs for an exponent of this length.
constexpr size_t table_entries(size_t exponent_bits) noexcept {
    return size_t{1} << (window_width(exponent_bits) - 1);
}

/// Raises table[0] to the exponent, which is at least 1, and writes the result to `result`.
///
/// `Ring` multiplies numbers of ring.size() limbs: multiply(out, a, b) and square(out, a), where
/// `out` may be an operand. `table` has room for table_entries() numbers; the base lies in the
/// first. Numbers from `result` and `table` do not overlap.
template <typename Ring>
void power(const Ring& ring, const Exponent& exponent, uint64_t* table, uint64_t* result) noexcept {
    const size_t size = ring.size();
    const size_t bits = exponent.bit_length();
    const unsigned width = window_width(bits);
    if (width > 1) {
        // table[i] is base^(2i + 1).
        ring.square(result, table);
        for (size_t i = 1; i < table_entries(bits); ++i)
            ring.multiply(table + i * size, table + (i - 1) * size, result);
    }

    bool started = false;
    for (size_t position = bits; position > 0;) {
        if (exponent.bit(position - 1) == 0) {
            ring.square(result, result);
            --position;
            continue;
        }
        // The longest window from here down that ends in a one bit.
        size_t low = position > width ? position - width : 0;
        while (exponent.bit(low) == 0)
            ++low;
        size_t value = 0;
        for (size_t i = position; i-- > low;)
            value = 2 * value + exponent.bit(i);
        const uint64_t* entry = table + (value >> 1) * size;
        if (started) {
            for (size_t i = low; i < position; ++i)
                ring.square(result, result);
            ring.multiply(result, result, entry);
        } else {
            std::copy_n(entry, size, result);
            started = true;
        }
        position = low;
    }
}

} // namespace braid::crypto::modexp_detail
