#include "crypto/kzg.hpp"

#include "tests/harness.hpp"

namespace {

using braid::test::from_hex;
using Bytes = std::vector<uint8_t>;

// The polynomial a + b x, committed to with the trusted setup's [1]_1 and [tau]_1 and opened at z,
// computed with @noble/curves 1.9: y = a + b z, proof = [b]_1.
constexpr const char* commitment =
    "a7604e65bae433880713979f4d667460102ba4be263ccacd16155066a5058321c7724663eb0f0519d5687eed"
    "3518d8f7";
constexpr const char* z = "56ec6128d318edfce2a0eb0e0e0d5fd9cab890ca915144e265d5474fc723606c";
constexpr const char* y = "1d18b78086f94f3071f71f5270f04ec36b90128fba0ee57f1509f1e5acfaebd7";
constexpr const char* proof =
    "90e7791fb972fe014159aa33a98622da3cdc98ff707965e536d8636b5fcc5ac7a91a8c46e59a00dca575af0f"
    "18fb13dc";

constexpr const char* group_order =
    "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

bool verify(const Bytes& c, const Bytes& point, const Bytes& value, const Bytes& w) {
    return braid::crypto::kzg_verify(
        {.commitment = c.data(), .z = point.data(), .y = value.data(), .proof = w.data()});
}

} // namespace

TEST("kzg: a linear polynomial's opening") {
    const Bytes c = from_hex(commitment);
    const Bytes w = from_hex(proof);
    CHECK(verify(c, from_hex(z), from_hex(y), w));
    CHECK(!verify(c, from_hex(y), from_hex(y), w));
    CHECK(!verify(c, from_hex(z), from_hex(z), w));
    CHECK(!verify(w, from_hex(z), from_hex(y), w));
    CHECK(!verify(c, from_hex(z), from_hex(y), c));
}

TEST("kzg: the zero polynomial") {
    Bytes infinity(48);
    infinity[0] = 0xc0;
    const Bytes zero(32);
    CHECK(verify(infinity, zero, zero, infinity));
    CHECK(verify(infinity, from_hex(z), zero, infinity));
    CHECK(!verify(infinity, from_hex(z), from_hex(z), infinity));
    CHECK(!verify(infinity, from_hex(z), zero, from_hex(proof)));
}

TEST("kzg: malformed input") {
    const Bytes c = from_hex(commitment);
    const Bytes w = from_hex(proof);
    const Bytes order = from_hex(group_order);
    Bytes infinity(48);
    infinity[0] = 0xc0;
    const Bytes zero(32);
    CHECK(!verify(infinity, order, zero, infinity));
    CHECK(!verify(infinity, zero, order, infinity));
    CHECK(!verify(infinity, Bytes(32, 0xff), zero, infinity));
    // Not compressed; not below the modulus; x without a point; infinity with other bits set.
    CHECK(!verify(Bytes(48), zero, zero, infinity));
    CHECK(!verify(Bytes(48, 0xff), zero, zero, infinity));
    for (size_t i : {1, 20, 47}) {
        Bytes broken = infinity;
        broken[i] = 1;
        CHECK(!verify(broken, zero, zero, infinity));
        CHECK(!verify(infinity, zero, zero, broken));
    }
    Bytes flipped = w;
    flipped[0] ^= 0x20;
    CHECK(!verify(c, from_hex(z), from_hex(y), flipped));
}

TEST("kzg: the versioned hash of a commitment") {
    // EIP-4844: the hash of the point at infinity's commitment.
    Bytes infinity(48);
    infinity[0] = 0xc0;
    CHECK_EQ(braid::test::to_hex(braid::crypto::kzg_versioned_hash(infinity.data()).bytes, 32),
             "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014");
}
