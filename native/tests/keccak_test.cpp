#include "crypto/keccak.hpp"

#include "crypto/cpu_features.hpp"
#include "crypto/keccak_variants.hpp"
#include "tests/harness.hpp"

namespace {

using braid::BytesView;
using braid::is_zero;
using braid::operator==;

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

// Computed with @noble/hashes 1.8 (keccak_256).
constexpr Vector vectors[] = {
    {0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
    {1, "5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2"},
    {7, "8c79ab39b5375e8e3428299ada8fa9a7349811f4efe41d6c7d040a0f062ddef5"},
    {8, "2444e55eab4bb3dda798b0182701c50df56c03197b29711f1b59a703043251ad"},
    {31, "a234f5495137d696fa4459d2a17c8168539e1b15e8a745da38ccd9c935ed4a68"},
    {32, "144895e8015fde1db84f96c206a363ede2d4a371b164808147a84755c1e4ceb6"},
    {33, "d93e018a17ebfc00b9872144e025857826d474c94eb5b1105f623867d2e112e7"},
    {40, "14e393f05268820e3633fbb43a8c14e957d8dac69f8330b0feaf92f97846be22"},
    {55, "89cb560ec10cbb7a6d4697f3506bc05504fb05957a3f24bc2e2e1ed3fac005c0"},
    {56, "4bac378f5fb214db0f05b3751bb618b78dfe8969634ac12670aa71734a7cfa63"},
    {63, "5e4aa2b494f53abd34e737ad1091734619402d78f18aeab9eb67456647fd00a5"},
    {64, "0cb7cce3a1e163039b74f8112ac7f19a3e36a7fa704bbb8318e8eea42b745e82"},
    {65, "b93a6683e073d593acbe3126279d29e63c41f4925dcc07ce81fb44693d93bfd0"},
    {111, "9e01ea4919febfa7c9786502b73fe16dc18348743c6aec0d9a63cab1696a24f9"},
    {112, "83a6ea2cdb167d9c73b0ec950d0f3a80ae9208ffffd51fed2f0d81b6e04c66e4"},
    {119, "dd262a2be667cd940d83bfe0142cb05be6dffe8970716eaa2df84d4e9ad3ec4e"},
    {120, "f7ec65d972bfe01c8e2d1d08c91dacab3ecb61725e2a42ab10f69b85bd0567d4"},
    {127, "1ae835cb3dc05a5a211f7a5bd959f9003ae8810d5647776fd6bcd17a2bc1bcc4"},
    {128, "ff2fba1958d78847aaf84647a54ae7964fc23fd5acf977959d143a6968d0818f"},
    {134, "77b5221c4bbdebdf37f6dbd6aa9b9068bf71ecdad727dd6c5fad9e36d8f7d77f"},
    {135, "9ca8a1014757cfc31a166cb7857362c3303a8c39aa849182061e0e912259b06d"},
    {136, "b397e9b7b8f6098580130fcb2b8e16da7f7e9ea1d89273667547780dd7c91925"},
    {137, "b00137af5bc2deb14594b0ae4f936bf5a3d266d127463ea01311cd45f1b5ccf2"},
    {199, "f2c0772566a011aa0f1e7e1f2761ef75aaf679276e578cd34c43c1080b2b089d"},
    {271, "28a3458f623048ca85d741207ab141d854bcc9dd5758b9977f5b63dbdb00f353"},
    {272, "80de95f3c21462d59f5aba1c856847519dd82ee348c35f03f385501da0d79fc5"},
    {273, "8cd1b2d4e6ac931bb653aeb294a1beebdf1639116f1da9fc3be352a43603be83"},
    {544, "f60d85a9fb073bcf058564389eb1ccd7f8263664e4f7832f252be665fbf91642"},
    {1000, "27204d1dfccb0db74fccc011387f0677d5ff879984c3482e0c7f31e142a09b52"},
    {4096, "459778ce7074cab19a00e7eb2828b6eb8847f30b2ac22e04d7734632aec4a009"},
};

braid::Bytes32 scalar(BytesView data) {
    uint64_t state[braid::crypto::keccak::lane_count] = {};
    return braid::crypto::keccak::finish_scalar(state, data.data(), data.size());
}

using HashMany = void (*)(std::span<const BytesView>, std::span<braid::Bytes32>) noexcept;

/// Batches of every size up to 40 with messages of mixed lengths, against the scalar code.
void check_batches(HashMany hash_many) {
    uint32_t random = 1;
    for (size_t count = 0; count <= 40; ++count) {
        std::vector<std::vector<uint8_t>> messages;
        std::vector<BytesView> views;
        for (size_t i = 0; i < count; ++i) {
            random = random * 1664525 + 1013904223;
            messages.push_back(message((random >> 8) % (i % 7 == 3 ? 3000 : 300)));
        }
        for (const auto& bytes : messages)
            views.emplace_back(bytes);
        std::vector<braid::Bytes32> hashes(count + 1);
        hash_many(views, hashes);
        for (size_t i = 0; i < count; ++i)
            CHECK(hashes[i] == scalar(views[i]));
        CHECK(is_zero(hashes[count]));
    }
}

} // namespace

TEST("keccak256: known hashes") {
    for (const auto& [size, hash] : vectors)
        CHECK_EQ(braid::test::to_hex(braid::crypto::keccak256(message(size)).bytes, 32), hash);
}

TEST("keccak256: every length up to four blocks hashes alike in every variant") {
    for (size_t size = 0; size <= 4 * 136; ++size) {
        const auto bytes = message(size);
        const auto expected = scalar(bytes);
        CHECK(braid::crypto::keccak256(bytes) == expected);
#if defined(__x86_64__)
        if (braid::test::has(braid::crypto::cpu_features().avx512, "AVX-512"))
            CHECK(braid::crypto::keccak::hash_avx512(bytes) == expected);
#endif
    }
}

TEST("keccak256_batch: mixed lengths, any count") {
    check_batches(braid::crypto::keccak256_batch);
#if defined(__x86_64__)
    if (braid::test::has(braid::crypto::cpu_features().avx2, "AVX2"))
        check_batches(braid::crypto::keccak::hash_many_avx2);
    if (braid::test::has(braid::crypto::cpu_features().avx512, "AVX-512"))
        check_batches(braid::crypto::keccak::hash_many_avx512);
#endif
}
