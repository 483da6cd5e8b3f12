#include "crypto/cpu_features.hpp"
#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_variants.hpp"
#include "tests/harness.hpp"
#include "tests/sampling.hpp"

#include <memory>
#include <random>

#if defined(__x86_64__)

namespace braid::crypto::secp256k1 {
namespace {

/// Runs both variants, checks that they agree, and returns how many inputs were exceptional.
size_t compare(std::span<const RecoveryInput> inputs) {
    const size_t size = inputs.size();
    std::vector<Address> expected(size);
    const auto expected_valid = std::make_unique<bool[]>(size);
    recover_addresses_scalar(inputs, expected, {expected_valid.get(), size});
    // What was in the outputs before must not matter.
    std::vector<Address> addresses(size);
    const auto valid = std::make_unique<bool[]>(size);
    for (size_t i = 0; i < size; ++i) {
        addresses[i].bytes[i % 20] = 0xaa;
        valid[i] = i % 3 == 0;
    }
    const size_t exceptional = recover_addresses_ifma(inputs, addresses, {valid.get(), size});
    size_t differences = 0;
    for (size_t i = 0; i < size; ++i) {
        if (valid[i] != expected_valid[i] || !(addresses[i] == expected[i]))
            ++differences;
    }
    CHECK_EQ(differences, size_t{0});
    return exceptional;
}

Bytes32 bytes_of(const Uint256& number) {
    Bytes32 bytes;
    store_be256(bytes.bytes, number);
    return bytes;
}

class Random {
  public:
    uint64_t word() { return generator_(); }

    Uint256 number() { return {{word(), word(), word(), word()}}; }

    Scalar scalar() { return Scalar::from_any_number(number()); }

    /// An odd number below 2^(64 words).
    Uint256 odd_number(unsigned words) {
        Uint256 result;
        for (unsigned i = 0; i < words; ++i)
            result.words[i] = word();
        result.words[0] |= 1;
        return result;
    }

    RecoveryInput input() {
        return {bytes_of(number()), bytes_of(number()), bytes_of(number()),
                static_cast<uint8_t>(word() & 1)};
    }

  private:
    std::mt19937_64 generator_{20};
};

/// The signature of R = k * generator that recovers to on_generator * generator + on_point * R.
RecoveryInput signature_of(const Scalar& k, const Scalar& on_generator, const Scalar& on_point) {
    uint8_t point[64];
    CHECK(public_key_of(bytes_of(k.number()), point));
    const Uint256 x = load_be256(point);
    CHECK(less(x, order));
    const Scalar r = Scalar::from_number(x);
    return {bytes_of((-on_generator * r).number()), bytes_of(x), bytes_of((on_point * r).number()),
            static_cast<uint8_t>(point[63] & 1)};
}

Scalar power_of_two(unsigned exponent) { return Scalar::from_word(2).power({{exponent, 0, 0, 0}}); }

/// The digits of an odd number below 2^128, as the vector variant writes it: m of these bits
/// stands for 2 m - (2^bits - 1), and so does every window of m.
class OddDigits {
  public:
    OddDigits(const Uint256& number, unsigned width, unsigned bits) : width_{width}, bits_{bits} {
        // (number + 2^bits - 1) / 2 for an odd number.
        m_ = {{number.words[0] >> 1 | number.words[1] << 63, number.words[1] >> 1, 0, 0}};
        const unsigned top = bits - 1;
        m_.words[top / 64] |= uint64_t{1} << (top % 64);
    }

    /// The digit of 2^position.
    [[nodiscard]] Scalar digit(unsigned position) const { return value(position, width_); }

    /// The sum of the digits from this position on, divided by 2^position.
    [[nodiscard]] Scalar from(unsigned position) const {
        return position >= bits_ ? Scalar{} : value(position, bits_ - position);
    }

  private:
    [[nodiscard]] Scalar value(unsigned position, unsigned count) const {
        Scalar sum;
        for (unsigned i = count; i-- > 0;)
            sum = sum.doubled() + (m_.bit(position + i) ? Scalar::one() : -Scalar::one());
        return sum;
    }

