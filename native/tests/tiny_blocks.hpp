/// Blocks of two to four transactions, each about one way to get into each other's way.
#pragma once

#include "tests/hard_case_block.hpp"

#include <memory>
#include <vector>

namespace braid::test {

/// A block with a name for what it is about.
struct TinyBlock {
    const char* name;
    std::unique_ptr<HardBlock> block;
};

/// More gas than half of what transactions claimed together may have: each is claimed alone.
inline constexpr uint64_t claimed_alone = 700'000;

namespace tiny {

inline Program counter() {
    using namespace evm;
    return Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).append(store_in(0));
}

/// Destroys itself where it is called without data, else counts.
inline Program mortal() {
    using namespace evm;
    return Program{}
        .op(OP_CALLDATASIZE)
        .push(6)
        .op(OP_JUMPI, OP_CALLER, OP_SELFDESTRUCT, OP_JUMPDEST)
        .append(counter());
}

/// Writes balance and code size of the account in the call data.
inline Program looker() {
    using namespace evm;
    return Program{}
        .load_input(0)
        .op(OP_BALANCE)
        .append(store_in(1))
        .load_input(0)
        .op(OP_EXTCODESIZE)
        .append(store_in(2));
}

inline void one_slot(HardBlock& block) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(target);
    block.call_from(other, 0, target);
    block.call(target);
}

inline void balances(HardBlock& block) {
    const Address look = block.deploy_program(0x100c, looker());
    const Address sink = block.deploy_program(0x51, Program{}.op(evm::OP_STOP));
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(sink).value = word(9);
    block.call_from(other, 0, look, {word_of(sink)});
    block.call(look, {word_of(block.header.coinbase)});
}

inline void nonces(HardBlock& block) {
    for (uint64_t i = 0; i < 3; ++i) {
        const Address target = block.deploy_program(0xc000 + i, counter());
        block.call(target).value = word(1);
    }
}

inline void creation(HardBlock& block) {
    const Address made = transaction::create_address(block.sender, 0);
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.create(initcode_of(counter()));
    block.call_from(other, 0, made);
    block.call(made).value = word(2);
}

inline void destruction(HardBlock& block) {
    const Address target = block.deploy_program(0xdead, mortal(), 1000);
    block.state.set_storage(target, word(0), word(4));
    const Address look = block.deploy_program(0x100c, looker());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(target, {word(1)});
    block.call_from(other, 0, target);
    block.call(look, {word_of(target)});
}

inline void last_is_invalid(HardBlock& block) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address other = block.fund(0x07e4, 9'000'000);
    block.call(target);
    block.call_from(other, 0, target).value = word(1'000'000);
    block.call_from(other, 1, target).value = word(2'000'000);
}

inline void valid_by_a_credit(HardBlock& block) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address poor = address_of(0x9004);
    block.call(poor).value = word(20'000'000);
    block.call_from(poor, 0, target).value = word(1);
    block.call_from(poor, 1, target).value = word(1);
}

inline void transfers_between(HardBlock& block) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address look = block.deploy_program(0x100c, looker());
    block.call(target);
    block.call(address_of(0xabc)).value = word(5);
    block.call(look, {word(0xabc)});
    block.call(address_of(0xabc)).value = word(6);
    block.transactions[1].gas_limit = block.transactions[3].gas_limit = 21'000;
}

/// Runs on for a while after it has read what the one before writes.
inline void long_after_its_read(HardBlock& block) {
    using namespace evm;
    Program slow = Program{}.push(0).op(OP_SLOAD);
    for (uint64_t i = 0; i < 3; ++i)
        slow.push(0xbeef + i).op(OP_BALANCE, OP_POP);
    const Address target =
        block.deploy_program(0xc000, slow.push(1).op(OP_ADD).append(store_in(0)));
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(target);
    block.call_from(other, 0, target);
}

/// Deposits, and somebody who looks at their sum.
inline void deposits(HardBlock& block) {
    const Address sink = block.deploy_program(0x51, Program{}.op(evm::OP_STOP));
    const Address look = block.deploy_program(0x100c, looker());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(sink).value = word(9);
    block.call_from(other, 0, sink).value = word(8);
    block.call(look, {word_of(sink)});
}

inline void in_a_chain(HardBlock& block) {
    one_slot(block);
    block.transactions[1].predecessor = 1;
    block.transactions[2].predecessor = 2;
}

inline void for_no_reason(HardBlock& block) {
    nonces(block);
    block.transactions[1].predecessor = 1;
    block.transactions[2].predecessor = 1;
}

inline void for_the_wrong_one(HardBlock& block) {
    one_slot(block);
    block.transactions[2].predecessor = 1; // not the one before it
}

inline void for_a_transfer(HardBlock& block) {
    transfers_between(block);
    block.transactions[2].predecessor = 2;
    block.transactions.pop_back();
}

inline void for_one_claimed_together(HardBlock& block) {
    one_slot(block);
    block.call(block.transactions[0].to);
    block.transactions[1].predecessor = 1;
    block.transactions[3].predecessor = 3;
    for (wire::Transaction& transaction : block.transactions)
        transaction.gas_limit = 200'000;
}

} // namespace tiny

/// All of them. Where nothing else is said, workers claim every transaction alone.
inline std::vector<TinyBlock> tiny_blocks() {
    constexpr struct {
        const char* name;
        void (*fill)(HardBlock&);
        evmc_revision revision = EVMC_OSAKA;
    } kinds[] = {
        {"one slot", tiny::one_slot},
        {"balances", tiny::balances},
        {"nonces", tiny::nonces},
        {"creation", tiny::creation},
        {"destruction", tiny::destruction, EVMC_SHANGHAI},
        {"last is invalid", tiny::last_is_invalid},
        {"valid by a credit", tiny::valid_by_a_credit},
        {"transfers between", tiny::transfers_between},
        {"long after its read", tiny::long_after_its_read},
        {"deposits", tiny::deposits},
        {"held back in a chain", tiny::in_a_chain},
        {"held back for no reason", tiny::for_no_reason},
        {"held back for the wrong one", tiny::for_the_wrong_one},
        {"held back for a transfer", tiny::for_a_transfer},
        {"held back for one claimed together", tiny::for_one_claimed_together},
    };
    std::vector<TinyBlock> blocks;
    for (const auto& kind : kinds) {
        auto block = std::make_unique<HardBlock>(kind.revision);
        kind.fill(*block);
        for (wire::Transaction& transaction : block->transactions)
            if (transaction.gas_limit == 500'000)
                transaction.gas_limit = claimed_alone;
        blocks.push_back({kind.name, std::move(block)});
    }
    return blocks;
}

} // namespace braid::test
