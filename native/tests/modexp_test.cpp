#include "crypto/modexp.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/modexp_ifma.hpp"
#include "crypto/modexp_power.hpp"
#include "crypto/modexp_rings.hpp"

#include "tests/harness.hpp"

#include <algorithm>

namespace {

using braid::BytesView;
using braid::test::from_hex;
namespace limbs = braid::crypto::limbs;

struct Vector {
    const char* base;
    const char* exponent;
    const char* modulus;
    const char* result;
};

// Computed with Python's pow(): odd, even and power-of-two moduli, sparse and dense operands.
constexpr Vector vectors[] = {
    {"ffffffffffff", "ffffffffffffffffffffffffffffffffffffffff800000000000000000000000", "f9",
     "84"},
    {"f00000000000", "fb710734986e86cb", "f8", "b8"},
    {"0f3e102b938b", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "02",
     "01"},
    {"f0", "999625a08a9ac91cd6bc729e845241d44e48dc57074b7ea6592bbc0000000000", "b8", "48"},
    {"ffffffff", "66809a", "ffffffffffffff", "7040449f4955cc"},
    {"ff", "faf8cda9601e5b45785116080d650372e90794dfed52a24135b00a5436a80bdf", "fffffffffffff8",
     "801996936e8d9f"},
    {"4fab6f3e164f1513563e9bed", "80", "04000000000000", "0172587d0b9201"},
    {"9c300000000000", "ffc000", "0f552c02cdf2af", "038388da064087"},
    {"d9f975b400000000", "f9903b", "3adc000000000001", "0b4461d97274f905"},
    {"a44f576a9a1de24e", "fffffe", "fffffffffffffff8", "e11193d803bcb268"},
    {"0000000000000200", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "0040000000000000", "0000000000000000"},
    {"4000000000000000", "22", "9f452c075f27ff08", "497d20af0997cd88"},
    {"a1bd4aeab02891dd3c", "3253b5", "f91d3baa8280000001", "62a157ec2efbb58e5c"},
    {"ffffffffffffffffffffffffffff",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "fffffffffffffffff8",
     "e1970a3488ab511fbf"},
    {"0000000000400000", "fa285a", "008000000000000000", "000000000000000000"},
    {"000000000004000000", "11b419", "b46dc1ad4e988c2200", "565d174d103049d400"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "5e4295f235971b24f363d2000000000000000000000000000000000000000000",
     "00000000000000000000000000000000000000000000000000000000000801",
     "000000000000000000000000000000000000000000000000000000000000c9"},
    {"c84a8d1dcc827d0ea0fdd80f53a80000000000000000000000000000000000", "2c",
     "ecc977a1c02b89ee3044b1971fb3c14a0a7e9376259b962b5adc1a4e700008",
     "ada2526c5e940ec451823ce0fd1b9e0d3a31553638ee40d9045ee63adcd648"},
    {"ab088da5ab0f04e17d4c51b974ffeb50c01dc33b30", "14",
     "00000040000000000000000000000000000000000000000000000000000000",
     "00000025f3af4456147ad215f725b3fe0ea88970d100000000000000000000"},
    {"2ae580e7151ef5dfad3ed62c00000000000000000000000000000000000000", "ffffffffffffffff",
     "752f7b94b953edb1b43d07bc2b75cdef2b1ae56370903f5484b3dbba6bc77c",
     "2a97096e5b3d14978e347f445c21917a7eb08ce0f29bca1ff590e16d428eac"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "84",
     "d7ae8e2fdaa3f988aa7540579400000000000000000000000000000000000001",
     "436fa49e9a1b786d1efb869a8883d0ab72c6e746d210c56fe90ad98e900b5481"},
    {"954638363a3c62694354", "d945bbf3e5498256d64be5f059ca6ef07f1876d322720c5422dc73ab35bb8498",
     "09d1a92a9e171859e78a9854ecec3fcf74781100000000000000000000000008",
     "04fd9cbc22a48ae99bac76f76c6a54d363496b2bb8adcf24ccb0512e074ed218"},
    {"9ff157b9fb66be9ed786e466d6d076d0b75de6f250bc3228ac11d8717e6e9dbe", "42779f5131e2d480",
     "0000000000000000000000000000000000000004000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {"065479e4309e7f98746fe5b967ba784822c91b83a417a0fe04e4a7fa9064dbd9", "3cc6d62d44339c10",
     "ffffffffffffffffffffffffc000000000000000000000000000000000000000",
     "5d68710e45b394b7d7f2d780bb143913f738253ab1d8f426a5fd487a1a81ab81"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "2d",
     "79d618e3d47a30c774f61cd27121ed847428aac2a0000000000000000000000001",
     "421d2c0ba4e0df83a347b5ab527dceff25f59e897b622fc6bcbd6a7d3d8ccd3eab"},
    {"ff0000000000000000000000000000000000000000000000000000000000000000", "c196c5",
     "000000000000000000000200000000000000000000000000000000000000000008",
     "000000000000000000000034f524a18585527ef9cc16d0dcb2e370a9f9643c83f8"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "a023ec",
     "000000000000000080000000000000000000000000000000000000000000000000",
     "000000000000000000000000000000000000000000000000000000000000000001"},
    {"000000000000000000000008000000000000000000000000",
     "430ac63152056395eea93b6fca71067bfa0c31f68975fcdb4f52d3fefa342b15",
     "afe8bf8be96ede46eedc68632e8caadf989a39fa8ffdbd1d9d8000000000000000",
     "8d6c8d92f3a3960c7532c09cab46ccddf69dd6b0087bd72a8d8000000000000000"},
    {"4620cc0fb9bc2f60139e479e406fc44cbc0e8bcd9fd6ea8824f992b7848cee755b8955e6b4d7c3f9bd19c12cb000"
     "00",
     "ffffffffffffffff",
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff800"
     "01",
     "b95a28caf883c74661bb07bf5aff308ac6d5a84dcd057bfd2e5edd3e763398330eb2a93d9b2acbf5cc12dd2fad45"
     "08"},
    {"fc000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "00",
     "fffffffe00000000000000000000000000000000000000000000000000000000",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "f8",
     "5d038faa47318ef471be56c8a27374d3584308c513e04e590fd40a5193ba6b18452f1733aa658f98967fd788ef88"
     "88"},
    {"8633ab8b723f2cf7ebb52024226d81d9cc24c34df0d47a354f305b9c03e73be688cf0bdebce607d862ff16f46cc2"
     "ff",
     "008000",
     "00000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000"
     "00",
     "000000000000000000000000000000000000000000000000000000ac58118d4daf394c9865d7e6387eda275e8000"
     "01"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffff",
     "bc19a32acf3ab5ebe1e1066f6442d01febfe0abab46273db568000000000000000",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ff",
     "60e11f0f2f597359207360d5bffee84f3c864a74c59721e429123cb4b3196b2cfa76b87c3e4ecef660e22b0e658b"
     "9d"},
    {"fffffffffffffffffffffffffffffffffffffffffff8000000000000000000000000000000000000000000000000"
     "0000",
     "cce6a1",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffff",
     "5d0b95a0ecfa9a81753a65f433fea83ce5fd48805f49c4a669ec67d6d54e52297e4cd8371be286976561712272e7"
     "9bf8"},
    {"58efef26b677a87204248c558853bea85d9bd140e0f0f64da0", "ffffff",
     "e7f8317fae193c7b9a2b365bbe2565ef434b54bb9a8425adbc15fa555bd549148203cab000000000000000000000"
     "0008",
     "10d5ed86584c5dbb7e7693afe59f06a4d57a28fcfd68125cf789d0d1786a7a6f39ed97cb91aaa6f0c9bf747b538e"
     "e048"},
    {"878354acd33efae969d4b6cca20cb89460303f4505f3b66c6fd08d91e0f48d2f87c52404b38cd305329e5b83b7ba"
     "f0a6",
     "89",
     "00000000000000000000000000000040000000000000000000000000000000000000000000000000000000000000"
     "0000",
     "00000000000000000000000000000003d472ee0ddeddfab64695eb12497766000000000000000000000000000000"
     "0000"},
    {"9a66905a50dd1af02e5edcf4e715dfe558fc0a18cf7d77e7a0bd016bbda334aeea31df803b8f801c22ef6a80db54"
     "e659",
     "77371cfe7da0df6138e8c75b8d27b0e9d334000000000000000000000000000000",
     "00000000000000000000000000200000000000000000000000000000000000000000000000000000000000000000"
     "0000",
     "000000000000000000000000001fd74b925b6c48282e1b4b4f49ea7ec2cd6cb76000000000000000000000000000"
     "0001"},
    {"7b692cda120fb44ecd872ab43062c81ed53c269baf88e590ffa3601380b68be557ef69aac21668aaa2792e758174"
     "4e12b467fb8a1d8b86945c7fb02df7e7a342",
     "ffffffffffffffff",
     "0be59afbfee6fc3c7636f5423fcd1bd3b7c200000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000001",
     "020103a4ecb99af0dd3a5d9a75aeae692a038ac43a9cc593ef45a0a49ccfa35f56a790c5147727c8ed1a68a29c4e"
     "8815231e373ac961c6852db11c0b9c43bd98"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffff",
     "ffffff",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "fffffffffffffffffffffffffffffffffff8",
     "5e529f4f848c8e69b40114eefd5fa32c94bfbc75d7208b3be20b4d01a122c8140d85c1d50590f948a19aa861418e"
     "c768f897b3c5b0bedcc8ac947aca118ac167"},
    {"6410ff8753aaf3b718c23ef0c3c4b8a013ddf702", "60",
     "00000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000",
     "000000e0fb698c82303cb22beebfdaf462c586a60c23d81d4bf464f5e1cd08d62a30a8199e8239dc1740ac60a07d"
     "a5adce525001000000000000000000000000"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffff8000",
     "9e4eb70adb8c9f0000000000000000000000000000000000000000000000000000",
     "d7fe5d82cf83c178bd8a0c637a8a0464b8194fe8e86c4376d0df96d05ccf50a66689eaafb043393a14edea1566ed"
     "6a93449c79a6000000000000000000000000",
     "3c1fb9da23a853a124fb1131831c29fa5be6a0c17cf0a45d607888c788313ac6d982b87d05928880ea7f783e1f98"
     "8de83dabcf74000000000000000000000000"},
    {"5eafacd4b1de553289f3a393e13d4b1154750733e583fa5d221a61a167d7cdf6ef0d3b89d08c5c0a28f82e74c72a"
     "386fbe33c26cbe9349241dc42276e94ae4a7478e5850421d9b0a",
     "57cc1e0437120fac4a2f5031f8b8fe90a634f2bae567def0052e7a07f2c3e60e90",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000001",
     "99849bf99f6d7a9fd5a0c91f4a60db60ad6623f9d18a50c4b45fc931778bfa2e504dfec9e62e65e68d2d20cc4b7f"
     "319ca27194d4376d70c738506e9b6c788647719246d9a289f519"},
    {"6f13f7f9615ce2f4ccd470544cc00000000000000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000000000",
     "b3",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "fffffffffffffffffffffffffffffffffffffffffffffffffff8",
     "7278db7d5e66167289c2e407ac22c0d30e550637f9644ada4b2ad6950ab9c7b6bf61237682edfda2693a298d982f"
     "6dc29f96b2cb9425bfbfffae11cc5480f362216107bf7cf04758"},
    {"6a820074248a5d63c38cd094b85741cca6e7d83cb64693bb1f403a290b4230d4e81933f5a302c27e4b602c595ba5"
     "e3f4d03208c155c2e4e6be0ceabec78138093c66cc59ee7192d0d741b2bb99",
     "13a5081794cf3d3dcd71c08716a354cb3a1981fcb5febf3621d8acacfd91670a0b",
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000008000000000000000000000000000",
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000004c77266ffd258efb63ce04e0a149"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffc00000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000",
     "ff80000000000000000000000000000000000000000000000000000000000000",
     "660888b586d9a0d348d0ca3e6bb33fb57e99b910f1fd70376df8d8160efcd38b98b84db39c75bdf38abd7a2f7eda"
     "7522db0d58692b4b9f2cf85680d178c55d1f62ca815b28f1469a",
     "0e96a52a5467b5178e10a2daeb4df660b60f5f00aeb2944fab85e48823e5f1e91e93232f11c1acc02b2fc68d3448"
     "5f3582bc30c868f9413f727d5eafcda464bd09ae7a836efeb716"},
    {"5b507fdc0d5385d2dc72f57f3422dc671e32f28974a8039f6acadd579fceb71a0ce6ff6c1d76c09bb4d7072c9a87"
     "0e443ec460c4d112fdfdf5bf77aafa93ffce24f5133977e5cf1ee8d33780b905579fcf67329feff0fd26193585f8"
     "85fae26b0ba18f333e63aac2c16864fdf9218af2403c7afd7a448c01b8188fd96df4be4f",
     "00000000000000000000000000010001",
     "cc2ef6d412d12d3051b9b419f1c7f4ccb91adc4dfd1ffe8794ed581c0cd72b2b65d45380bf94b9a150ad479ee5c5"
     "51f80d83bd8563d420baaf3031e2c130620a68a77ed028161d1ba20bcd9c0af33cc295f782c53eb9d0abc5c1c59f"
     "0396522606e062024bc94f65bf6c7424b77336dfa9e1374e4895526bedf218f08f866187",
     "96683bf98e4de98d0f316651c09f585d5c6062c39405e772f8c4462c3a1f5384e923280ff82a78a730e38741577f"
     "269ec0d2eda1d8ed4d7bca351f9a3217f0dc7b6fcf636a9191a4c682bbe15e396c5c9736db67dcbd349698216c7e"
     "f0a6c37aee31c2fa42eb0517fa08a267e9a50ecb842a020d11d0cb68b321ded28c9a13f5"},
    {"8aa9746638f9c6381a3b72a809bd54919f93cf9c06e32b276cd9727e426fd48d455c49ac026d01480f8fba2fa0df"
     "72530a1d3045aee4438ee0f77d81322b9969ea6cc216a726f5a3facefc74808cd7793fbbe91bf3af6fdb3097bea7"
     "3d4bae13c0db84e14754feb6a212e20c30a5746d977804a0b2f4432f909ca87eb99e8c2c",
     "00000000000000000000000000400000",
     "cfb1bd0ac7bb887e04c32be6e0ec5c728d4205d3068a36b666ff6ae97f76b950d7616a3bc6081431ae9a999de7a2"
     "f749f265f6abec276aafaebfe0000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000",
     "4c1b984cbd7fdde13671f470082fed10997fcd595a3f7c528db73acc06a5bf89082d2ff6240ff6589b4ef7f3f115"
     "f62c4500098951ebb30865a540000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000"},
    {"00000000000000000000000000000000000000000000000000000000000000000000100000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000000000000000",
     "40000000000000000000000000000000",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000000000010000"},
    {"a75f6d7aa3452f11ee8cebbb3073d37f05b6bf00b8aec24cd92a8c71eebf4a777bc4534ccc9f98be768bfd3af032"
     "d61aa2f7a7561c512749959b5e7381ce26934caccf5418e963df45ca421105debf506a796ca2e0f971c02d3e3691"
     "f577c4d91f76c4ccddd1d68678559facee45d27158eecf269e1f7282e11f1eaa75e2cd606cdb",
     "adbe00bad837646b25e18d61a2500000",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffff000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000000000000000",
     "b563b7b98206f1df9af30f9fb3b0dbff1cc72d9c125b6d55840ba7cda0be275b4ad9e03c24f1e112ffcb2e725a44"
     "48924ed02fd8aa01e7392e3df75b02a2eac6b7f5ff09aaece2073d86e3fc91f6a0ad0f30f34c36f7b6f56ba3d1cb"
     "ac42d9ba89d6efcc04809cfde65918f2a8cb30c65a9b7540e903f3b4e5ebad81dee550c00001"},
};

std::vector<uint8_t> modexp(BytesView base, BytesView exponent, BytesView modulus) {
    std::vector<uint8_t> result(modulus.size() + 1, 0xee);
    CHECK(braid::crypto::modexp(base, exponent, modulus, result.data()));
    CHECK(result.back() == 0xee);
    result.pop_back();
    return result;
}

std::vector<uint8_t> number(size_t size, uint64_t seed) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<uint8_t>(braid::mix64(seed * 1000003 + i));
    return bytes;
}

/// base^exponent mod an odd modulus, and the base, by a ring in limbs; `montgomery` stands for the
/// base in Montgomery form.
template <size_t fixed_size>
void power_in_limbs(const std::vector<uint8_t>& montgomery, const std::vector<uint8_t>& exponent,
                    const std::vector<uint8_t>& modulus, std::vector<uint8_t>& base,
                    std::vector<uint8_t>& power) {
    using namespace braid::crypto::modexp_detail;
    const size_t size = modulus.size() / 8;
    const Exponent bits{exponent};
    std::vector<uint64_t> odd(size);
    std::vector<uint64_t> scratch(2 * size);
    std::vector<uint64_t> table(size * table_entries(bits.bit_length()));
    std::vector<uint64_t> result(size);
    limbs::load_big_endian(odd.data(), size, modulus);
    const MontgomeryRing<fixed_size> ring{odd.data(), size, scratch.data()};
    limbs::load_big_endian(table.data(), size, montgomery);
    ring.leave(result.data(), table.data());
    base.resize(modulus.size());
    limbs::store_big_endian(base.data(), base.size(), result.data(), size);
    braid::crypto::modexp_detail::power(ring, bits, table.data(), result.data());
    ring.leave(result.data(), result.data());
    power.resize(modulus.size());
    limbs::store_big_endian(power.data(), power.size(), result.data(), size);
}

} // namespace

