#include "precompiles/precompiles.hpp"

#include "tests/harness.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace {

using braid::Address;
using braid::BytesView;
using braid::test::from_hex;
using braid::test::to_hex;
using braid::operator==;
using Bytes = std::vector<uint8_t>;

constexpr int64_t plenty = 1'000'000'000;

Address address_of(uint16_t number) {
    Address address{};
    address.bytes[18] = static_cast<uint8_t>(number >> 8);
    address.bytes[19] = static_cast<uint8_t>(number);
    return address;
}

/// The outcome of a call in short: "gas used: output" or the status.
std::string call(evmc_revision revision, uint16_t number, BytesView input, int64_t gas = plenty) {
    const auto index = braid::precompiles::find(revision, address_of(number));
    if (!index)
        return "absent";
    Bytes output;
    const auto result = braid::precompiles::execute(revision, *index, input, gas, output);
    if (result.status != EVMC_SUCCESS) {
        CHECK(result.gas_left == 0);
        CHECK(result.output_size == 0);
        return result.status == EVMC_OUT_OF_GAS           ? "out of gas"
               : result.status == EVMC_PRECOMPILE_FAILURE ? "failure"
                                                          : "other";
    }
    CHECK(result.output_size <= output.size());
    return std::to_string(gas - result.gas_left) + ": " + to_hex(output.data(), result.output_size);
}

std::string call(evmc_revision revision, uint16_t number, const std::string& hex,
                 int64_t gas = plenty) {
    return call(revision, number, BytesView{from_hex(hex)}, gas);
}

/// The gas of a call that succeeds, found as the least that suffices.
int64_t least_gas(evmc_revision revision, uint16_t number, const Bytes& input) {
    const std::string outcome = call(revision, number, BytesView{input});
    const int64_t used = std::atoll(outcome.c_str());
    CHECK_EQ(call(revision, number, BytesView{input}, used), outcome);
    if (used > 0)
        CHECK_EQ(call(revision, number, BytesView{input}, used - 1), "out of gas");
    return used;
}

std::string word(uint64_t value) {
    Bytes bytes(32);
    braid::store_be64(bytes.data() + 24, value);
    return to_hex(bytes);
}

std::string modexp_input(uint64_t base, uint64_t exponent, uint64_t modulus,
                         const std::string& operands = "") {
    return word(base) + word(exponent) + word(modulus) + operands;
}

const std::string zero_word(64, '0');
const std::string huge_word(64, 'f');

} // namespace

TEST("precompiles: each revision has its addresses and no others") {
    const struct {
        evmc_revision first;
        size_t count;
    } steps[] = {{EVMC_FRONTIER, 4}, {EVMC_BYZANTIUM, 8}, {EVMC_ISTANBUL, 9},
                 {EVMC_CANCUN, 10},  {EVMC_PRAGUE, 17},   {EVMC_OSAKA, 18}};
    for (int i = 0; i <= EVMC_MAX_REVISION; ++i) {
        const auto revision = static_cast<evmc_revision>(i);
        size_t expected = 0;
        for (const auto& step : steps)
            expected = revision >= step.first ? step.count : expected;
        const auto active = braid::precompiles::active(revision);
        CHECK_EQ(active.size(), expected);
        for (uint32_t index = 0; index < active.size(); ++index)
            CHECK(braid::precompiles::find(revision, active[index]) == index);
        size_t found = 0;
        for (uint32_t number = 0; number <= 0xffff; ++number)
            found += braid::precompiles::find(revision, address_of(static_cast<uint16_t>(number)))
                         .has_value();
        CHECK_EQ(found, expected);
        for (size_t byte = 0; byte < 18; ++byte) {
            for (uint16_t number : {0x01, 0x11, 0x100}) {
                Address far = address_of(number);
                far.bytes[byte] = 1;
                CHECK(!braid::precompiles::find(revision, far).has_value());
            }
        }
    }
    CHECK(braid::precompiles::active(EVMC_OSAKA)[17] == address_of(0x100));
}

