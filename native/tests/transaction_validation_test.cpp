#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

using namespace braid;
using namespace braid::test;
using wire::ErrorCode;

namespace {

/// What a block with one transaction, changed by `edit`, is rejected for.
template <typename Edit>
ErrorCode verdict(evmc_revision revision, Edit&& edit) {
    BlockFixture block{revision};
    wire::Transaction& transaction = block.add_call(address_of(0xdead));
    edit(block, transaction);
    const wire::BlockRecords& records = block.run();
    if (records.error != ErrorCode::ok) {
        CHECK_EQ(records.error_transaction, 0);
        CHECK(records.receipts.empty() && records.accounts.empty());
    }
    return records.error;
}

template <typename Edit>
ErrorCode latest(Edit&& edit) {
    return verdict(EVMC_OSAKA, edit);
}

void make_blob_transaction(BlockFixture& block, wire::Transaction& transaction, uint32_t blobs) {
    transaction.type = 3;
    transaction.max_fee_per_blob_gas = word(1);
    transaction.blob_count = blobs;
    Bytes32 hash{};
    hash.bytes[0] = 1;
    block.blob_hashes.assign(blobs, hash);
}

} // namespace

TEST("validation: the plain transaction of these tests is valid on every fork") {
    for (int revision = EVMC_FRONTIER; revision <= EVMC_OSAKA; ++revision)
        CHECK(verdict(static_cast<evmc_revision>(revision), [](auto&, auto&) {}) == ErrorCode::ok);
}

TEST("validation: transaction types arrive with their forks") {
    const evmc_revision first[]{EVMC_FRONTIER, EVMC_BERLIN, EVMC_LONDON};
    for (uint8_t type = 1; type < 3; ++type) {
        const auto with_type = [type](auto&, wire::Transaction& t) { t.type = type; };
        CHECK(verdict(static_cast<evmc_revision>(first[type] - 1), with_type) ==
              ErrorCode::tx_type_not_supported);
        CHECK(verdict(first[type], with_type) == ErrorCode::ok);
    }
    CHECK(verdict(EVMC_SHANGHAI, [](auto& b, auto& t) { make_blob_transaction(b, t, 1); }) ==
          ErrorCode::tx_type_not_supported);
    CHECK(verdict(EVMC_CANCUN, [](auto&, auto& t) { t.type = 4; }) ==
          ErrorCode::tx_type_not_supported);
    CHECK(latest([](auto&, auto& t) { t.type = 5; }) == ErrorCode::tx_type_not_supported);
}

TEST("validation: blobs count in transactions of their own type alone") {
    for (const uint8_t type : {0, 1, 2, 4}) {
        BlockFixture block{EVMC_OSAKA};
        size_t seen = SIZE_MAX;
        const Address target = block.deploy(500, [&](const ScriptedVm::Frame& frame) {
            seen = frame.host->get_tx_context(frame.context).blob_hashes_count;
            return result_of(EVMC_SUCCESS, frame.message->gas);
        });
        wire::Transaction& transaction = block.add_call(target);
        make_blob_transaction(block, transaction, 3);
        transaction.type = type;
        transaction.max_fee_per_blob_gas = word(uint64_t{1} << 60); // nobody pays that
        if (type == 4) {
            block.authorizations.emplace_back();
            transaction.authorization_count = 1;
        }
        CHECK(block.run().error == ErrorCode::ok);
        CHECK_EQ(seen, size_t{0});
        CHECK_EQ(block.records.blob_gas_used, uint64_t{0});
        CHECK_EQ(block.records.receipts[0].blob_gas_used, uint64_t{0});
    }
}

TEST("validation: nonce, chain, sender") {
    CHECK(latest([](auto& b, auto&) {
              b.state.set_account({b.sender, 1, uint256::max()});
          }) == ErrorCode::tx_nonce_too_low);
    CHECK(latest([](auto&, auto& t) { t.nonce = 1; }) == ErrorCode::tx_nonce_too_high);
    CHECK(latest([](auto& b, auto& t) {
              t.nonce = UINT64_MAX;
              b.state.set_account({b.sender, UINT64_MAX, uint256::max()});
          }) == ErrorCode::tx_nonce_overflow);
    CHECK(latest([](auto&, auto& t) {
              t.nonce = 9;
              t.flags |= wire::transaction_flag::skip_nonce_check;
          }) == ErrorCode::ok);
    CHECK(latest([](auto&, auto& t) {
              t.flags |= wire::transaction_flag::has_chain_id;
              t.chain_id = 2;
          }) == ErrorCode::tx_wrong_chain_id);
    CHECK(latest([](auto&, auto& t) { t.flags &= ~wire::transaction_flag::has_sender; }) ==
          ErrorCode::tx_signature_invalid);
}

