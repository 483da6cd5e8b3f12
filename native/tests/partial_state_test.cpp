/// What is known of a state that lies elsewhere, and what executions find missing.
#include "state/packed_partial_state.hpp"
#include "state/partial_view.hpp"

#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

#include <algorithm>
#include <thread>

namespace braid::test {
namespace {

using state::AccountState;
using state::PartialState;
using state::PartialView;
using state::ReadStatus;
using state::StorageFacts;

wire::MissingKey missing(wire::MissingKind kind, const Address& address, const Bytes32& key = {}) {
    wire::MissingKey record{};
    record.kind = static_cast<uint32_t>(kind);
    record.address = address;
    record.key = key;
    return record;
}

bool is_same(const wire::MissingKey& a, const wire::MissingKey& b) {
    return a.kind == b.kind && a.address == b.address && a.key == b.key;
}

/// A slot's value; 999 where it is not known.
uint64_t slot_of(const PartialState& known, uint64_t address, uint64_t key) {
    Bytes32 value;
    if (!known.find_storage(address_of(address), word(key), value))
        return 999;
    return to_uint256(value).word[0];
}

TEST("partial state: knows what it learnt and nothing else") {
    PartialState known;
    AccountState account;
    bool exists = true;
    CHECK(!known.find_account(address_of(1), account, exists));
    CHECK_EQ(slot_of(known, 1, 1), 999u);

    known.learn_slot(address_of(1), word(1), word(11));
    known.learn_slot(address_of(1), word(2), word(0));
    CHECK(!known.find_account(address_of(1), account, exists));
    CHECK_EQ(slot_of(known, 1, 1), 11u);
    CHECK_EQ(slot_of(known, 1, 2), 0u);
    CHECK_EQ(slot_of(known, 1, 3), 999u);

    known.learn_account({address_of(1), 7, uint256{5}}, StorageFacts::unknown);
    CHECK(known.find_account(address_of(1), account, exists));
    CHECK(exists && account.nonce == 7 && account.balance == uint256{5} && account.has_storage);
    known.learn_absence(address_of(2));
    CHECK(known.find_account(address_of(2), account, exists));
    CHECK(!exists);
    CHECK_EQ(slot_of(known, 2, 5), 0u);

    known.learn_account({address_of(3), 0, uint256{}}, StorageFacts::complete);
    CHECK_EQ(slot_of(known, 3, 5), 0u);
    CHECK(known.find_account(address_of(3), account, exists) && !account.has_storage);
    known.learn_account({address_of(4), 0, uint256{}}, StorageFacts::set);
    CHECK_EQ(slot_of(known, 4, 5), 999u);
    CHECK(known.find_account(address_of(4), account, exists) && account.has_storage);
}

TEST("partial state: learning does not change what is known") {
    PartialState known;
    AccountState account;
    bool exists = false;
    known.learn_account({address_of(1), 7, uint256{5}}, StorageFacts::unknown);
    known.learn_account({address_of(1), 8, uint256{6}}, StorageFacts::complete);
    known.learn_absence(address_of(1));
    CHECK(known.find_account(address_of(1), account, exists));
    CHECK(exists && account.nonce == 7);
    known.learn_slot(address_of(1), word(1), word(11));
    known.learn_slot(address_of(1), word(1), word(12));
    CHECK_EQ(slot_of(known, 1, 1), 11u);
    known.remove_account(address_of(1));
    known.learn_slot(address_of(1), word(4), word(12));
    CHECK_EQ(slot_of(known, 1, 4), 0u);
    known.learn_account({address_of(1), 7, uint256{5}}, StorageFacts::unknown);
    CHECK(known.find_account(address_of(1), account, exists) && !exists);
}

TEST("partial state: moves on") {
    PartialState known;
    AccountState account;
    bool exists = false;
    known.learn_account({address_of(1), 7, uint256{5}}, StorageFacts::set);
    known.learn_slot(address_of(1), word(1), word(11));
    known.set_storage(address_of(1), word(1), word(0));
    known.set_storage(address_of(1), word(2), word(22));
    CHECK_EQ(slot_of(known, 1, 1), 0u);
    CHECK_EQ(slot_of(known, 1, 2), 22u);
    CHECK_EQ(slot_of(known, 1, 3), 999u);
    PartialState copy;
    copy.assign(known);
    known.clear_storage(address_of(1));
    CHECK_EQ(slot_of(known, 1, 2), 0u);
    CHECK_EQ(slot_of(known, 1, 3), 0u);
    CHECK(known.find_account(address_of(1), account, exists) && exists && !account.has_storage);
    CHECK_EQ(slot_of(copy, 1, 2), 22u);
    CHECK_EQ(slot_of(copy, 1, 3), 999u);
}

TEST("partial view: takes down what is missing, once, and answers as if it were not there") {
    const auto known = std::make_shared<PartialState>();
    known->learn_account({address_of(1), 0, uint256{1}, word(0xc0de)}, StorageFacts::unknown);
    PartialView view{known};
    AccountState account{5, uint256{5}, word(1), true};
    bool exists = true;
    for (int i = 0; i < 2; ++i) {
        CHECK(view.load_account(address_of(2), account, exists) == ReadStatus::ok);
        CHECK(!exists && account.nonce == 0 && !account.balance && !account.has_storage);
        Bytes32 value = word(3);
        CHECK(view.load_storage(address_of(1), word(4), value) == ReadStatus::ok);
        CHECK(is_zero(value));
        const Code* code = nullptr;
        CHECK(view.load_code(address_of(1), word(0xc0de), code) == ReadStatus::ok);
        CHECK(code != nullptr && code->bytes().empty());
        CHECK(view.load_account(address_of(1), account, exists) == ReadStatus::ok);
        CHECK(exists);
    }
    const auto found = view.take_missing();
    CHECK_EQ(found.size(), 3u);
    CHECK(is_same(found[0], missing(wire::MissingKind::account, address_of(2))));
    CHECK(is_same(found[1], missing(wire::MissingKind::slot, address_of(1), word(4))));
    CHECK(is_same(found[2], missing(wire::MissingKind::code, address_of(1), word(0xc0de))));
    CHECK(view.take_missing().empty());
}

TEST("partial view: bears concurrent readers") {
    PartialView view{std::make_shared<PartialState>()};
    constexpr uint64_t accounts = 50;
    constexpr uint64_t slots = 20;
    const auto read = [&](uint64_t start) {
        for (uint64_t i = 0; i < accounts; ++i) {
            const Address address = address_of((start + i) % accounts);
            AccountState account;
            bool exists = false;
            CHECK(view.load_account(address, account, exists) == ReadStatus::ok);
            for (uint64_t key = 0; key < slots; ++key) {
                Bytes32 value;
                CHECK(view.load_storage(address, word(key), value) == ReadStatus::ok);
            }
        }
    };
    std::vector<std::thread> threads;
    for (uint64_t i = 0; i < 4; ++i)
        threads.emplace_back(read, i * 13);
    for (std::thread& thread : threads)
        thread.join();
    CHECK_EQ(view.take_missing().size(), accounts * (slots + 1));
}

/// Runs a fixture's block on what is known, learning what is missing from the fixture's state until
/// nothing is; the number of runs.
size_t run_until_known(BlockFixture& fixture, const std::shared_ptr<PartialState>& known,
                       wire::BlockRecords& records) {
    transaction::Machine machine{adopt<evmc_vm>(fixture.vm)};
    block::BlockExecutor block{machine};
    block::SenderTable senders;
    for (size_t runs = 1;; ++runs) {
        PartialView view{known};
        senders.begin(fixture.view());
        senders.recover(0, senders.job_count());
        records.clear();
        block.execute(view, fixture.view(), senders, records);
        const auto found = view.take_missing();
        if (found.empty())
            return runs;
        for (const wire::MissingKey& key : found) {
            AccountState account;
            if (key.kind == static_cast<uint32_t>(wire::MissingKind::slot))
                known->learn_slot(key.address, key.key,
                                  fixture.state.storage(key.address, key.key));
            else if (key.kind == static_cast<uint32_t>(wire::MissingKind::code))
                known->learn_code(fixture.state.find_code(key.key)->bytes(), key.key);
            else if (fixture.state.find_account(key.address, account))
                known->learn_account(
                    {key.address, account.nonce, account.balance, account.code_hash},
                    StorageFacts::unknown);
            else
                known->learn_absence(key.address);
        }
    }
}

TEST("partial state: blocks come out as on the whole state") {
    BlockFixture fixture{EVMC_CANCUN};
    const Address target = fixture.deploy(0x77, [](const ScriptedVm::Frame& frame) {
        // Which slot is written depends on a slot that is read.
        const Bytes32 read =
            frame.host->get_storage(frame.context, &frame.message->recipient,
                                    reinterpret_cast<const Bytes32*>(&frame.message->value));
        const Bytes32 value = word(5);
        frame.host->set_storage(frame.context, &frame.message->recipient, &read, &value);
        return result_of(EVMC_SUCCESS, frame.message->gas - 10'000);
    });
    fixture.state.set_storage(target, word(0), word(3));
    fixture.state.set_storage(target, word(3), word(4));
    fixture.add_call(target);
    fixture.add_call(address_of(0x88));

    const auto known = std::make_shared<PartialState>();
    wire::BlockRecords records;
    // Sender; then everything else the first call asks for; its code; the slots in turn.
    const size_t runs = run_until_known(fixture, known, records);
    CHECK(runs > 2 && runs < 8);
    const wire::BlockRecords& expected = fixture.run();
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK_EQ(records.gas_used, expected.gas_used);
    CHECK_EQ(records.accounts.size(), expected.accounts.size());
    CHECK_EQ(records.slots.size(), 1u);
    CHECK(records.slots[0].before == word(4) && records.slots[0].after == word(5));
    CHECK_EQ(run_until_known(fixture, known, records), 1u);
}

} // namespace
} // namespace braid::test
