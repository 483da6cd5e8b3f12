#include "crypto/secp256k1.hpp"
#include "tests/harness.hpp"

#include <memory>

namespace braid::crypto {
namespace {

using test::from_hex;
using test::to_hex;

Bytes32 number(std::string_view hex) {
    Bytes32 result{};
    const auto bytes = from_hex(hex);
    std::memcpy(result.bytes + sizeof(result.bytes) - bytes.size(), bytes.data(), bytes.size());
    return result;
}

std::string text(const Address& address) { return to_hex(address.bytes, sizeof(address.bytes)); }

constexpr std::string_view order =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr std::string_view generator_x =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr std::string_view generator_y =
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

/// Signatures of random hashes by random keys, made with @noble/curves; every other one may have a
/// high s.
struct Vector {
    std::string_view hash;
    std::string_view r;
    std::string_view s;
    uint8_t y_parity;
    std::string_view address;
    std::string_view secret_key;
};

constexpr Vector vectors[] = {
    {"3f0024801b13349481d95eedb671b559d78caafb049698fd01edaa88fc1b7080",
     "c9f146d66d8bcc58f6e4c29dd71a1d2f3d404d815d79a44bbe8b7bacdcd4deb2",
     "1055636db674dbeaa0daa14f1a32a6bc97454b655185938e88977983e664c241", 1,
     "00b2d952769d152fc256b2258df18b32b24d2a12",
     "dddc5358a850e886dcaef4baed0bfd58928689ba9248606e95e4be90e7e856ff"},
    {"e2b3a6e456e4b7c2809a7a01177c910112b1011069bff4056d271dc75c9b0fb3",
     "55773d10fa32ef4c03ba4ec070774b00a251710a4024593af2883bfc4adaa319",
     "14cb7969d6db500f5f01a77c96f3e378d6cd32ba56386ef5a2bf8d48ab02548a", 1,
     "491029d723b7724667642c2f664623983d3e8015",
     "6420fb75043d7e6f56d44056e7fe26175b4953a100b1f9b7d40746680100d7a1"},
    {"cca19e27a23d54cfa9e0b92edb15520f7c9427c85b888494e80fced23557f83b",
     "51ea5f424cbc64ca20433f741a0ccf156f286403a9ac2576f9f256fab1f26418",
     "0a84509544a75ba4ff73ce542516cd7845214b7bfcfa575e862b65da2eedb809", 1,
     "064a97145bbfdab5f769f179d1335b890c097ea6",
     "a8852b3507e7c4eae84ff105554c5e9b0a55faf017cdafee01a3c737335b985f"},
    {"428ab09cf8277cee0ef3101713201bcbbae8c55c4019fd2f14b1a0b254ff8379",
     "7bccae2591b09892e4903990e30872721b9ff99fa7f9aff883edcb33544f98a0",
     "a782be7916a35ba97a9901a968ac884db5d7158e4ee14905ee263b5e632b0709", 0,
     "6af1c6699c3fdd42a7a3b401251d174c1f1047b4",
     "5e45c849177cb61bd48051893325782a964cc1c373e177735e1b39cfbeef2220"},
    {"93e6cf23e667f1bcfd2af150b34ede27e4647a55559f07962c76b9e3c227fa08",
     "a9347e92b56e5ca8c86b7230c8a6beb28dc78821ad06706a3edf45d08b357690",
     "7432e8566197a0756177e2e1da068d5fa6eb3b6630fa82bf51d9447f4147f358", 0,
     "197c816564f9b66d5cdaddcefc580a2dab6207f8",
     "bdf84c43295e79d4aaa3683cc21374016b3f0df37f6c70aff3413cc58ac7a3a1"},
    {"aa6963a72a7285bc90797ea48200c9bd6cab5fad766ac61e5c3fa814622ae44b",
     "f35da5eadabfcd2d6b316c3f9501de2e325d36e5c533ab247e75c037b013f629",
     "aba9c9fee81cc6a0b1a7d18ccf7ffa26490f4f185fb04f36799a5b953b54ad0a", 1,
     "2a36abe4de863dbf0a2ffed386eece8289a170eb",
     "627355f4b687e302d2dd9bb326775a3194d1a6b6e147dd098edf60a5d62ec9bb"},
    {"270a52fd19e64ff8dcc01ed40aa1d8dde8db03b893c3a99aa5351cbc822018cb",
     "086321cdf3e260ebc339ad3aa542640753d2c7b132e6f9e9ee05ac419a05acc6",
     "1837ec106483048f11f13025f0946c882f919f67e6d1af317533c619550b5da8", 1,
     "f40272220c776662d0a65e54fc40f8876c80ffc6",
     "efe20156b694c535e530f75fbc5710484b2bfe56f409413a5e9bd822d02cf069"},
    {"76f209def8998d314bbc99ec0104b791963a9366413f53aa97d2272ade09f642",
     "6429f65f91dfc52249befdc60c99a2837cd3f7ca89acef0eca1646484bcabaa4",
     "ef60e97baf6c42b574b432a6949ebacf3760694f46c1f2f79d8ccf1cbe1253a2", 0,
     "48992ea1987ed93243878d799ffc51bc51f6d43d",
     "46aa5d1140d34f20da24b185ad52958ad8924fd1498745cb9c9f45b988d0e78f"},
    {"119f5a4b77424b7da9c92064f6d2b871ddab0f0b415d31aa91b64e2327336290",
     "03f30a8350baa5036eb9cd531ec7ca16ce80a8f45b48db67a0a56ee794dd2575",
     "13c70ade010ecd5ffd02131a64de3e831abc7db2057699ebfb73aefe5d6283a2", 0,
     "6571f6894f62280d03612bf6e6ae23da537d57f9",
     "e7236796ceb38a318f07245768e7b2ab6271b1afbd8ca870b312541de3c3e503"},
    {"28b7789b987e1f4d9405b1248babc9cac68cd34ce4d44b899a6840abf5896876",
     "5cbb7e9b01da69970da6252ab8ea4d7821407780815dd83b0bfd54da902fb3e4",
     "5f2c3efde1d716c03efff4a918fd2ca15609f2913354cc54e69cfd52c334e4c5", 0,
     "f0fd9973b553a5b8d574136f8aa3c04699160d4a",
     "2b8b0f7409a72f64f402bcbe47a3983e51f49f348f0acfe3c9aac4da11e7991c"},
    {"6a4e7942b6a403a2fb6068b4dff00eef4b88930e5672259563ca80fb1e1d5d1b",
     "01c0ff54ea207599e32dbb59b729b587725adc2a48a6cef95f7ff7de45432ffc",
     "32b78a092ea9bb3b7b403649b87d3efcd7947d91ae24fb0a69ae40142ccd2e41", 1,
     "68856ed47b80d0e8bfb686078ae6e538891037b5",
     "e699b3e35cb7bef4802886ea186e7d9992bd7511c462dabbac6b217b1ef14ce8"},
    {"0f7fc98df53ec1263e2130d0953a3ff3b7a4dfcfcfa29d9af9121375fbe6e7cb",
     "d3cf3e998d963edf28a3a4ed4df6bffd3fef69250c1e40b20b085a147699d231",
     "96f3ccaeebb2c16aacac4cef753812d84081f237e5feaa94ff9e73e60567bbe1", 0,
     "d4089b4ad5daa0d41f2b5afeb89a9798ce7076e0",
     "92636b958a5014e17684235dc322fbad0d6ccb66c45090ae3953dc30a27786cd"},
    {"a8de2d222fb281b786169764e72ce2f5c1da326db0d81e3e3264e9f35f7d5e60",
     "37618e02995cff8cd6a0c1bc4f3e76cc2b6f2b4d9dc9d06d346c5f6cab9822aa",
     "6736e5b774e17772e5c2f8f839aaf28a7740c5a8df9e920ff2271f92f9d07d02", 1,
     "66455ce2821bc8a3afd343c93d572e6b5187e7e4",
     "1c9b6dbf1885881ae66f4c2d25ee072fa3ba67dd943fe5c1068c868027b62b69"},
    {"a2904412e16662ab000be8695447e4e9c42267eb3c3d5e4e3a05f29417163715",
     "3642219f9c248eb4a79a9e2f55189a003ab899071775b1ee72becaaccfaf9a1a",
     "28943a070522efb77fdbefdd756e83ef7427f75f882220acf639069e68465a6b", 1,
     "5ab12ea3a351fc6944231c6f0effcf8875b73c44",
     "6f4fab52914894702b59c51f76022dd824b94e60bb17790da0fadab0591437c5"},
    {"4584887d2061da39b59c855c6de892055069ad17754422974bbff225f8b34548",
     "0cfbfb9d5fdda3ad63a5586bc7713e4c3f5bc963bae474e1772f2e4ebac99353",
     "21b064360f964ae9deafbab9a36bcf8f37c7d6132261c2947a1a570cd0189689", 1,
     "cbdbdf0482874445fedea8485d0a1629607118c3",
     "bc88d88b5f29fd742a5f6eb87e7b0f29de2f67fe02fa5dde5fee0eeaecf84e8c"},
    {"b229a38bd3813399ff467b754773a0caed30f9539e3e8efa35b5034e4b929cab",
     "20e44a86b938058a58b1641a5aac52359c06f22257018a9ee88340cac8ffb4a2",
     "f5711dca51a5c260534a758181fced7091a221c77d86b308d9e6c839d373ef30", 0,
     "2e8bfdbcb5cc8f80c8ed464f7f0c30abd82ebe23",
     "85ac6b13a3b21dfe835e32a122d827ec9b41550de8eb0e00911c9f7188ab58f8"},
    {"f6c6d650a58e4acc376bd8b55be67094122f001d7acb90c44036d38c254e99c1",
     "a2368fac889535ce5f28e492618b41b3dbc7ef479696c738a4d8cb7b88f85521",
     "15990b7b936eef4269eeea539c5afcdd20dd4c2d0f555188b3b91e8d55359704", 0,
     "938d9b7cc4260e3ddc35f023b0def7ba9734b264",
     "e58235cde4131c1a0bbaf88a2a9df81d78016c25779631954af8f787168c8658"},
    {"6a0a9243142c305666f3948e35596c8e136f97cf0f2399647fdc18d5425c3820",
     "2653471e7eb4cf35a45b1696517d85282e5eac45f52afdb3d8ef10eea8ab15e0",
     "9a0ee333b7a86027b4e8d35cb9167a5c1a29fa3d02fda6b5665004003ce14088", 1,
     "825f4531801dc52f019d69ae3169ae1ba3649554",
     "e884d69db74ffd7630b125fce01a218c2a361c33794d0738d47e03b9c3641d1a"},
    {"e60dee3852a3d7242698dce40988fdc628c91e8c25ea85d4b747cf8422021b09",
     "c136fb82b71b195a2df6ffc6e33fae9a75608d950e1bd31e73990b268bf24284",
     "7ecc95b4dc464259f56e5b359bc1586a19c0e50c4a1c8654718e11086c68fa40", 1,
     "7fef7bc835516114a8e341e5bad5b6adefa49f3d",
     "e31361e0c2cb0b2ac200f8f4f646c348221b67853ea333510daab9f955d79c85"},
    {"7f2f443979cd451d2bf45c87baebc3e514d74f33bc696f3a8a88a7b29d6d5983",
     "1808f3799f99ef0f6521b91ed50e6b7dcc6abe1d047f5c2baef2ac46f30754c1",
     "12e74768dc5cad6f320a8bf18811bf18db69884c0b856e33889e3a88f63a18f5", 1,
     "44925b8303170e67f05bf52063d573cdeebf5b0d",
     "e3d636b254f53348a71f66c9dcaacd4a3bef6613407606fbb7cbf149b7d0935e"},
    {"ecabafb7b5c606137d2ab03f26f03769f6aa1639f9aa945127d6d174d096d862",
     "5e085c3f92901a46970d32f6484fd11686bd400b613e5dfc19c2ad2bfe85f06e",
     "6fa6c5d3f2dfe42f66e2751a2ba9845de66b3aeda053b97f6de2737537cadd49", 0,
     "581ff290fa33f374139bf9659b12030989ae4749",
     "49e235d99626502680e59edc4962df3c4b58d9741e5d42fa9b78c1a9c90f822e"},
    {"db442aa7fa47f1a4364480231878f7ebe7170972f76c057e03290fac5b8b0661",
     "93a6177466878b932512b11791f4507e340533bc05ff65b53ba5fa48ae0fd504",
     "64925e142e967a09950d66f16343afeb49861e49e786e4616d61c77277c25d30", 1,
     "0f478016dafe65129c6bed210228fd355efd5fd7",
     "23dd961e63dfdc966aaaabc6ae69b99f34e4cf1f76f519b0e72d33f6211a5049"},
    {"280d3516b51286fad90d40a4dc69444114e53602a541b7798afcbf25a8ff8cc2",
     "c7aebe90b97372ec85fd6ce84cf382b68bfdefa70e7e8fa7401bdac0a25c5f1a",
     "1941149e366b58cd3c223dfc592ce3bfdb3f81d9dcf8efb4ca182b689079cdc3", 1,
     "3cc2b73c11cd423aaa59480cad7479c56780690a",
     "ad6fc0e433ad0e7f6c6b0ebc1752c79648621ee05d79c53c916cfa817bfa341c"},
    {"3d5f0f441e7d6602e0fd7b76185081d1911df6a3c188927b5c41d18573469077",
     "85edad9c3a03ecb0308639ecde9a62ab654f302587c85f5169f1a7248c1bbfb7",
     "dbd1e67ee85eccaa37d051d3db35705ba1188766ede074895f2e429136db467f", 0,
     "1db12f3c4e0ac4b5a18fbc728abd2f9e17fbdffd",
     "1959a267e627730d04522cb507505ab6968887711f2f3644f9195b8310aa7215"},
};

/// Hash, s and the secret key (s - hash) / r of the key recovered where R is the generator.
struct GeneratorVector {
    std::string_view hash;
    std::string_view s;
    std::string_view secret_key;
};

constexpr GeneratorVector generator_vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "1dd887b3eaf153260a95e8b9fd31f60ac115d26ccbe1f572c0b8d7a6dec520fe"},
    {"0000000000000000000000000000000000000000000000000000000000000002",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "e227784c150eacd9f56a174602ce09f3f9990a79e366aac8ff1986e5f1712043"},
    {"0000000000000000000000000000000000000000000000000000000000000001",
     "0000000000000000000000000000000000000000000000000000000000000002",
     "1dd887b3eaf153260a95e8b9fd31f60ac115d26ccbe1f572c0b8d7a6dec520fe"},
    {"0000000000000000000000000000000000000000000000000000000000000003",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "c44ef0982a1d59b3ead42e8c059c13e93883380d1784b5563e60af3f12abff45"},
    {"0000000000000000000000000000000000000000000000000000000000000001",
     "0000000000000000000000000000000000000000000000000000000000000003",
     "3bb10f67d5e2a64c152bd173fa63ec15822ba4d997c3eae58171af4dbd8a41fc"},
    {"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "3bb10f67d5e2a64c152bd173fa63ec15822ba4d997c3eae58171af4dbd8a41fc"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "0000000000000000000000000000000000000000000000000000000000000005",
     "3dea90b9cb179ea820b79a6ee1bf2904c630f0a9fc0eb45ebdb53b0df64496c8"},
    {"099950d836f675cc81e74ef5e8e25d940ed904759531985d5d9dc9f81818e811",
     "0f21ddb66cad4a268d116ece1738f7d93d9c172411e20b8f6b0d549b6f03675b",
     "219c5a7a00e3740269369bbf3276fa6c3063270f3b321cafd291ea12ac8654c0"},
    {"922766581e27a1c08a6a63ec24ede6a46b4cb2424a23d5962217beaddbc496cb",
     "a38fd547923a736994e3bf911a61dbe22e44158bae97ba94d0eda82f8f6d0559",
     "2ffd3d21af593cbb7e6ccb0a4d6bc15d1ba1e2d8ac4178068303b3926edcd6f7"},
    {"6b0a18e8830e07bc1e398f1012bd4acefaecbd389be4bcfc49b64a0872e6cc3a",
     "f646e1f40a097c976bf46c697d2caf82eeeacbe226e875555790f82ec1d3fd00",
     "67315fc20d9e4361d7676a601a95a14f212f67be50b498d13ff50b43a60b9835"},
    {"d17f9acae01f5057ca02135e92b1d3f28ede0d7ac3baea9e13deef86ab1031d0",
     "74c9df6acc011cdd9474031b7f26144b98289fcd59a54a7bb1fee08f57124243",
     "19042c069f9acc0016d636ce83b640e1f4e941c1acdede79b86ff0c231a08885"},
    {"aa05e11ab2715945795e8229451abd81f1d69ed617f5e837d70820fe119a72d1",
     "ae658f33fe3b890b93f448b3a5aa3c814f426dcbb394fb36bb2d420f0f88080c",
     "d427593e337c1dcf68cd75a2d95c5a995c31f707768b61c9460045d4d9aa6c3f"},
    {"58d5563dab2cd31ee315128862c33a4fb774eb5248db40af72158370d269a9a5",
     "0f17a3007e62aa0a1df9fd789c6539382b0537e65affb2297631a992f0ce5836",
     "c44793adb6f36dc4a5263c2ea88f06cc2ceb294ec649cded191554b5d8c527de"},
    {"153e7c2a26a2c0bd3b1287fff52ddf5d616499c9e25a7605aec6f0245bd86d40",
     "96d0cc5fd4c28c2e7c26847f0316909e3bbbe9eaa8948c893b61867626bb7dbe",
     "4915671609548f1735c6db02183992593685424d3f9cc7199d7da4e406bd2df7"},
    {"64e50cad66237a0465e7e4236472f1a38f2c6ec8cc4169a3ae3a2b7fdfe01893",
     "3571810afc132d0d113db17d30cbc97d0fef792866836886a260cd0b7b45145d",
     "9f72a5b9056ad46fc60bd9263a9d9d8409b5ad5e980a458e10b7a1683c812ecb"},
    {"fa529ba3fe3bfada7cf20724d953ee261d87cec31f7296ab7961fd925d39d0a8",
     "57b6fb7ebfeaa1551a28f7b324e4e25a15fc899e4fd58dbe7bdc968b7afb2c69",
     "6f6a54a711ffe38bb4471b03d9f74cdf4a5e95fa9403995c3998a348b36b0efe"},
};

