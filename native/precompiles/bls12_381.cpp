#include "precompiles/bls12_381.hpp"

#include "crypto/bls12_381.hpp"
#include "crypto/kzg.hpp"

namespace braid::precompiles {
namespace {

constexpr size_t max_discounted_pairs = 128;

// EIP-2537, "G1/G2 MSM": the price of k pairs in thousandths of k multiplications; the last entry
// holds for all larger k.
constexpr uint16_t g1_discounts[max_discounted_pairs] = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
};
constexpr uint16_t g2_discounts[max_discounted_pairs] = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
};

constexpr int64_t g1_multiplication_gas = 12000;
constexpr int64_t g2_multiplication_gas = 22500;

int64_t msm_gas(size_t pairs, int64_t multiplication_gas,
                const uint16_t (&discounts)[max_discounted_pairs]) noexcept {
    if (pairs == 0)
        return 0;
    const int64_t discount = discounts[std::min(pairs, max_discounted_pairs) - 1];
    return static_cast<int64_t>(pairs) * multiplication_gas * discount / 1000;
}

/// A contract with input and output of fixed sizes.
template <size_t input_size, size_t output_size, auto compute>
Answer run_fixed(BytesView input, OutputBuffer& output) noexcept {
    if (input.size() != input_size || !compute(input.data(), output.take(output_size)))
        return Answer::failure();
    return Answer::success(output_size);
}

/// A contract whose input is a list of pairs, at least one.
template <size_t pair_size, size_t output_size, auto compute>
Answer run_list(BytesView input, OutputBuffer& output) noexcept {
    if (input.empty() || input.size() % pair_size != 0 ||
        !compute(input.data(), input.size() / pair_size, output.take(output_size)))
        return Answer::failure();
    return Answer::success(output_size);
}

// The answer of the point evaluation contract (EIP-4844): FIELD_ELEMENTS_PER_BLOB, then
// BLS_MODULUS, as two 32-byte words.
constexpr uint8_t point_evaluation_answer[64] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
    0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
    0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
};

} // namespace

Answer run_point_evaluation(BytesView input, OutputBuffer& output) noexcept {
    // EIP-4844: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48).
    if (input.size() != 192)
        return Answer::failure();
    const uint8_t* bytes = input.data();
    const crypto::KzgOpening opening{
        .commitment = bytes + 96, .z = bytes + 32, .y = bytes + 64, .proof = bytes + 144};
    const Bytes32 versioned_hash = crypto::kzg_versioned_hash(opening.commitment);
    if (std::memcmp(versioned_hash.bytes, bytes, 32) != 0 || !crypto::kzg_verify(opening))
        return Answer::failure();
    std::memcpy(output.take(64), point_evaluation_answer, 64);
    return Answer::success(64);
}

Answer run_bls12_g1_add(BytesView input, OutputBuffer& output) noexcept {
    return run_fixed<2 * crypto::bls12_g1_size, crypto::bls12_g1_size, crypto::bls12_g1_add>(
        input, output);
}

Answer run_bls12_g2_add(BytesView input, OutputBuffer& output) noexcept {
    return run_fixed<2 * crypto::bls12_g2_size, crypto::bls12_g2_size, crypto::bls12_g2_add>(
        input, output);
}

Answer run_bls12_g1_msm(BytesView input, OutputBuffer& output) noexcept {
    return run_list<crypto::bls12_g1_msm_pair_size, crypto::bls12_g1_size, crypto::bls12_g1_msm>(
        input, output);
}

Answer run_bls12_g2_msm(BytesView input, OutputBuffer& output) noexcept {
    return run_list<crypto::bls12_g2_msm_pair_size, crypto::bls12_g2_size, crypto::bls12_g2_msm>(
        input, output);
}

Answer run_bls12_pairing_check(BytesView input, OutputBuffer& output) noexcept {
    if (input.empty() || input.size() % crypto::bls12_pairing_pair_size != 0)
        return Answer::failure();
    const auto is_one =
        crypto::bls12_pairing_check(input.data(), input.size() / crypto::bls12_pairing_pair_size);
    if (!is_one)
        return Answer::failure();
    uint8_t* answer = output.take(32);
    std::memset(answer, 0, 32);
    answer[31] = *is_one ? 1 : 0;
    return Answer::success(32);
}

Answer run_bls12_map_fp_to_g1(BytesView input, OutputBuffer& output) noexcept {
    return run_fixed<crypto::bls12_fp_size, crypto::bls12_g1_size, crypto::bls12_map_fp_to_g1>(
        input, output);
}

Answer run_bls12_map_fp2_to_g2(BytesView input, OutputBuffer& output) noexcept {
    return run_fixed<crypto::bls12_fp2_size, crypto::bls12_g2_size, crypto::bls12_map_fp2_to_g2>(
        input, output);
}

int64_t bls12_g1_msm_gas(BytesView input) noexcept {
    return msm_gas(input.size() / crypto::bls12_g1_msm_pair_size, g1_multiplication_gas,
                   g1_discounts);
}

int64_t bls12_g2_msm_gas(BytesView input) noexcept {
    return msm_gas(input.size() / crypto::bls12_g2_msm_pair_size, g2_multiplication_gas,
                   g2_discounts);
}

} // namespace braid::precompiles
