#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/trie_model.hpp"
#include "trie/list_trie.hpp"

#include <algorithm>

namespace {

using namespace braid;
using test::model::Bytes;

Bytes random_bytes(test::Random& random, size_t size) {
    Bytes bytes(size);
    for (uint8_t& byte : bytes)
        byte = static_cast<uint8_t>(random.next());
    return bytes;
}

std::vector<Bytes> random_items(test::Random& random, size_t count, size_t max_size) {
    std::vector<Bytes> items;
    for (size_t i = 0; i < count; ++i)
        items.push_back(random_bytes(random, 1 + random.below(max_size)));
    return items;
}

std::string root_of(const std::vector<Bytes>& items) {
    return test::to_hex(trie::list_root(std::vector<BytesView>(items.begin(), items.end())).bytes,
                        32);
}

std::string expected_root(const std::vector<Bytes>& items) {
    return test::to_hex(test::model::list_root(items));
}

} // namespace

TEST("the list trie has the roots that mainnet headers name") {
    CHECK_EQ(root_of({}),
             std::string{"56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"});
    // Block 19910734, its withdrawals.
    const char* const withdrawals[] = {
        "e38402be17cb8311c5db94210b3cb99fa1de0a64085fa80e18c22fe4722a1b84011815b3",
        "e38402be17cc8311c5dc94210b3cb99fa1de0a64085fa80e18c22fe4722a1b840118416d",
        "e38402be17cd8311c5dd94210b3cb99fa1de0a64085fa80e18c22fe4722a1b840117da75",
        "e38402be17ce8311c5de94210b3cb99fa1de0a64085fa80e18c22fe4722a1b84011907ad",
        "e38402be17cf8311c5df94210b3cb99fa1de0a64085fa80e18c22fe4722a1b840118b70c",
        "e38402be17d08311c5e094210b3cb99fa1de0a64085fa80e18c22fe4722a1b8401193fab",
        "e38402be17d18311c5e194093f6c270ac22ec240f0c6fd7414ea774ca8d3e5840119ae42",
        "e38402be17d28311c5e4947ff5ba6d47d0f65a8652a9656b7eba53c6193793840118b50d",
        "e38402be17d38311c5e694a75ce5679706c4706382e09bd70bf8fa7228f8a284011b3ab0",
        "e38402be17d48311c5e794a75ce5679706c4706382e09bd70bf8fa7228f8a284011a5e28",
        "e38402be17d58311c5e894a75ce5679706c4706382e09bd70bf8fa7228f8a284011b0f55",
        "e38402be17d68311c5e994a75ce5679706c4706382e09bd70bf8fa7228f8a284011aa1b1",
        "e38402be17d78311c5ea94a75ce5679706c4706382e09bd70bf8fa7228f8a284011ab8f8",
        "e38402be17d88311c5eb94a75ce5679706c4706382e09bd70bf8fa7228f8a2840673d958",
        "e38402be17d98311c5ec94f5bbddf1c299815283515d2f5092274eed298b7184011bb21c",
        "e38402be17da8311c5ed94d60b954cc3df4561a4c47ad274314ee83c0fa81584011b7150",
    };
    std::vector<Bytes> items;
    for (const char* const withdrawal : withdrawals)
        items.push_back(test::from_hex(withdrawal));
    CHECK_EQ(root_of(items),
             std::string{"8feef4bc5c4a39b11346a81f876865f1c5932643c14df6a91b1a2164c35a0ef9"});
}

TEST("the list trie has the roots of the definition, wherever the keys get longer") {
    test::Random random{1};
    for (const size_t count :
         {1,   2,   3,   15,  16,  17,  126, 127, 128, 129, 130,  143,  144,  145,
          255, 256, 257, 258, 271, 272, 273, 511, 512, 513, 2000, 4095, 4096, 4097}) {
        const std::vector<Bytes> items = random_items(random, count, 600);
        CHECK_EQ(root_of(items), expected_root(items));
    }
    for (const size_t count : {65535, 65536, 65537, 65553}) {
        const std::vector<Bytes> items = random_items(random, count, 40);
        CHECK_EQ(root_of(items), expected_root(items));
    }
}

TEST("nodes of the list trie that are shorter than a hash stand in their parents") {
    test::Random random{2};
    for (size_t count = 1; count < 300; count += 1 + random.below(5)) {
        for (const size_t max_size : {1, 3, 31, 33}) {
            const std::vector<Bytes> items = random_items(random, count, max_size);
            CHECK_EQ(root_of(items), expected_root(items));
        }
    }
}

TEST("a list trie is used again, and its leaves come in any order and in ranges") {
    test::Random random{3};
    trie::ListTrie trie;
    for (const size_t count : {700, 0, 1, 300, 128, 900, 5}) {
        const std::vector<Bytes> items = random_items(random, count, 200);
        std::vector<Bytes> buffers;
        for (const Bytes& item : items)
            buffers.emplace_back(item.size() + trie::ListTrie::max_leaf_overhead);
        trie.begin(count);
        for (size_t end = count; end > 0;) {
            const size_t begin = end - 1 - random.below(std::min<size_t>(end, 100));
            for (size_t i = begin; i < end; ++i) {
                uint8_t* const buffer_end = buffers[i].data() + buffers[i].size();
                RlpWriter writer{buffer_end};
                writer.raw(items[i]);
                trie.make_leaf(i, writer, buffer_end);
                CHECK(writer.position() >= buffers[i].data());
            }
            trie.hash_leaves(begin, end);
            end = begin;
        }
        CHECK_EQ(test::to_hex(trie.root().bytes, 32), expected_root(items));
    }
}

TEST("RLP written backwards is that of the definition") {
    test::Random random{4};
    std::vector<uint8_t> buffer(70'000 + 2 * RlpWriter::max_header_size);
    uint8_t* const end = buffer.data() + buffer.size();
    for (const size_t size : {0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65'535, 65'536}) {
        const Bytes bytes = random_bytes(random, size);
        RlpWriter writer{end};
        writer.string(bytes);
        CHECK(std::ranges::equal(writer.written(end), test::model::string(bytes)));
        writer.list(end);
        CHECK(std::ranges::equal(writer.written(end),
                                 test::model::list({test::model::string(bytes)})));
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
        const Bytes bytes{static_cast<uint8_t>(byte)};
        RlpWriter writer{end};
        writer.string(bytes);
        CHECK(std::ranges::equal(writer.written(end), test::model::string(bytes)));
    }
    for (unsigned bits = 0; bits <= 64; ++bits) {
        const uint64_t number = bits == 0 ? 0 : random.next() | uint64_t{1} << 63;
        RlpWriter writer{end};
        writer.number(bits == 0 ? 0 : number >> (64 - bits));
        CHECK(std::ranges::equal(writer.written(end),
                                 test::model::number(bits == 0 ? 0 : number >> (64 - bits))));
    }
}
