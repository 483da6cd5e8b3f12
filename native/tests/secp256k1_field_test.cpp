#include "crypto/cpu_features.hpp"
#include "crypto/secp256k1_field.hpp"
#include "tests/harness.hpp"

#include <random>

#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "crypto/secp256k1_lanes_ifma.hpp"

namespace braid::crypto::secp256k1::ifma {
namespace {

using Field = Secp256k1Field;
constexpr size_t groups = 2;
constexpr size_t lanes = groups * group_lanes;

/// Limbs of 16 elements, with the extremes that an Element may have.
struct Limbs {
    alignas(64) uint64_t words[groups][limb_count][group_lanes];

    explicit Limbs(std::mt19937_64& random) {
        constexpr uint64_t top_bound = top_limb_mask + 1 + (1 << 11);
        constexpr uint64_t edges[] = {
            0, 1, limb_mask, limb_mask - 1, prime_limbs[0], prime_limbs[0] - 1};
        constexpr uint64_t top_edges[] = {0, 1, top_limb_mask, top_limb_mask + 1, top_bound};
        for (auto& group : words) {
            for (unsigned k = 0; k < limb_count; ++k) {
                for (auto& word : group[k]) {
                    const bool edge = random() % 3 != 0;
                    if (k + 1 < limb_count)
                        word = edge ? edges[random() % std::size(edges)] : random() & limb_mask;
                    else
                        word = edge ? top_edges[random() % std::size(top_edges)]
                                    : random() & top_limb_mask;
                }
            }
        }
    }

    [[nodiscard]] Field field(size_t lane) const {
        const Field radix = Field::from_word(limb_mask + 1);
        Field result;
        for (unsigned k = limb_count; k-- > 0;)
            result =
                result * radix + Field::from_word(words[lane / group_lanes][k][lane % group_lanes]);
        return result;
    }
};

BRAID_TARGET_BEGIN("bmi2,avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")

Element<groups> element_of(const Limbs& limbs) {
    Element<groups> element;
    for (size_t g = 0; g < groups; ++g) {
        for (unsigned k = 0; k < limb_count; ++k)
            element.limbs[g][k] = _mm512_load_si512(limbs.words[g][k]);
    }
    return element;
}

/// Whether the lanes hold what `expected(lane)` gives, in limbs within the bounds of an Element.
template <class Expected>
bool holds(const Element<groups>& element, Expected&& expected) {
    bool good = true;
    for (size_t g = 0; g < groups; ++g) {
        for (unsigned k = 0; k < limb_count; ++k) {
            const uint64_t bound = k + 1 < limb_count ? limb_mask : top_limb_mask + 1 + (1 << 11);
            good = good && _mm512_cmpgt_epu64_mask(element.limbs[g][k], broadcast(bound)) == 0;
        }
    }
    LaneNumbers<groups> numbers;
    store(numbers, canonical(element));
    for (size_t lane = 0; lane < lanes; ++lane)
        good = good && numbers.get(lane) == expected(lane).number();
    return good;
}

void check_operations(std::mt19937_64& random) {
    const Limbs limbs[4] = {Limbs{random}, Limbs{random}, Limbs{random}, Limbs{random}};
    const auto a = element_of(limbs[0]);
    const auto b = element_of(limbs[1]);
    const auto c = element_of(limbs[2]);
    const auto d = element_of(limbs[3]);
    Field fields[4][lanes];
    for (size_t i = 0; i < 4; ++i) {
        for (size_t lane = 0; lane < lanes; ++lane)
            fields[i][lane] = limbs[i].field(lane);
    }
    const auto& [fa, fb, fc, fd] = fields;
    CHECK(holds(a, [&](size_t i) { return fa[i]; }));
    CHECK(holds(reduced(multiply(a, b)), [&](size_t i) { return fa[i] * fb[i]; }));
    CHECK(holds(reduced(square(a)), [&](size_t i) { return fa[i].squared(); }));
    CHECK(holds(reduced(multiply_add(a, b, c, d)),
                [&](size_t i) { return fa[i] * fb[i] + fc[i] * fd[i]; }));
    CHECK(holds(reduced(multiply_add_square(a, b, c)),
                [&](size_t i) { return fa[i] * fb[i] + fc[i].squared(); }));
    CHECK(holds(reduced(a - b), [&](size_t i) { return fa[i] - fb[i]; }));
    CHECK(holds(reduced(multiply(a, b) + c), [&](size_t i) { return fa[i] * fb[i] + fc[i]; }));
    CHECK(holds(reduced(subtract_twice(square(a) + b, c)),
                [&](size_t i) { return fa[i].squared() + fb[i] - fc[i].doubled(); }));
    CHECK(holds(reduced(negated(multiply(a, b)) + c),
                [&](size_t i) { return fc[i] - fa[i] * fb[i]; }));
    CHECK(holds(reduced(three_halves(square(a))), [&](size_t i) {
        const Field squared = fa[i].squared();
        return (squared.doubled() + squared).halved();
    }));
    LaneMask<groups> mask;
    for (auto& bits : mask.lanes)
        bits = static_cast<__mmask8>(random());
    const auto in_mask = [&mask](size_t i) {
        return (mask.lanes[i / group_lanes] >> (i % group_lanes) & 1) != 0;
    };
    CHECK(holds(reduced(negated_where(mask, multiply(a, b))), [&](size_t i) {
        const Field product = fa[i] * fb[i];
        return in_mask(i) ? -product : product;
    }));
    CHECK(holds(select(mask, a, b), [&](size_t i) { return in_mask(i) ? fb[i] : fa[i]; }));
    const auto equal = equal_lanes(canonical(a), canonical(select(mask, a, b)));
    for (size_t i = 0; i < lanes; ++i) {
        CHECK_EQ((equal.lanes[i / group_lanes] >> (i % group_lanes) & 1) != 0,
                 !in_mask(i) || fa[i] == fb[i]);
    }
}

BRAID_TARGET_END

TEST("secp256k1 field elements in vectors agree with scalar ones") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    std::mt19937_64 random{52};
    for (int i = 0; i < 2000; ++i)
        check_operations(random);
}

} // namespace
} // namespace braid::crypto::secp256k1::ifma

#endif
