#include "crypto/bls12_381.hpp"

#include <algorithm>
#include <blst.h>

namespace braid::crypto {
namespace {

/// The base field's modulus, big-endian (EIP-2537, "Curve parameters").
constexpr uint8_t field_modulus[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab};

constexpr size_t fp_padding = bls12_fp_size - sizeof(field_modulus);

/// Scalars are reduced below the group order, which has 255 bits.
constexpr size_t scalar_bits = 255;

bool all_zero(const uint8_t* bytes, size_t size) noexcept {
    uint64_t seen = 0;
    for (size_t i = 0; i < size; i += 8)
        seen |= load_le64(bytes + i);
    return seen == 0;
}

bool decode(blst_fp& out, const uint8_t* bytes) noexcept {
    if (!all_zero(bytes, fp_padding) ||
        std::memcmp(bytes + fp_padding, field_modulus, sizeof(field_modulus)) >= 0)
        return false;
    blst_fp_from_bendian(&out, bytes + fp_padding);
    return true;
}

bool decode(blst_fp2& out, const uint8_t* bytes) noexcept {
    return decode(out.fp[0], bytes) && decode(out.fp[1], bytes + bls12_fp_size);
}

void encode(uint8_t* out, const blst_fp& value) noexcept {
    std::fill_n(out, fp_padding, 0);
    blst_bendian_from_fp(out + fp_padding, &value);
}

void encode(uint8_t* out, const blst_fp2& value) noexcept {
    encode(out, value.fp[0]);
    encode(out + bls12_fp_size, value.fp[1]);
}

/// G1 as the algorithms below see it.
struct G1 {
    using Field = blst_fp;
    using Point = blst_p1;
    using Affine = blst_p1_affine;
    static constexpr size_t field_size = bls12_fp_size;
    static constexpr auto on_curve = blst_p1_affine_on_curve;
    static constexpr auto in_subgroup = blst_p1_affine_in_g1;
    static constexpr auto is_infinity = blst_p1_is_inf;
    static constexpr auto from_affine = blst_p1_from_affine;
    static constexpr auto to_affine = blst_p1_to_affine;
    static constexpr auto add = blst_p1_add_or_double;
    static constexpr auto add_affine = blst_p1_add_or_double_affine;
    static constexpr auto multiply = blst_p1_mult;
    static constexpr auto multi_scalar = blst_p1s_mult_pippenger;
    static constexpr auto multi_scalar_scratch = blst_p1s_mult_pippenger_scratch_sizeof;
};

/// G2 as the algorithms below see it.
struct G2 {
    using Field = blst_fp2;
    using Point = blst_p2;
    using Affine = blst_p2_affine;
    static constexpr size_t field_size = bls12_fp2_size;
    static constexpr auto on_curve = blst_p2_affine_on_curve;
    static constexpr auto in_subgroup = blst_p2_affine_in_g2;
    static constexpr auto is_infinity = blst_p2_is_inf;
    static constexpr auto from_affine = blst_p2_from_affine;
    static constexpr auto to_affine = blst_p2_to_affine;
    static constexpr auto add = blst_p2_add_or_double;
    static constexpr auto add_affine = blst_p2_add_or_double_affine;
    static constexpr auto multiply = blst_p2_mult;
    static constexpr auto multi_scalar = blst_p2s_mult_pippenger;
    static constexpr auto multi_scalar_scratch = blst_p2s_mult_pippenger_scratch_sizeof;
};

enum class Decoded { invalid, infinity, point };

/// Decodes a point and checks that it is on the curve.
template <typename Group>
Decoded decode_point(typename Group::Affine& out, const uint8_t* bytes) noexcept {
    constexpr size_t size = Group::field_size;
    if (all_zero(bytes, 2 * size)) {
        out = {};
        return Decoded::infinity;
    }
    if (!decode(out.x, bytes) || !decode(out.y, bytes + size) || !Group::on_curve(&out))
        return Decoded::invalid;
    return Decoded::point;
}

/// Decodes a point and checks that it is on the curve and in the subgroup of prime order.
template <typename Group>
Decoded decode_subgroup_point(typename Group::Affine& out, const uint8_t* bytes) noexcept {
    const Decoded decoded = decode_point<Group>(out, bytes);
    if (decoded == Decoded::point && !Group::in_subgroup(&out))
        return Decoded::invalid;
    return decoded;
}

template <typename Group>
void encode_point(uint8_t* out, const typename Group::Point& point) noexcept {
    constexpr size_t size = Group::field_size;
    if (Group::is_infinity(&point)) {
        std::fill_n(out, 2 * size, 0);
        return;
    }
    typename Group::Affine affine;
    Group::to_affine(&affine, &point);
    encode(out, affine.x);
    encode(out + size, affine.y);
}

template <typename Group>
bool add(const uint8_t* input, uint8_t* output) noexcept {
    constexpr size_t point_size = 2 * Group::field_size;
    typename Group::Affine a;
    typename Group::Affine b;
    const Decoded a_kind = decode_point<Group>(a, input);
    const Decoded b_kind = decode_point<Group>(b, input + point_size);
    if (a_kind == Decoded::invalid || b_kind == Decoded::invalid)
        return false;
    if (a_kind == Decoded::infinity || b_kind == Decoded::infinity) {
        // The sum is the other operand, which is encoded canonically: anything else is invalid.
        std::copy_n(a_kind == Decoded::infinity ? input + point_size : input, point_size, output);
        return true;
    }
    typename Group::Point sum;
    Group::from_affine(&sum, &a);
    Group::add_affine(&sum, &sum, &b);
    encode_point<Group>(output, sum);
    return true;
}

/// Up to this many pairs are multiplied at once: the gas discount of EIP-2537 stops here too, and
/// everything fits on the stack.
constexpr size_t msm_batch = 128;

/// Pairs whose product is not trivially the point at infinity.
template <typename Group>
struct MsmBatch {
    typename Group::Affine points[msm_batch];
    uint8_t scalars[msm_batch][32];
    size_t count = 0;

