#include "crypto/secp256k1.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/keccak.hpp"
#include "crypto/secp256k1_curve.hpp"
#include "crypto/secp256k1_variants.hpp"

#include <algorithm>
#include <array>

namespace braid::crypto {
namespace secp256k1 {

const GeneratorTable& generator_table() noexcept {
    static const GeneratorTable table;
    return table;
}

namespace {

/// A scalar multiple of the generator, ready to be summed.
struct GeneratorDigits {
    explicit GeneratorDigits(const Uint256& scalar) noexcept
        : low{{{scalar.words[0], scalar.words[1], 0, 0}}}, high{{{scalar.words[2], scalar.words[3],
                                                                  0, 0}}} {}

    void add(Point& sum, const GeneratorTable& table, unsigned position) const noexcept {
        add_digit(sum, table.low, low[position]);
        add_digit(sum, table.high, high[position]);
    }

    SignedDigits<GeneratorTable::width, 128> low;
    SignedDigits<GeneratorTable::width, 128> high;
};

/// Odd multiples of a signature's point R, and their images under the endomorphism.
struct PointTable {
    static constexpr unsigned width = 5;
    static constexpr size_t size = size_t{1} << (width - 2);

    Affine multiples[size];
    Affine images[size];
};

/// One signature on its way through a batch.
struct Recovery {
    size_t index;
    Affine point; // R
    bool y_odd;
    Scalar hash;
    Scalar s;
    Scalar r_inverse;
    PointTable table;
    Point public_key;
};

/// How many signatures share an inversion. The stack holds about 3 KiB for each.
constexpr size_t batch_size = 16;

/// How many square roots run side by side.
constexpr size_t root_lanes = 4;

/// Takes an input into a batch. False where a number is out of range.
bool start(const RecoveryInput& input, Recovery& recovery) noexcept {
    const Uint256 r = load_be256(input.r.bytes);
    const Uint256 s = load_be256(input.s.bytes);
    if (!in_range(r, s) || input.y_parity > 1)
        return false;
    recovery.point.x = Field::from_number(r);
    recovery.y_odd = input.y_parity == 1;
    recovery.hash = Scalar::from_any_number(load_be256(input.hash.bytes));
    recovery.s = Scalar::from_number(s);
    recovery.r_inverse = Scalar::from_number(r);
    return true;
}

/// Finds the y of every R in y^2 = x^3 + 7 and drops those that have none; the
/// others move to its front. Returns how many are left.
size_t lift_points(std::span<Recovery> batch) noexcept {
    size_t kept = 0;
    for (size_t first = 0; first < batch.size(); first += root_lanes) {
        const size_t count = std::min(root_lanes, batch.size() - first);
        std::array<Field, root_lanes> squares;
        for (size_t i = 0; i < count; ++i) {
            const Field& x = batch[first + i].point.x;
            squares[i] = x.squared() * x + Field::from_word(7);
        }
        std::array<Field, root_lanes> roots;
        if (count == 1)
            roots[0] = Field::square_root_candidates<1>({squares[0]})[0];
        else
            roots = Field::square_root_candidates(squares);
        for (size_t i = 0; i < count; ++i) {
            if (!(roots[i].squared() == squares[i]))
                continue;
            Recovery& recovery = batch[first + i];
            recovery.point.y = roots[i].is_odd() == recovery.y_odd ? roots[i] : -roots[i];
            if (kept != first + i)
                batch[kept] = recovery;
            ++kept;
        }
    }
    return kept;
}

/// Fills the tables of all signatures of a batch.
void build_tables(std::span<Recovery> batch) noexcept {
    constexpr size_t added = PointTable::size - 1;
    Point points[batch_size][added];
    Field inverses[batch_size * added];
    for (size_t i = 0; i < batch.size(); ++i) {
        // On the isomorphic curve where 2R = (X, Y, Z) has z = 1 the steps are mixed additions; R
        // moves there by Z and the results move back by it.
        Point twice = Point::from(batch[i].point);
        twice.double_in_place();
        const Field z_squared = twice.z.squared();
        Point current =
            Point::from({batch[i].point.x * z_squared, batch[i].point.y * (z_squared * twice.z)});
        for (size_t j = 0; j < added; ++j) {
            current.add(twice.x, twice.y);
            points[i][j] = current;
            inverses[i * added + j] = current.z * twice.z;
        }
    }
    invert_all(std::span{inverses, batch.size() * added});
    for (size_t i = 0; i < batch.size(); ++i) {
        auto& table = batch[i].table;
        table.multiples[0] = batch[i].point;
        for (size_t j = 0; j < added; ++j)
            table.multiples[j + 1] = points[i][j].to_affine(inverses[i * added + j]);
        for (size_t j = 0; j < PointTable::size; ++j)
            table.images[j] = {table.multiples[j].x * beta, table.multiples[j].y};
    }
}

/// -hash / r * generator + s / r * R (SEC 1, section 4.1.6).
Point compute_key(const Recovery& recovery, const GeneratorTable& table) noexcept {
    const GeneratorDigits digits{(-(recovery.hash * recovery.r_inverse)).number()};
    const SplitScalar split = Splitter::split((recovery.s * recovery.r_inverse).number());
    const SignedDigits<PointTable::width, 128> first{split.first, split.first_negative};
    const SignedDigits<PointTable::width, 128> second{split.second, split.second_negative};
    Point sum;
    const unsigned size =
        std::max({digits.low.size(), digits.high.size(), first.size(), second.size()});
    for (unsigned i = size; i-- > 0;) {
        sum.double_in_place();
        add_digit(sum, recovery.table.multiples, first[i]);
        add_digit(sum, recovery.table.images, second[i]);
        digits.add(sum, table, i);
    }
    return sum;
}

void store_key(const Affine& point, uint8_t public_key[64]) noexcept {
    store_be256(public_key, point.x.number());
    store_be256(public_key + 32, point.y.number());
}

Address address_from(const Bytes32& key_hash) noexcept {
    Address address;
    std::memcpy(address.bytes, key_hash.bytes + 12, sizeof(address.bytes));
    return address;
}

/// Recovers up to batch_size keys and hands each to `found(index, key)`.
template <class Found>
void recover_batch(std::span<const RecoveryInput> inputs, Found&& found) noexcept {
    Recovery batch[batch_size];
    size_t count = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (start(inputs[i], batch[count]))
            batch[count++].index = i;
    }
    count = lift_points({batch, count});
    const std::span<Recovery> live{batch, count};
    Scalar r_inverses[batch_size];
    for (size_t i = 0; i < count; ++i)
        r_inverses[i] = batch[i].r_inverse;
    invert_all(std::span{r_inverses, count});
    build_tables(live);
    const GeneratorTable& table = generator_table();
    Field z_inverses[batch_size];
    for (size_t i = 0; i < count; ++i) {
        batch[i].r_inverse = r_inverses[i];
        batch[i].public_key = compute_key(batch[i], table);
        z_inverses[i] = batch[i].public_key.z;
    }
    invert_all(std::span{z_inverses, count});
    for (size_t i = 0; i < count; ++i) {
        if (!batch[i].public_key.is_infinity())
            found(batch[i].index, batch[i].public_key.to_affine(z_inverses[i]));
    }
}

} // namespace

void recover_addresses_scalar(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                              std::span<bool> valid) noexcept {
    std::fill(addresses.begin(), addresses.end(), Address{});
    std::fill(valid.begin(), valid.end(), false);
    for (size_t first = 0; first < inputs.size(); first += batch_size) {
        const auto batch = inputs.subspan(first, std::min(batch_size, inputs.size() - first));
        size_t owners[batch_size];
        uint8_t keys[batch_size][64];
        BytesView views[batch_size];
        size_t count = 0;
        recover_batch(batch, [&](size_t index, const Affine& key) noexcept {
            owners[count] = first + index;
            store_key(key, keys[count]);
            views[count] = keys[count];
            ++count;
        });
        Bytes32 hashes[batch_size];
        keccak256_batch({views, count}, hashes);
        for (size_t i = 0; i < count; ++i) {
            addresses[owners[i]] = address_from(hashes[i]);
            valid[owners[i]] = true;
        }
    }
}

} // namespace secp256k1

