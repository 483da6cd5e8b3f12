#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"
#include "transaction/contract_address.hpp"
#include "transaction/vm_loader.hpp"

using namespace braid;
using namespace braid::test;
using wire::ErrorCode;
using Frame = ScriptedVm::Frame;

namespace {

Address parse_address(const char* hex) {
    const auto bytes = from_hex(hex);
    Address address;
    std::memcpy(address.bytes, bytes.data(), sizeof(address.bytes));
    return address;
}

/// A message from the account a frame runs as.
evmc_message message_from(const Frame& frame, const Address& to, uint64_t value, int64_t gas) {
    evmc_message message{};
    message.kind = EVMC_CALL;
    message.depth = frame.message->depth + 1;
    message.gas = gas;
    message.sender = frame.message->recipient;
    message.recipient = to;
    message.code_address = to;
    message.value = word(value);
    return message;
}

void store(const Frame& frame, uint64_t key, uint64_t value) {
    const Bytes32 key_word = word(key);
    const Bytes32 value_word = word(value);
    frame.host->set_storage(frame.context, &frame.message->recipient, &key_word, &value_word);
}

uint64_t balance_after(const BlockFixture& block, const Address& address) {
    const wire::AccountChange* change = block.change_of(address);
    return change == nullptr ? 0 : to_uint256(change->balance_after).word[0];
}

} // namespace

