/// Accounts that go, come back or count as absent, whatever runs when.
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// Destroys itself for the caller where it is called without data; with data it adds one to slot 1
/// and writes that to slot 2, too.
Program mortal() {
    return Program{}
        .op(OP_CALLDATASIZE)
        .push(6)
        .op(OP_JUMPI, OP_CALLER, OP_SELFDESTRUCT, OP_JUMPDEST)
        .push(1)
        .op(OP_SLOAD)
        .push(1)
        .op(OP_ADD, OP_DUP1)
        .append(store_in(1))
        .append(store_in(2));
}

/// Writes what BALANCE, EXTCODESIZE and EXTCODEHASH (from Constantinople on) say of the account in
/// the call data.
Program looker(bool has_code_hash) {
    Program program;
    program.load_input(0).op(OP_BALANCE).append(store_in(1));
    program.load_input(0).op(OP_EXTCODESIZE).append(store_in(2));
    if (has_code_hash)
        program.load_input(0).op(OP_EXTCODEHASH).append(store_in(3));
    return program;
}

/// A block before whose first transaction a factory's child is there, with slots 1 and 7 set. Its
/// initcode is copied from a contract: it is too long for a word.
class MortalBlock : public HardBlock {
  public:
    explicit MortalBlock(evmc_revision revision) : HardBlock{revision} {
        const Program short_mortal = mortal();
        const Program initcode = initcode_of(short_mortal, Program{}.push(5).append(store_in(0)));
        const Address source = deploy_program(0xf00d, initcode);
        maker = deploy_program(0xfac, Program{}
                                          .push(initcode.size())
                                          .push(0)
                                          .push(0)
                                          .push(reference::Word{source})
                                          .op(OP_EXTCODECOPY)
                                          .push(0)
                                          .push(initcode.size())
                                          .push(0)
                                          .push(0)
                                          .op(OP_CREATE2)
                                          .append(store_in(9)));
        child = transaction::create2_address(maker, word(0), initcode.bytes());
        deploy_program(child, short_mortal, 1000);
        state.set_storage(child, word(1), word(41));
        state.set_storage(child, word(7), word(77));
        look = deploy_program(0x100c, looker(true));
    }
    Address maker;
    Address child;
    Address look;
};

} // namespace

TEST("hard case: SELFDESTRUCT, then CREATE2 at that address in the same block") {
    MortalBlock block{EVMC_SHANGHAI};
    block.call(block.child);
    block.call(block.maker);
    // Of another sender: all that it is told ahead is the state before the block.
    block.call_from(block.fund(0xf1, 1'000'000'000), 0, block.child, {word(1)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    const wire::AccountChange* change = change_of(records, block.child);
    CHECK(change != nullptr && (change->flags & wire::account_flag::storage_cleared) != 0);
    CHECK_EQ(slot_after(records, block.child, 0), uint64_t{5});
    CHECK_EQ(slot_after(records, block.child, 1, 41), uint64_t{1}); // not 42
    CHECK_EQ(slot_after(records, block.child, 2), uint64_t{1});
    CHECK_EQ(slot_after(records, block.child, 7, 77), uint64_t{0});
    CHECK_EQ(balance_after(records, block.child), uint64_t{0});
    CHECK_EQ(change->nonce_after, uint64_t{1});
}

TEST("hard case: what was written in the block before an account's end is gone, too") {
    MortalBlock block{EVMC_SHANGHAI};
    block.call(block.child, {word(1)});
    block.call(block.child);
    block.call(block.maker);
    block.call(block.child, {word(1)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, block.child, 1, 41), uint64_t{1}); // not 43
}

TEST("hard case: CREATE2 fails where the contract is still there, and works after its end") {
    MortalBlock block{EVMC_SHANGHAI};
    block.call(block.maker); // a collision
    block.call(block.look, {word_of(block.child)});
    block.call(block.child);
    block.call(block.maker);
    block.call(block.child);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(!exists_after(records, block.child));
    CHECK_EQ(slot_after(records, block.look, 1), uint64_t{1000});
    CHECK_EQ(slot_after(records, block.child, 1, 41), uint64_t{0});
    CHECK(slot_after(records, block.maker, 9) != 0);
}

TEST("hard case: storage alone keeps CREATE2 out until a touch removes the empty account") {
    // EIP-7610; EIP-161 does not ask for storage.
    MortalBlock block{EVMC_SHANGHAI};
    block.state.set_account({block.child, 0, uint256{}});
    block.call(block.child);
    block.call(block.maker);
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(slot_after(records, block.maker, 9) != 0);
    block.transactions[0].to = block.maker;
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, block.maker, 9), uint64_t{0});
}

