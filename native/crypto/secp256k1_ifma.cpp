#include "crypto/secp256k1_variants.hpp"

#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "crypto/keccak.hpp"
#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_field_ifma.hpp"

#include <algorithm>

namespace braid::crypto::secp256k1 {
namespace {

// All lanes add at the same positions, so scalars are written in windows of fixed width. Every
// digit is odd: nothing is skipped, and infinity only comes up when two points of an addition are
// equal or opposite. From then on z is zero, whatever follows, and shows at the end: such lanes are
// left to the scalar variant. (M. Joye, M. Tunstall, "Exponent recoding and regular exponentiation
// algorithms", 2009, section 3.2, for the odd digits.)

/// The windows of the two halves that the endomorphism makes of R's scalar.
constexpr unsigned point_width = 5;
constexpr unsigned point_bits = 130;
constexpr size_t point_multiples = size_t{1} << (point_width - 1);

/// The windows of the two halves of the generator's scalar; their digits share the table's entries.
constexpr unsigned generator_width = GeneratorTable::width - 1;
constexpr unsigned generator_bits = 132;

static_assert(point_bits % point_width == 0 && generator_bits % generator_width == 0);

/// Lattice vectors: first + second * lambda is zero modulo the order. (Hankerson, Menezes,
/// Vanstone, "Guide to Elliptic Curve Cryptography", 2004, algorithm 3.74.)
constexpr Uint256 short_first{{0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0}};
constexpr Uint256 short_second_negated{{0x6f547fa90abfe4c3, 0xe4437ed6010e8828, 0, 0}};
constexpr Uint256 long_first{{0x57c1108d9d44cfd8, 0x14ca50f7a8e2f3f6, 1, 0}};
constexpr Uint256 long_second = short_first;
static_assert(Scalar::from_number(short_first) ==
              Scalar::from_number(short_second_negated) * Scalar::from_number(lambda));
static_assert((Scalar::from_number(long_first) +
               Scalar::from_number(long_second) * Scalar::from_number(lambda))
                  .is_zero());

constexpr Uint256 add(const Uint256& a, const Uint256& b) noexcept {
    Uint256 sum;
    add_words<4>(sum.words, a.words, b.words);
    return sum;
}

constexpr Uint256 subtract(const Uint256& a, const Uint256& b) noexcept {
    Uint256 difference;
    subtract_words<4>(difference.words, a.words, b.words);
    return difference;
}

constexpr bool is_odd(const Uint256& a) noexcept { return (a.words[0] & 1) != 0; }

/// Two's complement numbers that add up to a scalar with weights of their own.
struct Halves {
    Uint256 first;
    Uint256 second;
};

/// A scalar as first + second * lambda modulo the order, both odd and below 2^130 in magnitude.
Halves split_for_point(const Uint256& scalar) noexcept {
    // With one vector odd in both coordinates and one in its second only, the lattice has a point
    // to add for every parity. It is shorter than 1.3 * 2^128 in both coordinates.
    static_assert(is_odd(short_first) && is_odd(short_second_negated));
    static_assert(!is_odd(long_first) && is_odd(long_second));
    static constexpr Halves corrections[4] = {
        {short_first, subtract({}, short_second_negated)},
        {long_first, long_second},
        {add(short_first, long_first), subtract(long_second, short_second_negated)},
        {}};
    const SplitScalar split = Splitter::split(scalar);
    const Halves& correction =
        corrections[(split.first.words[0] & 1) | (split.second.words[0] & 1) << 1];
    const auto signed_sum = [](const Uint256& a, bool negative, const Uint256& b) noexcept {
        return negative ? subtract(b, a) : add(b, a);
    };
    return {signed_sum(split.first, split.first_negative, correction.first),
            signed_sum(split.second, split.second_negative, correction.second)};
}

/// The negative of a scalar as first + second * 2^128 modulo the order, both odd and below 2^128 in
/// magnitude.
Halves split_negated_for_generator(const Uint256& scalar) noexcept {
    // Of the scalar and its negative modulo the order one is odd.
    const bool negate = is_odd(scalar);
    const Uint256 odd = negate ? scalar : subtract(order, scalar);
    Halves halves{{{odd.words[0], odd.words[1], 0, 0}}, {{odd.words[2], odd.words[3], 0, 0}}};
    if (!is_odd(halves.second)) {
        halves.second.words[0] += 1;
        halves.first = subtract(halves.first, {{0, 0, 1, 0}});
    }
    if (negate)
        halves = {subtract({}, halves.first), subtract({}, halves.second)};
    return halves;
}

/// A signature whose numbers are in range.
struct Signature {
    size_t index;
    Uint256 r;
    Uint256 s;
    Uint256 hash;
    bool y_odd;
};

/// What became of a signature.
enum class Outcome : uint8_t {
    recovered,
    no_point,
    exceptional,
};

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

using namespace ifma;

/// Which entry of a table of odd multiples to add in every lane, and where to negate it.
template <size_t groups>
struct Digits {
    Vector entry[groups];
    LaneMask<groups> negative;
};

/// Odd numbers below 2^bits in magnitude, ready for reading their digits, which are odd too.
template <size_t groups>
class LaneDigits {
  public:
    template <unsigned bits>
    void set(size_t lane, const Uint256& number) noexcept {
        // With digits of 1 and -1 for the ones and zeros of m, below 2^bits, the number is
        // 2 m - (2^bits - 1).
        static_assert(bits > 128 && bits < 192);
        const Uint256 sum =
            add(number, {{~uint64_t{0}, ~uint64_t{0}, (uint64_t{1} << (bits - 128)) - 1, 0}});
        for (unsigned i = 0; i < 3; ++i)
            words_[i][lane] = sum.words[i] >> 1 | sum.words[i + 1] << 63;
    }

