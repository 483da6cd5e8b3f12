#include "crypto/bls12_381.hpp"

#include "tests/harness.hpp"

#include <algorithm>

namespace {

using braid::test::from_hex;
using braid::test::to_hex;
using namespace braid::crypto;
using Bytes = std::vector<uint8_t>;

// Computed with @noble/curves 1.9: a = k1 * G, b = k2 * G with k2 = r - 5, in both groups.
constexpr const char* k1 = "00000000000000001234567890abcdef1234567890abcdef1234567890abcdef";
constexpr const char* k2 = "73eda753299d7d483339d80809a1d80553bda402fffe5bfefffffffefffffffc";
// k1 + r: scalars need not be reduced.
constexpr const char* k1_unreduced =
    "73eda753299d7d48456e2e809a4da5f465f1fa7b90aa29ee1234567790abcdf0";
constexpr const char* g1_a =
    "000000000000000000000000000000001138d489aae2c8970bfbde0ec856380bee782d21a3970103be785bf7"
    "283c830954da5eb1b9114183538908cac13828150000000000000000000000000000000015fcf3a00a35e0f6"
    "b6b13e61983069ca530fa0c662762a42070646b322c071150996cad2f6e837e7032722da8cf4c726";
constexpr const char* g1_b =
    "0000000000000000000000000000000010e7791fb972fe014159aa33a98622da3cdc98ff707965e536d8636b"
    "5fcc5ac7a91a8c46e59a00dca575af0f18fb13dc000000000000000000000000000000000346ce6b5cb9917c"
    "1a5aa2a40cd71817adc72ebe8b6688732a5e8288c40599d9626b4ba725ce344fbe0e4328f297e3c9";
constexpr const char* g1_sum =
    "00000000000000000000000000000000066d9921a7a7350bf661c33d11a5bf23c0f7c6e659641398f840510d"
    "1c38a257b672f2077efb1abb6dd383ab115c7a5b00000000000000000000000000000000066078dba894103a"
    "ae63ff5309636c602a75787302e2efe2c4f4b8628001183b5aa020e22c0b37f3251d71e40440c0e8";
// k2 * a + k1 * b
constexpr const char* g1_msm =
    "000000000000000000000000000000000cf8255135eca293c4d3b4563b872ab46a48eff9b6c31b49063b00be"
    "4f98af31effdc3df88b0191526c6d26b4434dd6000000000000000000000000000000000091cbe651485bdac"
    "eab1c07bfc8d456cd2f06c2e96c458764eb0019741930bd5a5a70fe8f10ab4c9c679dd517586048d";
constexpr const char* g2_a =
    "000000000000000000000000000000000424c44efb3532f5b075e61f43fae55ea23df5f7bcad61c9b991e605"
    "09a3808770d4332d1a1519668b1c9a42d0dc80390000000000000000000000000000000001d6ff62c0ecab6c"
    "144a940fb8f87469ebfc81bac7dfd534ccf5c9805138f17b4d25d21e0b3ace6e29eb339a44f4972300000000"
    "0000000000000000000000000eff3284f0f29ece99bd379b4ea1eabb3cde7ace08a1a425578ecdf0e49b211f"
    "d41ed8e92fe18aa3025d93f10844f54a00000000000000000000000000000000194f5e3194c5788864c44e22"
    "8977957e45313108ad248d9011b399dae06d4d0228098ddda8666e84b91555f8fa1cfb21";
constexpr const char* g2_b =
    "000000000000000000000000000000000411a5de6730ffece671a9f21d65028cc0f1102378de124562cb1ff4"
    "9db6f004fcd14d683024b0548eff3d1468df26880000000000000000000000000000000000fb837804dba821"
    "3329db46608b6c121d973363c1234a86dd183baff112709cf97096c5e9a1a770ee9d7dc641a894d600000000"
    "000000000000000000000000004b28f464d8b76ed59a8cf5bea3b4c33303eaca2e55a8145141fe8a41c15ceb"
    "3dee3b7854913b2ebc6a818396d9ad970000000000000000000000000000000010cbaa3616f4051b64ee9613"
    "ee5ddc95762bb648f3cc59f76e0b153a93fccc987283dd4a6a5e4a217e75c1e41a556125";
constexpr const char* g2_sum =
    "00000000000000000000000000000000163dcb93307d7406bafeb8c9c9c076f7a782c709a872c6af3c65733d"
    "41e038ccf3dbcaddb744b01a91544c4a1068e10a00000000000000000000000000000000021976bf38fbeabc"
    "c987dd4262c20ab3d2ea74d961e985b6cac5802f957d590458020701a4aa25961bbbbb9b52462acd00000000"
    "0000000000000000000000001687fe1f2b855bd896c024e04635b0bc0e7320bcb1a62843530509306817aeb7"
    "343c3ba1ca9332a3c7b10c9da3e26d16000000000000000000000000000000001718dae991a5a8a5cc23fdab"
    "debdb3a8812a5a762587fb708d4fdce1a21ab1d15155a83bcb865c15c5f6c97c4a8aed09";
constexpr const char* g2_msm =
    "000000000000000000000000000000000068f444318e9269397ab9f134f95c4833951767711f4fde8a3676e8"
    "f5a70204404fbf3023180de79c066b825aba5f9300000000000000000000000000000000012ecb64f6c6035d"
    "69ced483e2c5404fcc5f1ccd916019a9cf02657ed9a0dd4a5364400a9d6f8c708055020c0d2a8a2e00000000"
    "00000000000000000000000004bf67140e2b9b07e7aef5c90279b472b5fae9a637fa7c961fcc3d4d3c778eb6"
    "bc8ba812307b55c45ec38f2f77e0f34d000000000000000000000000000000000c87cf842aac49d2a549e1aa"
    "a25847986509e4df3bdb04433131603fc46eff23a6e7c31ce77d8261b70b14e2412794b2";
constexpr const char* fp_to_map =
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000012345678"
    "90abcdef1234567890abcdef1234567890abcdef";
constexpr const char* fp_mapped =
    "00000000000000000000000000000000136a2e9ca9c51d7ea9f2ca47f80b5b59ce601f7e3027c6e305d53efe"
    "e39c09e58e89104ff29140e563b51dc20f23cf5d0000000000000000000000000000000014003bb1979133b1"
    "6099442eb398a04ac9f8a9e8909f33fc08772855768f381b77a0697b9b1fc0032cf12888789614b3";
constexpr const char* fp2_to_map =
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000012345678"
    "90abcdef1234567890abcdef1234567890abcdef000000000000000000000000000000000000000000000000"
    "000000000000000073eda753299d7d483339d80809a1d80553bda402fffe5bfefffffffefffffffc";
constexpr const char* fp2_mapped =
    "0000000000000000000000000000000009f6f54d781a3e6b1702209b90da3b2aad97d6bc5641924a4d221118"
    "161dcf025463be5c3e58ff67c2c59a3ccb5bdbe5000000000000000000000000000000000ca7e0ad79b9275c"
    "086a66ca54f9ae8da1f1dd2742175ebadcf516416cf50a1ad4c5228762986355aca993e4e0978d4500000000"
    "00000000000000000000000006056b5e8ae1dc8adc355964e1c0fc0f116829e9f92e30ac3ba5bacde5cfe057"
    "88b03445ad05d6033efaa8ce5150a82b0000000000000000000000000000000000807cd3128df1c17eb8e875"
    "637f66c838d9b4856e318d73e26cb43eb9283210ceadb0049238ca0c9243df4a4b62707b";
// On the curve, outside of the subgroup.
constexpr const char* g1_outside =
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000004000000000000000000000000000000000a989badd40d6212"
    "b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c";
constexpr const char* g2_outside =
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000001000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000100000000"
    "00000000000000000000000002066bca274eb64b2410222895b74acec54cf001baf6c7aeeff616820743dce8"
    "7eddb1700e7a2d717dc4cea5582195e1000000000000000000000000000000001934ffa59d993a4bcbe52944"
    "0126a8af9f7bff4bc127e15ab9f75688bf07e7157d06cb8933608b225495cba14be0d33d";

constexpr const char* modulus = "000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7"
                                "64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes scalar(uint64_t value) {
    Bytes bytes(32);
    braid::store_be64(bytes.data() + 24, value);
    return bytes;
}

