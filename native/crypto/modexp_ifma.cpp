#include "crypto/modexp_ifma.hpp"

#include "crypto/cpu_features.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <array>
#include <immintrin.h>
#include <utility>

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace braid::crypto::modexp_detail {

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")
namespace {

using Vector = __m512i;
using uint128 = unsigned __int128;

constexpr uint64_t low_digit(uint128 product) noexcept {
    return static_cast<uint64_t>(product) & digit_mask;
}

constexpr uint64_t high_digit(uint128 product) noexcept {
    return static_cast<uint64_t>(product >> digit_bits);
}

/// Carries what passes 52 bits on to the next digit, all over the number.
template <size_t vectors>
[[gnu::always_inline]] inline void normalise(uint64_t* out, Vector (&v)[vectors]) noexcept {
    const Vector mask = _mm512_set1_epi64(static_cast<long long>(digit_mask));
    // After one step by vectors a digit is at most 2^52 - 1 + 2^12, so what remains are carries of
    // one. They run through digits of 2^52 - 1, which an addition of bit masks follows.
    uint64_t generate[(vectors + 7) / 8 + 1] = {};
    uint64_t propagate[(vectors + 7) / 8 + 1] = {};
    Vector carry_below = _mm512_setzero_si512();
#pragma GCC unroll 32
    for (size_t i = 0; i < vectors; ++i) {
        const Vector carry = _mm512_srli_epi64(v[i], digit_bits);
        v[i] = _mm512_add_epi64(_mm512_and_si512(v[i], mask),
                                _mm512_alignr_epi64(carry, carry_below, 7));
        carry_below = carry;
        generate[i / 8] |= uint64_t{_mm512_cmpgt_epu64_mask(v[i], mask)} << (8 * (i % 8));
        propagate[i / 8] |= uint64_t{_mm512_cmpeq_epu64_mask(v[i], mask)} << (8 * (i % 8));
    }
    uint64_t carry_in = 0;
#pragma GCC unroll 8
    for (size_t word = 0; word < (vectors + 7) / 8; ++word) {
        const uint128 sum = ((uint128{generate[word]} << 1) | carry_in) + propagate[word];
        const uint64_t incremented = static_cast<uint64_t>(sum) ^ propagate[word];
        carry_in = static_cast<uint64_t>(sum >> 64);
        const size_t end = word * 8 + 8 < vectors ? word * 8 + 8 : vectors;
        for (size_t i = 8 * word; i < end; ++i) {
            const auto lanes = static_cast<__mmask8>(incremented >> (8 * (i % 8)));
            const Vector digit = _mm512_mask_sub_epi64(v[i], lanes, v[i], _mm512_set1_epi64(-1));
            _mm512_store_si512(out + 8 * i, _mm512_and_si512(digit, mask));
        }
    }
}

/// With few vectors the time is the latency from one quotient digit to the next, with many the
/// number of instructions: up to here the products with the quotient are added up apart.
constexpr size_t max_latency_bound = 5;

template <size_t vectors>
void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b,
              const IfmaModulus& modulus) noexcept {
    const uint64_t* m = modulus.digits;
    const uint64_t* m_shifted = modulus.shifted_digits;
    const uint64_t a0 = a[0];
    const uint64_t a1 = a[1];
    const uint64_t m0 = m[0];
    const uint64_t m1 = m[1];

    // Copied once, so that all loads in the loop are of aligned vectors.
    alignas(64) Vector factor_digits[vectors];
    alignas(64) Vector factor_shifted[vectors];
#pragma GCC unroll 32
    for (size_t j = 0; j < vectors; ++j)
        factor_digits[j] = _mm512_load_si512(a + 8 * j);
#pragma GCC unroll 32
    for (size_t j = 0; j < vectors; ++j) {
        const Vector above = j + 1 < vectors ? factor_digits[j + 1] : _mm512_setzero_si512();
        factor_shifted[j] = _mm512_alignr_epi64(above, factor_digits[j], 1);
    }

    // The sum's lowest digit is kept in a general register, where the next quotient digit can be
    // had without waiting for the vectors; the lowest element of the vectors is out of date.
    uint64_t lowest = 0;
    Vector sum[vectors];
#pragma GCC unroll 32
    for (auto& v : sum)
        v = _mm512_setzero_si512();

    for (size_t i = 0; i < modulus.digit_count; ++i) {
        const uint64_t second =
            static_cast<uint64_t>(_mm_extract_epi64(_mm512_castsi512_si128(sum[0]), 1));
        const uint128 a0_product = uint128{a0} * b[i];
        const uint64_t with_product = lowest + low_digit(a0_product);
        const uint64_t quotient = (with_product * modulus.negated_inverse) & digit_mask;
        const uint128 m0_product = uint128{m0} * quotient;
        const uint64_t carry = (with_product + low_digit(m0_product)) >> digit_bits;
        lowest = second + high_digit(a0_product) + ((a1 * b[i]) & digit_mask) +
                 high_digit(m0_product) + ((m1 * quotient) & digit_mask) + carry;

        // sum = (sum + a * b[i] + modulus * quotient) / 2^52. The division is a shift by one
        // element; the low halves of the products take part in it by shifted factors.
        const Vector factor = _mm512_set1_epi64(static_cast<long long>(b[i]));
        const Vector quotients = _mm512_set1_epi64(static_cast<long long>(quotient));
#pragma GCC unroll 32
        for (size_t j = 0; j < vectors; ++j) {
            const Vector above = j + 1 < vectors ? sum[j + 1] : _mm512_setzero_si512();
            sum[j] = _mm512_alignr_epi64(above, sum[j], 1);
            sum[j] = _mm512_madd52lo_epu64(sum[j], factor, factor_shifted[j]);
            sum[j] = _mm512_madd52hi_epu64(sum[j], factor, factor_digits[j]);
        }
#pragma GCC unroll 32
        for (size_t j = 0; j < vectors; ++j) {
            const Vector start = vectors <= max_latency_bound ? _mm512_setzero_si512() : sum[j];
            Vector t =
                _mm512_madd52lo_epu64(start, quotients, _mm512_load_si512(m_shifted + 8 * j));
            t = _mm512_madd52hi_epu64(t, quotients, _mm512_load_si512(m + 8 * j));
            sum[j] = vectors <= max_latency_bound ? _mm512_add_epi64(sum[j], t) : t;
        }
    }
    sum[0] = _mm512_mask_set1_epi64(sum[0], 1, static_cast<long long>(lowest));
    normalise(out, sum);
}

template <size_t... indices>
constexpr auto make_table(std::index_sequence<indices...>) noexcept {
    return std::array<IfmaMultiply, sizeof...(indices)>{multiply<indices + 1>...};
}

} // namespace
BRAID_TARGET_END

IfmaMultiply ifma_multiply_for(size_t words) noexcept {
    static constexpr auto table =
        make_table(std::make_index_sequence<ifma_words(ifma_max_limbs) / 8>{});
    const size_t vectors = words / 8;
    if (!cpu_features().avx512_ifma || vectors == 0 || vectors > table.size())
        return nullptr;
    return table[vectors - 1];
}

} // namespace braid::crypto::modexp_detail

#else

namespace braid::crypto::modexp_detail {

IfmaMultiply ifma_multiply_for(size_t) noexcept { return nullptr; }

} // namespace braid::crypto::modexp_detail

#endif