    /// The digits of 2^position.
    template <unsigned width>
    BRAID_INLINE Digits<groups> at(unsigned position) const noexcept {
        const unsigned word = position / 64;
        const unsigned shift = position % 64;
        const __m128i right = _mm_cvtsi32_si128(static_cast<int>(shift));
        const __m128i left = _mm_cvtsi32_si128(static_cast<int>(64 - shift));
        Digits<groups> digits;
        for (size_t g = 0; g < groups; ++g) {
            Vector window =
                _mm512_srl_epi64(_mm512_load_si512(&words_[word][g * group_lanes]), right);
            if (shift + width > 64) {
                const Vector above = _mm512_load_si512(&words_[word + 1][g * group_lanes]);
                window = _mm512_or_si512(window, _mm512_sll_epi64(above, left));
            }
            // The highest digit decides the sign. Flipping all of them is negating.
            const __mmask8 negative =
                _mm512_testn_epi64_mask(window, broadcast(uint64_t{1} << (width - 1)));
            window = _mm512_mask_xor_epi64(window, negative, window, broadcast(~uint64_t{0}));
            digits.entry[g] = _mm512_and_si512(window, broadcast((uint64_t{1} << (width - 1)) - 1));
            digits.negative.lanes[g] = negative;
        }
        return digits;
    }

  private:
    alignas(64) uint64_t words_[3][groups * group_lanes];
};

/// Points other than infinity, one in every lane.
template <size_t groups>
struct AffineLanes {
    Element<groups> x;
    Element<groups> y;
};

/// The points (x / z^2, y / z^3).
template <size_t groups>
struct JacobianLanes {
    Element<groups> x;
    Element<groups> y;
    Element<groups> z;

    /// Replaces the points by twice themselves. This formula and the next one give y and z the
    /// other sign than crypto/curve_point.hpp does, so that y is a sum of products.
    [[gnu::noinline]] void double_in_place() noexcept {
        const auto slope = reduced(three_halves(square(x)));
        const auto y_squared = reduced(square(y));
        const auto new_z = reduced(negated(multiply(y, z)));
        const auto product = reduced(multiply(x, y_squared));
        x = reduced(subtract_twice(square(slope), product));
        y = reduced(multiply_add_square(slope, reduced(x - product), y_squared));
        z = new_z;
    }

    /// Adds points, negated where the mask says so. The result has z times minus the factor that
    /// is returned.
    [[gnu::noinline]] Element<groups> add(const AffineLanes<groups>& other,
                                          const LaneMask<groups>& negative) noexcept {
        LaneMask<groups> positive;
        for (size_t g = 0; g < groups; ++g)
            positive.lanes[g] = static_cast<__mmask8>(~negative.lanes[g]);
        const auto z_squared = reduced(square(z));
        const auto z_cubed = reduced(multiply(z_squared, z));
        const auto x_difference = reduced(negated(multiply(other.x, z_squared)) + x);
        const auto y_difference = reduced(negated_where(positive, multiply(other.y, z_cubed)) + y);
        const auto difference_squared = reduced(square(x_difference));
        z = reduced(negated(multiply(z, x_difference)));
        const auto cube = reduced(multiply(difference_squared, x_difference));
        const auto product = reduced(multiply(x, difference_squared));
        x = reduced(subtract_twice(square(y_difference) + cube, product));
        y = reduced(multiply_add(y_difference, reduced(x - product), y, cube));
        return x_difference;
    }
};

/// Signatures on their way through the lanes.
template <size_t groups>
struct Block {
    static constexpr size_t lanes = groups * group_lanes;

