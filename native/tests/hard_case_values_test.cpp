/// Values and prices that belong to one transaction, whatever the others of the block do.
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// Writes the second word of the call data to the slot that the first one names.
Program writer() { return Program{}.load_input(32).load_input(0).op(OP_SSTORE); }

} // namespace

TEST("hard case: a slot's original value is the one at the start of the transaction") {
    // EIP-2200 with EIP-2929's prices: clean from zero 22,100, clean 5,000, nothing new 2,200.
    HardBlock block{EVMC_BERLIN};
    const Address target = block.deploy_program(0xc000, writer());
    block.call(target, {word(0), word(1)});
    block.call(target, {word(0), word(2)});
    block.call(target, {word(0), word(2)});
    block.call(target, {word(0), word(3)});
    block.call(target, {word(0), word(0)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    const auto gas = [&](size_t i) { return records.receipts[i].gas_used; };
    CHECK_EQ(gas(0) - gas(1), uint64_t{22'100 - 5'000});
    CHECK_EQ(gas(1) - gas(2), uint64_t{5'000 - 2'200});
    CHECK_EQ(gas(3), gas(1));
    CHECK(gas(4) < gas(3)); // clearing earns a refund
    CHECK_EQ(slot_after(records, target, 0), uint64_t{0});
    CHECK(change_of(records, target) == nullptr);
}

TEST("hard case: a slot read is the latest value before the transaction") {
    HardBlock block{EVMC_BERLIN};
    const Address target = block.deploy_program(0xc000, writer());
    const Address adder = block.deploy_program(
        0xadd, Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).append(store_in(0)));
    const Address funded = block.fund(0xf0, 1'000'000'000);
    for (uint64_t i = 0; i < 3; ++i)
        block.call(adder);
    block.call_from(funded, 0, adder);
    block.call(target, {word(1), word(1)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, adder, 0), uint64_t{4});
}

TEST("hard case: transient storage ends with its transaction") {
    HardBlock block{EVMC_CANCUN};
    // Writes down what it finds, then leaves something.
    const Address target = block.deploy_program(
        0xc000,
        Program{}.push(0).op(OP_TLOAD).load_input(0).op(OP_SSTORE).push(77).push(0).op(OP_TSTORE));
    for (uint64_t i = 0; i < 3; ++i)
        block.call(target, {word(i)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK(change_of(records, target) == nullptr);
}

TEST("hard case: the refund cap is of the gas of the transaction that clears") {
    for (const evmc_revision revision : {EVMC_BERLIN, EVMC_LONDON}) {
        HardBlock block{revision};
        Program fill;
        Program clear;
        for (uint64_t slot = 0; slot < 20; ++slot) {
            fill.push(1).append(store_in(slot));
            clear.push(0).append(store_in(slot));
        }
        const Address filler = address_of(0xc000);
        // Fills where there is call data, clears where there is none.
        block.deploy_program(filler, Program{}
                                         .op(OP_CALLDATASIZE)
                                         .push(clear.size() + 6, 2)
                                         .op(OP_JUMPI)
                                         .append(clear)
                                         .op(OP_STOP, OP_JUMPDEST)
                                         .append(fill));
        block.call(filler, {word(1)}).gas_limit = 1'000'000;
        block.call(filler);
        block.call(filler);
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK(records.receipts[1].status == 1);
        // Each slot 5,000 (3 + 3 for the pushes), earns 15,000 (Berlin) or 4,800 (London).
        const uint64_t spent = 21'000 + 2 + 3 + 10 + 20 * 5'006;
        const uint64_t cap = revision == EVMC_BERLIN ? spent / 2 : spent / 5;
        CHECK_EQ(records.receipts[1].gas_used, spent - cap);
        CHECK_EQ(records.receipts[2].gas_used, uint64_t{21'000 + 2 + 3 + 10 + 20 * 2'206});
    }
}

TEST("hard case: BLOCKHASH is the same ahead of the turn; one that is missing is told in order") {
    HardBlock block{EVMC_SHANGHAI};
    const Address target = block.deploy_program(
        0xc000, Program{}.load_input(0).op(OP_BLOCKHASH).load_input(0).op(OP_SSTORE));
    block.block_hashes.push_back({98, word(0x98)});
    block.call(target, {word(99)});
    block.call(target, {word(98)});
    block.call(target, {word(100)}); // not before this block
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, target, 99), uint64_t{0x99});
    CHECK_EQ(slot_after(records, target, 98), uint64_t{0x98});
    CHECK_EQ(slot_after(records, target, 100), uint64_t{0});
    block.call(target, {word(50)});
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::state_missing_block_hash);
    CHECK_EQ(records.error_transaction, 3);
}

TEST("hard case: a hash that only a wrong guess asks for is not missing") {
    // Asks for block 99 minus slot 0, which leads to one that nobody has until the first
    // transaction clears the slot.
    HardBlock block{EVMC_SHANGHAI};
    const Program ask =
        Program{}.push(0).op(OP_SLOAD).push(99).op(OP_SUB, OP_BLOCKHASH).append(store_in(1));
    const Address target = block.deploy_program(0xc000, Program{}
                                                            .op(OP_CALLDATASIZE)
                                                            .push(ask.size() + 5)
                                                            .op(OP_JUMPI)
                                                            .append(ask)
                                                            .op(OP_STOP, OP_JUMPDEST)
                                                            .push(0)
                                                            .append(store_in(0)));
    block.state.set_storage(target, word(0), word(49));
    block.call(target, {word(1)});
    block.call(target);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK_EQ(slot_after(records, target, 1), uint64_t{0x99});
}

TEST("hard case: a payment that ahead of its turn was more than there is") {
    HardBlock block{EVMC_LONDON};
    const Address payer =
        block.deploy_program(0x9a1, call_program(address_of(0xabc), 10).append(store_in(0)), 4);
    const Address giver =
        block.deploy_program(0x91e, Program{}.push(reference::Word{payer}).op(OP_SELFDESTRUCT), 6);
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(giver);
    block.call_from(other, 0, payer);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, payer, 0), uint64_t{1});
    CHECK_EQ(balance_after(records, address_of(0xabc)), uint64_t{10});
}

TEST("hard case: what a contract passes on is the exact balance after all credits") {
    HardBlock block{EVMC_LONDON};
    // Sends all it has to the account in the call data.
    const Address passer = block.deploy_program(0xc000, Program{}
                                                            .push(0)
                                                            .push(0)
                                                            .push(0)
                                                            .push(0)
                                                            .op(OP_SELFBALANCE)
                                                            .load_input(0)
                                                            .push(30'000)
                                                            .op(OP_CALL)
                                                            .append(store_in(0)));
    // Leaves what it has to the other, without running it.
    const Address giver = block.deploy_program(
        0x91e, Program{}.push(reference::Word{passer}).op(OP_SELFDESTRUCT), 11);
    block.call(passer, {word(0xaa)}).value = word(100);
    block.call(giver);
    block.call(passer, {word(0xbb)});
    block.call(passer, {word(0xcc)}).value = word(1);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(balance_after(records, address_of(0xaa)), uint64_t{100});
    CHECK_EQ(balance_after(records, address_of(0xcc)), uint64_t{1});
    CHECK_EQ(balance_after(records, address_of(0xbb)), uint64_t{11});
    CHECK(change_of(records, passer)->balance_after == word(0));
}

} // namespace braid::test
