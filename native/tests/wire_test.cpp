#include "tests/harness.hpp"
#include "wire/block_reader.hpp"
#include "wire/output_reader.hpp"
#include "wire/output_writer.hpp"
#include "wire/state_dump.hpp"

#include <cstring>

namespace {

using namespace braid;

/// A block input of one transaction with one access entry, laid out by hand.
struct SampleBlock {
    wire::BlockInput header{};
    wire::Transaction transaction{};
    wire::AccessEntry access{};
    uint32_t gap = 0;
    Bytes32 keys[2]{};
    wire::BlockHash hashes[2]{};
    uint8_t pool[16]{};

    SampleBlock() {
        header.magic = wire::magic::block_input;
        header.version = wire::version;
        header.transactions = {offsetof(SampleBlock, transaction), 1};
        header.access_entries = {offsetof(SampleBlock, access), 1};
        header.storage_keys = {offsetof(SampleBlock, keys), 2};
        header.block_hashes = {offsetof(SampleBlock, hashes), 2};
        header.pool = {offsetof(SampleBlock, pool), sizeof(pool)};
        transaction.data_offset = 4;
        transaction.data_size = 12;
        transaction.access_count = 1;
        access.key_count = 2;
        hashes[0].number = 7;
        hashes[1].number = 8;
    }

    [[nodiscard]] BytesView bytes() const {
        return {reinterpret_cast<const uint8_t*>(this), sizeof(*this)};
    }
    [[nodiscard]] bool is_accepted() const { return wire::read_block(bytes()).has_value(); }
};
static_assert(offsetof(SampleBlock, access) % 8 == 0 && offsetof(SampleBlock, keys) % 8 == 0 &&
              offsetof(SampleBlock, hashes) % 8 == 0 && offsetof(SampleBlock, pool) % 8 == 0);

wire::BlockRecords sample_records() {
    wire::BlockRecords records;
    records.gas_used = 21000;
    records.bloom[3] = 9;
    records.receipts.resize(2);
    records.logs.resize(3);
    records.topics.resize(1);
    records.requests.resize(1);
    const uint8_t code[] = {1, 2, 3};
    wire::AccountChange account{};
    account.nonce_after = 5;
    account.code_offset = records.append(code);
    account.code_size = 3;
    account.slot_count = 1;
    records.accounts.push_back(account);
    records.slots.resize(1);
    records.slots[0].after.bytes[31] = 42;
    return records;
}

} // namespace

TEST("a block input is read in place") {
    const SampleBlock block;
    const auto view = wire::read_block(block.bytes());
    CHECK(view.has_value());
    CHECK(view->header == &block.header);
    CHECK(view->transactions.data() == &block.transaction && view->transactions.size() == 1);
    CHECK(view->storage_keys.data() == block.keys && view->storage_keys.size() == 2);
    CHECK(view->block_hashes.size() == 2 && view->ommers.empty());
    CHECK(view->pool.data() == block.pool && view->pool.size() == 16);
}

TEST("a block input of another kind, version or alignment is refused") {
    SampleBlock block;
    block.header.magic = wire::magic::block_output;
    CHECK(!block.is_accepted());
    block = {};
    block.header.version = wire::version + 1;
    CHECK(!block.is_accepted());

    block = {};
    alignas(8) uint8_t shifted[sizeof(SampleBlock) + 8];
    std::memcpy(shifted + 4, &block, sizeof(block));
    CHECK(!wire::read_block({shifted + 4, sizeof(block)}).has_value());
}

TEST("a block input cut anywhere is refused") {
    const SampleBlock block;
    for (size_t size = 0; size < sizeof(block); ++size)
        CHECK(!wire::read_block(block.bytes().first(size)).has_value());
}