/// The operations of one group, by the same names.
struct G1Operations {
    static constexpr size_t size = bls12_g1_size;
    static constexpr auto add = bls12_g1_add;
    static constexpr auto msm = bls12_g1_msm;
    static constexpr const char* a = g1_a;
    static constexpr const char* b = g1_b;
    static constexpr const char* sum = g1_sum;
    static constexpr const char* product_sum = g1_msm;
    static constexpr const char* outside = g1_outside;
};

struct G2Operations {
    static constexpr size_t size = bls12_g2_size;
    static constexpr auto add = bls12_g2_add;
    static constexpr auto msm = bls12_g2_msm;
    static constexpr const char* a = g2_a;
    static constexpr const char* b = g2_b;
    static constexpr const char* sum = g2_sum;
    static constexpr const char* product_sum = g2_msm;
    static constexpr const char* outside = g2_outside;
};

template <typename Group>
std::string add(const Bytes& a, const Bytes& b) {
    Bytes out(Group::size);
    return Group::add(join({a, b}).data(), out.data()) ? to_hex(out) : "invalid";
}

template <typename Group>
std::string msm(const Bytes& pairs) {
    Bytes out(Group::size);
    const size_t count = pairs.size() / (Group::size + 32);
    return Group::msm(pairs.data(), count, out.data()) ? to_hex(out) : "invalid";
}

