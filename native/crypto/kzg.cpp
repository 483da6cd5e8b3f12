#include "crypto/kzg.hpp"

#include "crypto/sha256.hpp"

#include <blst.h>

namespace braid::crypto {
namespace {

/// [tau]_2 of the KZG ceremony of EIP-4844, compressed: the second of the G2 monomial points of
/// the mainnet trusted setup (consensus-specs, presets/mainnet/trusted_setups/
/// trusted_setup_4096.json; c-kzg-4844, src/trusted_setup.txt).
constexpr uint8_t tau_g2[96] = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89,
    0x26, 0x18, 0x70, 0x75, 0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d,
    0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2, 0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72,
    0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7, 0xb3, 0x86, 0x08, 0xe2,
    0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2};

/// The line functions of the Miller loop for the two fixed points of G2.
struct FixedLines {
    /// For -H, with H the generator of G2.
    blst_fp6 negated_generator[68];
    /// For [tau]_2.
    blst_fp6 tau[68];

    FixedLines() noexcept {
        blst_p2 negated = *blst_p2_generator();
        blst_p2_cneg(&negated, true);
        blst_p2_affine point;
        blst_p2_to_affine(&point, &negated);
        blst_precompute_lines(negated_generator, &point);
        blst_p2_uncompress(&point, tau_g2);
        blst_precompute_lines(tau, &point);
    }
};

/// Multiples of the generator G of G1 for fast multiplication: of 2^(32 i) G for i = 0..7, so that
/// a scalar's eight 32-bit words share 32 doublings.
class GeneratorTable {
  public:
    GeneratorTable() noexcept {
        blst_p1 power = *blst_p1_generator();
        blst_p1_affine powers[words];
        for (auto& affine : powers) {
            blst_p1_to_affine(&affine, &power);
            for (size_t bit = 0; bit < word_bits; ++bit)
                blst_p1_double(&power, &power);
        }
        // A null second pointer tells blst that the points lie one after another.
        const blst_p1_affine* const list[] = {powers, nullptr};
        blst_p1s_mult_wbits_precompute(multiples_, window_bits, list, words);
    }

    /// scalar * G.
    [[nodiscard]] blst_p1 multiply(const blst_scalar& scalar) const noexcept {
        const byte* const word_list[] = {scalar.b, nullptr};
        blst_p1 product;
        limb_t scratch[words * sizeof(blst_p1) / sizeof(limb_t)];
        blst_p1s_mult_wbits(&product, multiples_, window_bits, words, word_list, word_bits,
                            scratch);
        return product;
    }

  private:
    static constexpr size_t words = 8;
    static constexpr size_t word_bits = 32;
    static constexpr size_t window_bits = 5;
    blst_p1_affine multiples_[words << (window_bits - 1)];
};

const GeneratorTable& generator_table() noexcept {
    static const GeneratorTable table;
    return table;
}

const FixedLines& fixed_lines() noexcept {
    static const FixedLines lines;
    return lines;
}

/// Decodes a point of the subgroup; the point at infinity is one.
bool decode_point(blst_p1_affine& out, const uint8_t* bytes) noexcept {
    return blst_p1_uncompress(&out, bytes) == BLST_SUCCESS &&
           (blst_p1_affine_is_inf(&out) || blst_p1_affine_in_g1(&out));
}

bool decode_scalar(blst_scalar& out, const uint8_t* bytes) noexcept {
    blst_scalar_from_bendian(&out, bytes);
    return blst_scalar_fr_check(&out);
}

/// scalar * point; `point` is in the subgroup.
blst_p1 multiply(const blst_p1& point, const blst_scalar& scalar) noexcept {
    blst_p1 product;
    blst_p1_mult(&product, &point, scalar.b, 255);
    return product;
}

} // namespace

Bytes32 kzg_versioned_hash(const uint8_t commitment[kzg_commitment_size]) noexcept {
    Bytes32 hash = sha256({commitment, kzg_commitment_size});
    hash.bytes[0] = 0x01;
    return hash;
}

bool kzg_verify(const KzgOpening& opening) noexcept {
    blst_scalar z;
    blst_scalar y;
    blst_p1_affine commitment;
    blst_p1_affine proof;
    if (!decode_scalar(z, opening.z) || !decode_scalar(y, opening.y) ||
        !decode_point(commitment, opening.commitment) || !decode_point(proof, opening.proof))
        return false;

    // e(C - y G, H) = e(W, (tau - z) H), with z moved to G1 so that both points of G2 are fixed:
    // e(C - y G + z W, -H) e(W, tau H) = 1.
    blst_p1 left = generator_table().multiply(y);
    blst_p1_cneg(&left, true);
    blst_p1_add_or_double_affine(&left, &left, &commitment);
    blst_p1 proof_point;
    blst_p1_from_affine(&proof_point, &proof);
    const blst_p1 shifted = multiply(proof_point, z);
    blst_p1_add_or_double(&left, &left, &shifted);

    blst_fp12 product = *blst_fp12_one();
    if (!blst_p1_is_inf(&left)) {
        blst_p1_affine affine;
        blst_p1_to_affine(&affine, &left);
        blst_miller_loop_lines(&product, fixed_lines().negated_generator, &affine);
    }
    if (!blst_p1_affine_is_inf(&proof)) {
        blst_fp12 factor;
        blst_miller_loop_lines(&factor, fixed_lines().tau, &proof);
        blst_fp12_mul(&product, &product, &factor);
    }
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

} // namespace braid::crypto