using namespace secp256k1;

void recover_addresses(std::span<const RecoveryInput> inputs, std::span<Address> addresses,
                       std::span<bool> valid) noexcept {
#if defined(__x86_64__)
    if (inputs.size() >= ifma_min_inputs && cpu_features().avx512_ifma) {
        recover_addresses_ifma(inputs, addresses, valid);
        return;
    }
#endif
    recover_addresses_scalar(inputs, addresses, valid);
}

bool recover_public_key(const RecoveryInput& input, uint8_t public_key[64]) noexcept {
    bool recovered = false;
    recover_batch({&input, 1}, [&](size_t, const Affine& key) noexcept {
        store_key(key, public_key);
        recovered = true;
    });
    return recovered;
}

bool public_key_of(const Bytes32& secret_key, uint8_t public_key[64]) noexcept {
    const Uint256 scalar = load_be256(secret_key.bytes);
    if (scalar.is_zero() || !less(scalar, order))
        return false;
    const GeneratorDigits digits{scalar};
    const GeneratorTable& table = generator_table();
    Point sum;
    for (unsigned i = std::max(digits.low.size(), digits.high.size()); i-- > 0;) {
        sum.double_in_place();
        digits.add(sum, table, i);
    }
    store_key(sum.to_affine(), public_key);
    return true;
}

Address address_of(const uint8_t public_key[64]) noexcept {
    return address_from(keccak256({public_key, 64}));
}

} // namespace braid::crypto
