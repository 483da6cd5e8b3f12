#include "crypto/modexp.hpp"

#include "crypto/modexp_ifma.hpp"
#include "crypto/modexp_power.hpp"
#include "crypto/modexp_rings.hpp"

#include <memory>
#include <new>
#include <utility>

namespace braid::crypto {
namespace {

using modexp_detail::Exponent;
using modexp_detail::MontgomeryRing;
using modexp_detail::PowerOfTwoRing;

/// Scratch memory in limbs: a buffer on the stack for usual sizes, the heap beyond. Every part is
/// aligned for vectors.
class Scratch {
  public:
    /// Room for `parts` parts of `limb_count` limbs together.
    Scratch(size_t limb_count, size_t parts) noexcept {
        const size_t rounded = limb_count + parts * (alignment_limbs - 1);
        if (rounded <= inline_limbs) {
            next_ = inline_;
        } else {
            heap_.reset(new (std::align_val_t{alignment}, std::nothrow) uint64_t[rounded]);
            next_ = heap_.get();
        }
    }

    [[nodiscard]] bool ok() const noexcept { return next_ != nullptr; }

    /// The next `count` limbs, uninitialised.
    uint64_t* take(size_t count) noexcept {
        const size_t rounded = (count + alignment_limbs - 1) / alignment_limbs * alignment_limbs;
        return std::exchange(next_, next_ + rounded);
    }

  private:
    static constexpr size_t alignment = 64;
    static constexpr size_t alignment_limbs = alignment / sizeof(uint64_t);
    static constexpr size_t inline_limbs = 2048;

    struct AlignedDelete {
        void operator()(uint64_t* limbs) const noexcept {
            ::operator delete[](limbs, std::align_val_t{alignment});
        }
    };