TEST("contract addresses: CREATE and the examples of EIP-1014") {
    const Address sender = parse_address("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
    CHECK(transaction::create_address(sender, 0) ==
          parse_address("cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"));
    CHECK(transaction::create_address(sender, 1) ==
          parse_address("343c43a37d37dff08ae8c4a11544c718abb4fcf8"));
    const uint8_t zero[1]{0};
    CHECK(transaction::create2_address({}, {}, zero) ==
          parse_address("4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38"));
    const auto initcode = from_hex("deadbeef");
    Bytes32 salt{};
    const auto salt_tail = from_hex("cafebabe");
    std::memcpy(salt.bytes + 28, salt_tail.data(), 4);
    CHECK(transaction::create2_address(parse_address("00000000000000000000000000000000deadbeef"),
                                       salt, initcode) ==
          parse_address("60f3f640a8508fc6a86d45df051962668e1e8ac7"));
}

TEST("a transfer moves value, pays the coinbase its tip and burns the base fee") {
    BlockFixture block{EVMC_CANCUN};
    block.add_call(address_of(500)).value = word(77);
    CHECK(block.run().error == ErrorCode::ok);
    CHECK_EQ(block.records.gas_used, uint64_t{21'000});
    CHECK_EQ(balance_after(block, address_of(500)), uint64_t{77});
    CHECK_EQ(balance_after(block, block.header.coinbase), uint64_t{21'000 * 3});
    CHECK_EQ(balance_after(block, block.sender), uint64_t{1'000'000'000'000 - 77 - 21'000 * 10});
    CHECK_EQ(block.records.receipts[0].status, uint8_t{1});
    CHECK_EQ(block.change_of(block.sender)->nonce_after, uint64_t{1});
}

TEST("what a simulation lends is taken back, and nobody is paid out of it") {
    BlockFixture block{EVMC_CANCUN};
    block.state.set_account({block.sender, 0, uint256{50'000}});
    wire::Transaction& transaction = block.add_call(address_of(500));
    transaction.flags |= wire::transaction_flag::skip_balance_check;
    CHECK(block.run().error == ErrorCode::ok);
    CHECK_EQ(balance_after(block, block.sender), uint64_t{0});
    // Of the 210,000 that the gas costs 160,000 are owed: more than the tips of 63,000.
    CHECK_EQ(balance_after(block, block.header.coinbase), uint64_t{0});

    // A loan that is kept: all of it but what the gas cost.
    transaction.flags |= wire::transaction_flag::keep_loan;
    CHECK(block.run().error == ErrorCode::ok);
    CHECK_EQ(balance_after(block, block.sender), uint64_t{1'000'000 - 21'000 * 10});
    CHECK_EQ(balance_after(block, block.header.coinbase), uint64_t{21'000 * 3});
}

TEST("a reverted frame gives back its value and its writes; what is left of the gas is refunded") {
    BlockFixture block{EVMC_CANCUN};
    const Address target = block.deploy(500, [](const Frame& frame) {
        store(frame, 1, 2);
        return result_of(EVMC_REVERT, frame.message->gas - 5000);
    });
    block.add_call(target).value = word(9);
    block.run();
    CHECK_EQ(block.records.receipts[0].status, uint8_t{0});
    CHECK_EQ(block.records.receipts[0].evm_status, static_cast<int32_t>(EVMC_REVERT));
    CHECK_EQ(block.records.gas_used, uint64_t{26'000});
    CHECK(block.change_of(target) == nullptr);
}

TEST("an exceptional end takes all gas") {
    BlockFixture block{EVMC_CANCUN};
    block.add_call(block.deploy(500, [](const Frame&) {
        evmc_result result = result_of(EVMC_INVALID_INSTRUCTION, 77);
        result.gas_refund = 99;
        return result;
    }));
    block.run();
    CHECK_EQ(block.records.gas_used, uint64_t{100'000});
}

TEST("refunds are capped by the fork's share of the gas used") {
    for (const evmc_revision revision : {EVMC_BERLIN, EVMC_LONDON}) {
        BlockFixture block{revision};
        block.add_call(block.deploy(500, [](const Frame& frame) {
            evmc_result result = result_of(EVMC_SUCCESS, frame.message->gas - 19'000);
            result.gas_refund = 1'000'000;
            return result;
        }));
        block.run();
        CHECK_EQ(block.records.gas_used, uint64_t{revision == EVMC_BERLIN ? 20'000u : 32'000u});
    }
}

TEST("a VM that reports an internal error ends the block with a typed error") {
    BlockFixture block{EVMC_CANCUN};
    block.add_call(address_of(1));
    block.add_call(
        block.deploy(500, [](const Frame&) { return result_of(EVMC_INTERNAL_ERROR, 0); }));
    CHECK(block.run().error == ErrorCode::vm_internal_error);
    CHECK_EQ(block.records.error_transaction, 1);
}

TEST("missing code ends the block only where the code is needed") {
    BlockFixture block{EVMC_CANCUN};
    block.state.set_account({address_of(500), 1, uint256{3}, word(0xabc)});
    const Address looker = block.deploy(501, [](const Frame& frame) {
        const Address other = address_of(500);
        CHECK(frame.host->get_balance(frame.context, &other) == word(3));
        CHECK(frame.host->get_code_hash(frame.context, &other) == word(0xabc));
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(looker);
    CHECK(block.run().error == ErrorCode::ok);
    block.add_call(address_of(500));
    CHECK(block.run().error == ErrorCode::state_missing_code);
    CHECK_EQ(block.records.error_transaction, 1);
    CHECK(block.records.error_address == address_of(500));
}

TEST("BLOCKHASH serves the window and asks for what is missing in it") {
    uint64_t number = 0;
    Bytes32 seen{};
    BlockFixture block{EVMC_CANCUN};
    block.header.number = 1000;
    block.block_hashes = {{744, word(7)}, {900, word(8)}};
    block.add_call(block.deploy(500, [&](const Frame& frame) {
        seen = frame.host->get_block_hash(frame.context, static_cast<int64_t>(number));
        return result_of(EVMC_SUCCESS, frame.message->gas);
    }));
    const auto ask = [&](uint64_t asked) {
        number = asked;
        return block.run().error;
    };
    CHECK(ask(744) == ErrorCode::ok && seen == word(7));
    CHECK(ask(900) == ErrorCode::ok && seen == word(8));
    CHECK(ask(999) == ErrorCode::ok && seen == block.header.parent_hash);
    CHECK(ask(743) == ErrorCode::ok && is_zero(seen));
    CHECK(ask(1000) == ErrorCode::ok && is_zero(seen));
    CHECK(ask(800) == ErrorCode::state_missing_block_hash);
    CHECK(block.records.error_expected == word(800));
}

TEST("creation: collisions, code rules and deposit gas by fork") {
    struct Row {
        evmc_revision revision;
        std::vector<uint8_t> code;
        int64_t gas_left;
        evmc_status_code status;
    };
    const Row rows[]{
        {EVMC_FRONTIER, {1, 2}, 399, EVMC_SUCCESS}, // too little gas: stays without code
        {EVMC_HOMESTEAD, {1, 2}, 399, EVMC_OUT_OF_GAS},
        {EVMC_HOMESTEAD, {1, 2}, 400, EVMC_SUCCESS},
        {EVMC_BERLIN, {0xef}, 1000, EVMC_SUCCESS},
        {EVMC_LONDON, {0xef}, 1000, EVMC_CONTRACT_VALIDATION_FAILURE},
        {EVMC_TANGERINE_WHISTLE, std::vector<uint8_t>(24'577), 6'000'000, EVMC_SUCCESS},
        {EVMC_SPURIOUS_DRAGON, std::vector<uint8_t>(24'577), 6'000'000, EVMC_FAILURE},
    };
    for (const Row& row : rows) {
        BlockFixture block{row.revision};
        block.vm.scripts.push_back([&](const Frame& frame) {
            CHECK_EQ(frame.message->input_size, size_t{0});
            evmc_result result = result_of(EVMC_SUCCESS, row.gas_left);
            result.output_data = row.code.data();
            result.output_size = row.code.size();
            return result;
        });
        block.pool = {0};
        wire::Transaction& creation = block.add_call({});
        creation.flags = wire::transaction_flag::has_sender;
        creation.data_size = 1;
        creation.gas_limit = 10'000'000;
        block.run();
        CHECK(block.records.error == ErrorCode::ok);
        const wire::Receipt& receipt = block.records.receipts[0];
        CHECK_EQ(receipt.evm_status, static_cast<int32_t>(row.status));
        const Address created = transaction::create_address(block.sender, 0);
        CHECK(receipt.contract_address == created);
        const wire::AccountChange* change = block.change_of(created);
        CHECK_EQ(change != nullptr, row.status == EVMC_SUCCESS);
        if (change != nullptr)
            CHECK_EQ(change->code_size,
                     row.gas_left < 400 ? uint32_t{0} : static_cast<uint32_t>(row.code.size()));

        // An account with a nonce, or with storage alone, is in the way (EIP-684, EIP-7610).
        for (const uint64_t nonce : {uint64_t{0}, uint64_t{1}}) {
            block.state.set_account({created, nonce, uint256{}});
            block.state.set_storage(created, word(1), word(nonce == 0 ? 1 : 0));
            block.run();
            CHECK_EQ(block.records.receipts[0].status, uint8_t{0});
            CHECK_EQ(block.records.gas_used, uint64_t{10'000'000});
        }
    }
}

TEST("a contract destroyed and made again in one block starts without its storage") {
    BlockFixture block{EVMC_SHANGHAI};
    const auto run_or_die = [](const Frame& frame) {
        const Address& self = frame.message->recipient;
        const Bytes32 key = word(1);
        if (frame.message->input_size != 0) {
            frame.host->selfdestruct(frame.context, &self, &BlockFixture::sender);
        } else {
            CHECK(is_zero(frame.host->get_storage(frame.context, &self, &key)));
            store(frame, 2, 22);
        }
        return result_of(EVMC_SUCCESS, frame.message->gas);
    };
    const Address contract = block.deploy(500, run_or_die);
    block.state.set_storage(contract, word(1), word(11));
    block.state.set_storage(contract, word(2), word(22));
    block.pool = {1};
    block.add_call(contract).data_size = 1;
    block.add_call(contract).value = word(5); // now without code: a plain transfer revives it
    CHECK(block.run().error == ErrorCode::ok);
    const wire::AccountChange* change = block.change_of(contract);
    CHECK(change != nullptr);
    CHECK_EQ(change->flags, wire::account_flag::existed_before | wire::account_flag::exists_after |
                                wire::account_flag::code_changed |
                                wire::account_flag::storage_cleared);
    CHECK_EQ(to_uint256(change->balance_after).word[0], uint64_t{5});
    CHECK(change->code_hash_after == state::empty_code_hash);
    CHECK_EQ(change->slot_count, uint32_t{0});
}

TEST("EIP-6780: only a contract made in the same transaction is destroyed") {
    for (const evmc_revision revision : {EVMC_SHANGHAI, EVMC_CANCUN}) {
        BlockFixture block{revision};
        const Address contract = block.deploy(500, [&](const Frame& frame) {
            CHECK_EQ(frame.host->selfdestruct(frame.context, &frame.message->recipient,
                                              &frame.message->recipient),
                     revision == EVMC_SHANGHAI);
            return result_of(EVMC_SUCCESS, frame.message->gas);
        });
        block.add_call(contract).value = word(5);
        block.run();
        const wire::AccountChange* change = block.change_of(contract);
        CHECK(change != nullptr);
        const bool survives = revision == EVMC_CANCUN;
        CHECK_EQ((change->flags & wire::account_flag::exists_after) != 0, survives);
        CHECK_EQ(to_uint256(change->balance_after).word[0], uint64_t{survives ? 5u : 0u});
    }
}

TEST("the same transaction sees warm what the fork says is warm") {
    for (const evmc_revision revision : {EVMC_PARIS, EVMC_SHANGHAI}) {
        BlockFixture block{revision};
        block.access_entries = {{address_of(600), 0, 1}};
        block.storage_keys = {word(3)};
        const Address target = block.deploy(500, [&](const Frame& frame) {
            const auto warm = [&](const Address& address) {
                return frame.host->access_account(frame.context, &address) == EVMC_ACCESS_WARM;
            };
            CHECK(warm(frame.message->recipient) && warm(frame.message->sender));
            CHECK(warm(address_of(1)) && warm(address_of(9)) && !warm(address_of(10)));
            CHECK(warm(address_of(600)) && !warm(address_of(601)) && warm(address_of(601)));
            CHECK_EQ(warm(block.header.coinbase), revision >= EVMC_SHANGHAI);
            const Address listed = address_of(600);
            const Bytes32 key = word(3);
            const Bytes32 other = word(4);
            CHECK(frame.host->access_storage(frame.context, &listed, &key) == EVMC_ACCESS_WARM);
            CHECK(frame.host->access_storage(frame.context, &listed, &other) == EVMC_ACCESS_COLD);
            return result_of(EVMC_SUCCESS, frame.message->gas);
        });
        wire::Transaction& transaction = block.add_call(target);
        transaction.type = 1;
        transaction.access_count = 1;
        block.run();
        CHECK_EQ(block.records.gas_used, uint64_t{21'000 + 2'400 + 1'900});
    }
}

TEST("nested calls: a failing callee loses its effects, the caller keeps its own") {
    BlockFixture block{EVMC_CANCUN};
    const Address callee = block.deploy(500, [](const Frame& frame) {
        store(frame, 1, 1);
        return result_of(EVMC_OUT_OF_GAS, 0);
    });
    const Address caller = block.deploy(501, [&](const Frame& frame) {
        store(frame, 1, 1);
        const evmc_message message = message_from(frame, callee, 2, 10'000);
        const evmc_result result = frame.host->call(frame.context, &message);
        CHECK_EQ(result.status_code, EVMC_OUT_OF_GAS);
        const evmc_message rich = message_from(frame, callee, 1'000, 10'000);
        const evmc_result refused = frame.host->call(frame.context, &rich);
        CHECK_EQ(refused.status_code, EVMC_INSUFFICIENT_BALANCE);
        CHECK_EQ(refused.gas_left, int64_t{10'000});
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(caller).value = word(5);
    block.run();
    CHECK(block.change_of(callee) == nullptr);
    CHECK_EQ(balance_after(block, caller), uint64_t{5});
    CHECK_EQ(block.change_of(caller)->slot_count, uint32_t{1});
}

TEST("precompiles answer foreign VMs with outputs that own their bytes") {
    BlockFixture block{EVMC_CANCUN};
    const std::vector<uint8_t> input{1, 2, 3};
    block.add_call(block.deploy(500, [&](const Frame& frame) {
        evmc_message message = message_from(frame, address_of(4), 0, 10'000);
        message.input_data = input.data();
        message.input_size = input.size();
        const evmc_result first = frame.host->call(frame.context, &message);
        message.input_size = 1;
        const evmc_result second = frame.host->call(frame.context, &message);
        CHECK_EQ(first.output_size, size_t{3});
        CHECK(std::memcmp(first.output_data, input.data(), 3) == 0);
        CHECK_EQ(first.gas_left, int64_t{10'000 - 18});
        CHECK(first.release != nullptr && second.release != nullptr);
        first.release(&first);
        second.release(&second);
        return result_of(EVMC_SUCCESS, frame.message->gas);
    }));
    block.run();
    CHECK_EQ(block.records.receipts[0].status, uint8_t{1});
}

TEST("logs, topics and blooms land in the records") {
    BlockFixture block{EVMC_CANCUN};
    const Address target = block.deploy(500, [](const Frame& frame) {
        const Bytes32 topics[]{word(1), word(2)};
        const uint8_t data[]{9, 8, 7};
        frame.host->emit_log(frame.context, &frame.message->recipient, data, 3, topics, 2);
        frame.host->emit_log(frame.context, &frame.message->recipient, nullptr, 0, nullptr, 0);
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(target);
    block.add_call(address_of(1000));
    block.add_call(target);
    block.run();
    const wire::BlockRecords& records = block.records;
    CHECK_EQ(records.logs.size(), size_t{4});
    CHECK_EQ(records.receipts[2].log_start, uint32_t{2});
    CHECK_EQ(records.logs[2].topic_start, uint32_t{2});
    CHECK_EQ(records.pool[records.logs[2].data_offset], uint8_t{9});
    // The three bits of keccak256(address), by the Yellow Paper's definition.
    const Bytes32 hash = crypto::keccak256(target.bytes);
    for (int i = 0; i < 6; i += 2) {
        const unsigned bit = (hash.bytes[i] * 256u + hash.bytes[i + 1]) % 2048;
        CHECK((records.bloom[255 - bit / 8] >> (bit % 8) & 1) == 1);
        CHECK((records.receipts[0].bloom[255 - bit / 8] >> (bit % 8) & 1) == 1);
    }
    CHECK(std::all_of(std::begin(records.receipts[1].bloom), std::end(records.receipts[1].bloom),
                      [](uint8_t byte) { return byte == 0; }));
}

TEST("rewards, ommers, withdrawals and drained accounts are credited") {
    BlockFixture old{EVMC_HOMESTEAD};
    old.header.block_reward = word(3200);
    old.ommers = {{address_of(700), 1}, {address_of(701), 6}};
    old.state.set_account({address_of(800), 0, uint256{40}});
    old.drains = {address_of(800), address_of(801)};
    old.header.drain_beneficiary = address_of(802);
    CHECK(old.run().error == ErrorCode::ok);
    CHECK_EQ(balance_after(old, old.header.coinbase), uint64_t{3200 + 200});
    CHECK_EQ(balance_after(old, address_of(700)), uint64_t{3200 * 7 / 8});
    CHECK_EQ(balance_after(old, address_of(701)), uint64_t{3200 * 2 / 8});
    CHECK_EQ(balance_after(old, address_of(802)), uint64_t{40});

    BlockFixture recent{EVMC_SHANGHAI};
    recent.withdrawals = {{3, address_of(900), 0}, {4, address_of(900), 0}};
    recent.run();
    CHECK_EQ(balance_after(recent, address_of(900)), uint64_t{7'000'000'000});
    CHECK(recent.change_of(recent.header.coinbase) == nullptr);
}

TEST("without rewards a coinbase that nothing else touches stays as it is") {
    BlockFixture block{EVMC_HOMESTEAD};
    block.header.block_reward = word(3200);
    block.ommers = {{address_of(700), 1}};
    block.header.flags = wire::block_flag::no_rewards;
    CHECK(block.run().error == ErrorCode::ok);
    CHECK(block.records.accounts.empty());

    block.header.flags = 0;
    block.header.block_reward = word(0);
    CHECK(block.run().error == ErrorCode::ok);
    CHECK(block.change_of(block.header.coinbase) != nullptr);
}

TEST("system calls: silent before the transactions, required after them") {
    BlockFixture block{EVMC_PRAGUE};
    Address caller{};
    const Address early = block.deploy(500, [&](const Frame& frame) {
        caller = frame.message->sender;
        store(frame, 1, frame.message->input_data[0]);
        return result_of(EVMC_SUCCESS, 0);
    });
    static const uint8_t request[]{0xaa, 0xbb};
    evmc_status_code late_status = EVMC_SUCCESS;
    const Address late = block.deploy(501, [&](const Frame&) {
        evmc_result result = result_of(late_status, 0);
        result.output_data = request;
        result.output_size = sizeof(request);
        return result;
    });
    block.pool = {42};
    block.system_calls = {{0, 0, 0, 1, early}, {0, 0, 0, 1, address_of(999)}, {1, 2, 0, 0, late}};
    CHECK(block.run().error == ErrorCode::ok);
    CHECK(caller == transaction::system_address);
    CHECK(block.change_of(transaction::system_address) == nullptr);
    CHECK(block.records.slots.size() == 1 && block.records.slots[0].after == word(42));
    CHECK_EQ(block.records.gas_used, uint64_t{0});
    CHECK_EQ(block.records.requests.size(), size_t{1});
    CHECK_EQ(block.records.requests[0].type, uint32_t{2});
    CHECK_EQ(block.records.requests[0].size, uint32_t{2});

    late_status = EVMC_REVERT;
    CHECK(block.run().error == ErrorCode::block_system_call_failed);
    block.system_calls[2].address = address_of(998);
    CHECK(block.run().error == ErrorCode::block_system_contract_missing);
    CHECK_EQ(block.records.error_transaction, -1);
    block.header.flags = wire::block_flag::forgive_missing_system_contracts;
    CHECK(block.run().error == ErrorCode::ok);
}

TEST("EIP-6110: deposits become one request; another layout makes the block invalid") {
    std::vector<uint8_t> event(576, 0);
    const std::pair<size_t, uint8_t> fields[]{{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};
    for (size_t i = 0; i < 5; ++i) {
        store_be64(event.data() + i * 32 + 24, fields[i].first);
        event[fields[i].first + 31] = fields[i].second;
        for (size_t k = 0; k < fields[i].second; ++k)
            event[fields[i].first + 32 + k] = static_cast<uint8_t>(i + 1);
    }
    BlockFixture block{EVMC_PRAGUE};
    const char* signature = "DepositEvent(bytes,bytes,bytes,bytes,bytes)";
    const Bytes32 topic =
        crypto::keccak256({reinterpret_cast<const uint8_t*>(signature), std::strlen(signature)});
    block.header.flags = wire::block_flag::has_deposit_contract;
    block.header.deposit_contract = block.deploy(500, [&](const Frame& frame) {
        frame.host->emit_log(frame.context, &frame.message->recipient, event.data(), event.size(),
                             &topic, 1);
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(block.header.deposit_contract);
    block.add_call(block.header.deposit_contract);
    CHECK(block.run().error == ErrorCode::ok);
    CHECK_EQ(block.records.requests.size(), size_t{1});
    const wire::Request& request = block.records.requests[0];
    CHECK_EQ(request.type, uint32_t{0});
    CHECK_EQ(request.size, uint32_t{2 * 192});
    CHECK_EQ(block.records.pool[request.offset + 48 + 32], uint8_t{3});
    event[31] = 161;
    CHECK(block.run().error == ErrorCode::block_deposit_invalid);
    event.resize(575);
    CHECK(block.run().error == ErrorCode::block_deposit_invalid);
}

TEST("block state: code that was set and removed again is no code") {
    state::MemoryState base;
    const Bytes32 old_hash = word(7);
    base.add_code(std::vector<uint8_t>{1}, old_hash);
    base.set_account({address_of(1), 1, uint256{}, old_hash});
    block::BlockState block;
    block.begin(base, true);
    const auto apply = [&](CodeRef code) {
        transaction::TransactionOutcome outcome;
        transaction::AccountWrite& write = outcome.accounts.emplace_back();
        write.address = address_of(1);
        write.code_changed = true;
        write.code = code.get();
        write.code_hash = code == nullptr ? state::empty_code_hash : code->hash();
        if (code != nullptr)
            outcome.codes.push_back(std::move(code));
        CHECK(block.apply(outcome, address_of(2), block::no_writer) == state::ReadStatus::ok);
    };
    apply(std::make_shared<const Code>(std::vector<uint8_t>{1, 2, 3}, word(8)));
    const Code* code = nullptr;
    CHECK(block.load_code(address_of(1), word(8), code) == state::ReadStatus::ok);
    CHECK_EQ(code->bytes().size(), size_t{3});
    apply(nullptr);
    wire::BlockRecords records;
    block.collect(records);
    CHECK_EQ(records.accounts.size(), size_t{1});
    CHECK(records.accounts[0].code_hash_after == state::empty_code_hash);
    CHECK_EQ(records.accounts[0].code_size, uint32_t{0});
    CHECK(records.pool.empty());
}

TEST("a revision beyond the supported ones is a typed error") {
    BlockFixture block{EVMC_EXPERIMENTAL};
    CHECK(block.run().error == ErrorCode::unsupported_revision);
}

TEST("running a block leaves the state as it was, and twice the same") {
    BlockFixture block{EVMC_CANCUN};
    block.add_call(block.deploy(500, [](const Frame& frame) {
        store(frame, 1, 1);
        return result_of(EVMC_SUCCESS, frame.message->gas);
    }));
    block.run();
    const wire::BlockRecords first = block.records;
    block.run();
    CHECK_EQ(first.accounts.size(), block.records.accounts.size());
    CHECK(std::memcmp(first.accounts.data(), block.records.accounts.data(),
                      first.accounts.size() * sizeof(wire::AccountChange)) == 0);
    CHECK_EQ(first.slots.size(), size_t{1});
    Bytes32 value;
    (void)block.state.load_storage(address_of(500), word(1), value);
    CHECK(is_zero(value));
}

TEST("loading a VM: names, and what is said about bad files") {
    using transaction::LoadStatus;
    using transaction::VmLibrary;
    CHECK_EQ(transaction::create_function_name("/a/b/libevmone.so.0.15"), "evmc_create_evmone");
    CHECK_EQ(transaction::create_function_name("my-vm.so"), "evmc_create_my_vm");
    CHECK_EQ(transaction::create_function_name("libx"), "evmc_create_x");

    LoadStatus status = LoadStatus::ok;
    std::string detail;
    CHECK(VmLibrary::load("/nowhere/libnothing.so", status, detail) == nullptr);
    CHECK(status == LoadStatus::not_found);
    CHECK(detail.find("libnothing") != std::string::npos);
#ifdef __linux__
    CHECK(VmLibrary::load("libm.so.6", status, detail) == nullptr);
    CHECK(status == LoadStatus::no_create_function);
    CHECK(detail.find("evmc_create_libm") == std::string::npos);
    CHECK(detail.find("evmc_create_m ") != std::string::npos);
#endif
}
