#include "base/uint256.hpp"

#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/uint256_vectors.hpp"

#include <cstring>

namespace braid::test {
namespace {

/// A number written in hex without leading zeros.
uint256 parse(const char* text) {
    uint256 value;
    for (; *text != '\0'; ++text) {
        const int digit = *text <= '9' ? *text - '0' : *text - 'a' + 10;
        value = {value.word[0] << 4 | static_cast<unsigned>(digit),
                 value.word[1] << 4 | value.word[0] >> 60, value.word[2] << 4 | value.word[1] >> 60,
                 value.word[3] << 4 | value.word[2] >> 60};
    }
    return value;
}

std::string hex(const uint256& value) { return to_hex(to_bytes32(value).bytes, 32); }

uint256 from_word(const reference::Word& word) { return to_uint256(word.to_bytes()); }

/// Calls `check` with the parsed columns of every vector.
template <size_t rows, size_t columns, typename Check>
void for_each_vector(const char* const (&vectors)[rows][columns], Check check) {
    for (const auto& row : vectors) {
        uint256 values[columns];
        for (size_t i = 0; i < columns; ++i)
            values[i] = parse(row[i]);
        check(values);
    }
}

} // namespace

TEST("uint256: addition and subtraction match BigInt") {
    for_each_vector(add_vectors, [](const uint256* v) {
        CHECK_EQ(hex(v[0] + v[1]), hex(v[2]));
        CHECK_EQ(hex(v[1] + v[0]), hex(v[2]));
        uint256 sum;
        CHECK_EQ(add_with_carry(v[0], v[1], sum), v[2] < v[0]);
        CHECK(sum == v[2]);
        uint256 accumulated = v[0];
        CHECK((accumulated += v[1]) == v[2]);
    });
    for_each_vector(subtract_vectors, [](const uint256* v) {
        CHECK_EQ(hex(v[0] - v[1]), hex(v[2]));
        CHECK_EQ(hex(-(v[1] - v[0])), hex(v[2]));
        uint256 difference;
        CHECK_EQ(subtract_with_borrow(v[0], v[1], difference), v[0] < v[1]);
        CHECK(difference == v[2]);
        uint256 accumulated = v[0];
        CHECK((accumulated -= v[1]) == v[2]);
    });
}

TEST("uint256: products match BigInt") {
    for_each_vector(multiply_vectors, [](const uint256* v) {
        CHECK_EQ(hex(v[0] * v[1]), hex(v[2]));
        CHECK_EQ(hex(v[1] * v[0]), hex(v[2]));
    });
    for_each_vector(multiply_full_vectors, [](const uint256* v) {
        const uint512 product = multiply_full(v[0], v[1]);
        const uint64_t* w = product.word;
        CHECK_EQ(hex({w[0], w[1], w[2], w[3]}), hex(v[2]));
        CHECK_EQ(hex({w[4], w[5], w[6], w[7]}), hex(v[3]));
    });
}

TEST("uint256: quotients and remainders match BigInt") {
    for_each_vector(divide_vectors, [](const uint256* v) {
        const DivisionResult result = divide(v[0], v[1]);
        CHECK_EQ(hex(result.quotient), hex(v[2]));
        CHECK_EQ(hex(result.remainder), hex(v[3]));
    });
    for_each_vector(divide_signed_vectors, [](const uint256* v) {
        const DivisionResult result = divide_signed(v[0], v[1]);
        CHECK_EQ(hex(result.quotient), hex(v[2]));
        CHECK_EQ(hex(result.remainder), hex(v[3]));
    });
}

TEST("uint256: modular arithmetic and powers match BigInt") {
    for_each_vector(add_mod_vectors, [](const uint256* v) {
        CHECK_EQ(hex(add_mod(v[0], v[1], v[2])), hex(v[3]));
        CHECK_EQ(hex(add_mod(v[1], v[0], v[2])), hex(v[3]));
    });
    for_each_vector(multiply_mod_vectors, [](const uint256* v) {
        CHECK_EQ(hex(multiply_mod(v[0], v[1], v[2])), hex(v[3]));
        CHECK_EQ(hex(multiply_mod(v[1], v[0], v[2])), hex(v[3]));
    });
    for_each_vector(power_vectors,
                    [](const uint256* v) { CHECK_EQ(hex(power(v[0], v[1])), hex(v[2])); });
}

TEST("uint256: shifts match BigInt") {
    for_each_vector(shift_left_vectors, [](const uint256* v) {
        CHECK_EQ(hex(shift_left(v[0], static_cast<unsigned>(v[1].word[0]))), hex(v[2]));
    });
    for_each_vector(shift_right_vectors, [](const uint256* v) {
        CHECK_EQ(hex(shift_right(v[0], static_cast<unsigned>(v[1].word[0]))), hex(v[2]));
    });
    for (unsigned shift = 0; shift < 256; ++shift) {
        const uint256 bit = shift_left(1, shift);
        CHECK_EQ(bit.word[shift / 64], uint64_t{1} << (shift % 64));
        CHECK(shift_right(bit, shift) == uint256{1});
        CHECK_EQ(count_leading_zeros(bit), 255 - shift);
        CHECK_EQ(significant_bytes(bit), shift / 8 + 1);
        CHECK(shift_right(uint256::max(), shift) ==
              (shift == 0 ? uint256::max() : shift_left(1, 256 - shift) - 1));
    }
    CHECK_EQ(count_leading_zeros(0), 256u);
    CHECK_EQ(significant_bytes(0), 0u);
}

TEST("uint256: random operands agree with arithmetic in base 2") {
    Random random{2026};
    for (int i = 0; i < 20'000; ++i) {
        const reference::Word a = random.word();
        const reference::Word b = random.word();
        const reference::Word m = random.word();
        const uint256 x = from_word(a);
        const uint256 y = from_word(b);
        const uint256 z = from_word(m);
        CHECK(x + y == from_word(a + b));
        CHECK(x - y == from_word(a - b));
        CHECK(x * y == from_word(a * b));
        CHECK_EQ(x == y, a == b);
        CHECK_EQ(x < y, a < b);
        CHECK_EQ(x > y, b < a);
        CHECK_EQ(x <= y, !(b < a));
        CHECK_EQ(x >= y, !(a < b));
        if (y) {
            const auto [quotient, remainder] = reference::divide(a, b);
            const DivisionResult result = divide(x, y);
            CHECK(result.quotient == from_word(quotient));
            CHECK(result.remainder == from_word(remainder));
        }
        if (z && i % 4 == 0) {
            CHECK(add_mod(x, y, z) == from_word(reference::add_mod(a, b, m)));
            CHECK(multiply_mod(x, y, z) == from_word(reference::multiply_mod(a, b, m)));
        }
    }
}

TEST("uint256: the operations work at compile time too") {
    constexpr uint256 a{~0ULL, ~0ULL, 0, 1};
    constexpr uint256 b{1, 0, ~0ULL, 2};
    static_assert(a + b == uint256{0, 0, 0, 4});
    static_assert(uint256{0, 0, 0, 4} - b == a);
    static_assert(a < b && b > a && a <= b && b >= a && !(a == b));
    static_assert(-uint256{1} == uint256::max());
    static_assert(~uint256{} == uint256::max());
    static_assert((a & b) == uint256{1});
    static_assert((a | b) == uint256{~0ULL, ~0ULL, ~0ULL, 3});
    static_assert((a ^ b) == uint256{~1ULL, ~0ULL, ~0ULL, 3});
    static_assert(uint256::max() * uint256::max() == uint256{1});
    static_assert(shift_left(1, 255) == uint256{0, 0, 0, uint64_t{1} << 63});
    static_assert(shift_right(uint256::max(), 255) == uint256{1});
    static_assert(significant_bytes(uint256{256}) == 2);
    static_assert(!uint256{} && uint256{0, 0, 1, 0});
    static_assert(uint256{5}.fits_uint64() && !uint256{0, 1, 0, 0}.fits_uint64());
}

TEST("uint256: bytes, hashes and addresses") {
    uint8_t bytes[33];
    for (size_t i = 0; i < sizeof(bytes); ++i)
        bytes[i] = static_cast<uint8_t>(i);
    const uint256 value = load_uint256(bytes + 1); // unaligned
    CHECK(value ==
          uint256{0x191a1b1c1d1e1f20, 0x1112131415161718, 0x090a0b0c0d0e0f10, 0x0102030405060708});
    uint8_t stored[33] = {};
    store_uint256(stored + 1, value);
    CHECK(std::memcmp(stored + 1, bytes + 1, 32) == 0);
    CHECK_EQ(stored[0], 0);
    CHECK(to_uint256(to_bytes32(value)) == value);

    const Address address = to_address(value);
    CHECK_EQ(to_hex(address.bytes, 20), "0d0e0f101112131415161718191a1b1c1d1e1f20");
    CHECK(to_uint256(address) == uint256{0x191a1b1c1d1e1f20, 0x1112131415161718, 0x0d0e0f10, 0});
}

} // namespace braid::test