TEST("hard case: from EIP-6780 on only what was made in the same transaction goes") {
    MortalBlock block{EVMC_CANCUN};
    block.call(block.child); // stays, without its balance
    block.call(block.maker); // so this is a collision
    block.call(block.child, {word(1)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, block.child, 2), uint64_t{42});
    CHECK_EQ(balance_after(records, block.child), uint64_t{0});
    CHECK_EQ(slot_after(records, block.maker, 9), uint64_t{0});
}

TEST("hard case: a destroyed account revived by a transfer has nothing of the old one") {
    MortalBlock block{EVMC_SHANGHAI};
    block.call(block.child);
    block.call(block.child).value = word(5);
    block.call(block.look, {word_of(block.child)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(balance_after(records, block.child), uint64_t{5});
    const wire::AccountChange* change = change_of(records, block.child);
    CHECK(change != nullptr && change->code_hash_after == state::empty_code_hash);
    CHECK_EQ(change->nonce_after, uint64_t{0});
    CHECK_EQ(slot_after(records, block.child, 7, 77), uint64_t{0});
    CHECK_EQ(slot_after(records, block.look, 1), uint64_t{5});
    CHECK_EQ(slot_after(records, block.look, 2), uint64_t{0});
}

TEST("hard case: in the transaction that destroys it a contract keeps code and storage") {
    MortalBlock block{EVMC_SHANGHAI};
    // Destroys, then calls with data: the code runs once more, on the old storage.
    const Address both = block.deploy_program(0xb07, Program{}
                                                         .append(call_program(block.child))
                                                         .append(store_in(1))
                                                         .push(0)
                                                         .push(0)
                                                         .push(32)
                                                         .push(0)
                                                         .push(0)
                                                         .push(reference::Word{block.child})
                                                         .push(100'000)
                                                         .op(OP_CALL)
                                                         .append(store_in(2))
                                                         .push(reference::Word{block.child})
                                                         .op(OP_EXTCODESIZE)
                                                         .append(store_in(3)));
    block.call(both);
    block.call(block.look, {word_of(block.child)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(!exists_after(records, block.child));
    CHECK_EQ(slot_after(records, both, 2), uint64_t{1});
    CHECK_EQ(slot_after(records, both, 3), uint64_t{mortal().size()});
    CHECK_EQ(slot_after(records, block.look, 2), uint64_t{0});
}

TEST("hard case: a coinbase that destroys itself loses the tip, and comes back with the next") {
    HardBlock block{EVMC_SHANGHAI};
    block.header.coinbase =
        block.deploy_program(0xc0ffee, Program{}.op(OP_CALLER, OP_SELFDESTRUCT), 12345);
    const Address look = block.deploy_program(0x100c, looker(true));
    block.call(look, {word_of(block.header.coinbase)});
    block.call(block.header.coinbase);
    block.call(look, {word_of(block.header.coinbase)});
    block.call(address_of(0xabc));
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    // Three of ten wei per unit of gas are tips; base fee 7.
    const uint64_t tips = (records.receipts[2].gas_used + records.receipts[3].gas_used) * 3;
    CHECK_EQ(balance_after(records, block.header.coinbase), tips);
    CHECK_EQ(slot_after(records, look, 1), uint64_t{0});
    CHECK_EQ(slot_after(records, look, 2), uint64_t{0});
}

TEST("hard case: whoever reads the coinbase's balance sees all tips before, and none after") {
    HardBlock block{EVMC_LONDON};
    const Address look = block.deploy_program(0x100c, looker(false));
    // Writes the coinbase's balance to the slot in the call data.
    const Address log = block.deploy_program(
        0x109, Program{}.op(OP_COINBASE, OP_BALANCE).load_input(0).op(OP_SSTORE));
    block.call(log, {word(0x10)});
    block.call(address_of(0xabc)).value = word(3);
    block.call(look, {word_of(address_of(0xabc))});
    block.call(log, {word(0x11)});
    block.call(log, {word(0x12)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    uint64_t tips = 0;
    for (size_t i = 0; i < 5; ++i) {
        if (i == 3 || i == 4)
            CHECK_EQ(slot_after(records, log, 0x10 + i - 2), tips);
        tips += records.receipts[i].gas_used * 3;
    }
    CHECK_EQ(slot_after(records, log, 0x10), uint64_t{0});
    CHECK_EQ(slot_after(records, look, 1), uint64_t{3});
    CHECK_EQ(balance_after(records, block.header.coinbase), tips);
}

TEST("hard case: touched empty accounts go from EIP-161 on, and come into being before it") {
    for (const evmc_revision revision : {EVMC_TANGERINE_WHISTLE, EVMC_SPURIOUS_DRAGON}) {
        HardBlock block{revision};
        const bool clears = revision == EVMC_SPURIOUS_DRAGON;
        const Address empty = block.fund(0xe0, 0);
        const Address absent = address_of(0xe1);
        const Address toucher =
            block.deploy_program(0x70c, Program{call_program(empty)}.append(call_program(absent)));
        const Address payer =
            block.deploy_program(0x9a1, Program{call_program(absent, 1)}.append(store_in(1)), 100);
        block.call(toucher);
        block.call(payer); // a new account costs 25,000 gas more where there is none
        block.call(toucher);
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(change_of(records, empty) != nullptr, clears);
        CHECK(exists_after(records, absent));
        CHECK_EQ(balance_after(records, absent), uint64_t{1});
        CHECK_EQ(records.receipts[1].gas_used > 60'000, clears);
    }
}

TEST("hard case: a touch counts though the account seemed to have code") {
    // The first transaction makes the second fail to create a contract. The third, if it ran ahead
    // after the second but without the first, saw that contract: it leaves nothing to it, which
    // tells it nothing of the account, but touches it.
    for (const evmc_revision revision : {EVMC_HOMESTEAD, EVMC_SPURIOUS_DRAGON}) {
        HardBlock block{revision};
        const Program initcode = initcode_of(Program{}.push(0).op(OP_STOP));
        const Program creation = Program{}
                                     .push(reference::Word::from_bytes(initcode.bytes().data(),
                                                                       initcode.size()))
                                     .store(0)
                                     .push(initcode.size())
                                     .push(32 - initcode.size())
                                     .push(0)
                                     .op(OP_SLOAD) // the value: once set, more than there is
                                     .op(OP_CREATE)
                                     .append(store_in(1));
        const Address maker = block.deploy_program(0x3a6e, Program{}
                                                               .op(OP_CALLDATASIZE)
                                                               .push(creation.size() + 5)
                                                               .op(OP_JUMPI)
                                                               .append(creation)
                                                               .op(OP_STOP, OP_JUMPDEST)
                                                               .push(1)
                                                               .append(store_in(0)));
        const Address made = transaction::create_address(maker, 1);
        const Address leaver =
            block.deploy_program(0xdead, Program{}.push(reference::Word{made}).op(OP_SELFDESTRUCT));
        if (revision == EVMC_SPURIOUS_DRAGON)
            block.state.set_account({made, 0, uint256{}});
        block.call(maker, {word(1)});
        block.call(maker);
        block.call(leaver);
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(slot_after(records, maker, 1), uint64_t{0});
        CHECK(change_of(records, made) != nullptr);
        CHECK_EQ(exists_after(records, made), revision == EVMC_HOMESTEAD);
    }
}

} // namespace braid::test