TEST("precompiles: ecrecover") {
    // Signed with @noble/curves 1.9: hash, v, r, s.
    const std::string hash = "f1885eda54b7a053318cd41e2093220dab15d65381b1157a3633a83bfd5c9239";
    const std::string r = "44efefcf569dc532a427e1dcc5ab5ff3f26dcf5ce4cd2467aa6ab87dfe9d851d";
    const std::string s = "4f1e03dd9384f0406b6765b6e4642c8495fea9403aabbe1f64d6324f1b0f5417";
    const std::string signer = "0000000000000000000000004a62316623ad457f02cdc5d997ded67a383ec569";
    const std::string none = "3000: ";
    const auto ecrecover = [](const std::string& input) { return call(EVMC_OSAKA, 1, input); };
    CHECK_EQ(ecrecover(hash + word(27) + r + s), none + signer);
    CHECK_EQ(ecrecover(hash + word(27) + r + s + "ffff"), none + signer);
    CHECK(ecrecover(hash + word(28) + r + s) != none + signer);
    for (uint64_t v : {0, 1, 26, 29, 27 + 256})
        CHECK_EQ(ecrecover(hash + word(v) + r + s), none);
    CHECK_EQ(ecrecover(hash + "01" + word(27).substr(2) + r + s), none);
    CHECK_EQ(ecrecover(hash + word(27) + zero_word + s), none);
    CHECK_EQ(ecrecover(hash + word(27) + r + zero_word), none);
    CHECK_EQ(ecrecover(hash + word(27) + huge_word + s), none);
    CHECK_EQ(ecrecover(hash + word(27) + r), none);
    CHECK_EQ(ecrecover(""), none);
    CHECK_EQ(call(EVMC_OSAKA, 1, hash, 2999), "out of gas");
}