/// The other point with the same x: y is replaced by p - y.
Bytes negate(Bytes point) {
    const Bytes p = from_hex(modulus);
    for (size_t at = point.size() / 2; at < point.size(); at += 64) {
        int borrow = 0;
        for (size_t i = 64; i-- > 0;) {
            const int difference = p[i] - point[at + i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            point[at + i] = static_cast<uint8_t>(difference);
        }
    }
    return point;
}

template <typename Group>
void check_group() {
    const Bytes a = from_hex(Group::a);
    const Bytes b = from_hex(Group::b);
    const Bytes outside = from_hex(Group::outside);
    const Bytes infinity(Group::size);
    const Bytes one = scalar(1);

    CHECK_EQ(add<Group>(a, b), Group::sum);
    CHECK_EQ(add<Group>(b, a), Group::sum);
    CHECK_EQ(add<Group>(a, infinity), Group::a);
    CHECK_EQ(add<Group>(infinity, b), Group::b);
    CHECK_EQ(add<Group>(infinity, infinity), to_hex(infinity));
    CHECK_EQ(add<Group>(a, negate(a)), to_hex(infinity));
    CHECK_EQ(add<Group>(a, a), msm<Group>(join({a, scalar(2)})));
    CHECK(add<Group>(outside, infinity) != "invalid");
    CHECK(add<Group>(outside, outside) != "invalid");

    CHECK_EQ(msm<Group>(join({a, from_hex(k2), b, from_hex(k1)})), Group::product_sum);
    CHECK_EQ(msm<Group>(join({a, from_hex(k2), b, from_hex(k1_unreduced)})), Group::product_sum);
    CHECK_EQ(msm<Group>(join({a, one})), Group::a);
    CHECK_EQ(msm<Group>(join({a, scalar(0)})), to_hex(infinity));
    CHECK_EQ(msm<Group>(join({infinity, from_hex(k1)})), to_hex(infinity));
    CHECK_EQ(msm<Group>(join({a, one, negate(a), one})), to_hex(infinity));
    CHECK_EQ(msm<Group>(join({a, one, infinity, one, b, one, a, scalar(0)})), Group::sum);

    CHECK_EQ(msm<Group>(join({outside, one})), "invalid");
    CHECK_EQ(msm<Group>(join({outside, scalar(0)})), "invalid");
    CHECK_EQ(msm<Group>(join({a, one, outside, one})), "invalid");

    for (size_t coordinate = 0; coordinate < Group::size; coordinate += 64) {
        // Not on the curve.
        Bytes off = a;
        off[coordinate + 63] ^= 1;
        CHECK_EQ(add<Group>(off, b), "invalid");
        CHECK_EQ(add<Group>(b, off), "invalid");
        CHECK_EQ(msm<Group>(join({off, one})), "invalid");
        // Padding that is not zero.
        for (size_t i : {0, 7, 8, 15}) {
            Bytes padded = a;
            padded[coordinate + i] = 1;
            CHECK_EQ(add<Group>(padded, b), "invalid");
        }
        // x + p stands for x, but is not its encoding; neither is p for 0 in the infinity.
        Bytes large = infinity;
        const Bytes p = from_hex(modulus);
        std::copy(p.begin(), p.end(), large.begin() + static_cast<ptrdiff_t>(coordinate));
        CHECK_EQ(add<Group>(large, b), "invalid");
    }
}

/// sum of i * (i + 1) G for i below the count, against one multiplication by the total.
template <typename Group>
void check_long_sums() {
    const Bytes a = from_hex(Group::a);
    std::vector<Bytes> multiples;
    for (uint64_t i = 1; i <= 12; ++i)
        multiples.push_back(from_hex(msm<Group>(join({a, scalar(i)}))));
    for (size_t count : {1, 2, 3, 7, 8, 31, 32, 33, 64, 127, 128, 129, 130, 300}) {
        Bytes pairs;
        uint64_t total = 0;
        for (uint64_t i = 0; i < count; ++i) {
            // Points and scalars repeat, zeros and the infinity are among them.
            const uint64_t factor = i % 11 == 5 ? 0 : i % 5 == 0 ? 3 : i + 1;
            const Bytes point = i % 13 == 7 ? Bytes(Group::size) : multiples[i % 12];
            total += factor * (i % 13 == 7 ? 0 : i % 12 + 1);
            pairs = join({pairs, point, scalar(factor)});
        }
        CHECK_EQ(msm<Group>(pairs), msm<Group>(join({a, scalar(total)})));
    }
}

std::optional<bool> pairing(const Bytes& pairs) {
    return bls12_pairing_check(pairs.data(), pairs.size() / bls12_pairing_pair_size);
}

} // namespace