RecoveryInput input_of(const Vector& vector) {
    return {number(vector.hash), number(vector.r), number(vector.s), vector.y_parity};
}

bool recovers(const RecoveryInput& input) {
    uint8_t key[64];
    const bool single = recover_public_key(input, key);
    Address address;
    bool valid = false;
    recover_addresses({&input, 1}, {&address, 1}, {&valid, 1});
    CHECK_EQ(single, valid);
    CHECK(valid || is_zero(address));
    return single;
}

TEST("secp256k1 recovers the signer") {
    for (const auto& vector : vectors) {
        uint8_t key[64];
        CHECK(recover_public_key(input_of(vector), key));
        CHECK_EQ(text(address_of(key)), vector.address);
        uint8_t expected[64];
        CHECK(public_key_of(number(vector.secret_key), expected));
        CHECK_EQ(to_hex(key, 64), to_hex(expected, 64));
    }
}

TEST("secp256k1 gives another key for the other parity") {
    for (const auto& vector : vectors) {
        auto input = input_of(vector);
        input.y_parity ^= 1;
        uint8_t key[64];
        CHECK(recover_public_key(input, key));
        CHECK(text(address_of(key)) != vector.address);
    }
}

TEST("secp256k1 recovers batches of any size, with invalid ones between") {
    for (const size_t size : {0, 1, 2, 15, 16, 17, 33, 100}) {
        std::vector<RecoveryInput> inputs;
        for (size_t i = 0; i < size; ++i) {
            inputs.push_back(input_of(vectors[i % std::size(vectors)]));
            if (i % 5 == 3)
                inputs.back().s = {};
            if (i % 7 == 6)
                inputs.back().r = number("05");
        }
        std::vector<Address> addresses(size);
        const auto valid = std::make_unique<bool[]>(size);
        recover_addresses(inputs, addresses, {valid.get(), size});
        for (size_t i = 0; i < size; ++i) {
            const bool expected = i % 5 != 3 && i % 7 != 6;
            CHECK_EQ(valid[i], expected);
            CHECK_EQ(text(addresses[i]), expected
                                             ? std::string(vectors[i % std::size(vectors)].address)
                                             : std::string(40, '0'));
        }
    }
}