    /// An odd multiple of R, and the x of its image under the endomorphism.
    struct Multiple {
        AffineLanes<groups> point;
        Element<groups> image_x;
    };

    LaneNumbers<groups> numbers; // the x of R
    uint8_t odd[groups]{};       // whether the y of R is
    LaneMask<groups> lifted;
    LaneDigits<groups> first;
    LaneDigits<groups> second;
    LaneDigits<groups> low;
    LaneDigits<groups> high;
    Multiple multiples[point_multiples];
    JacobianLanes<groups> key;
};

/// a^(2^count).
template <size_t groups>
[[gnu::noinline]] Element<groups> square_times(Element<groups> a, unsigned count) noexcept {
    for (; count > 0; --count)
        a = reduced(square(a));
    return a;
}

/// a^(2^count) * b.
template <size_t groups>
[[gnu::noinline]] Element<groups> shifted(const Element<groups>& a, unsigned count,
                                          const Element<groups>& b) noexcept {
    return reduced(multiply(square_times(a, count), b));
}

/// The candidates for the square roots, as Field::square_root_candidates has them.
template <size_t groups>
Element<groups> square_root_candidates(const Element<groups>& a) noexcept {
    const auto ones_2 = shifted(a, 1, a);
    const auto ones_3 = shifted(ones_2, 1, a);
    const auto ones_6 = shifted(ones_3, 3, ones_3);
    const auto ones_9 = shifted(ones_6, 3, ones_3);
    const auto ones_11 = shifted(ones_9, 2, ones_2);
    const auto ones_22 = shifted(ones_11, 11, ones_11);
    const auto ones_44 = shifted(ones_22, 22, ones_22);
    const auto ones_88 = shifted(ones_44, 44, ones_44);
    const auto ones_176 = shifted(ones_88, 88, ones_88);
    const auto ones_220 = shifted(ones_176, 44, ones_44);
    const auto ones_223 = shifted(ones_220, 3, ones_3);
    return square_times(shifted(shifted(ones_223, 23, ones_22), 6, ones_2), 2);
}

/// Sets the first multiple to R. Where R does not exist the generator takes its place and the lane
/// is not in `lifted`.
template <size_t groups>
void lift(Block<groups>& block) noexcept {
    const auto x = load(block.numbers);
    const auto square_of_y =
        reduced(multiply(reduced(square(x)), x) + broadcast_number<groups>({{7, 0, 0, 0}}));
    const auto root = canonical(square_root_candidates(square_of_y));
    block.lifted = equal_lanes(canonical(reduced(square(root))), canonical(square_of_y));
    LaneMask<groups> missing;
    LaneMask<groups> other_sign;
    for (size_t g = 0; g < groups; ++g) {
        missing.lanes[g] = static_cast<__mmask8>(~block.lifted.lanes[g]);
        const __mmask8 odd = _mm512_test_epi64_mask(root.limbs[g][0], broadcast(1));
        other_sign.lanes[g] = static_cast<__mmask8>(odd ^ block.odd[g]);
    }
    const auto negative = reduced(broadcast_number<groups>({}) - root);
    const auto y = select(other_sign, root, negative);
    auto& point = block.multiples[0].point;
    point.x = select(missing, x, broadcast_number<groups>(generator.x.number()));
    point.y = select(missing, y, broadcast_number<groups>(generator.y.number()));
}

template <size_t groups>
Element<groups> one() noexcept {
    return broadcast_number<groups>({{1, 0, 0, 0}});
}

/// Inverts every lane; zeros stay.
template <size_t groups>
void invert_lanes(Element<groups>& a) noexcept {
    constexpr size_t lanes = groups * group_lanes;
    LaneNumbers<groups> numbers;
    store(numbers, canonical(a));
    Field fields[lanes];
    for (size_t i = 0; i < lanes; ++i)
        fields[i] = Field::from_number(numbers.get(i));
    invert_all(std::span{fields, lanes});
    for (size_t i = 0; i < lanes; ++i)
        numbers.set(i, fields[i].number());
    a = load(numbers);
}

/// How many blocks share the inversions.
constexpr size_t max_blocks = 2;

/// Inverts elements none of whose lanes is zero.
template <size_t groups>
void invert_nonzero(std::span<Element<groups>> elements) noexcept {
    Element<groups> products[max_blocks];
    products[0] = elements[0];
    for (size_t i = 1; i < elements.size(); ++i)
        products[i] = reduced(multiply(products[i - 1], elements[i]));
    Element<groups> inverse = products[elements.size() - 1];
    invert_lanes(inverse);
    for (size_t i = elements.size(); i-- > 1;) {
        const auto next = reduced(multiply(inverse, elements[i]));
        elements[i] = reduced(multiply(inverse, products[i - 1]));
        inverse = next;
    }
    elements[0] = inverse;
}

/// The first half of filling a table: all multiples over denominators of their own, with the factor
/// between two of them in image_x. Returns the last denominator.
template <size_t groups>
Element<groups> add_up_multiples(Block<groups>& block) noexcept {
    auto& multiples = block.multiples;
    const AffineLanes<groups> base = multiples[0].point;
    // On the isomorphic curve where 2R = (X, Y, Z) has z = 1 the steps are mixed additions; R moves
    // there by Z and the results move back by it.
    JacobianLanes<groups> twice{base.x, base.y, one<groups>()};
    twice.double_in_place();
    const auto z_squared = reduced(square(twice.z));
    const auto z_cubed = reduced(multiply(z_squared, twice.z));
    JacobianLanes<groups> current{reduced(multiply(base.x, z_squared)),
                                  reduced(multiply(base.y, z_cubed)), one<groups>()};
    const AffineLanes<groups> step{twice.x, twice.y};
    for (size_t i = 1; i < point_multiples; ++i) {
        multiples[i].image_x = current.add(step, {});
        multiples[i].point = {current.x, current.y};
    }
    return reduced(multiply(current.z, twice.z));
}

/// The other half, given the inverse of the last denominator.
template <size_t groups>
void finish_multiples(Block<groups>& block, Element<groups> inverse) noexcept {
    const auto beta_lanes = broadcast_number<groups>(beta.number());
    for (size_t i = point_multiples; i-- > 0;) {
        auto& [point, image_x] = block.multiples[i];
        if (i > 0) {
            const auto inverse_squared = reduced(square(inverse));
            const auto inverse_cubed = reduced(multiply(inverse_squared, inverse));
            point.x = reduced(multiply(point.x, inverse_squared));
            point.y = reduced(multiply(point.y, inverse_cubed));
            inverse = reduced(negated(multiply(inverse, image_x)));
        }
        image_x = reduced(multiply(point.x, beta_lanes));
    }
}

/// Adds the multiples of R, or of its image where `x` is image_x, that the digits name.
template <size_t groups>
BRAID_INLINE void add_multiple(JacobianLanes<groups>& sum, const Element<groups>& x,
                               const Element<groups>& y, const Digits<groups>& digits) noexcept {
    constexpr uint64_t stride = sizeof(typename Block<groups>::Multiple) / sizeof(uint64_t);
    const Vector lane = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    AffineLanes<groups> chosen;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        const Vector index =
            _mm512_add_epi64(_mm512_mul_epu32(digits.entry[g], broadcast(stride)), lane);
#pragma GCC unroll 5
        for (unsigned k = 0; k < limb_count; ++k) {
            chosen.x.limbs[g][k] = _mm512_i64gather_epi64(index, &x.limbs[g][k], 8);
            chosen.y.limbs[g][k] = _mm512_i64gather_epi64(index, &y.limbs[g][k], 8);
        }
    }
    sum.add(chosen, digits.negative);
}

/// Adds the entries of one of the generator's tables that the digits name.
template <size_t groups>
BRAID_INLINE void add_entry(JacobianLanes<groups>& sum, const Affine* table,
                            const Digits<groups>& digits) noexcept {
    static_assert(sizeof(Affine) == 8 * sizeof(uint64_t));
    const auto* bytes = reinterpret_cast<const unsigned char*>(table);
    AffineLanes<groups> chosen;
#pragma GCC unroll 2
    for (size_t g = 0; g < groups; ++g) {
        const Vector index = _mm512_slli_epi64(digits.entry[g], 3);
        Vector words[8];
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; ++i)
            words[i] = _mm512_i64gather_epi64(index, bytes + i * sizeof(uint64_t), 8);
        const Vector x_words[4] = {words[0], words[1], words[2], words[3]};
        const Vector y_words[4] = {words[4], words[5], words[6], words[7]};
        to_limbs(chosen.x.limbs[g], x_words);
        to_limbs(chosen.y.limbs[g], y_words);
    }
    sum.add(chosen, digits.negative);
}