TEST("modexp: limbs and vectors agree where a processor may use either") {
    using namespace braid::crypto::modexp_detail;
    (void)braid::test::has(braid::crypto::cpu_features().avx512_ifma, "AVX-512 IFMA");
    const auto exponent = number(40, 3);
    for (size_t size = ifma_min_limbs; size <= ifma_max_limbs; size += size < 34 ? 1 : 47) {
        auto modulus = number(8 * size, size);
        modulus.front() |= 0x80;
        modulus.back() |= 1;
        auto montgomery = number(8 * size, size + 500);
        montgomery.front() &= 0x7f;
        std::vector<uint8_t> base;
        std::vector<uint8_t> power;
        power_in_limbs<0>(montgomery, exponent, modulus, base, power);
        CHECK(modexp(base, exponent, modulus) == power);
        if (size != 8)
            continue;
        std::vector<uint8_t> unrolled;
        power_in_limbs<8>(montgomery, exponent, modulus, base, unrolled);
        CHECK(unrolled == power);
    }
}

TEST("modexp: known results") {
    for (const auto& [base, exponent, modulus, result] : vectors)
        CHECK_EQ(braid::test::to_hex(modexp(from_hex(base), from_hex(exponent), from_hex(modulus))),
                 result);
}

TEST("modexp: the degenerate operands") {
    const auto one = from_hex("01");
    const auto empty = from_hex("");
    CHECK(modexp(one, one, empty).empty());
    CHECK_EQ(braid::test::to_hex(modexp(one, one, from_hex("000000"))), "000000");
    CHECK_EQ(braid::test::to_hex(modexp(one, one, from_hex("000001"))), "000000");
    CHECK_EQ(braid::test::to_hex(modexp(empty, empty, from_hex("0001"))), "0000");
    CHECK_EQ(braid::test::to_hex(modexp(empty, empty, from_hex("0002"))), "0001");
    CHECK_EQ(braid::test::to_hex(modexp(from_hex("0000"), from_hex("00"), from_hex("05"))), "01");
    CHECK_EQ(braid::test::to_hex(modexp(from_hex("0000"), from_hex("01"), from_hex("05"))), "00");
    CHECK_EQ(braid::test::to_hex(modexp(from_hex("ff"), empty, from_hex("05"))), "01");
}