TEST("precompiles: sha256, ripemd160, identity") {
    CHECK_EQ(call(EVMC_FRONTIER, 2, ""),
             "60: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_EQ(call(EVMC_FRONTIER, 2, "616263"),
             "72: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_EQ(call(EVMC_FRONTIER, 3, "616263"),
             "720: 0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    CHECK_EQ(call(EVMC_FRONTIER, 4, ""), "15: ");
    CHECK_EQ(call(EVMC_FRONTIER, 4, "0102"), "18: 0102");
    for (size_t size : {1, 31, 32, 33, 64, 65}) {
        const Bytes input(size, 0x5a);
        const auto words = static_cast<int64_t>((size + 31) / 32);
        CHECK_EQ(least_gas(EVMC_OSAKA, 2, input), 60 + 12 * words);
        CHECK_EQ(least_gas(EVMC_OSAKA, 3, input), 600 + 120 * words);
        CHECK_EQ(least_gas(EVMC_OSAKA, 4, input), 15 + 3 * words);
    }
}

TEST("precompiles: a reused output buffer keeps no trace of earlier answers") {
    Bytes output;
    const Bytes longer(100, 0xaa);
    const Bytes shorter(3, 0xbb);
    CHECK_EQ(braid::precompiles::execute(EVMC_OSAKA, 3, longer, plenty, output).output_size, 100U);
    const auto result = braid::precompiles::execute(EVMC_OSAKA, 3, shorter, plenty, output);
    CHECK_EQ(result.output_size, 3U);
    CHECK_EQ(to_hex(output.data(), 3), "bbbbbb");
    CHECK_EQ(output.size(), 100U);
}

TEST("precompiles: modexp answers") {
    // EIP-198, examples: 3^(2^256 - 2^32 - 978) mod (2^256 - 2^32 - 977) = 1, and with base 0.
    const std::string p = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    const std::string p1 = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e";
    const std::string first = modexp_input(1, 32, 32, "03" + p1 + p);
    CHECK_EQ(call(EVMC_BYZANTIUM, 5, first), "13056: " + word(1));
    CHECK_EQ(call(EVMC_BERLIN, 5, first), "1360: " + word(1));
    CHECK_EQ(call(EVMC_OSAKA, 5, first), "4080: " + word(1));
    CHECK_EQ(call(EVMC_BYZANTIUM, 5, modexp_input(0, 32, 32, p1 + p)), "13056: " + zero_word);
    // EIP-198: the exponent ends the input, its missing bytes are zeros.
    CHECK_EQ(call(EVMC_BYZANTIUM, 5,
                  modexp_input(1, 2, 32,
                               "03ffff8000000000000000000000000000"
                               "000000000000000000000000000000000000"
                               "0007")),
             "768: 3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab");
    CHECK_EQ(call(EVMC_BYZANTIUM, 5, modexp_input(1, 2, 32, "03ffff80")),
             "768: 3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab");
    // Inputs that end in the header, the base, the exponent, the modulus.
    CHECK_EQ(call(EVMC_BERLIN, 5, ""), "200: ");
    CHECK_EQ(call(EVMC_BERLIN, 5, "00"), "200: ");
    CHECK_EQ(call(EVMC_BERLIN, 5, modexp_input(2, 1, 2)), "200: 0000");
    CHECK_EQ(call(EVMC_BERLIN, 5, modexp_input(2, 1, 2, "03")), "200: 0000");
    CHECK_EQ(call(EVMC_BERLIN, 5, modexp_input(2, 1, 2, "000302")), "200: 0000");
    CHECK_EQ(call(EVMC_BERLIN, 5, modexp_input(2, 1, 2, "00030201")), "200: 0009");
    CHECK_EQ(call(EVMC_OSAKA, 5, modexp_input(0, 0, 1, "05")), "500: 01");
    CHECK_EQ(call(EVMC_OSAKA, 5, modexp_input(0, 0, 1, "01")), "500: 00");
}

TEST("precompiles: modexp prices of long operands") {
    const auto gas = [](evmc_revision revision, size_t base, size_t exponent, size_t modulus) {
        Bytes input = from_hex(modexp_input(base, exponent, modulus));
        input.resize(96 + base + exponent + modulus);
        if (exponent != 0)
            input[96 + base] = 0x80;
        return least_gas(revision, 5, input);
    };
    // EIP-198: x^2; x^2/4 + 96x - 3072; x^2/16 + 480x - 199680.
    CHECK_EQ(gas(EVMC_BYZANTIUM, 64, 1, 64), 4096 * 7 / 20);
    CHECK_EQ(gas(EVMC_BYZANTIUM, 65, 1, 0), (65 * 65 / 4 + 96 * 65 - 3072) * 7 / 20);
    CHECK_EQ(gas(EVMC_BYZANTIUM, 0, 1, 1024), (1024 * 1024 / 4 + 96 * 1024 - 3072) * 7 / 20);
    CHECK_EQ(gas(EVMC_BYZANTIUM, 1025, 1, 0), (1025 * 1025 / 16 + 480 * 1025 - 199680) * 7 / 20);
    CHECK_EQ(gas(EVMC_BYZANTIUM, 1, 40, 1), (255 + 8 * 8) / 20);
    CHECK_EQ(gas(EVMC_BYZANTIUM, 0, 0, 0), 0);
    // EIP-2565.
    CHECK_EQ(gas(EVMC_BERLIN, 256, 40, 255), 32 * 32 * (255 + 8 * 8) / 3);
    CHECK_EQ(gas(EVMC_BERLIN, 1, 40, 1), 200);
    // EIP-7883.
    CHECK_EQ(gas(EVMC_OSAKA, 256, 40, 255), 2 * 32 * 32 * (255 + 16 * 8));
    CHECK_EQ(gas(EVMC_OSAKA, 33, 32, 1), 2 * 5 * 5 * 255);
    CHECK_EQ(gas(EVMC_OSAKA, 32, 32, 32), 16 * 255);
    CHECK_EQ(gas(EVMC_OSAKA, 1, 1, 1), 500);
    // EIP-7823.
    CHECK_EQ(gas(EVMC_OSAKA, 1024, 1, 1024), 2 * 128 * 128 * 7);
}

TEST("precompiles: modexp with absurd lengths") {
    const int64_t all = std::numeric_limits<int64_t>::max();
    for (auto revision : {EVMC_BYZANTIUM, EVMC_BERLIN}) {
        // Without base and modulus there is nothing to do, whatever the exponent claims.
        CHECK_EQ(call(revision, 5, zero_word + huge_word + zero_word),
                 revision == EVMC_BYZANTIUM ? "0: " : "200: ");
        for (int64_t gas : {plenty, all}) {
            CHECK_EQ(call(revision, 5, huge_word + huge_word + huge_word, gas), "out of gas");
            CHECK_EQ(call(revision, 5, huge_word + zero_word + zero_word, gas), "out of gas");
            CHECK_EQ(call(revision, 5, zero_word + zero_word + huge_word, gas), "out of gas");
            CHECK_EQ(call(revision, 5, word(1) + huge_word + word(1), gas), "out of gas");
        }
        CHECK(call(revision, 5, word(1) + word(uint64_t{1} << 62) + word(1), all) != "0: 00");
    }
    for (const auto& input :
         {word(1025) + word(1) + word(1), word(1) + word(1025) + word(1),
          word(1) + word(1) + word(1025), huge_word + zero_word + zero_word,
          zero_word + huge_word + zero_word, zero_word + zero_word + huge_word}) {
        const auto outcome = call(EVMC_OSAKA, 5, input, all);
        CHECK(outcome == "out of gas" || outcome == "failure");
    }
}

TEST("precompiles: bn254 prices and answers") {
    const std::string generator = word(1) + word(2);
    const std::string doubled = "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3"
                                "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4";
    CHECK_EQ(call(EVMC_BYZANTIUM, 6, generator + generator), "500: " + doubled);
    CHECK_EQ(call(EVMC_ISTANBUL, 6, generator + generator), "150: " + doubled);
    CHECK_EQ(call(EVMC_BYZANTIUM, 7, generator + word(2)), "40000: " + doubled);
    CHECK_EQ(call(EVMC_ISTANBUL, 7, generator + word(2)), "6000: " + doubled);
    // Missing bytes are zeros, extra ones are ignored.
    CHECK_EQ(call(EVMC_ISTANBUL, 6, generator), "150: " + generator);
    CHECK_EQ(call(EVMC_ISTANBUL, 6, ""), "150: " + zero_word + zero_word);
    CHECK_EQ(call(EVMC_ISTANBUL, 7, generator), "6000: " + zero_word + zero_word);
    CHECK_EQ(call(EVMC_ISTANBUL, 6, generator + generator + "ff"), "150: " + doubled);
    CHECK_EQ(call(EVMC_ISTANBUL, 6, word(1) + word(1)), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 7, word(1) + word(1) + word(1)), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 6, huge_word), "failure");

    CHECK_EQ(call(EVMC_BYZANTIUM, 8, ""), "100000: " + word(1));
    CHECK_EQ(call(EVMC_ISTANBUL, 8, ""), "45000: " + word(1));
    CHECK_EQ(call(EVMC_BYZANTIUM, 8, std::string(384, '0')), "180000: " + word(1));
    CHECK_EQ(call(EVMC_ISTANBUL, 8, std::string(384, '0')), "79000: " + word(1));
    CHECK_EQ(call(EVMC_ISTANBUL, 8, std::string(382, '0')), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 8, std::string(386, '0')), "failure");
}

