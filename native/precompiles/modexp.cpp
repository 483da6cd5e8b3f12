#include "precompiles/modexp.hpp"

#include "crypto/modexp.hpp"

#include <bit>
#include <memory>
#include <new>

namespace braid::precompiles {
namespace {

using uint128 = unsigned __int128;

constexpr uint64_t saturated = std::numeric_limits<uint64_t>::max();
constexpr size_t header_size = 96;

/// EIP-7823: the largest length of each operand, in bytes.
constexpr uint64_t max_operand_size = 1024;

/// The part of the exponent that its price depends on.
constexpr uint64_t exponent_head_size = 32;

/// The three declared lengths, in bytes; what passes 64 bits reads as 2^64 - 1.
struct Lengths {
    uint64_t base;
    uint64_t exponent;
    uint64_t modulus;

    [[nodiscard]] uint64_t longest_of_base_and_modulus() const noexcept {
        return std::max(base, modulus);
    }
};

uint64_t load_length(const uint8_t* word) noexcept {
    const uint64_t high = load_le64(word) | load_le64(word + 8) | load_le64(word + 16);
    return high != 0 ? saturated : load_be64(word + 24);
}

Lengths read_lengths(BytesView input) noexcept {
    uint8_t header[header_size];
    pad_right(input, header);
    return {load_length(header), load_length(header + 32), load_length(header + 64)};
}

/// The input from an offset on; empty where it ends before.
BytesView from(BytesView input, uint64_t offset) noexcept {
    return offset < input.size() ? input.subspan(offset) : BytesView{};
}

uint64_t saturating_add(uint64_t a, uint64_t b) noexcept {
    const uint64_t sum = a + b;
    return sum < a ? saturated : sum;
}

/// The bit length of the exponent's first 32 bytes, less one; 0 for zero (EIP-198).
uint64_t head_bits(BytesView input, const Lengths& lengths) noexcept {
    const BytesView tail = from(input, saturating_add(header_size, lengths.base));
    const auto size = static_cast<size_t>(std::min(lengths.exponent, exponent_head_size));
    for (size_t i = 0; i < std::min(size, tail.size()); ++i) {
        if (tail[i] != 0)
            return 8 * (size - 1 - i) + static_cast<uint64_t>(std::bit_width(tail[i])) - 1;
    }
    return 0;
}

/// The number of multiplications that the price assumes, with so many for each byte of the
/// exponent beyond the first 32.
uint128 iteration_count(BytesView input, const Lengths& lengths, uint64_t per_byte) noexcept {
    if (lengths.exponent == saturated)
        return uint128{1} << 100;
    uint128 count = head_bits(input, lengths);
    if (lengths.exponent > exponent_head_size)
        count += uint128{per_byte} * (lengths.exponent - exponent_head_size);
    return std::max<uint128>(count, 1);
}

/// floor(complexity * iterations / divisor), or unpayable_gas where that passes the numbers.
int64_t price(uint128 complexity, uint128 iterations, uint64_t divisor) noexcept {
    uint128 product;
    if (__builtin_mul_overflow(complexity, iterations, &product))
        return unpayable_gas;
    const uint128 gas = product / divisor;
    return gas > uint128{unpayable_gas} ? unpayable_gas : static_cast<int64_t>(gas);
}

uint128 word_square(uint64_t size) noexcept {
    const uint128 words = (uint128{size} + 7) / 8;
    return words * words;
}

/// An operand of the declared size: where the input ends early, zeros follow.
class Operand {
  public:
    Operand(BytesView input, uint64_t offset, size_t size) noexcept {
        const BytesView tail = from(input, offset);
        if (tail.size() >= size) {
            bytes_ = tail.first(size);
            return;
        }
        padded_.reset(new (std::nothrow) uint8_t[size]);
        if (padded_ == nullptr)
            return;
        std::copy_n(tail.data(), tail.size(), padded_.get());
        std::fill_n(padded_.get() + tail.size(), size - tail.size(), 0);
        bytes_ = {padded_.get(), size};
    }