    unsigned width_;
    unsigned bits_;
    Uint256 m_;
};

TEST("secp256k1 variants agree on random inputs") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    Random random;
    std::vector<RecoveryInput> inputs;
    for (size_t i = 0; i < braid::test::single_threaded(20000); ++i) {
        inputs.push_back(random.input());
        auto& input = inputs.back();
        switch (random.word() % 32) {
        case 0:
            input.r = {};
            break;
        case 1:
            input.s = {};
            break;
        case 2:
            input.y_parity = static_cast<uint8_t>(random.word());
            break;
        case 3:
            input.r = bytes_of(order);
            break;
        case 4:
            input.hash = {};
            break;
        case 5:
            input.hash = bytes_of(order);
            break;
        case 6:
            std::memset(input.hash.bytes, 0xff, 32);
            break;
        case 7:
            input.s = bytes_of({{random.word() % 64 + 1, 0, 0, 0}});
            break;
        case 8:
            input.r = bytes_of({{random.word() % 64 + 1, 0, 0, 0}});
            break;
        case 9:
            input.s = bytes_of((-Scalar::from_word(random.word() % 64 + 1)).number());
            break;
        case 10:
            input.r = bytes_of((-Scalar::from_word(random.word() % 64 + 1)).number());
            break;
        case 11: // The highest x below p, which the field's limbs hold as it is, are out of range.
            std::memset(input.r.bytes, 0xff, 16 + random.word() % 16);
            break;
        default:
            break;
        }
    }
    CHECK_EQ(compare(inputs), size_t{0});
}

TEST("secp256k1 variants agree on batches of every size") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    Random random;
    for (size_t size = 0; size <= 80; size += braid::test::single_threaded_stride()) {
        std::vector<RecoveryInput> inputs(size);
        for (auto& input : inputs)
            input = random.input();
        compare(inputs);
        for (auto& input : inputs)
            input = signature_of(random.scalar(), random.scalar(), random.scalar());
        CHECK_EQ(compare(inputs), size_t{0});
    }
}

TEST("secp256k1 variants agree on scalars at the edges") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    Random random;
    const Scalar root = Scalar::from_number(lambda);
    std::vector<Scalar> edges;
    for (uint64_t small = 1; small <= 6; ++small)
        edges.push_back(Scalar::from_word(small));
    for (const unsigned exponent : {5, 12, 64, 127, 128, 129, 130, 132, 192, 255}) {
        edges.push_back(power_of_two(exponent));
        edges.push_back(power_of_two(exponent) - Scalar::one());
    }
    edges.push_back(root);
    edges.push_back(Scalar::from_word(31) * root);
    edges.push_back(Scalar::one() + root);
    for (size_t i = 0, size = edges.size(); i < size; ++i)
        edges.push_back(-edges[i]);
    // Those that are on the generator.
    std::vector<Scalar> some;
    for (size_t i = 0; i < edges.size(); i += braid::test::single_threaded_stride())
        some.push_back(edges[i]);
    std::vector<RecoveryInput> inputs;
    for (const Scalar& on_point : edges) {
        inputs.push_back(signature_of(random.scalar(), Scalar{}, on_point));
        for (const Scalar& on_generator : some)
            inputs.push_back(signature_of(random.scalar(), on_generator, on_point));
    }
    CHECK_EQ(compare(inputs), size_t{0});
    // The same with an R that is close to the generator.
    inputs.clear();
    for (const Scalar& k : {Scalar::one(), -Scalar::one(), Scalar::from_word(2), root,
                            power_of_two(128), Scalar::from_word(3).inverse()}) {
        for (const Scalar& on_point : edges) {
            inputs.push_back(signature_of(k, Scalar{}, on_point));
            for (const Scalar& on_generator : some)
                inputs.push_back(signature_of(k, on_generator, on_point));
        }
    }
    CHECK(compare(inputs) > 0);
}