/// Adds up the keys.
template <size_t groups>
void compute_keys(Block<groups>& block, const GeneratorTable& table) noexcept {
    constexpr unsigned last = point_bits - point_width;
    static_assert(last > generator_bits - generator_width);
    const auto& multiples = block.multiples;
    const auto& base = multiples[0];
    // The highest digit of R cannot be skipped either: the sum starts with it by adding a multiple
    // of R's image to a copy of R's multiple.
    JacobianLanes<groups> sum;
    {
        const auto digits = block.first.template at<point_width>(last);
        constexpr uint64_t stride = sizeof(base) / sizeof(uint64_t);
        const Vector lane = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
        Sum<groups> y;
        for (size_t g = 0; g < groups; ++g) {
            const Vector index =
                _mm512_add_epi64(_mm512_mul_epu32(digits.entry[g], broadcast(stride)), lane);
            for (unsigned k = 0; k < limb_count; ++k) {
                sum.x.limbs[g][k] = _mm512_i64gather_epi64(index, &base.point.x.limbs[g][k], 8);
                y.limbs[g][k] = _mm512_i64gather_epi64(index, &base.point.y.limbs[g][k], 8);
            }
        }
        sum.y = reduced(negated_where(digits.negative, y));
        sum.z = one<groups>();
    }
    add_multiple(sum, base.image_x, base.point.y, block.second.template at<point_width>(last));
    for (unsigned position = last; position-- > 0;) {
        sum.double_in_place();
        if (position % point_width == 0) {
            add_multiple(sum, base.point.x, base.point.y,
                         block.first.template at<point_width>(position));
            add_multiple(sum, base.image_x, base.point.y,
                         block.second.template at<point_width>(position));
        }
        if (position % generator_width == 0) {
            add_entry(sum, table.low, block.low.template at<generator_width>(position));
            add_entry(sum, table.high, block.high.template at<generator_width>(position));
        }
    }
    block.key = sum;
}