    alignas(alignment) uint64_t inline_[inline_limbs];
    std::unique_ptr<uint64_t[], AlignedDelete> heap_;
    uint64_t* next_ = nullptr;
};

/// An upper bound of the number of parts that one exponentiation takes.
constexpr size_t scratch_parts = 16;

BytesView without_leading_zeros(BytesView bytes) noexcept {
    const auto first = std::find_if(bytes.begin(), bytes.end(), [](uint8_t b) { return b != 0; });
    return bytes.subspan(static_cast<size_t>(first - bytes.begin()));
}

size_t limbs_for(BytesView number) noexcept { return (number.size() + 7) / 8; }

/// The operands without leading zeros, the exponent not zero, and their sizes in limbs.
struct Operands {
    BytesView base;
    Exponent exponent;
    size_t base_size;
};

/// How many limbs the table of odd powers takes, for numbers of `size` limbs.
size_t table_size(const Operands& operands, size_t size) noexcept {
    return size * modexp_detail::table_entries(operands.exponent.bit_length());
}

/// remainder = base * 2^shift mod modulus, over `size` limbs; the modulus may have zero limbs on
/// top. Takes scaled_base_scratch() limbs.
void scaled_base(const Operands& operands, size_t shift, const uint64_t* modulus, size_t size,
                 uint64_t* remainder, Scratch& scratch) noexcept {
    size_t used = size;
    while (modulus[used - 1] == 0)
        --used;
    // The division wants the top bit of the divisor set: both sides are shifted for it.
    const auto scale = static_cast<unsigned>(std::countl_zero(modulus[used - 1]));
    uint64_t* divisor = scratch.take(size);
    limbs::shift_left(divisor, modulus, used, scale);

    const size_t low_limbs = (shift + scale) / 64;
    const size_t dividend_size = std::max(low_limbs + operands.base_size + 1, used + 1);
    uint64_t* dividend = scratch.take(dividend_size);
    std::fill_n(dividend, low_limbs, 0);
    uint64_t* placed = dividend + low_limbs;
    limbs::load_big_endian(placed, dividend_size - low_limbs, operands.base);
    limbs::shift_left(placed, placed, dividend_size - low_limbs,
                      static_cast<unsigned>((shift + scale) % 64));
    limbs::reduce(dividend, dividend_size, divisor, used);
    limbs::shift_right(dividend, used, scale);
    std::copy_n(dividend, used, remainder);
    std::fill(remainder + used, remainder + size, 0);
}

size_t scaled_base_scratch(const Operands& operands, size_t shift, size_t size) noexcept {
    return size + (shift / 64 + operands.base_size + size + 3);
}

/// result = base^exponent mod an odd modulus, in 64-bit limbs.
template <size_t fixed_size>
void odd_power_in_limbs(const Operands& operands, const uint64_t* modulus, size_t size,
                        uint64_t* result, Scratch& scratch) noexcept {
    const MontgomeryRing<fixed_size> ring{modulus, size, scratch.take(2 * size)};
    uint64_t* table = scratch.take(table_size(operands, size));
    scaled_base(operands, 64 * size, modulus, size, table, scratch);
    modexp_detail::power(ring, operands.exponent, table, result);
    ring.leave(result, result);
}

/// result = base^exponent mod an odd modulus, in digits of 52 bits.
void odd_power_in_digits(const Operands& operands, const uint64_t* modulus, size_t size,
                         modexp_detail::IfmaMultiply multiply, uint64_t* result,
                         Scratch& scratch) noexcept {
    const size_t digit_count = modexp_detail::digits_for(size);
    const size_t words = modexp_detail::ifma_words(size);
    uint64_t* digits = scratch.take(words);
    uint64_t* shifted_digits = scratch.take(words);
    limbs::split(digits, words, modulus, size, modexp_detail::digit_bits);
    std::copy(digits + 1, digits + words, shifted_digits);
    shifted_digits[words - 1] = 0;
    const uint64_t negated_inverse =
        (0 - limbs::inverse_mod_2_64(modulus[0])) & modexp_detail::digit_mask;
    const modexp_detail::IfmaRing ring{
        {digits, shifted_digits, digit_count, words, negated_inverse}, multiply};

    uint64_t* table = scratch.take(table_size(operands, words));
    uint64_t* power = scratch.take(words);
    scaled_base(operands, modexp_detail::digit_bits * digit_count, modulus, size, result, scratch);
    limbs::split(table, words, result, size, modexp_detail::digit_bits);
    modexp_detail::power(ring, operands.exponent, table, power);

    // Multiplying by one leaves Montgomery form; the result is at most the modulus.
    uint64_t* one = table;
    std::fill_n(one, words, 0);
    one[0] = 1;
    ring.multiply(power, power, one);
    limbs::join(result, size, power, words, modexp_detail::digit_bits);
    if (limbs::not_less(result, modulus, size))
        limbs::subtract(result, result, modulus, size);
}

/// The scratch limbs that odd_power() takes for a modulus of up to `size` limbs.
size_t odd_power_scratch(const Operands& operands, size_t size) noexcept {
    const size_t words = modexp_detail::ifma_words(size);
    return scaled_base_scratch(operands, modexp_detail::digit_bits * words, size) + 3 * words +
           table_size(operands, words);
}

/// result = base^exponent mod an odd modulus of `size` limbs.
void odd_power(const Operands& operands, const uint64_t* modulus, size_t size, uint64_t* result,
               Scratch& scratch) noexcept {
    if (size >= modexp_detail::ifma_min_limbs && size <= modexp_detail::ifma_max_limbs) {
        const auto multiply = modexp_detail::ifma_multiply_for(modexp_detail::ifma_words(size));
        if (multiply != nullptr)
            return odd_power_in_digits(operands, modulus, size, multiply, result, scratch);
    }
    switch (size) {
    case 4:
        return odd_power_in_limbs<4>(operands, modulus, size, result, scratch);
    case 6:
        return odd_power_in_limbs<6>(operands, modulus, size, result, scratch);
    case 8:
        return odd_power_in_limbs<8>(operands, modulus, size, result, scratch);
    default:
        return odd_power_in_limbs<0>(operands, modulus, size, result, scratch);
    }
}

/// The scratch limbs that power_of_two_power() takes for a modulus of up to 2^(64 * size).
size_t power_of_two_power_scratch(const Operands& operands, size_t size) noexcept {
    return size + table_size(operands, size);
}

/// result = base^exponent mod 2^(64 * size).
void power_of_two_power(const Operands& operands, size_t size, uint64_t* result,
                        Scratch& scratch) noexcept {
    const PowerOfTwoRing ring{size, scratch.take(size)};
    uint64_t* table = scratch.take(table_size(operands, size));
    const size_t kept = std::min(operands.base.size(), 8 * size);
    limbs::load_big_endian(table, size, operands.base.last(kept));
    modexp_detail::power(ring, operands.exponent, table, result);
}

/// inverse = 1 / odd mod 2^(64 * size), by Newton's iteration on twice the limbs each time.
/// `scratch` has 2 * size limbs.
void invert_mod_power_of_two(uint64_t* inverse, const uint64_t* odd, size_t size,
                             uint64_t* scratch) noexcept {
    inverse[0] = limbs::inverse_mod_2_64(odd[0]);
    for (size_t known = 1; known < size;) {
        const size_t next = std::min(2 * known, size);
        uint64_t* correction = scratch;
        uint64_t* product = scratch + size;
        std::fill(inverse + known, inverse + next, 0);
        // inverse *= 2 - odd * inverse
        limbs::multiply_low(correction, odd, inverse, next);
        uint64_t borrow = 0;
        for (size_t i = 0; i < next; ++i) {
            const limbs::uint128 difference =
                limbs::uint128{i == 0 ? 2U : 0U} - correction[i] - borrow;
            correction[i] = static_cast<uint64_t>(difference);
            borrow = static_cast<uint64_t>(difference >> 64) & 1;
        }
        limbs::multiply_low(product, correction, inverse, next);
        std::copy_n(product, next, inverse);
        known = next;
    }
}

/// Keeps the lowest `bits` bits.
void mask_bits(uint64_t* number, size_t size, size_t bits) noexcept {
    if (bits < 64 * size)
        number[bits / 64] &= (uint64_t{1} << (bits % 64)) - 1;
}

} // namespace

bool modexp(BytesView base, BytesView exponent, BytesView modulus, uint8_t* output) noexcept {
    const BytesView short_modulus = without_leading_zeros(modulus);
    const size_t output_size = modulus.size();
    std::fill_n(output, output_size, 0);
    if (short_modulus.empty() || (short_modulus.size() == 1 && short_modulus[0] == 1))
        return true;
    const BytesView short_base = without_leading_zeros(base);
    const BytesView short_exponent = without_leading_zeros(exponent);
    if (short_exponent.empty()) {
        output[output_size - 1] = 1;
        return true;
    }
    if (short_base.empty())
        return true;
    const Operands operands{short_base, Exponent{short_exponent}, limbs_for(short_base)};

    // Up to 4 limbs one unrolled multiplication serves all: zero limbs on top do no harm.
    const size_t size = std::max<size_t>(limbs_for(short_modulus), 4);
    Scratch scratch{8 * size + odd_power_scratch(operands, size) +
                        power_of_two_power_scratch(operands, size),
                    scratch_parts};
    if (!scratch.ok())
        return false;
    uint64_t* odd = scratch.take(size);
    limbs::load_big_endian(odd, size, short_modulus);

    size_t zero_limbs = 0;
    while (odd[zero_limbs] == 0)
        ++zero_limbs;
    const auto zero_bits = static_cast<unsigned>(std::countr_zero(odd[zero_limbs]));
    const size_t twos = 64 * zero_limbs + zero_bits;
    uint64_t* result = scratch.take(size);
    if (twos == 0) {
        odd_power(operands, odd, size, result, scratch);
        limbs::store_big_endian(output, output_size, result, size);
        return true;
    }

    // modulus = odd * 2^twos: solve modulo both and join by the Chinese remainder theorem,
    // result = r + odd * ((s - r) / odd mod 2^twos), with r modulo odd and s modulo 2^twos.
    const size_t low_size = (twos + 63) / 64;
    uint64_t* low_result = scratch.take(low_size);
    std::copy(odd + zero_limbs, odd + size, odd);
    std::fill_n(odd + size - zero_limbs, zero_limbs, 0);
    limbs::shift_right(odd, size, zero_bits);
    size_t odd_size = size;
    while (odd_size > 4 && odd[odd_size - 1] == 0)
        --odd_size;
    const bool odd_is_one = odd[0] == 1 && std::all_of(odd + 1, odd + odd_size,
                                                       [](uint64_t limb) { return limb == 0; });

    std::fill_n(result, size, 0);
    if (!odd_is_one)
        odd_power(operands, odd, odd_size, result, scratch);
    power_of_two_power(operands, low_size, low_result, scratch);

    uint64_t* inverse = scratch.take(low_size);
    uint64_t* newton = scratch.take(2 * low_size);
    uint64_t* factor = scratch.take(low_size);
    invert_mod_power_of_two(inverse, odd, low_size, newton);
    limbs::subtract(low_result, low_result, result, low_size);
    limbs::multiply_low(factor, low_result, inverse, low_size);
    mask_bits(factor, low_size, twos);
    for (size_t i = 0; i < low_size; ++i) {
        // The sum stays below the modulus, so what would pass the top limb is zero.
        const size_t room = std::min(odd_size, size - i);
        uint64_t carry = limbs::add_product(result + i, odd, room, factor[i]);
        for (size_t j = i + room; carry != 0 && j < size; ++j) {
            result[j] += carry;
            carry = result[j] < carry;
        }
    }
    limbs::store_big_endian(output, output_size, result, size);
    return true;
}

} // namespace braid::crypto