TEST("secp256k1 vectors notice keys at infinity") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    Random random;
    for (const size_t size : {1, 7, 8, 9, 31, 32, 33, 64}) {
        std::vector<RecoveryInput> inputs(size);
        size_t expected = 0;
        for (size_t i = 0; i < size; ++i) {
            const Scalar k = random.scalar();
            const Scalar on_point = random.scalar();
            const bool infinite = i % 3 == 0;
            expected += infinite ? 1 : 0;
            inputs[i] = signature_of(k, infinite ? -on_point * k : random.scalar(), on_point);
        }
        CHECK_EQ(compare(inputs), expected);
    }
}

TEST("secp256k1 vectors notice equal and opposite points on the way") {
    if (!braid::test::has(cpu_features().avx512_ifma, "AVX-512 IFMA"))
        return;
    // A model of the sums at each addition of the vector variant tells which R make it exceptional.
    constexpr unsigned point_width = 5;
    constexpr unsigned point_bits = 130;
    constexpr unsigned generator_width = 12;
    constexpr unsigned generator_bits = 132;
    Random random;
    const Scalar root = Scalar::from_number(lambda);
    const Scalar shift = power_of_two(128);
    std::vector<RecoveryInput> inputs;
    for (unsigned position = 0; position <= 120; ++position) {
        // Short enough for the endomorphism's split to find exactly them.
        const Uint256 first_number = random.odd_number(1);
        const Uint256 second_number = random.odd_number(1);
        const OddDigits first{first_number, point_width, point_bits};
        const OddDigits second{second_number, point_width, point_bits};
        Uint256 low_number = random.odd_number(2);
        Uint256 high_number = random.odd_number(2);
        high_number.words[1] >>= 1;
        const OddDigits low{low_number, generator_width, generator_bits};
        const OddDigits high{high_number, generator_width, generator_bits};
        const Scalar on_point =
            Scalar::from_number(first_number) + Scalar::from_number(second_number) * root;
        const Scalar on_generator =
            Scalar::from_number(low_number) + Scalar::from_number(high_number) * shift;
        const auto make = [&](const Scalar& generator_sum, const Scalar& point_sum) {
            // generator_sum * G + point_sum * k * G is infinity for this k.
            const Scalar k = -generator_sum * point_sum.inverse();
            if (!k.is_zero())
                inputs.push_back(signature_of(k, on_generator, on_point));
        };
        const auto before = [position](unsigned width) {
            // The sum of whole windows above this position, in units of 2^position.
            return (position / width + 1) * width;
        };
        const auto scaled = [&](const OddDigits& digits, unsigned width) {
            return digits.from(before(width)) * power_of_two(before(width) - position);
        };
        Scalar point_sum = scaled(first, point_width) + scaled(second, point_width) * root;
        Scalar generator_sum = scaled(low, generator_width) + scaled(high, generator_width) * shift;
        const auto step = [&](Scalar& sum, const Scalar& added, bool to_point) {
            for (const Scalar& point : {added, -added}) {
                // The sum so far is the point, or its negative.
                if (to_point)
                    make(generator_sum, point_sum - point);
                else
                    make(generator_sum - point, point_sum);
            }
            sum = sum + added;
        };
        if (position % point_width == 0) {
            step(point_sum, first.digit(position), true);
            step(point_sum, second.digit(position) * root, true);
        }
        if (position % generator_width == 0) {
            step(generator_sum, low.digit(position), false);
            step(generator_sum, high.digit(position) * shift, false);
        }
    }
    CHECK(inputs.size() > 100);
    CHECK_EQ(compare(inputs), inputs.size());
    // Next to others.
    for (size_t i = 0; i < inputs.size(); i += 2)
        inputs[i] = signature_of(random.scalar(), random.scalar(), random.scalar());
    CHECK_EQ(compare(inputs), inputs.size() / 2);
}

} // namespace
} // namespace braid::crypto::secp256k1

#endif
