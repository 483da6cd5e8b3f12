/// Three blocks of two and three transactions, each chain about one way in which a block depends on
/// the one before it.
#pragma once

#include "tests/block_chain.hpp"
#include "tests/tiny_blocks.hpp"

#include <initializer_list>

namespace braid::test {

/// A chain with a name for what it is about.
struct TinyChain {
    const char* name;
    BlockChain chain;
};

namespace tiny {

/// Fills the block of a number. Contracts count where the first block deploys them; nonces as if
/// it were the first.
using Fill = void (*)(HardBlock& block, size_t number);

inline void count_on(HardBlock& block, size_t number) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(target);
    if (number != 1)
        block.call_from(other, 0, target);
    block.call(target).value = word(number);
}

inline void create_then_call(HardBlock& block, size_t number) {
    const Address made = transaction::create_address(block.sender, 0);
    const Address other = block.fund(0x07e4, 1'000'000'000);
    const Address look = block.deploy_program(0x100c, looker());
    if (number == 0)
        block.create(initcode_of(counter()));
    block.call_from(other, 0, made);
    block.call_from(other, 1, look, {word_of(made)});
}

inline void destroy_then_call(HardBlock& block, size_t number) {
    const Address target = block.deploy_program(0xdead, mortal(), 1000);
    block.state.set_storage(target, word(0), word(4));
    const Address look = block.deploy_program(0x100c, looker());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    if (number == 0) {
        block.call(target, {word(1)});
        block.call_from(other, 0, target);
        return;
    }
    block.call(target, {word(1)}).value = word(5);
    block.call_from(other, 0, look, {word_of(target)});
}

/// Withdrawals, tips and a system call change what the next block looks at.
inline void block_ends(HardBlock& block, size_t number) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address look = block.deploy_program(0x100c, looker());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.withdrawals.push_back({1 + number, other, 0});
    block.withdrawals.push_back({2, address_of(0xabc), 0});
    wire::SystemCall call{};
    call.phase = static_cast<uint32_t>(wire::SystemCallPhase::before_transactions);
    call.address = target;
    block.system_calls.push_back(call);
    block.call(look, {word(number == 1 ? 0x07e4 : 0xabc)});
    block.call_from(other, 0, look, {word_of(block.header.coinbase)});
    if (number != 1)
        block.call(target);
}

/// The second block is invalid unless somebody pays before it; the third never runs.
inline void broke_in_the_middle(HardBlock& block, size_t number) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address poor = block.fund(0x9004, 8'000'000);
    block.call(target);
    block.call_from(poor, 0, target).value = word(number == 1 ? 1'500'000 : 10);
}

/// Who sends in the second block has its funds from the first.
inline void paid_before(HardBlock& block, size_t number) {
    const Address target = block.deploy_program(0xc000, counter());
    const Address poor = address_of(0x9004);
    if (number == 0) {
        block.call(target);
        block.call(poor).value = word(30'000'000);
        return;
    }
    block.call_from(poor, 0, target);
    block.call(target);
}

inline void transfers_and_looks(HardBlock& block, size_t number) {
    const Address look = block.deploy_program(0x100c, looker());
    block.call(address_of(0xabc)).value = word(5 + number);
    block.transactions.back().gas_limit = 21'000;
    block.call(look, {word(0xabc)});
    if (number == 1)
        block.call(look, {word_of(block.sender)});
}

} // namespace tiny

/// A chain of three blocks, as `fill` makes them.
inline BlockChain tiny_chain(tiny::Fill fill, evmc_revision revision, uint32_t workers) {
    BlockChain chain;
    for (size_t number = 0; number < 3; ++number) {
        HardBlock block{revision};
        fill(block, number);
        if (chain.states.empty())
            chain.states.push_back(layered(block.state));
        block.header.number += number;
        follow(block, *chain.states.back());
        for (wire::Transaction& transaction : block.transactions)
            if (transaction.gas_limit == 500'000)
                transaction.gas_limit = claimed_alone;
        if (!chain.add(packed(block, workers)))
            break;
    }
    return chain;
}

inline std::vector<TinyChain> tiny_chains() {
    constexpr struct {
        const char* name;
        tiny::Fill fill;
        evmc_revision revision = EVMC_OSAKA;
    } kinds[] = {
        {"one slot", tiny::count_on},
        {"created, then called", tiny::create_then_call},
        {"destroyed, then called", tiny::destroy_then_call, EVMC_SHANGHAI},
        {"ends of blocks", tiny::block_ends},
        {"broke in the middle", tiny::broke_in_the_middle},
        {"paid before", tiny::paid_before},
        {"transfers", tiny::transfers_and_looks},
    };
    std::vector<TinyChain> chains;
    for (const auto& kind : kinds)
        chains.push_back({kind.name, tiny_chain(kind.fill, kind.revision, 2)});
    return chains;
}

} // namespace braid::test
