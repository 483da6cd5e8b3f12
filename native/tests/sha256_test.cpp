#include "crypto/sha256.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/sha256_compress.hpp"
#include "tests/harness.hpp"

namespace {

using braid::BytesView;

struct Vector {
    size_t size;
    const char* hash;
};

/// The messages of the vectors: byte i is i*i*7 + i*13 + size.
std::vector<uint8_t> message(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<uint8_t>(i * i * 7 + i * 13 + size);
    return bytes;
}

// Computed with @noble/hashes 1.8 (sha256).
constexpr Vector vectors[] = {
    {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"},
    {7, "b1515b43baa6d3da084459539bfbaeb00a9be541a8aa66432f2e79100b5c3c54"},
    {8, "317e5d37ec9e08c88481183d4fa30136ef6ee8364c70f379f79e908f193bb4ce"},
    {31, "bde231ab21b4c0011f98fbcdd62531fc18aa87b6c74e8b2370d6d65759227e48"},
    {32, "de6e8ac01b03fc95feb5111ca09fb71405a4883cc9ef085584691070209c4dce"},
    {33, "7038f6955525e9b08a961825f2c40f79b245eddb347248b9fa0fce0192b1dd76"},
    {40, "41aae207d5bfffdd5f53876f92de50d5c3a9aa34fbd6034f19212c5b1ae1e654"},
    {55, "2282cf889e4c3d258d8b5c71e3a019d890ec03f88af2e8f6576e70242dcd00b4"},
    {56, "991745fa701177c482da0eb57b15cbf882143ea83778530eb7b8691023ec2c94"},
    {63, "1524aa0d8d0ca3b5187ce201f12902e6337d3908767fa4e9342ec200a2ce73d6"},
    {64, "0e6a81d4bb304d7cbe8e4463e0ac69e0f3af220724f9eabda3b85a0e51f4d4cd"},
    {65, "1bf94082b5bdc830f0ae1e87ddb2fa0ba8f991344fe26ebacbe4fb4aaa8137b7"},
    {111, "a6197254ac556ef0dcd3b9a8edc1ecb0fe3b49a2719b1f40b00ee69153a37119"},
    {112, "cfea95fe2d23c7e36e62e5f2d97be2f1a065971ea97885540fd4d5a4b6144d78"},
    {119, "e210a8970d4a79e416b6818ff598e76a98ff3bd54c98a793f80750e6722bb8e9"},
    {120, "69204eefcfb9e93cbdd45ae49702c54eb28f122169b8efef44fdff30533d0e6f"},
    {127, "673571a6caddc22e60beb141d8c4165988f490d8753e2ce4dcd01e8dcd7f3c3e"},
    {128, "bab0307be73d5b1ae662167aa617d7cf75f50fc9aece38ae0bb79f6558f21c40"},
    {134, "d23a29cc51150bd3ebc00944442edab1f54ad4a78832c21e799b1ca911532894"},
    {135, "7514e40556ff5e5e70b4c1342158be7029b69323facc1baa3e8d6762c7805640"},
    {136, "44dae221d83067d36c557c88ea135cdb8c7fb8e7c79d1bc82f0b08f008204d90"},
    {137, "7fe63b2d56f215de5783c8fde78db9cf71e7becbe9b20fc6defe22383fe7c6da"},
    {199, "7dcbbb7da497c5cadb1882cb9444b0f9b6e53eac0b1e55041383b7f48c65c10c"},
    {271, "90d4950f2d84036200dd4dbe37b2f917957bc15cc79ad736c177dc0257a8a61f"},
    {272, "5b654af8d9c3842988398bb3897a2b7ad87e641cd93d844a8472951ce71416b4"},
    {273, "539171413201bcbf6bfa1029224154fff4571861f77ab9a7c5e339d44a66eef7"},
    {544, "2409d2194326e6ec431d0534d1157dba15aae8b5ab281d458691bc58c4209f56"},
    {1000, "2c90a76019502dc9df748bd4ad3c848c5bc1a1e12c65df9081b4cbbcfaa38657"},
    {4096, "55d5a1d412847df4af11e3b5127651724de269c4177486999acaaf1e4127a739"},
};

} // namespace

TEST("sha256: known hashes") {
    for (const auto& [size, hash] : vectors)
        CHECK_EQ(braid::test::to_hex(braid::crypto::sha256(message(size)).bytes, 32), hash);
}

TEST("sha256: the examples of FIPS 180-4") {
    const std::string_view abc = "abc";
    const BytesView bytes{reinterpret_cast<const uint8_t*>(abc.data()), abc.size()};
    CHECK_EQ(braid::test::to_hex(braid::crypto::sha256(bytes).bytes, 32),
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST("sha256: the compression variants agree") {
    using namespace braid::crypto::sha256_detail;
    const auto bytes = message(20 * block_size);
    for (size_t count = 0; count <= 20; ++count) {
        uint32_t portable[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        compress_portable(portable, bytes.data(), count);
#if defined(__x86_64__)
        if (braid::test::has(braid::crypto::cpu_features().sha, "the SHA extensions")) {
            uint32_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8};
            compress_sha_extensions(state, bytes.data(), count);
            CHECK(std::memcmp(state, portable, sizeof(state)) == 0);
        }
#endif
        CHECK((portable[0] == 1) == (count == 0));
    }
}
