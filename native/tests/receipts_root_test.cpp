#include "block/receipts_root.hpp"
#include "tests/block_fixture.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/trie_model.hpp"

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

void add_log(test::Random& random, size_t max_data, wire::BlockRecords& records) {
    wire::Log log{};
    std::ranges::copy(random_bytes(random, sizeof(Address)), log.address.bytes);
    log.topic_start = static_cast<uint32_t>(records.topics.size());
    log.topic_count = static_cast<uint32_t>(random.below(5));
    for (uint32_t i = 0; i < log.topic_count; ++i)
        std::ranges::copy(random_bytes(random, sizeof(Bytes32)),
                          records.topics.emplace_back().bytes);
    const Bytes data = random_bytes(random, random.below(max_data + 1));
    log.data_offset = records.append(data);
    log.data_size = static_cast<uint32_t>(data.size());
    records.logs.push_back(log);
}

wire::BlockRecords random_records(test::Random& random, size_t count, size_t max_logs,
                                  size_t max_data) {
    wire::BlockRecords records;
    for (size_t i = 0; i < count; ++i) {
        wire::Receipt& receipt = records.receipts.emplace_back();
        receipt.type = static_cast<uint8_t>(random.below(5));
        receipt.status = static_cast<uint8_t>(random.below(2));
        receipt.cumulative_gas_used = random.next() >> random.below(64);
        std::ranges::copy(random_bytes(random, sizeof(receipt.bloom)), receipt.bloom);
        receipt.log_start = static_cast<uint32_t>(records.logs.size());
        receipt.log_count = static_cast<uint32_t>(random.below(max_logs + 1));
        for (uint32_t log = 0; log < receipt.log_count; ++log)
            add_log(random, max_data, records);
    }
    return records;
}

/// The encoding of a receipt as EIP-658 and EIP-2718 have it.
Bytes encoded(const wire::BlockRecords& records, const wire::Receipt& receipt) {
    using namespace test::model;
    Bytes logs;
    for (uint32_t i = receipt.log_start; i < receipt.log_start + receipt.log_count; ++i) {
        const wire::Log& log = records.logs[i];
        Bytes topics;
        for (uint32_t topic = 0; topic < log.topic_count; ++topic) {
            const Bytes32& value = records.topics[log.topic_start + topic];
            topics = concatenated({topics, string({value.bytes, value.bytes + 32})});
        }
        const auto data = records.pool.begin() + log.data_offset;
        logs = concatenated({logs, list({string({log.address.bytes, log.address.bytes + 20}),
                                         list({topics}), string({data, data + log.data_size})})});
    }
    const Bytes payload =
        list({number(receipt.status), number(receipt.cumulative_gas_used),
              string({receipt.bloom, receipt.bloom + sizeof(receipt.bloom)}), list({logs})});
    return receipt.type == 0 ? payload : concatenated({{receipt.type}, payload});
}

Bytes expected_root(const wire::BlockRecords& records) {
    std::vector<Bytes> receipts;
    for (const wire::Receipt& receipt : records.receipts)
        receipts.push_back(encoded(records, receipt));
    return test::model::list_root(receipts);
}

/// The root with the receipts added in pieces of a size, the last one first.
std::string root_in_pieces(block::ReceiptsRoot& root, const wire::BlockRecords& records,
                           size_t piece) {
    root.begin(records.receipts.size());
    for (size_t end = records.receipts.size(); end > 0;) {
        const size_t begin = (end - 1) / piece * piece;
        root.add(records, begin, end);
        end = begin;
    }
    return test::to_hex(root.root().bytes, 32);
}

} // namespace

TEST("receipts are encoded by the definition, within the size foretold") {
    test::Random random{1};
    for (const size_t max_data : {0, 1, 32, 60, 300, 70'000}) {
        const wire::BlockRecords records = random_records(random, 20, 6, max_data);
        for (const wire::Receipt& receipt : records.receipts) {
            std::vector<uint8_t> buffer(block::max_receipt_size(records, receipt));
            uint8_t* const end = buffer.data() + buffer.size();
            RlpWriter writer{end};
            block::write_receipt(records, receipt, writer);
            CHECK(writer.position() >= buffer.data());
            CHECK(std::ranges::equal(writer.written(end), encoded(records, receipt)));
        }
    }
}

TEST("receipts roots are those of the definition, made at once or in pieces, with memory reused") {
    test::Random random{2};
    block::ReceiptsRoot root;
    for (const size_t count : {0, 1, 2, 127, 128, 129, 31, 256, 257, 2000, 3}) {
        const wire::BlockRecords records = random_records(random, count, 4, 100);
        const std::string expected = test::to_hex(expected_root(records));
        for (const size_t piece : {1, 32, 4096})
            CHECK_EQ(root_in_pieces(root, records, piece), expected);
    }
    const wire::BlockRecords large = random_records(random, 2, 2000, 800);
    CHECK_EQ(root_in_pieces(root, large, 1), test::to_hex(expected_root(large)));
}

TEST("blocks have the receipts root that mainnet headers name, from Byzantium on") {
    // One receipt of a plain transfer, as in many a header.
    const std::string one_transfer =
        "056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2";
    for (const evmc_revision revision :
         {EVMC_SPURIOUS_DRAGON, EVMC_BYZANTIUM, EVMC_LONDON, EVMC_OSAKA}) {
        test::BlockFixture block{revision};
        block.add_call(test::address_of(0x70)).gas_limit = 21'000;
        const wire::BlockRecords& records = block.run();
        CHECK(records.error == wire::ErrorCode::ok);
        CHECK_EQ(test::to_hex(records.receipts_root.bytes, 32),
                 revision < EVMC_BYZANTIUM ? std::string(64, '0') : one_transfer);
    }
}