TEST("precompiles: blake2f, the vectors of EIP-152") {
    const std::string h = "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
                          "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b";
    const std::string m = "616263" + std::string(250, '0');
    const std::string t = "0300000000000000" + std::string(16, '0');
    const auto blake2f = [&](const std::string& rounds, const std::string& final) {
        return call(EVMC_ISTANBUL, 9, rounds + h + m + t + final);
    };
    CHECK_EQ(blake2f("0000000c", "01"),
             "12: ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
             "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    CHECK_EQ(blake2f("0000000c", "00"),
             "12: 75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
             "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735");
    CHECK_EQ(blake2f("00000001", "01"),
             "1: b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
             "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421");
    CHECK_EQ(blake2f("00000000", "01"),
             "0: 08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
             "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b");
    CHECK_EQ(blake2f("0000000c", "02"), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 9, ""), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 9, "0000000c" + h + m + t), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 9, "0000000c" + h + m + t + "0100"), "failure");
    CHECK_EQ(call(EVMC_ISTANBUL, 9, "ffffffff" + h + m + t + "01", 0xfffffffe), "out of gas");
    CHECK_EQ(call(EVMC_PETERSBURG, 9, ""), "absent");
}

TEST("precompiles: point evaluation") {
    const std::string infinity = "c0" + std::string(94, '0');
    const std::string hash = "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";
    const std::string order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    const std::string opening = zero_word + zero_word + infinity + infinity;
    CHECK_EQ(call(EVMC_CANCUN, 10, hash + opening), "50000: " + word(4096) + order);
    CHECK_EQ(call(EVMC_CANCUN, 10, hash + opening, 49999), "out of gas");
    CHECK_EQ(call(EVMC_CANCUN, 10, "02" + hash.substr(2) + opening), "failure");
    CHECK_EQ(call(EVMC_CANCUN, 10, hash + word(1) + word(1) + infinity + infinity), "failure");
    CHECK_EQ(call(EVMC_CANCUN, 10, hash + order + zero_word + infinity + infinity), "failure");
    CHECK_EQ(call(EVMC_CANCUN, 10, hash + opening + "00"), "failure");
    CHECK_EQ(call(EVMC_CANCUN, 10, ""), "failure");
    CHECK_EQ(call(EVMC_SHANGHAI, 10, hash + opening), "absent");
}