/// Recovers the keys of up to max_blocks * groups * 8 signatures.
template <size_t groups>
void recover_keys(std::span<const Signature> signatures, uint8_t (*keys)[64],
                  Outcome* outcomes) noexcept {
    constexpr size_t lanes = Block<groups>::lanes;
    Block<groups> blocks[max_blocks];
    const size_t block_count = (signatures.size() + lanes - 1) / lanes;
    const std::span<Block<groups>> live{blocks, block_count};

    Scalar r_inverses[max_blocks * lanes];
    for (size_t i = 0; i < signatures.size(); ++i)
        r_inverses[i] = Scalar::from_number(signatures[i].r);
    invert_all(std::span{r_inverses, signatures.size()});
    for (size_t i = 0; i < block_count * lanes; ++i) {
        // The lanes at the end repeat the last signature.
        const size_t source = std::min(i, signatures.size() - 1);
        const Signature& signature = signatures[source];
        auto& block = blocks[i / lanes];
        const size_t lane = i % lanes;
        block.numbers.set(lane, signature.r);
        block.odd[lane / group_lanes] |=
            static_cast<uint8_t>(uint8_t{signature.y_odd} << (lane % group_lanes));
        // The product of a number and a Montgomery representative is a number again.
        const Uint256& r_inverse = r_inverses[source].representative();
        // -hash / r * generator + s / r * R (SEC 1, section 4.1.6).
        const Halves generator_halves = split_negated_for_generator(
            Scalar::from_product(signature.hash, r_inverse).representative());
        block.low.template set<generator_bits>(lane, generator_halves.first);
        block.high.template set<generator_bits>(lane, generator_halves.second);
        const Halves point_halves =
            split_for_point(Scalar::from_product(signature.s, r_inverse).representative());
        block.first.template set<point_bits>(lane, point_halves.first);
        block.second.template set<point_bits>(lane, point_halves.second);
    }

    Element<groups> denominators[max_blocks];
    for (size_t b = 0; b < block_count; ++b) {
        lift(blocks[b]);
        denominators[b] = add_up_multiples(blocks[b]);
    }
    invert_nonzero(std::span{denominators, block_count});
    const GeneratorTable& table = generator_table();
    LaneMask<groups> infinite[max_blocks];
    const auto zero = broadcast_number<groups>({});
    for (size_t b = 0; b < block_count; ++b) {
        finish_multiples(blocks[b], denominators[b]);
        compute_keys(blocks[b], table);
        infinite[b] = equal_lanes(canonical(blocks[b].key.z), zero);
        denominators[b] = select(infinite[b], blocks[b].key.z, one<groups>());
    }
    invert_nonzero(std::span{denominators, block_count});

    for (size_t b = 0; b < block_count; ++b) {
        const auto& key = blocks[b].key;
        const auto inverse_squared = reduced(square(denominators[b]));
        const auto inverse_cubed = reduced(multiply(inverse_squared, denominators[b]));
        LaneNumbers<groups> x;
        LaneNumbers<groups> y;
        store(x, canonical(reduced(multiply(key.x, inverse_squared))));
        store(y, canonical(reduced(multiply(key.y, inverse_cubed))));
        for (size_t lane = 0; lane < lanes && b * lanes + lane < signatures.size(); ++lane) {
            const size_t i = b * lanes + lane;
            store_be256(keys[i], x.get(lane));
            store_be256(keys[i] + 32, y.get(lane));
            const unsigned bit = 1u << (lane % group_lanes);
            if ((blocks[b].lifted.lanes[lane / group_lanes] & bit) == 0)
                outcomes[i] = Outcome::no_point;
            else if ((infinite[b].lanes[lane / group_lanes] & bit) != 0)
                outcomes[i] = Outcome::exceptional;
            else
                outcomes[i] = Outcome::recovered;
        }
    }
}