TEST("secp256k1 adds points that are equal, opposite or multiples of each other") {
    for (const auto& vector : generator_vectors) {
        const RecoveryInput input{number(vector.hash), number(generator_x), number(vector.s), 0};
        uint8_t key[64];
        uint8_t expected[64];
        CHECK(recover_public_key(input, key));
        CHECK(public_key_of(number(vector.secret_key), expected));
        CHECK_EQ(to_hex(key, 64), to_hex(expected, 64));
    }
}

TEST("secp256k1 refuses what comes out as infinity") {
    // With R the generator and s equal to the hash, s R - hash G is zero.
    for (const std::string_view hex : {"01", "02", "deadbeef", "123456789abcdef0fedcba9876543210"})
        CHECK(!recovers({number(hex), number(generator_x), number(hex), 0}));
    CHECK(recovers({number("01"), number(generator_x), number("01"), 1}));
}

TEST("secp256k1 checks ranges") {
    auto good = input_of(vectors[0]);
    CHECK(recovers(good));
    for (const std::string_view bad :
         {std::string_view{"00"}, order,
          std::string_view{"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142"},
          std::string_view{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}}) {
        auto input = good;
        input.r = number(bad);
        CHECK(!recovers(input));
        input = good;
        input.s = number(bad);
        CHECK(!recovers(input));
    }
    auto input = good;
    input.y_parity = 2;
    CHECK(!recovers(input));
    input.y_parity = 27;
    CHECK(!recovers(input));
    // 5^3 + 7 is not a square modulo p.
    input = good;
    input.r = number("05");
    CHECK(!recovers(input));
}

