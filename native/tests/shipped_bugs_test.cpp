/// Consensus bugs that other engines shipped, parallel ones above all, as blocks that must come out
/// the same in every order. Each names the project and the thread.
#include "tests/hard_case_block.hpp"
#include "tests/tiny_blocks.hpp"

namespace braid::test {
namespace {

using namespace evm;
using wire::ErrorCode;

/// A call with 32 bytes of data, for what tells by the call data what to do.
Program call_with_data(const Address& target, uint64_t value = 0) {
    return Program{}
        .push(0)
        .push(0)
        .push(32)
        .push(0)
        .push(value)
        .push(reference::Word{target})
        .push(100'000)
        .op(OP_CALL);
}

/// A block with a factory that makes a child at the same address each time, with the call's value.
/// The child counts in slot 0 where it is called with data, else it destroys itself for the caller.
class FactoryBlock : public HardBlock {
  public:
    explicit FactoryBlock(evmc_revision revision) : HardBlock{revision} {
        const Program initcode = initcode_of(tiny::mortal());
        const size_t size = initcode.size();
        maker = deploy_program(0xfac,
                               Program{}
                                   .push(reference::Word::from_bytes(initcode.bytes().data(), size))
                                   .store(0)
                                   .push(0)
                                   .push(size)
                                   .push(32 - size)
                                   .op(OP_CALLVALUE, OP_CREATE2)
                                   .append(store_in(9)));
        child = transaction::create2_address(maker, word(0), initcode.bytes());
        look = deploy_program(0x100c, tiny::looker());
        other = fund(0x07e4, 1'000'000'000);
    }

    /// Lets the child be there before the block, with a balance and a count.
    void deploy_child(uint64_t balance, uint64_t count) {
        deploy_program(child, tiny::mortal(), balance);
        state.set_storage(child, word(0), word(count));
    }

    Address maker;
    Address child;
    Address look; ///< writes balance (slot 1) and code size (slot 2) of the account in the data
    Address other;
};

bool storage_cleared(const wire::BlockRecords& records, const Address& address) {
    const wire::AccountChange* change = change_of(records, address);
    return change != nullptr && (change->flags & wire::account_flag::storage_cleared) != 0;
}

/// The most runs that any transaction of the block had.
size_t most_runs(const wire::BlockRecords& records, size_t transactions) {
    std::vector<size_t> runs(transactions);
    for (const wire::TransactionRun& run : records.runs)
        ++runs[run.transaction];
    return std::ranges::max(runs);
}

} // namespace

// Erigon 3.x, parallel: erigontech/erigon #22873 (empty accounts reached through storage), #23982
// (a touch of nothing that rested on a deleted account). EIP-161 asks for nonce, balance and code
// alone.
TEST("shipped bug: an empty account loses its storage with a touch, whoever funds it then") {
    for (const bool funded_first : {false, true}) {
        FactoryBlock block{EVMC_SHANGHAI};
        const Address empty = block.fund(0xe0, 0);
        block.state.set_storage(empty, word(7), word(77));
        const Address toucher = block.deploy_program(0x70c, call_program(empty));
        const auto fund = [&] { block.call_from(block.other, 0, empty).value = word(5); };
        if (funded_first)
            fund();
        block.call(toucher);
        if (!funded_first)
            fund();
        block.call(block.look, {word_of(empty)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK(exists_after(records, empty));
        CHECK_EQ(balance_after(records, empty), uint64_t{5});
        CHECK_EQ(storage_cleared(records, empty), !funded_first);
        CHECK_EQ(slot_after(records, empty, 7, 77), uint64_t{funded_first ? 77u : 0u});
        CHECK_EQ(slot_after(records, block.look, 1), uint64_t{5});
    }
}

// The same account, looked into: by a creation at its address (EIP-7610; NethermindEth/nethermind
// #11424, FISCO-BCOS #5412), and by code that comes to it with a delegation.
TEST("shipped bug: storage that a touch took is not there for a creation or a delegation") {
    FactoryBlock block{EVMC_SHANGHAI};
    block.state.set_account({block.child, 0, uint256{}});
    block.state.set_storage(block.child, word(0), word(77));
    const Address toucher = block.deploy_program(0x70c, call_program(block.child));
    block.call(toucher);
    block.call_from(block.other, 0, block.child).value = word(5);
    block.call(block.maker);
    block.call_from(block.other, 1, block.child, {word(1)});
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(slot_after(records, block.maker, 9) != 0);
    CHECK_EQ(slot_after(records, block.child, 0, 77), uint64_t{1});
    CHECK_EQ(balance_after(records, block.child), uint64_t{5});
    // Funded before anybody touches it, it keeps its storage, and the creation fails.
    std::swap(block.transactions[0].to, block.transactions[1].to);
    std::swap(block.transactions[0].value, block.transactions[1].value);
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, block.maker, 9), uint64_t{0});
    CHECK_EQ(slot_after(records, block.child, 0, 77), uint64_t{77});

    HardBlock delegating{EVMC_PRAGUE};
    const Address counter = delegating.deploy_program(0xc000, tiny::counter());
    const Address other = delegating.fund(0x07e4, 1'000'000'000);
    delegating.call(address_of(0xabc));
    delegating.call(counter);
    const Address authority = authorize(delegating, counter, 0);
    delegating.state.set_account({authority, 0, uint256{}});
    delegating.state.set_storage(authority, word(0), word(77));
    delegating.transactions[0].to = delegating.deploy_program(0x70c, call_program(authority));
    delegating.call_from(other, 0, authority);
    records = RECORDS_IN_EVERY_ORDER(delegating);
    CHECK_EQ(slot_after(records, authority, 0, 77), uint64_t{1}); // not 78
}

// grevm: Galxe/grevm #62, mainnet block 11,133,845; Erigon, parallel: #21590, #23025, #23072 on the
// same block. Asking for the latest destruction only, they missed one that a revival had followed.
TEST("shipped bug: nothing written before a destruction is seen after a revival") {
    // Where the block has not written the slot before, only its account tells that it is gone.
    for (const bool written_before : {false, true}) {
        FactoryBlock block{EVMC_SHANGHAI};
        block.deploy_child(1000, 41);
        if (written_before)
            block.call(block.child, {word(1)});
        block.call_from(block.other, 0, block.child);
        block.call(block.child).value = word(5); // revives it, without code
        block.call_from(block.other, 1, block.maker);
        // A sender of its own is told nothing but the state before the block, if it runs first.
        const Address fresh = block.fund(0xf1, 1'000'000'000);
        block.call_from(fresh, 0, block.child, {word(1)}).value = word(2);
        block.call_from(block.other, 2, block.look, {word_of(block.child)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK(slot_after(records, block.maker, 9) != 0);
        CHECK_EQ(slot_after(records, block.child, 0, 41), uint64_t{1}); // neither 43 nor 42
        CHECK(storage_cleared(records, block.child));
        CHECK_EQ(balance_after(records, block.child), uint64_t{7});
        CHECK_EQ(slot_after(records, block.look, 1), uint64_t{7});
        CHECK_EQ(slot_after(records, block.look, 2), uint64_t{tiny::mortal().size()});
    }
}

// pevm: risechain/pevm #219, #224, #232: balances that are added up late, on accounts that go.
TEST("shipped bug: plain transfers to an account before and after its end") {
    FactoryBlock block{EVMC_SHANGHAI};
    block.deploy_child(1000, 41);
    const Address heir = address_of(0xabc);
    block.call(block.child, {word(1)}).value = word(3);
    block.call(heir).value = word(1);
    block.call_from(block.other, 0, block.child); // 1,003 to the sender
    for (uint64_t i = 1; i < 4; ++i)
        block.call_from(block.other, i, block.child).value = word(10);
    block.call(block.look, {word_of(block.child)});
    for (const uint32_t i : {1, 3, 4, 5})
        block.transactions[i].gas_limit = 21'000;
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(balance_after(records, block.child), uint64_t{30});
    CHECK_EQ(slot_after(records, block.look, 1), uint64_t{30});
    CHECK_EQ(slot_after(records, block.look, 2), uint64_t{0});
}

// Bor, BlockSTM v2: 0xPolygon/bor #2403: what a contract got after it had destroyed itself in the
// transaction that made it stayed visible to later transactions.
TEST("shipped bug: ether that comes after SELFDESTRUCT goes with the account") {
    for (const evmc_revision revision : {EVMC_SHANGHAI, EVMC_OSAKA}) {
        FactoryBlock block{revision};
        const Address all =
            block.deploy_program(0xb07,
                                 Program{call_program(block.maker, 4)}
                                     .append(store_in(1))
                                     .append(call_program(block.child))
                                     .append(store_in(2))
                                     .append(call_with_data(block.child, 9)) // and it counts
                                     .append(store_in(3)),
                                 100);
        block.call(all);
        block.call_from(block.other, 0, block.look, {word_of(block.child)});
        block.call(block.maker).value = word(2);
        block.call_from(block.other, 1, block.child, {word(1)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(slot_after(records, all, 3), uint64_t{1});
        CHECK_EQ(balance_after(records, all), uint64_t{91});
        CHECK_EQ(slot_after(records, block.look, 1, 0), uint64_t{0});
        CHECK_EQ(slot_after(records, block.child, 0), uint64_t{1}); // not 2
        CHECK_EQ(balance_after(records, block.child), uint64_t{2});
    }
}

// Erigon, parallel: erigontech/erigon #22419: a reverted SELFDESTRUCT took with it what the same
// transaction had done to the balance before.
TEST("shipped bug: a SELFDESTRUCT that is reverted leaves balance and code as they were made") {
    for (const evmc_revision revision : {EVMC_SHANGHAI, EVMC_OSAKA}) {
        FactoryBlock block{revision};
        block.state.set_account({block.child, 0, uint256{7}});
        const Address breaker =
            block.deploy_program(0xb4e, Program{call_program(block.child)}.op(OP_INVALID));
        const Address both = block.deploy_program(0xb07,
                                                  Program{call_program(block.maker, 3)}
                                                      .append(store_in(1))
                                                      .append(call_program(breaker))
                                                      .append(store_in(2)),
                                                  100);
        block.call(both);
        block.call_from(block.other, 0, block.look, {word_of(block.child)});
        block.call(block.child, {word(1)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(slot_after(records, both, 1), uint64_t{1});
        CHECK_EQ(slot_after(records, both, 2), uint64_t{0});
        CHECK_EQ(balance_after(records, block.child), uint64_t{10});
        CHECK_EQ(slot_after(records, block.look, 1), uint64_t{10});
        CHECK_EQ(slot_after(records, block.child, 0), uint64_t{1});
    }
}

// Erigon, parallel: erigontech/erigon #22860: RIPEMD-160's touch outlives the revert (mainnet block
// 2,675,119; Yellow Paper, appendix K.1).
TEST(
    "shipped bug: a touch of RIPEMD-160 that runs out of gas counts, and one of SHA-256 does not") {
    for (const uint64_t precompile : {2, 3}) {
        HardBlock block{EVMC_SPURIOUS_DRAGON};
        const Address touched = block.fund(precompile, 0);
        const Address look = block.deploy_program(0x100c, tiny::looker());
        const Address other = block.fund(0x07e4, 1'000'000'000);
        // Fifty units of gas are too few for either.
        const Address caller = block.deploy_program(0xca11, Program{}
                                                                .push(0)
                                                                .push(0)
                                                                .push(0)
                                                                .push(0)
                                                                .push(0)
                                                                .push(precompile)
                                                                .push(50)
                                                                .op(OP_CALL)
                                                                .append(store_in(1)));
        block.call(look, {word_of(touched)});
        block.call_from(other, 0, caller);
        block.call(look, {word_of(touched)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(change_of(records, touched) != nullptr, precompile == 3);
        CHECK(!exists_after(records, touched));
    }
}

// Erigon, parallel: erigontech/erigon #21136: an account that goes and is touched again, before
// EIP-161 (there it comes back, empty) and after.
TEST("shipped bug: destroyed, and touched with nothing by the next transaction") {
    for (const evmc_revision revision : {EVMC_TANGERINE_WHISTLE, EVMC_SPURIOUS_DRAGON}) {
        FactoryBlock block{revision};
        block.deploy_child(1000, 41);
        block.call(block.child);
        block.call_from(block.other, 0, block.child);
        block.call(block.look, {word_of(block.child)});
        const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
        CHECK_EQ(exists_after(records, block.child), revision == EVMC_TANGERINE_WHISTLE);
        CHECK(storage_cleared(records, block.child));
        CHECK_EQ(balance_after(records, block.child), uint64_t{0});
        CHECK_EQ(slot_after(records, block.look, 2), uint64_t{0});
    }
}

// grevm: Galxe/grevm #16 (the coinbase's own nonce), #97 R3-006 (transfers to it); pevm:
// risechain/pevm #28, #115; sei: sei-protocol/sei-chain #3938 (its fee comes back to it).
TEST("shipped bug: the coinbase is paid, looked at, and sends what it was paid") {
    HardBlock block{EVMC_LONDON};
    const Address coinbase = block.header.coinbase;
    const Address counter = block.deploy_program(0xc000, tiny::counter());
    const Address look = block.deploy_program(0x100c, tiny::looker());
    const Address other = block.fund(0x07e4, 1'000'000'000);
    block.call(coinbase).value = word(200'000);
    block.call_from(other, 0, counter);
    block.call(look, {word_of(coinbase)});
    block.call_from(coinbase, 0, address_of(0xabc)).value = word(1);
    block.call_from(other, 1, look, {word_of(coinbase)});
    block.transactions[3].gas_limit = 21'000;
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    uint64_t tips = 0;
    for (const wire::Receipt& receipt : records.receipts)
        tips += receipt.gas_used * 3;
    CHECK_EQ(balance_after(records, coinbase), 200'000 + tips - 210'000 - 1);
    CHECK_EQ(change_of(records, coinbase)->nonce_after, uint64_t{1});
    const uint64_t last_tip = records.receipts[4].gas_used * 3;
    CHECK_EQ(slot_after(records, look, 1), 200'000 + tips - last_tip - 210'000 - 1);

    // Without the transfer the tips of three transactions do not pay for it.
    block.transactions[0].value = word(0);
    block.transactions[3].value = word(1'000'000);
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_insufficient_funds);
    CHECK_EQ(records.error_transaction, 3);

    // Where nothing is burnt it pays itself: only the nonce changes.
    HardBlock own{EVMC_LONDON};
    own.header.base_fee = word(0);
    own.state.set_account({coinbase, 4, uint256{10'000'000}});
    own.call_from(coinbase, 4, address_of(0xabc)).gas_limit = 21'000;
    own.call_from(coinbase, 5, own.deploy_program(0xc000, tiny::counter()));
    records = RECORDS_IN_EVERY_ORDER(own);
    CHECK_EQ(balance_after(records, coinbase), uint64_t{10'000'000});
    CHECK_EQ(change_of(records, coinbase)->nonce_after, uint64_t{6});
}

// Nethermind, Block-STM: NethermindEth/nethermind #9803 (a coinbase that destroys itself is
// credited twice); erigontech/erigon #23967.
TEST("shipped bug: the coinbase is made, destroys itself, and is made again") {
    FactoryBlock block{EVMC_SHANGHAI};
    block.header.coinbase = block.child;
    block.call(block.maker).value = word(2);
    block.call_from(block.other, 0, block.child); // to the caller: tips so far, and two wei
    block.call(block.look, {word_of(block.child)});
    block.call_from(block.other, 1, block.maker);
    block.call(block.child, {word(1)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(slot_after(records, block.look, 1), uint64_t{0});
    CHECK(slot_after(records, block.maker, 9) != 0);
    CHECK_EQ(slot_after(records, block.child, 0), uint64_t{1});
    uint64_t tips = 0;
    for (const size_t i : {2, 3, 4})
        tips += records.receipts[i].gas_used * 3;
    CHECK_EQ(balance_after(records, block.child), tips);
}

// Withdrawals come after the transactions, to what those have left.
TEST("shipped bug: withdrawals to an account that was destroyed, and of nothing to an empty one") {
    FactoryBlock block{EVMC_SHANGHAI};
    block.deploy_child(1000, 41);
    const Address empty = block.fund(0xe0, 0);
    block.state.set_storage(empty, word(7), word(77));
    block.withdrawals = {{3, block.child, 0}, {0, empty, 0}, {0, address_of(0xe1), 0}};
    block.call(block.child, {word(1)});
    block.call_from(block.other, 0, block.child);
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(balance_after(records, block.child), uint64_t{3'000'000'000});
    CHECK(storage_cleared(records, block.child));
    CHECK(change_of(records, block.child)->code_hash_after == state::empty_code_hash);
    CHECK(change_of(records, address_of(0xe1)) == nullptr);
}

// grevm: Galxe/grevm #102, Gravity testnet block 1,400,868: a sender that is its own authority has
// its nonce raised twice, and what it sends next was foretold with one less.
TEST("shipped bug: a sender that authorizes itself skips a nonce") {
    HardBlock block{EVMC_PRAGUE};
    const Address counter = block.deploy_program(0xc000, tiny::counter());
    block.call(counter);
    const Address authority = authorize(block, counter, 1);
    block.state.set_account({authority, 0, uint256{1'000'000'000}});
    block.transactions[0].sender = authority;
    block.call_from(authority, 2, authority); // counts in its own slot
    block.call_from(authority, 3, counter);
    wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(change_of(records, authority)->nonce_after, uint64_t{4});
    CHECK_EQ(slot_after(records, authority, 0), uint64_t{1});
    block.transactions[1].nonce = 1;
    records = RECORDS_IN_EVERY_ORDER(block);
    CHECK(records.error == ErrorCode::tx_nonce_too_low);
    CHECK_EQ(records.error_transaction, 1);
}

// Erigon, parallel: erigontech/erigon #20143 (a run's warm addresses and transient storage in the
// next), #22142 (a receipt of another run). What a wrong guess did must be nowhere.
TEST("shipped bug: nothing of a run that is thrown away is in the outcome") {
    FactoryBlock block{EVMC_OSAKA};
    // Where slot 0 is not set: logs, makes the child, writes, warms what is looked at later.
    const Program in_vain = Program{}
                                .push(0x20)
                                .push(0)
                                .op(OP_LOG0)
                                .append(call_program(block.maker))
                                .append(store_in(5))
                                .push(reference::Word{block.look})
                                .op(OP_BALANCE)
                                .append(store_in(6))
                                .push(3)
                                .push(8)
                                .op(OP_TSTORE, OP_STOP);
    // Where it is: a balance that must be cold, and transient storage that must be empty.
    const Program right = Program{}
                              .push(reference::Word{block.look})
                              .op(OP_BALANCE)
                              .push(8)
                              .op(OP_TLOAD, OP_ADD)
                              .append(store_in(7))
                              .op(OP_STOP);
    const uint64_t right_at = 12 + in_vain.size();
    // With data it sets slot 0.
    const Program guess = Program{}
                              .op(OP_CALLDATASIZE)
                              .push(right_at + 1 + right.size(), 2)
                              .op(OP_JUMPI)
                              .push(0)
                              .op(OP_SLOAD)
                              .push(right_at, 2)
                              .op(OP_JUMPI)
                              .append(in_vain)
                              .op(OP_JUMPDEST)
                              .append(right)
                              .op(OP_JUMPDEST)
                              .push(1)
                              .append(store_in(0));
    const Address guesser = block.deploy_program(0x9e55, guess);
    block.call(guesser, {word(1)});
    block.call_from(block.other, 0, guesser);
    block.call(block.look, {word_of(block.child)});
    const wire::BlockRecords records = RECORDS_IN_EVERY_ORDER(block);
    CHECK_EQ(slot_after(records, guesser, 0), uint64_t{1});
    CHECK_EQ(slot_after(records, guesser, 5), uint64_t{0});
    CHECK(records.logs.empty());
    CHECK(change_of(records, block.child) == nullptr);
    CHECK(change_of(records, block.maker) == nullptr);
    // A cold balance (2,600), a cold slot read (2,100) and one that stays zero (2,200) on top.
    CHECK_EQ(records.receipts[1].gas_used, uint64_t{28'044});
    AheadLoop loop{latest_first(3)};
    CHECK(same_records(records, run_block(block, block.state, &loop)));
    CHECK_EQ(loop.stale.size(), size_t{1}); // it did guess wrong
}

// Erigon, parallel: erigontech/erigon #21675, #23025 ("too many validator-invalid retries" on valid
// blocks). Here no transaction runs more than three times, one worker or several.
TEST("shipped bug: no block makes workers run a transaction again and again") {
    SeededScheduler scheduler;
    size_t again = 0;
    for (const size_t workers : {1, 2, 3}) {
        parallel::OptimisticLoop loop{ordered_pool(),
                                      [] { return std::make_unique<transaction::Machine>(); }};
        loop.set_workers(workers);
        if (workers > 1)
            loop.set_interleaving(&scheduler);
        const auto check = [&](const BlockFixture& block, uint64_t seed) {
            scheduler.seed(seed);
            state::MemoryState state;
            state.assign(block.state);
            SteppingState stepping{state};
            const wire::BlockRecords expected = run_block(block, state);
            const wire::BlockRecords records = run_block(block, stepping, &loop);
            CHECK(same_records(expected, records));
            const size_t runs = most_runs(records, block.transactions.size());
            CHECK(runs <= (workers == 1 ? 2 : 3));
            again += runs > 1 ? 1 : 0;
        };
        for (const TinyBlock& tiny : tiny_blocks())
            for (uint64_t seed = 0; seed < 8; ++seed)
                check(*tiny.block, seed);
        for (uint64_t seed = 0; seed < 20; ++seed)
            check(ConflictingBlock{EVMC_SHANGHAI, seed, 24}, seed);
    }
    CHECK(again > 20);
}

} // namespace braid::test