TEST("ranges of a block input that leave it are refused") {
    const auto refuses = [](auto change) {
        SampleBlock block;
        change(block);
        return !block.is_accepted();
    };
    CHECK(refuses([](SampleBlock& b) { b.header.transactions.offset += 4; }));
    CHECK(refuses([](SampleBlock& b) { b.header.transactions.count = 0xffffffff; }));
    CHECK(refuses([](SampleBlock& b) { b.header.transactions.offset = 0xfffffff8; }));
    CHECK(refuses([](SampleBlock& b) { b.header.pool.count += 1; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.data_size += 1; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.data_offset = 0xffffffff; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.payload_size = 17; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.access_start = 1; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.blob_count = 1; }));
    CHECK(refuses([](SampleBlock& b) { b.transaction.authorization_count = 1; }));
    CHECK(refuses([](SampleBlock& b) { b.access.key_start = 1; }));
    CHECK(refuses([](SampleBlock& b) { b.hashes[1].number = 7; }));
    CHECK(refuses([](SampleBlock& b) { b.hashes[1].number = 6; }));
    CHECK(!refuses([](SampleBlock& b) { b.header.ommers = {0xffffffff, 0}; }));
}

TEST("a block output is written and read back") {
    const wire::BlockRecords records = sample_records();
    const wire::PackedBuffer buffer = wire::write_output(records);
    const auto view = wire::read_output(buffer.view());
    CHECK(view.has_value());
    CHECK_EQ(view->header->gas_used, uint64_t{21000});
    CHECK_EQ(view->header->bloom[3], uint8_t{9});
    CHECK_EQ(view->header->receipts.count, 2U);
    CHECK_EQ(view->header->logs.count, 3U);
    CHECK_EQ(view->header->requests.offset % 8, 0U);
    CHECK(view->accounts.size() == 1 && view->accounts[0].nonce_after == 5);
    CHECK(view->slots.size() == 1 && view->slots[0].after.bytes[31] == 42);
    CHECK_EQ(test::to_hex(view->pool), std::string("010203"));
}

TEST("the output of a failed block is its header alone") {
    wire::BlockRecords records = sample_records();
    records.error = wire::ErrorCode::tx_nonce_too_low;
    records.error_transaction = 3;
    const wire::PackedBuffer buffer = wire::write_output(records);
    CHECK_EQ(buffer.size, sizeof(wire::BlockOutput));
    const auto view = wire::read_output(buffer.view());
    CHECK(view.has_value() && view->accounts.empty() && view->pool.empty());
    CHECK_EQ(view->header->error, static_cast<uint32_t>(wire::ErrorCode::tx_nonce_too_low));
    CHECK_EQ(view->header->error_transaction, 3);
}

TEST("account changes that leave a block output are refused") {
    for (const auto field : {&wire::AccountChange::code_size, &wire::AccountChange::code_offset,
                             &wire::AccountChange::slot_start, &wire::AccountChange::slot_count}) {
        wire::BlockRecords records = sample_records();
        records.accounts[0].*field += 1;
        const wire::PackedBuffer buffer = wire::write_output(records);
        CHECK(!wire::read_output(buffer.view()).has_value());
    }
}

TEST("records keep nothing when they are cleared") {
    wire::BlockRecords records = sample_records();
    records.error = wire::ErrorCode::cancelled;
    records.clear();
    const wire::PackedBuffer buffer = wire::write_output(records);
    const wire::PackedBuffer empty = wire::write_output({});
    CHECK_EQ(test::to_hex(buffer.view()), test::to_hex(empty.view()));
}

TEST("a state dump is written and read back, and refused where it is cut") {
    wire::StateDumpRecords records;
    records.accounts.resize(2);
    records.accounts[1].slot_start = 1;
    records.accounts[1].slot_count = 2;
    records.slots.resize(3);
    records.pool = {1, 2, 3, 4, 5};
    records.accounts[0].code_size = 5;
    const wire::PackedBuffer buffer = wire::write_state_dump(records);
    const auto view = wire::read_state_dump(buffer.view());
    CHECK(view.has_value() && view->accounts.size() == 2 && view->slots.size() == 3);
    CHECK_EQ(test::to_hex(view->pool), std::string("0102030405"));
    for (size_t size = 0; size < buffer.size; ++size)
        CHECK(!wire::read_state_dump(buffer.view().first(size)).has_value());

    records.accounts[1].slot_count = 3;
    CHECK(!wire::read_state_dump(wire::write_state_dump(records).view()).has_value());
}
