/// Montgomery multiplication in radix 2^52 on AVX-512 IFMA, for moduli of 8 to 128 limbs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace braid::crypto::modexp_detail {

/// A digit: what the instructions multiply.
inline constexpr unsigned digit_bits = 52;
inline constexpr uint64_t digit_mask = (uint64_t{1} << digit_bits) - 1;

/// The sizes, in 64-bit limbs, that the vectors are for: below, scalar code is faster; above are
/// only moduli of more than 1024 bytes (EIP-7823).
inline constexpr size_t ifma_min_limbs = 8;
inline constexpr size_t ifma_max_limbs = 128;

/// Digits of a number of `limbs` limbs, with the two spare bits that allow results below twice the
/// modulus instead of below the modulus.
constexpr size_t digits_for(size_t limbs) noexcept {
    return (64 * limbs + 2 + digit_bits - 1) / digit_bits;
}

/// How many 64-bit words a number takes: its digits, filled up with zeros to whole vectors.
constexpr size_t ifma_words(size_t limbs) noexcept { return (digits_for(limbs) + 7) / 8 * 8; }

/// A modulus and what belongs to it. The arrays have `words` words and, as all numbers in this
/// form, are aligned to 64 bytes.
struct IfmaModulus {
    const uint64_t* digits;
    /// The same without the lowest digit: digit i + 1 at index i.
    const uint64_t* shifted_digits;
    size_t digit_count;
    size_t words;
    /// -1 / modulus mod 2^52.
    uint64_t negated_inverse;
};

/// out = a * b / 2^(52 * digit_count) mod modulus, for a and b below twice the modulus; the result
/// is below twice the modulus too. `out` may be an operand.
/// (Gueron and Krasnov, "Software implementation of modular exponentiation, using advanced vector
/// instructions architectures", 2012: "almost Montgomery" multiplication.)
using IfmaMultiply = void (*)(uint64_t* out, const uint64_t* a, const uint64_t* b,
                              const IfmaModulus& modulus) noexcept;

/// The multiplication for numbers of this many words; null where the processor has no IFMA or the
/// size is out of range.
[[nodiscard]] IfmaMultiply ifma_multiply_for(size_t words) noexcept;

/// Numbers below twice a modulus in Montgomery form, for power().
class IfmaRing {
  public:
    IfmaRing(const IfmaModulus& modulus, IfmaMultiply multiply) noexcept
        : modulus_{modulus}, multiply_{multiply} {}

    [[nodiscard]] size_t size() const noexcept { return modulus_.words; }

    void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b) const noexcept {
        multiply_(out, a, b, modulus_);
    }

    void square(uint64_t* out, const uint64_t* a) const noexcept { multiply(out, a, a); }

  private:
    IfmaModulus modulus_;
    IfmaMultiply multiply_;
};

} // namespace braid::crypto::modexp_detail