TEST("validation: a sender with code is refused unless it delegates") {
    const auto with_code = [](std::vector<uint8_t> bytes) {
        return [bytes](BlockFixture& b, wire::Transaction&) {
            const Bytes32 hash = crypto::keccak256(bytes);
            b.state.add_code(bytes, hash);
            b.state.set_account({b.sender, 0, uint256{1'000'000'000'000}, hash});
        };
    };
    std::vector<uint8_t> designator{0xef, 0x01, 0x00};
    designator.resize(23);
    CHECK(verdict(EVMC_PRAGUE, with_code({0x00})) == ErrorCode::tx_sender_not_eoa);
    CHECK(verdict(EVMC_PRAGUE, with_code(designator)) == ErrorCode::ok);
    CHECK(verdict(EVMC_CANCUN, with_code(designator)) == ErrorCode::tx_sender_not_eoa);
    designator.push_back(0);
    CHECK(verdict(EVMC_PRAGUE, with_code(designator)) == ErrorCode::tx_sender_not_eoa);
}

TEST("validation: funds cover the most the transaction can cost, beyond 256 bits too") {
    const auto with_balance = [](const uint256& balance) {
        return [balance](BlockFixture& b, wire::Transaction& t) {
            t.value = word(5);
            b.state.set_account({b.sender, 0, balance});
        };
    };
    CHECK(latest(with_balance(uint256{1'000'005})) == ErrorCode::ok);
    CHECK(latest(with_balance(uint256{1'000'004})) == ErrorCode::tx_insufficient_funds);
    CHECK(latest([](BlockFixture& b, wire::Transaction& t) {
              t.max_fee_per_gas = to_bytes32(uint256::max());
              b.state.set_account({b.sender, 0, uint256::max()});
          }) == ErrorCode::tx_insufficient_funds);
    CHECK(latest([](BlockFixture& b, wire::Transaction& t) {
              t.value = to_bytes32(uint256::max());
              b.state.set_account({b.sender, 0, uint256::max()});
          }) == ErrorCode::tx_insufficient_funds);
    CHECK(latest([](BlockFixture& b, wire::Transaction& t) {
              t.flags |= wire::transaction_flag::skip_balance_check;
              b.state.set_account({b.sender, 0, uint256{}});
          }) == ErrorCode::ok);
}