    /// Adds the batch's sum of products to `sum`.
    void add_to(typename Group::Point& sum) const noexcept {
        // Room for blst's buckets of a batch; checked, since blst decides how many it takes.
        limb_t scratch[8192 / sizeof(limb_t)];
        typename Group::Point product;
        if (count > 1 && Group::multi_scalar_scratch(count) <= sizeof(scratch)) {
            // A null second pointer tells blst that the elements lie one after another.
            const typename Group::Affine* const point_list[] = {points, nullptr};
            const byte* const scalar_list[] = {scalars[0], nullptr};
            Group::multi_scalar(&product, point_list, count, scalar_list, scalar_bits, scratch);
            Group::add(&sum, &sum, &product);
            return;
        }
        for (size_t i = 0; i < count; ++i) {
            Group::from_affine(&product, &points[i]);
            Group::multiply(&product, &product, scalars[i], scalar_bits);
            Group::add(&sum, &sum, &product);
        }
    }
};

template <typename Group>
bool multi_scalar_multiply(const uint8_t* pairs, size_t count, uint8_t* output) noexcept {
    constexpr size_t point_size = 2 * Group::field_size;
    constexpr size_t pair_size = point_size + 32;
    typename Group::Point sum{};
    MsmBatch<Group> batch;
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* pair = pairs + i * pair_size;
        const Decoded decoded = decode_subgroup_point<Group>(batch.points[batch.count], pair);
        if (decoded == Decoded::invalid)
            return false;
        blst_scalar scalar;
        // The points are of prime order, so scalars count modulo that order.
        const bool nonzero = blst_scalar_from_be_bytes(&scalar, pair + point_size, 32);
        if (decoded == Decoded::infinity || !nonzero)
            continue;
        blst_lendian_from_scalar(batch.scalars[batch.count], &scalar);
        if (++batch.count == msm_batch) {
            batch.add_to(sum);
            batch.count = 0;
        }
    }
    if (batch.count != 0)
        batch.add_to(sum);
    encode_point<Group>(output, sum);
    return true;
}

} // namespace

bool bls12_g1_add(const uint8_t input[256], uint8_t output[128]) noexcept {
    return add<G1>(input, output);
}

bool bls12_g2_add(const uint8_t input[512], uint8_t output[256]) noexcept {
    return add<G2>(input, output);
}

bool bls12_g1_msm(const uint8_t* pairs, size_t count, uint8_t output[128]) noexcept {
    return multi_scalar_multiply<G1>(pairs, count, output);
}

bool bls12_g2_msm(const uint8_t* pairs, size_t count, uint8_t output[256]) noexcept {
    return multi_scalar_multiply<G2>(pairs, count, output);
}

std::optional<bool> bls12_pairing_check(const uint8_t* pairs, size_t count) noexcept {
    // blst shares the squarings of the Miller loop among up to this many pairs.
    constexpr size_t batch_size = 16;
    blst_p1_affine g1[batch_size];
    blst_p2_affine g2[batch_size];
    size_t batched = 0;
    blst_fp12 product = *blst_fp12_one();

    const auto flush = [&]() noexcept {
        const blst_p1_affine* const g1_list[] = {g1, nullptr};
        const blst_p2_affine* const g2_list[] = {g2, nullptr};
        blst_fp12 partial;
        blst_miller_loop_n(&partial, g2_list, g1_list, batched);
        blst_fp12_mul(&product, &product, &partial);
        batched = 0;
    };

    for (size_t i = 0; i < count; ++i) {
        const uint8_t* pair = pairs + i * bls12_pairing_pair_size;
        const Decoded first = decode_subgroup_point<G1>(g1[batched], pair);
        const Decoded second = decode_subgroup_point<G2>(g2[batched], pair + bls12_g1_size);
        if (first == Decoded::invalid || second == Decoded::invalid)
            return std::nullopt;
        // A pairing with the point at infinity is one.
        if (first == Decoded::infinity || second == Decoded::infinity)
            continue;
        if (++batched == batch_size)
            flush();
    }
    if (batched != 0)
        flush();
    if (blst_fp12_is_one(&product))
        return true;
    blst_fp12 result;
    blst_final_exp(&result, &product);
    return blst_fp12_is_one(&result);
}

bool bls12_map_fp_to_g1(const uint8_t input[64], uint8_t output[128]) noexcept {
    blst_fp element;
    if (!decode(element, input))
        return false;
    blst_p1 point;
    blst_map_to_g1(&point, &element, nullptr);
    encode_point<G1>(output, point);
    return true;
}

bool bls12_map_fp2_to_g2(const uint8_t input[128], uint8_t output[256]) noexcept {
    blst_fp2 element;
    if (!decode(element, input))
        return false;
    blst_p2 point;
    blst_map_to_g2(&point, &element, nullptr);
    encode_point<G2>(output, point);
    return true;
}

} // namespace braid::crypto