TEST("secp256k1 takes a high s and any hash") {
    uint8_t key[64];
    CHECK(recover_public_key(
        {number("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c"),
         number("73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f"),
         number("eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549"), 1},
        key));
    CHECK_EQ(text(address_of(key)), "a94f5374fce5edbc8e2a8697c15331677e6ebf0b");
    // A hash of the order counts as zero.
    uint8_t other[64];
    auto input = input_of(vectors[1]);
    input.hash = {};
    CHECK(recover_public_key(input, key));
    input.hash = number(order);
    CHECK(recover_public_key(input, other));
    CHECK_EQ(to_hex(key, 64), to_hex(other, 64));
}

TEST("secp256k1 derives public keys") {
    uint8_t key[64];
    CHECK(!public_key_of({}, key));
    CHECK(!public_key_of(number(order), key));
    CHECK(public_key_of(number("01"), key));
    CHECK_EQ(to_hex(key, 64), std::string(generator_x) + std::string(generator_y));
    CHECK(public_key_of(number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
                        key));
    CHECK_EQ(to_hex(key, 64),
             std::string(generator_x) +
                 "b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777");
    CHECK(public_key_of(number("0100000000000000000000000000000000"), key));
    CHECK_EQ(to_hex(key, 64), "8f68b9d2f63b5f339239c1ad981f162ee88c5678723ea3351b7b444c9ec4c0da"
                              "662a9f2dba063986de1d90c2b6be215dbbea2cfe95510bfdf23cbf79501fff82");
}

} // namespace
} // namespace braid::crypto