BRAID_TARGET_END

/// How many signatures go through together at most.
constexpr size_t chunk_size = max_blocks * 2 * ifma::group_lanes;

/// Recovers a chunk and writes what comes out of it. Returns how many were left to the scalar
/// variant.
size_t recover_chunk(std::span<const Signature> signatures, std::span<const RecoveryInput> inputs,
                     std::span<Address> addresses, std::span<bool> valid) noexcept {
    uint8_t keys[chunk_size][64];
    Outcome outcomes[chunk_size];
    if (signatures.size() <= ifma::group_lanes)
        recover_keys<1>(signatures, keys, outcomes);
    else
        recover_keys<2>(signatures, keys, outcomes);
    BytesView views[chunk_size];
    size_t owners[chunk_size];
    size_t count = 0;
    size_t exceptional = 0;
    for (size_t i = 0; i < signatures.size(); ++i) {
        const size_t index = signatures[i].index;
        if (outcomes[i] == Outcome::recovered) {
            views[count] = keys[i];
            owners[count++] = index;
        } else if (outcomes[i] == Outcome::exceptional) {
            recover_addresses_scalar(inputs.subspan(index, 1), addresses.subspan(index, 1),
                                     valid.subspan(index, 1));
            ++exceptional;
        }
    }
    Bytes32 hashes[chunk_size];
    keccak256_batch({views, count}, hashes);
    for (size_t i = 0; i < count; ++i) {
        std::memcpy(addresses[owners[i]].bytes, hashes[i].bytes + 12, sizeof(Address::bytes));
        valid[owners[i]] = true;
    }
    return exceptional;
}

} // namespace

size_t recover_addresses_ifma(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                              std::span<bool> valid) noexcept {
    std::fill(addresses.begin(), addresses.end(), Address{});
    std::fill(valid.begin(), valid.end(), false);
    Signature signatures[chunk_size];
    size_t count = 0;
    size_t exceptional = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
        const RecoveryInput& input = inputs[i];
        auto& signature = signatures[count];
        signature = {i, load_be256(input.r.bytes), load_be256(input.s.bytes),
                     load_be256(input.hash.bytes), input.y_parity == 1};
        if (!in_range(signature.r, signature.s) || input.y_parity > 1)
            continue;
        if (++count == chunk_size) {
            exceptional += recover_chunk({signatures, count}, inputs, addresses, valid);
            count = 0;
        }
    }
    if (count > 0)
        exceptional += recover_chunk({signatures, count}, inputs, addresses, valid);
    return exceptional;
}

} // namespace braid::crypto::secp256k1

#endif