TEST("modexp: Fermat's little theorem for 2^255 - 19 and 2^521 - 1") {
    std::vector<uint8_t> p25519(32, 0xff);
    p25519[0] = 0x7f;
    p25519[31] = 0xed;
    std::vector<uint8_t> p521(66, 0xff);
    p521[0] = 0x01;
    for (auto prime : {p25519, p521}) {
        const auto base = number(prime.size() + 9, 5);
        auto exponent = prime;
        exponent.back() -= 1;
        const auto result = modexp(base, exponent, prime);
        CHECK(result.back() == 1);
        CHECK(std::all_of(result.begin(), result.end() - 1, [](uint8_t b) { return b == 0; }));
    }
}

TEST("modexp: exponents add up, for every size of modulus and both parities") {
    // a^(e + f) = a^e * a^f: with f = 1 in the last byte, and a^e * a computed by (a^e)^1 * a^1
    // through the exponents e and e + e = 2e: (a^e)^2 = a^(2e).
    for (size_t size = 1; size <= 1024; size += size < 150 ? 1 : 97) {
        for (uint8_t parity = 0; parity < 2; ++parity) {
            auto modulus = number(size, size);
            modulus.back() = static_cast<uint8_t>((modulus.back() & 0xf8) | (parity != 0 ? 1 : 4));
            modulus[0] |= 0x40;
            const auto base = number(size, size + 7);
            const auto exponent = from_hex("0123456789");
            const auto doubled = from_hex("02468acf12");
            const auto power = modexp(base, exponent, modulus);
            CHECK(modexp(power, from_hex("02"), modulus) == modexp(base, doubled, modulus));
        }
    }
}
