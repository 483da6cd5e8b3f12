#include "crypto/ripemd160.hpp"

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

// Computed with @noble/hashes 1.8 (ripemd160).
constexpr Vector vectors[] = {
    {0, "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
    {1, "f291ba5015df348c80853fa5bb0f7946f5c9e1b3"},
    {7, "74ca74d8ba4e3866abd53af8c2702c3c014e980b"},
    {8, "e82d5256d49ddb8671176c3bd15b66704fc60da8"},
    {31, "7af1af0446a08a0aa78aaac0fa949a8ca85a943b"},
    {32, "f7c689700d298e4c0a27c014c5d6b452d6c42a52"},
    {33, "301805945a0fa39b833245e4f99adb2f960c60f8"},
    {40, "38645a769d9af5b994985071570490303ad3493d"},
    {55, "3c929436412cc47db568e68aa2f6498574888cc5"},
    {56, "e5ac949fa87e3b90a1bf19b6390452cc24d0eac2"},
    {63, "bd266f2be929f426a1c8d852c893c6df407e645b"},
    {64, "1280745f5e8bc9bb40fa0cafb4272649297dfddf"},
    {65, "d02449bfe7ff0275fc5361547183db178da10ec7"},
    {111, "1115880641204df160756605e285ed12f111181f"},
    {112, "93d6878c4152d1e42e2861ed14114e3070b9a848"},
    {119, "4e1c197a67ac9ac94ecc1291f9c0a7337e619bfe"},
    {120, "64a9fe4299a938df69979e486db9a75209dac3e9"},
    {127, "ae7e61cf7f4366b9e3c177bb95028bbab45d918d"},
    {128, "f8d082c89cbb63b0f05b10e490b54ec76d5cffdf"},
    {134, "af741645f09aa96f4c07330c98e2a1c11699b361"},
    {135, "94bbadfe5693d4837802d0756be7b654d4a7cb06"},
    {136, "c290cc21f4903ad32f8d26eb3d6d2efb0f86f193"},
    {137, "795cdeef8f58bd97dc30dcca8ebadaffc507686f"},
    {199, "8a9c47a55602a554a904c2380ec324ba7ceba62b"},
    {271, "36fda394a950ff01e259c5e1636616e1e56f3b7c"},
    {272, "1c7fc10612664cbfc51e16d717af3a6184ea7ad9"},
    {273, "2d06602a4ef21bc062c39ef5b558f27db6389391"},
    {544, "8b5723d1d9160f4896a352a2137bfad283d92f4e"},
    {1000, "35c05138aeebea225ec1cdc00d3474892ce468cb"},
    {4096, "b4d842e696201f72245f8029c58b0f3f97500a04"},
};

std::string hash_of(BytesView data) {
    uint8_t hash[20];
    braid::crypto::ripemd160(data, hash);
    return braid::test::to_hex(hash, 20);
}

} // namespace

TEST("ripemd160: known hashes") {
    for (const auto& [size, hash] : vectors)
        CHECK_EQ(hash_of(message(size)), hash);
}

TEST("ripemd160: the examples of the paper") {
    const std::string_view abc = "abc";
    CHECK_EQ(hash_of({reinterpret_cast<const uint8_t*>(abc.data()), abc.size()}),
             "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    CHECK_EQ(hash_of({}), "9c1185a5c5e9fc54612808977ee8f548b2258d31");
}
