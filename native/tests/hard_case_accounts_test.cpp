/// Nonces, code and delegations that change while later transactions of the block are under way.
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// Adds one to slot 0.
Program counter() { return Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).append(store_in(0)); }

/// Counts in a slot of each caller's own.
Program own_counter() {
    return Program{}.op(OP_CALLER, OP_SLOAD).push(1).op(OP_ADD, OP_CALLER, OP_SSTORE);
}

} // namespace

TEST("hard case: one sender's chain of calls is not serial") {
    HardBlock block{EVMC_OSAKA};
    for (uint64_t i = 0; i < 5; ++i) {
        const Address target = block.deploy_program(0xc000 + i, counter());
        block.call(target).value = word(i);
    }
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK_EQ(change_of(records, block.sender)->nonce_after, uint64_t{5});
    AheadLoop loop{latest_first(5)};
    run_block(block, block.state, &loop);
    CHECK(loop.stale.empty());
}

TEST("hard case: a nonce that is not the one foretold is seen at the commit") {
    // The second transaction of the other sender is missing: what ran ahead as if it were not is
    // not valid.
    HardBlock block{EVMC_OSAKA};
    const Address other = block.fund(0x07e4, 1'000'000'000);
    const Address target = block.deploy_program(0xc000, own_counter());
    block.call_from(other, 0, target);
    block.call(target);
    block.call_from(other, 2, target);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::tx_nonce_too_high);
    CHECK_EQ(records.error_transaction, 2);
    CHECK(records.error_expected == word(1) && records.error_actual == word(2));
}

TEST("hard case: a nonce is foretold though the sender has done nothing in the block") {
    HardBlock block{EVMC_OSAKA};
    const Address other = block.fund(0x07e4, 1'000'000'000);
    const Address target = block.deploy_program(0xc000, own_counter());
    block.call(target);
    block.call_from(other, 1, target);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::tx_nonce_too_high);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("hard case: a sender's nonce decides where its contracts are") {
    HardBlock block{EVMC_SHANGHAI};
    for (uint64_t i = 0; i < 4; ++i)
        block.create(initcode_of(Program{}.push(i).op(OP_STOP)));
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    for (uint64_t i = 0; i < 4; ++i) {
        const Address made = transaction::create_address(block.sender, i);
        CHECK(records.receipts[i].contract_address == made);
        CHECK(exists_after(records, made));
    }
}

TEST("hard case: code made earlier in the block runs, and is looked at") {
    HardBlock block{EVMC_SHANGHAI};
    const Address made = transaction::create_address(block.sender, 0);
    const Address look = block.deploy_program(0x100c, Program{}
                                                          .push(reference::Word{made})
                                                          .op(OP_EXTCODEHASH)
                                                          .append(store_in(1))
                                                          .append(call_program(made))
                                                          .append(store_in(2)));
    const Address funded = block.fund(0xf0, 1'000'000'000);
    block.create(initcode_of(counter()));
    block.call(made);
    block.call_from(funded, 0, look);
    block.call(made).value = word(9);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, made, 0), uint64_t{3});
    CHECK_EQ(balance_after(records, made), uint64_t{9});
    const Bytes32 hash = crypto::keccak256(counter().bytes());
    CHECK_EQ(slot_after(records, look, 1), to_uint256(hash).word[0]);
}

TEST("hard case: an address is called before and after code comes to be there") {
    HardBlock block{EVMC_BERLIN};
    const Address made = transaction::create_address(block.sender, 1);
    block.call(made);
    block.create(initcode_of(counter()));
    block.call(made);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(records.receipts[0].gas_used, uint64_t{21'000});
    CHECK_EQ(slot_after(records, made, 0), uint64_t{1});
}

TEST("hard case: an authority's nonce goes up under its own pending transactions") {
    HardBlock block{EVMC_PRAGUE};
    const Address target = block.deploy_program(0xc000, own_counter());
    block.call(target);
    const Address authority = authorize(block, target, 0);
    block.state.set_account({authority, 0, uint256{1'000'000'000}});
    block.call_from(authority, 1, target); // right after the authorization, wrong before
    block.call_from(authority, 2, target);
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK_EQ(change_of(records, authority)->nonce_after, uint64_t{3});

    block.transactions[1].nonce = 0; // right before, wrong after
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::tx_nonce_too_low);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("hard case: an authorization fails where the authority itself sent something before") {
    HardBlock block{EVMC_PRAGUE};
    const Address target = block.deploy_program(0xc000, counter());
    block.call(target);
    block.call(target);
    const Address authority = authorize(block, target, 0);
    block.state.set_account({authority, 0, uint256{1'000'000'000}});
    block.transactions[0].sender = authority;
    block.transactions[0].nonce = 0;
    block.transactions[1].nonce = 0;
    block.transactions.push_back(block.transactions[1]);
    block.transactions[2].type = 2;
    block.transactions[2].authorization_count = 0;
    block.transactions[2].to = authority;
    block.transactions[2].nonce = 1;
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK(change_of(records, authority)->code_hash_after == state::empty_code_hash);
    CHECK_EQ(slot_after(records, authority, 0), uint64_t{0});
}

TEST("hard case: a delegation made earlier in the block is followed, and one revoked is not") {
    HardBlock block{EVMC_PRAGUE};
    const Address target = block.deploy_program(0xc000, counter());
    block.call(target);
    const Address authority = authorize(block, target, 0);
    block.state.set_account({authority, 0, uint256{5'000'000}});
    block.call(authority).value = word(7); // not a plain transfer any more
    block.call(authority);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, authority, 0), uint64_t{2});
    CHECK_EQ(balance_after(records, authority), uint64_t{5'000'007});
    CHECK_EQ(slot_after(records, target, 0), uint64_t{1});

    HardBlock revoked{EVMC_PRAGUE};
    revoked.deploy_program(0xc000, counter());
    revoked.call(target);
    const Address delegating = authorize(revoked, {}, 3);
    std::vector<uint8_t> designator{0xef, 0x01, 0x00};
    designator.insert(designator.end(), target.bytes, target.bytes + 20);
    const Bytes32 hash = crypto::keccak256(designator);
    revoked.state.add_code(designator, hash);
    revoked.state.set_account({delegating, 3, uint256{5}, hash});
    revoked.call(delegating);
    const wire::BlockRecords after = RECORDS_IN_EVERY_ORDER(revoked);
    CHECK(change_of(after, delegating)->code_hash_after == state::empty_code_hash);
    CHECK_EQ(slot_after(after, delegating, 0), uint64_t{0});
    CHECK_EQ(after.receipts[1].gas_used, uint64_t{21'000});
}

} // namespace braid::test