TEST("precompiles: BLS12-381 prices and lengths (EIP-2537)") {
    const auto gas = [](uint16_t number, size_t size) {
        return least_gas(EVMC_PRAGUE, number, Bytes(size));
    };
    CHECK_EQ(gas(0x0b, 256), 375);
    CHECK_EQ(gas(0x0d, 512), 600);
    CHECK_EQ(gas(0x10, 64), 5500);
    CHECK_EQ(gas(0x11, 128), 23800);
    CHECK_EQ(gas(0x0f, 384), 70300);
    CHECK_EQ(gas(0x0f, 384 * 5), 37700 + 5 * 32600);
    CHECK_EQ(gas(0x0c, 160), 12000);
    CHECK_EQ(gas(0x0c, 160 * 2), 2 * 12000 * 949 / 1000);
    CHECK_EQ(gas(0x0c, 160 * 128), 128 * 12000 * 519 / 1000);
    CHECK_EQ(gas(0x0c, 160 * 200), 200 * 12000 * 519 / 1000);
    CHECK_EQ(gas(0x0e, 288), 22500);
    CHECK_EQ(gas(0x0e, 288 * 3), 3 * 22500 * 923 / 1000);
    CHECK_EQ(gas(0x0e, 288 * 128), 128 * 22500 * 524 / 1000);
    CHECK_EQ(gas(0x0e, 288 * 129), 129 * 22500 * 524 / 1000);
    for (uint16_t number = 0x0b; number <= 0x11; ++number) {
        CHECK_EQ(call(EVMC_PRAGUE, number, ""), "failure");
        CHECK_EQ(call(EVMC_CANCUN, number, ""), "absent");
        for (size_t size : {1, 63, 65, 127, 129, 159, 161, 255, 257, 287, 289, 383, 385, 511, 513})
            CHECK_EQ(call(EVMC_PRAGUE, number, BytesView{Bytes(size)}), "failure");
    }
}

TEST("precompiles: P-256 verification (EIP-7951)") {
    const std::string valid = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
                              "434287fa699ff2be2a4475ccd9c063d1a22a424b6ab357d9bb0b31f7a71307b9"
                              "be6af716032d408183c53f6f76945363144555fad2a5ff7854159166e52fc1d0"
                              "da3c553a4215893e6d95d5818df2519e13233a1e0e56e0ea7b4817a92a6973f9"
                              "d8c8877a49383e20c3fdc21d4e8e280ef1feeb72c333036770369a4387168d33";
    CHECK_EQ(call(EVMC_OSAKA, 0x100, valid), "6900: " + word(1));
    CHECK_EQ(call(EVMC_OSAKA, 0x100, valid, 6899), "out of gas");
    CHECK_EQ(call(EVMC_OSAKA, 0x100, valid + "00"), "6900: ");
    CHECK_EQ(call(EVMC_OSAKA, 0x100, valid.substr(2)), "6900: ");
    CHECK_EQ(call(EVMC_OSAKA, 0x100, ""), "6900: ");
    for (size_t at = 1; at < 320; at += 32) {
        std::string broken = valid;
        broken[at] = broken[at] == '0' ? '1' : '0';
        CHECK_EQ(call(EVMC_OSAKA, 0x100, broken), "6900: ");
    }
    CHECK_EQ(call(EVMC_PRAGUE, 0x100, valid), "absent");
}