TEST("bls12_381: G1 addition and multiplication") { check_group<G1Operations>(); }

TEST("bls12_381: G2 addition and multiplication") { check_group<G2Operations>(); }

TEST("bls12_381: sums of many products in G1") { check_long_sums<G1Operations>(); }

TEST("bls12_381: sums of many products in G2") { check_long_sums<G2Operations>(); }

TEST("bls12_381: pairing check") {
    const Bytes a1 = from_hex(g1_a);
    const Bytes b1 = from_hex(g1_b);
    const Bytes a2 = from_hex(g2_a);
    const Bytes b2 = from_hex(g2_b);
    const Bytes infinity1(bls12_g1_size);
    const Bytes infinity2(bls12_g2_size);

    // e(k1 G, k2 H) = e(k2 G, k1 H)
    CHECK(pairing(join({a1, b2, negate(b1), a2})) == true);
    CHECK(pairing(join({a1, b2, b1, negate(a2)})) == true);
    CHECK(pairing(join({a1, b2, b1, a2})) == false);
    CHECK(pairing(join({a1, a2})) == false);
    CHECK(pairing(join({infinity1, a2})) == true);
    CHECK(pairing(join({a1, infinity2})) == true);
    CHECK(pairing(join({infinity1, infinity2})) == true);
    CHECK(pairing(join({a1, infinity2, a1, b2, infinity1, b2, negate(b1), a2})) == true);

    // More pairs than one Miller loop takes.
    Bytes many;
    for (size_t i = 0; i < 17; ++i)
        many = join({many, a1, b2, negate(b1), a2});
    CHECK(pairing(many) == true);
    CHECK(pairing(join({many, a1, b2})) == false);

    CHECK(!pairing(join({from_hex(g1_outside), a2})).has_value());
    CHECK(!pairing(join({a1, from_hex(g2_outside)})).has_value());
    CHECK(!pairing(join({infinity1, from_hex(g2_outside)})).has_value());
    CHECK(!pairing(join({from_hex(g1_outside), infinity2})).has_value());
    Bytes off = a1;
    off[63] ^= 1;
    CHECK(!pairing(join({a1, b2, off, b2})).has_value());
}

TEST("bls12_381: mapping field elements to points") {
    Bytes point1(bls12_g1_size);
    CHECK(bls12_map_fp_to_g1(from_hex(fp_to_map).data(), point1.data()));
    CHECK_EQ(to_hex(point1), fp_mapped);
    CHECK(!bls12_map_fp_to_g1(from_hex(modulus).data(), point1.data()));

    Bytes point2(bls12_g2_size);
    CHECK(bls12_map_fp2_to_g2(from_hex(fp2_to_map).data(), point2.data()));
    CHECK_EQ(to_hex(point2), fp2_mapped);
    CHECK(!bls12_map_fp2_to_g2(join({from_hex(modulus), Bytes(64)}).data(), point2.data()));
    CHECK(!bls12_map_fp2_to_g2(join({Bytes(64), from_hex(modulus)}).data(), point2.data()));
}