TEST("validation: gas limits") {
    CHECK(latest([](auto&, auto& t) { t.gas_limit = 20'999; }) ==
          ErrorCode::tx_intrinsic_gas_too_low);
    CHECK(latest([](auto&, auto& t) { t.gas_limit = 21'000; }) == ErrorCode::ok);
    CHECK(latest([](auto& b, auto& t) {
              b.pool.assign(1000, 1);
              t.data_size = 1000;
              t.gas_limit = 21'000 + 16'000; // the floor is 21,000 + 40,000
          }) == ErrorCode::tx_floor_gas_too_low);
    CHECK(verdict(EVMC_CANCUN, [](auto& b, auto& t) {
              b.pool.assign(1000, 1);
              t.data_size = 1000;
              t.gas_limit = 21'000 + 16'000;
          }) == ErrorCode::ok);
    const auto with_limit = [](uint64_t limit) {
        return [limit](BlockFixture& b, wire::Transaction& t) {
            b.state.set_account({b.sender, 0, uint256::max()});
            t.gas_limit = limit;
        };
    };
    CHECK(latest(with_limit(1 << 24)) == ErrorCode::ok);
    CHECK(latest(with_limit((1 << 24) + 1)) == ErrorCode::tx_gas_limit_exceeds_cap);
    CHECK(verdict(EVMC_PRAGUE, with_limit(30'000'000)) == ErrorCode::ok);
    CHECK(verdict(EVMC_PRAGUE, with_limit(30'000'001)) == ErrorCode::tx_gas_limit_exceeds_block);
    CHECK(verdict(EVMC_PRAGUE, with_limit(UINT64_MAX)) == ErrorCode::tx_gas_limit_exceeds_block);
}

TEST("validation: initcode of a creation is bounded from Shanghai on") {
    const auto create = [](uint32_t size) {
        return [size](BlockFixture& b, wire::Transaction& t) {
            b.vm.scripts.push_back(
                [](const ScriptedVm::Frame& f) { return result_of(EVMC_SUCCESS, f.message->gas); });
            b.pool.assign(size, 0);
            t.data_size = size;
            t.flags &= ~wire::transaction_flag::has_to;
            t.gas_limit = 1'000'000;
        };
    };
    CHECK(verdict(EVMC_SHANGHAI, create(49'152)) == ErrorCode::ok);
    CHECK(verdict(EVMC_SHANGHAI, create(49'153)) == ErrorCode::tx_initcode_too_large);
    CHECK(verdict(EVMC_PARIS, create(49'153)) == ErrorCode::ok);
}

TEST("validation: fees") {
    CHECK(latest([](auto&, auto& t) {
              t.max_fee_per_gas = word(6);
              t.max_priority_fee_per_gas = word(6);
          }) == ErrorCode::tx_max_fee_below_base_fee);
    CHECK(latest([](auto&, auto& t) {
              t.type = 2;
              t.max_priority_fee_per_gas = word(11);
          }) == ErrorCode::tx_priority_fee_above_max_fee);
    CHECK(verdict(EVMC_BERLIN, [](auto&, auto& t) {
              t.max_fee_per_gas = word(0);
              t.max_priority_fee_per_gas = word(0);
          }) == ErrorCode::ok);
}

TEST("validation: blobs") {
    const auto blobs = [](uint32_t count) {
        return [count](auto& b, auto& t) { make_blob_transaction(b, t, count); };
    };
    CHECK(latest(blobs(0)) == ErrorCode::tx_blob_missing);
    CHECK(latest(blobs(6)) == ErrorCode::ok);
    CHECK(latest(blobs(7)) == ErrorCode::tx_blob_too_many);
    CHECK(latest([](auto& b, auto& t) {
              make_blob_transaction(b, t, 2);
              b.header.max_blobs_per_transaction = 1;
          }) == ErrorCode::tx_blob_too_many);
    CHECK(latest([](auto& b, auto& t) {
              make_blob_transaction(b, t, 1);
              b.blob_hashes[0].bytes[0] = 2;
          }) == ErrorCode::tx_blob_version_invalid);
    CHECK(latest([](auto& b, auto& t) {
              make_blob_transaction(b, t, 1);
              b.header.blob_base_fee = word(2);
          }) == ErrorCode::tx_blob_fee_too_low);
    CHECK(latest([](auto& b, auto& t) {
              make_blob_transaction(b, t, 1);
              t.flags &= ~wire::transaction_flag::has_to;
          }) == ErrorCode::tx_blob_create);
}

TEST("validation: set-code transactions name authorizations and a recipient") {
    CHECK(latest([](auto&, auto& t) { t.type = 4; }) == ErrorCode::tx_set_code_empty);
    CHECK(latest([](auto&, auto& t) {
              t.type = 4;
              t.flags &= ~wire::transaction_flag::has_to;
          }) == ErrorCode::tx_set_code_create);
}

TEST("validation: the block's gas and blobs are shared by its transactions") {
    BlockFixture block{EVMC_CANCUN};
    block.header.gas_limit = 130'000;
    block.add_call(address_of(1000)).gas_limit = 100'000; // uses 21,000
    block.add_call(address_of(1000)).gas_limit = 109'000;
    CHECK(block.run().error == ErrorCode::ok);
    CHECK_EQ(block.records.gas_used, uint64_t{42'000});
    block.transactions[1].gas_limit = 109'001;
    CHECK(block.run().error == ErrorCode::tx_gas_limit_exceeds_block);
    CHECK_EQ(block.records.error_transaction, 1);
    CHECK(block.records.error_expected == word(109'000));

    BlockFixture blobs{EVMC_CANCUN};
    make_blob_transaction(blobs, blobs.add_call(address_of(1000)), 4);
    make_blob_transaction(blobs, blobs.add_call(address_of(1000)), 3);
    blobs.blob_hashes.resize(4, blobs.blob_hashes[0]);
    CHECK(blobs.run().error == ErrorCode::tx_blob_gas_exceeds_block);
    CHECK_EQ(blobs.records.error_transaction, 1);
}
