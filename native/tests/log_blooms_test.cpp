#include "block/log_blooms.hpp"

#include "crypto/keccak.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"

#include <array>
#include <cstring>

namespace {

using namespace braid;
using Bloom = std::array<uint8_t, 256>;

/// Of few different values, so that many repeat.
template <typename Bytes>
Bytes random_item(test::Random& random) {
    Bytes item{};
    item.bytes[random.below(sizeof(item.bytes))] = static_cast<uint8_t>(random.below(40));
    return item;
}

wire::BlockRecords random_records(test::Random& random, size_t count, uint64_t max_logs) {
    wire::BlockRecords records;
    for (size_t i = 0; i < count; ++i) {
        wire::Receipt& receipt = records.receipts.emplace_back();
        receipt.log_start = static_cast<uint32_t>(records.logs.size());
        receipt.log_count = static_cast<uint32_t>(random.below(max_logs + 1));
        for (uint32_t j = 0; j < receipt.log_count; ++j) {
            wire::Log& log = records.logs.emplace_back();
            log.address = random_item<Address>(random);
            log.topic_start = static_cast<uint32_t>(records.topics.size());
            log.topic_count = static_cast<uint32_t>(random.below(5));
            for (uint32_t k = 0; k < log.topic_count; ++k)
                records.topics.push_back(random_item<Bytes32>(random));
        }
    }
    return records;
}

/// M3:2048 of the Yellow Paper, section 4.3.1, as it is written there.
void add_by_definition(BytesView item, Bloom& bloom) {
    const Bytes32 hash = crypto::keccak256(item);
    for (const size_t pair : {0, 2, 4}) {
        const size_t bit = (hash.bytes[pair] * 256u + hash.bytes[pair + 1]) % 2048;
        bloom[255 - bit / 8] |= static_cast<uint8_t>(1 << bit % 8);
    }
}

void check_blooms(const wire::BlockRecords& records) {
    Bloom all{};
    for (const wire::Receipt& receipt : records.receipts) {
        Bloom expected{};
        for (uint32_t i = 0; i < receipt.log_count; ++i) {
            const wire::Log& log = records.logs[receipt.log_start + i];
            add_by_definition(log.address.bytes, expected);
            for (uint32_t j = 0; j < log.topic_count; ++j)
                add_by_definition(records.topics[log.topic_start + j].bytes, expected);
        }
        CHECK(std::memcmp(receipt.bloom, expected.data(), expected.size()) == 0);
        for (size_t i = 0; i < all.size(); ++i)
            all[i] |= expected[i];
    }
    CHECK(records.bloom == all);
}

} // namespace

TEST("blooms are those of the definition, filled in whatever pieces") {
    test::Random random{3};
    for (const size_t count : {0, 1, 2, 33, 300})
        for (const uint64_t max_logs : {0, 1, 6})
            for (const size_t piece : {1, 7, 32, 4096}) {
                wire::BlockRecords records = random_records(random, count, max_logs);
                for (size_t begin = 0; begin < count; begin += piece)
                    block::fill_blooms(records, begin, std::min(begin + piece, count));
                check_blooms(records);
            }
}