    /// The bytes; empty where the memory could not be had.
    [[nodiscard]] BytesView bytes() const noexcept { return bytes_; }

  private:
    std::unique_ptr<uint8_t[]> padded_;
    BytesView bytes_;
};

/// The price; inlined for each rule set, of which nothing is left to decide then.
[[gnu::always_inline]] inline int64_t gas_under(evmc_revision revision, BytesView input,
                                                const ModexpRates& rates) noexcept {
    const Lengths lengths = read_lengths(input);
    const uint64_t longest = lengths.longest_of_base_and_modulus();
    const bool is_osaka = revision >= EVMC_OSAKA;
    if (is_osaka && (longest > max_operand_size || lengths.exponent > max_operand_size))
        return unpayable_gas;
    const uint128 x = longest;
    uint128 complexity = 0;
    if (is_osaka) // EIP-7883
        complexity = longest > 32 ? 2 * word_square(longest) : 16;
    else if (revision >= EVMC_BERLIN) // EIP-2565
        complexity = word_square(longest);
    else if (x > 1024) // EIP-198
        complexity = x * x / 16 + 480 * x - 199680;
    else if (x > 64)
        complexity = x * x / 4 + 96 * x - 3072;
    else
        complexity = x * x;
    const uint128 iterations = iteration_count(input, lengths, is_osaka ? 16 : 8);
    return std::max(rates.least, price(complexity, iterations, rates.divisor));
}

} // namespace

ModexpRates modexp_rates(evmc_revision revision) noexcept {
    if (revision < EVMC_BERLIN)
        return {0, 20};
    return revision < EVMC_OSAKA ? ModexpRates{200, 3} : ModexpRates{500, 1};
}

int64_t modexp_gas(evmc_revision revision, BytesView input, const ModexpRates& rates) noexcept {
    return gas_under(revision, input, rates);
}

int64_t modexp_gas_byzantium(BytesView input) noexcept {
    return gas_under(EVMC_BYZANTIUM, input, {0, 20});
}

int64_t modexp_gas_berlin(BytesView input) noexcept {
    return gas_under(EVMC_BERLIN, input, {200, 3});
}

int64_t modexp_gas_osaka(BytesView input) noexcept {
    return gas_under(EVMC_OSAKA, input, {500, 1});
}

Answer run_modexp(BytesView input, OutputBuffer& output) noexcept {
    const Lengths lengths = read_lengths(input);
    // Without a modulus there is no answer to compute, whatever the other lengths claim.
    if (lengths.modulus == 0)
        return Answer::success(0);
    // Lengths of this order are not payable, but gas is the caller's to hand out.
    constexpr uint64_t addressable = uint64_t{1} << 40;
    if (lengths.longest_of_base_and_modulus() > addressable || lengths.exponent > addressable)
        return Answer::out_of_memory();

    const auto modulus_size = static_cast<size_t>(lengths.modulus);
    const uint64_t exponent_offset = header_size + lengths.base;
    const uint64_t modulus_offset = exponent_offset + lengths.exponent;
    uint8_t* answer = output.take(modulus_size);
    if (modulus_offset >= input.size()) {
        // The modulus is all padding: zero.
        std::memset(answer, 0, modulus_size);
        return Answer::success(modulus_size);
    }
    const Operand modulus{input, modulus_offset, modulus_size};
    if (modulus.bytes().empty())
        return Answer::out_of_memory();
    // The modulus starts within the input, so what stands before it is there in full.
    const BytesView base = input.subspan(header_size, lengths.base);
    const BytesView exponent = input.subspan(exponent_offset, lengths.exponent);
    if (!crypto::modexp(base, exponent, modulus.bytes(), answer))
        return Answer::out_of_memory();
    return Answer::success(modulus_size);
}

Answer run_modexp_bounded(BytesView input, OutputBuffer& output) noexcept {
    const Lengths lengths = read_lengths(input);
    if (lengths.longest_of_base_and_modulus() > max_operand_size ||
        lengths.exponent > max_operand_size)
        return Answer::failure();
    return run_modexp(input, output);
}

} // namespace braid::precompiles
