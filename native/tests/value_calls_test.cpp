/// Contracts that send value rest on having enough, not on how much they have.
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// What each operation that sends a value of 1 leaves on the stack: zero where it was refused.
struct Operation {
    const char* name;
    Program program;
};

std::vector<Operation> operations() {
    const auto call_like = [](uint8_t op) {
        return Program{}.push(0).push(0).push(0).push(0).push(1).push(0xbeef).push(100'000).op(op);
    };
    return {{"CALL", call_like(OP_CALL)},
            {"CALLCODE", call_like(OP_CALLCODE)},
            {"CREATE", Program{}.push(0).push(0).push(1).op(OP_CREATE)},
            {"CREATE2", Program{}.op(OP_CALLER).push(0).push(0).push(1).op(OP_CREATE2)}};
}

/// Takes what it is sent without data; with data, writes down for the caller whether the operation
/// was refused.
Program sender_by(const Program& operation) {
    return Program{}
        .op(OP_CALLDATASIZE)
        .push(5)
        .op(OP_JUMPI, OP_STOP, OP_JUMPDEST)
        .append(operation)
        .op(OP_ISZERO, OP_CALLER, OP_SSTORE);
}

} // namespace

TEST("value calls: a balance that changes and still suffices contradicts nothing") {
    for (const Operation& operation : operations()) {
        HardBlock block{EVMC_CANCUN};
        const Address wallet = block.deploy_program(0xc000, sender_by(operation.program), 10);
        const Address patron = block.fund(0xf0, 1'000'000'000);
        block.call_from(patron, 0, wallet).value = word(5);
        block.call(wallet, {word(1)});
        state::MemoryState state;
        state.assign(block.state);
        // The second runs first, on the balance before the block.
        AheadLoop loop{latest_first(2)};
        const wire::BlockRecords records = run_block(block, state, &loop);
        if (!loop.stale.empty())
            fail(__FILE__, __LINE__, "the balance is not looked at", operation.name);
        const bool keeps = std::string{operation.name} == "CALLCODE"; // pays itself
        CHECK_EQ(balance_after(records, wallet), keeps ? uint64_t{15} : uint64_t{14});
        CHECK(same_records(records, RECORDS_IN_EVERY_ORDER(block)));
    }
}

TEST("value calls: who comes when nothing is left is refused, at the same price") {
    for (const Operation& operation : operations()) {
        if (std::string{operation.name} == "CALLCODE")
            continue; // what it pays stays there
        HardBlock block{EVMC_CANCUN};
        const Address wallet = block.deploy_program(0xc000, sender_by(operation.program), 2);
        for (uint64_t i = 0; i < 4; ++i)
            block.call_from(block.fund(0xf0 + i, 1'000'000'000), 0, wallet, {word(1)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        for (uint64_t i = 0; i < 4; ++i) {
            const Bytes32 caller = word_of(address_of(0xf0 + i));
            const bool refused = i >= 2;
            CHECK_EQ(slot_after(records, wallet, to_uint256(caller).word[0]), uint64_t{refused});
        }
        CHECK_EQ(balance_after(records, wallet), uint64_t{0});
        CHECK_EQ(records.receipts[2].gas_used, records.receipts[3].gas_used);
    }
}

} // namespace braid::test
