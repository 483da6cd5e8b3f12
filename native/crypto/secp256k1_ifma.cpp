#include "crypto/secp256k1_variants.hpp"

#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "crypto/keccak.hpp"
#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_digits_ifma.hpp"
#include "crypto/secp256k1_points_ifma.hpp"

#include <algorithm>

namespace braid::crypto::secp256k1 {
namespace {

using namespace ifma;

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

/// The multiples of R, or of its image where `x` is image_x, that the digits name, but for the
/// sign.
template <size_t groups>
BRAID_INLINE AffineLanes<groups> choose(const Element<groups>& x, const Element<groups>& y,
                                        const Digits<groups>& digits) noexcept {
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
    return chosen;
}

/// The entries of one of the generator's tables that the digits name, but for the sign.
template <size_t groups>
BRAID_INLINE AffineLanes<groups> choose(const Affine* table,
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
    return chosen;
}

/// Adds up the keys.
template <size_t groups>
void compute_keys(Block<groups>& block, const GeneratorTable& table) noexcept {
    constexpr unsigned last = point_bits - point_width;
    static_assert(last > generator_bits - generator_width);
    const Element<groups>& x = block.multiples[0].point.x;
    const Element<groups>& y = block.multiples[0].point.y;
    const Element<groups>& image_x = block.multiples[0].image_x;
    const auto add_multiple = [&](JacobianLanes<groups>& sum, const Element<groups>& from,
                                  const LaneDigits<groups>& scalar, unsigned position) noexcept {
        const auto digits = scalar.template at<point_width>(position);
        sum.add(choose(from, y, digits), digits.negative);
    };
    const auto add_entry = [](JacobianLanes<groups>& sum, const Affine* entries,
                              const LaneDigits<groups>& scalar, unsigned position) noexcept {
        const auto digits = scalar.template at<generator_width>(position);
        sum.add(choose<groups>(entries, digits), digits.negative);
    };

    const auto highest = block.first.template at<point_width>(last);
    const auto start = choose(x, y, highest);
    const auto negative_y = reduced(broadcast_number<groups>({}) - start.y);
    JacobianLanes<groups> sum{start.x, select(highest.negative, start.y, negative_y),
                              one<groups>()};
    add_multiple(sum, image_x, block.second, last);
    for (unsigned position = last; position-- > 0;) {
        sum.double_in_place();
        if (position % point_width == 0) {
            add_multiple(sum, x, block.first, position);
            add_multiple(sum, image_x, block.second, position);
        }
        if (position % generator_width == 0) {
            add_entry(sum, table.low, block.low, position);
            add_entry(sum, table.high, block.high, position);
        }
    }
    block.key = sum;
}

/// How many blocks share the inversions.
constexpr size_t max_blocks = 2;
static_assert(max_blocks <= max_inverted);

/// Recovers the keys of up to max_blocks * groups * 8 signatures.
template <size_t groups>
void recover_keys(std::span<const Signature> signatures, uint8_t (*keys)[64],
                  Outcome* outcomes) noexcept {
    constexpr size_t lanes = Block<groups>::lanes;
    Block<groups> blocks[max_blocks];
    const size_t block_count = (signatures.size() + lanes - 1) / lanes;

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
constexpr size_t chunk_size = max_blocks * 2 * group_lanes;

/// Recovers a chunk and writes what comes out of it. Returns how many were left to the scalar
/// variant.
size_t recover_chunk(std::span<const Signature> signatures, std::span<const RecoveryInput> inputs,
                     std::span<Address> addresses, std::span<bool> valid) noexcept {
    uint8_t keys[chunk_size][64];
    Outcome outcomes[chunk_size];
    // Two groups at a time are faster by lane, but not where the second one is empty.
    const size_t left = signatures.size() % (2 * group_lanes);
    const size_t paired = left > group_lanes ? signatures.size() : signatures.size() - left;
    if (paired > 0)
        recover_keys<2>(signatures.first(paired), keys, outcomes);
    if (paired < signatures.size())
        recover_keys<1>(signatures.subspan(paired), keys + paired, outcomes + paired);
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
