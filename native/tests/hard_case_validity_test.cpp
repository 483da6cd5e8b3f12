/// Blocks that end with an error, and what happens before the first transaction.
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

using namespace evm;
using wire::ErrorCode;

Program counter() { return Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).append(store_in(0)); }

/// A call to the system contract at `address`, before the transactions.
void add_system_call(HardBlock& block, const Address& address, uint64_t input) {
    wire::SystemCall call{};
    call.phase = static_cast<uint32_t>(wire::SystemCallPhase::before_transactions);
    call.address = address;
    call.input_offset = static_cast<uint32_t>(block.pool.size());
    call.input_size = 32;
    const Bytes32 word_in = word(input);
    block.pool.insert(block.pool.end(), word_in.bytes, word_in.bytes + 32);
    block.system_calls.push_back(call);
}

} // namespace

TEST("hard case: the last transaction of a block fails validation") {
    for (const bool poor : {false, true}) {
        HardBlock block{EVMC_OSAKA};
        const Address target = block.deploy_program(0xc000, counter());
        const Address other = block.fund(0x07e4, 10'000'000);
        block.call(target);
        block.call_from(other, 0, target).value = word(2'000'000);
        block.call(target);
        wire::Transaction& last = block.call_from(other, poor ? 1 : 2, target);
        last.value = word(poor ? 8'000'000 : 0);
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK(records.error ==
              (poor ? ErrorCode::tx_insufficient_funds : ErrorCode::tx_nonce_too_high));
        CHECK_EQ(records.error_transaction, 3);
        CHECK(records.error_address == other);
    }
}

TEST("hard case: of two transactions that fail the first one counts") {
    HardBlock block{EVMC_OSAKA};
    const Address target = block.deploy_program(0xc000, counter());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(target);
    block.call_from(other, 0, target).max_fee_per_gas = word(6); // below the base fee
    block.call_from(other, 5, target);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_priority_fee_above_max_fee ||
          records.error == ErrorCode::tx_max_fee_below_base_fee);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("hard case: funds that an earlier transaction brings or takes decide") {
    HardBlock block{EVMC_OSAKA};
    const Address poor = address_of(0x9004);
    const Address target = block.deploy_program(0xc000, counter());
    block.call(poor).value = word(5'100'000); // enough for one call's gas
    block.call_from(poor, 0, target);
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(slot_after(records, target, 0), uint64_t{1});

    // The rest does not suffice for another.
    block.call_from(poor, 1, target);
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_insufficient_funds);
    CHECK_EQ(records.error_transaction, 2);
    CHECK(records.error_expected == word(5'000'000));
}

TEST("hard case: the block's gas is given out in order, by what was used and not by the limits") {
    HardBlock block{EVMC_OSAKA};
    const Address target = block.deploy_program(0xc000, counter());
    for (int i = 0; i < 4; ++i)
        block.call(target);
    block.header.gas_limit = 43'112 + 2 * 26'012 + 500'000;
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK(records.gas_used < block.header.gas_limit);
    uint64_t before_last = 0;
    for (size_t i = 0; i < 3; ++i)
        before_last += records.receipts[i].gas_used;
    block.header.gas_limit = before_last + 499'999; // one unit too little for the last limit
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_gas_limit_exceeds_block);
    CHECK_EQ(records.error_transaction, 3);
    CHECK(records.error_expected == word(499'999) && records.error_actual == word(500'000));
    block.header.gas_limit = before_last + 500'000;
    CHECK(RECORDS_IN_EVERY_ORDER(block).error == ErrorCode::ok);
}

TEST("hard case: a transaction without room in the block is told so even if it would fail "
     "otherwise") {
    HardBlock block{EVMC_OSAKA};
    const Address target = block.deploy_program(0xc000, counter());
    block.call(target);
    block.call_from(address_of(0x9004), 7, target); // no funds, a wrong nonce
    block.header.gas_limit = 510'000;
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_gas_limit_exceeds_block);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("hard case: transactions see what the system calls before them wrote") {
    HardBlock block{EVMC_OSAKA};
    // Keeps in slot 0 what the system tells it; tells others what it knows.
    const Program answer = Program{}.push(0).op(OP_SLOAD).return_top();
    const Address system =
        block.deploy_program(0x5757, Program{}
                                         .push(reference::Word{transaction::system_address})
                                         .op(OP_CALLER, OP_EQ)
                                         .push(26 + answer.size())
                                         .op(OP_JUMPI)
                                         .append(answer)
                                         .op(OP_JUMPDEST)
                                         .load_input(0)
                                         .append(store_in(0)));
    block.state.set_storage(system, word(0), word(1));
    const Address asker = block.deploy_program(0xa5c, Program{}
                                                          .push(32)
                                                          .push(0)
                                                          .push(0)
                                                          .push(0)
                                                          .push(0)
                                                          .push(reference::Word{system})
                                                          .push(50'000)
                                                          .op(OP_CALL, OP_POP)
                                                          .push(0)
                                                          .op(OP_MLOAD)
                                                          .load_input(0)
                                                          .op(OP_SSTORE));
    add_system_call(block, system, 42);
    block.call(asker, {word(1)});
    block.call(asker, {word(2)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, system, 0, 1), uint64_t{42});
    CHECK_EQ(slot_after(records, asker, 1), uint64_t{42});
    CHECK_EQ(slot_after(records, asker, 2), uint64_t{42});
}

TEST("hard case: transactions see the accounts that the DAO's fork drained") {
    HardBlock block{EVMC_TANGERINE_WHISTLE};
    const Address look = block.deploy_program(
        0x100c, Program{}.load_input(0).op(OP_BALANCE).load_input(32).op(OP_SSTORE));
    block.header.drain_beneficiary = address_of(0xbe);
    block.drains = {block.fund(0xd1, 70), block.fund(0xd2, 5)};
    block.call(look, {word(0xd1), word(1)});
    block.call(look, {word(0xbe), word(2)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, look, 1), uint64_t{0});
    CHECK_EQ(slot_after(records, look, 2), uint64_t{75});
}

} // namespace braid::test
