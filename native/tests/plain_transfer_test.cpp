/// Plain transfers are done without a frame: what comes out is what executing them gives.
#include "transaction/plain_transfer.hpp"

#include "block/block_summary.hpp"
#include "block/receipts.hpp"
#include "tests/hard_case_block.hpp"
#include "tests/random_runs.hpp"

namespace braid::test {
namespace {

using wire::ErrorCode;

/// Runs a block of transactions alone, every one of them as if it were a call of code.
wire::BlockRecords run_without_shortcut(const BlockFixture& block, state::StateView& base) {
    const transaction::BlockEnvironment environment{block.view()};
    transaction::Machine machine;
    transaction::TransactionExecutor transactions{machine};
    transactions.begin_block(environment);
    block::SenderTable senders;
    senders.begin(block.view());
    block::BlockState state;
    state.begin(base, environment.rules->clear_empty);
    wire::BlockRecords records;
    records.clear();
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        const transaction::TransactionInput input{&block.transactions[i], senders.sender(i), {}};
        transaction::TransactionOutcome outcome;
        outcome.failure = validate_block_space(environment, *input.record, records.gas_used, 0);
        if (outcome.failure.code == ErrorCode::ok)
            transactions.execute(state, input, outcome);
        if (outcome.failure.code != ErrorCode::ok) {
            records.error = outcome.failure.code;
            records.error_transaction = static_cast<int32_t>(i);
            records.error_expected = outcome.failure.expected;
            records.error_actual = outcome.failure.actual;
            records.error_address = outcome.failure.address;
            return records;
        }
        records.gas_used += outcome.gas_used;
        block::append_receipt(input, outcome, records.gas_used, records);
        CHECK(state.apply(outcome, block.header.coinbase, static_cast<int32_t>(i)) ==
              state::ReadStatus::ok);
    }
    block::BlockSummary summary;
    summary.begin(block.transactions.size(), environment.rules->receipt_status);
    summary.finish(records, state);
    return records;
}

/// A block of nothing but transactions: no rewards.
class TransferBlock : public HardBlock {
  public:
    explicit TransferBlock(evmc_revision revision) : HardBlock{revision} {
        header.flags |= wire::block_flag::no_rewards;
    }

    /// A transfer with no gas for anything else.
    wire::Transaction& transfer(const Address& to, uint64_t value) {
        wire::Transaction& transaction = call(to);
        transaction.gas_limit = 21'000;
        transaction.value = word(value);
        return transaction;
    }
    wire::Transaction& transfer_from(const Address& from, uint64_t nonce, const Address& to,
                                     uint64_t value) {
        wire::Transaction& transaction = call_from(from, nonce, to);
        transaction.gas_limit = 21'000;
        transaction.value = word(value);
        return transaction;
    }
};

/// The block's records, the same in every order and without the shortcut.
wire::BlockRecords same_every_way(const TransferBlock& block, int line) {
    wire::BlockRecords records = same_in_every_order(block, __FILE__, line);
    state::MemoryState state;
    state.assign(block.state);
    if (!same_records(records, run_without_shortcut(block, state)))
        fail(__FILE__, line, "same without the shortcut");
    return records;
}
#define RECORDS_EVERY_WAY(block) same_every_way(block, __LINE__)

constexpr evmc_revision around_the_forks[] = {EVMC_FRONTIER, EVMC_TANGERINE_WHISTLE,
                                              EVMC_SPURIOUS_DRAGON, EVMC_LONDON, EVMC_OSAKA};

} // namespace

TEST("plain transfer: a recipient whose code was made earlier in the block runs it") {
    TransferBlock block{EVMC_SHANGHAI};
    const Address made = transaction::create_address(block.sender, 1);
    block.transfer(made, 3);
    block.create(initcode_of(Program{}.push(1).append(store_in(0))));
    block.call(made).value = word(5);
    block.transfer(made, 7); // no gas for the code: fails, and takes all
    const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(balance_after(records, made), uint64_t{8});
    CHECK_EQ(slot_after(records, made, 0), uint64_t{1});
    CHECK_EQ(records.receipts[3].status, uint8_t{0});
    CHECK_EQ(records.receipts[3].gas_used, uint64_t{21'000});
}

TEST("plain transfer: a recipient whose code went earlier in the block runs nothing") {
    TransferBlock block{EVMC_SHANGHAI};
    const Address mortal =
        block.deploy_program(0x303, Program{}.op(evm::OP_CALLER, evm::OP_SELFDESTRUCT), 9);
    block.call(mortal);
    block.transfer(mortal, 4);
    const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
    CHECK_EQ(balance_after(records, mortal), uint64_t{4});
    CHECK_EQ(records.receipts[1].status, uint8_t{1});
}

TEST("plain transfer: a delegated recipient runs its delegate, a delegated sender may send") {
    TransferBlock block{EVMC_PRAGUE};
    const Address target = block.deploy_program(0xc000, Program{}.push(1).append(store_in(0)));
    std::vector<uint8_t> designator{0xef, 0x01, 0x00};
    designator.insert(designator.end(), target.bytes, target.bytes + 20);
    const Bytes32 hash = crypto::keccak256(designator);
    const Address delegated = address_of(0xde1e);
    block.state.add_code(designator, hash);
    block.state.set_account({delegated, 2, uint256{900'000}, hash});
    block.call(delegated).value = word(6);
    block.transfer(delegated, 6);
    block.transfer_from(delegated, 2, block.sender, 11);
    const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(slot_after(records, delegated, 0), uint64_t{1});
    CHECK_EQ(records.receipts[1].status, uint8_t{0});
    CHECK_EQ(balance_after(records, delegated), uint64_t{900'000 + 6 - 11 - 210'000});
}

TEST("plain transfer: a sender with code of its own may not send") {
    TransferBlock block{EVMC_LONDON};
    const Address contract = block.deploy_program(0xc000, Program{}.op(evm::OP_STOP), 1'000'000);
    block.transfer(contract, 1);
    block.transfer_from(contract, 1, block.sender, 1);
    const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
    CHECK(records.error == ErrorCode::tx_sender_not_eoa);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("plain transfer: to oneself, to the coinbase and by the coinbase") {
    for (const evmc_revision revision : around_the_forks) {
        TransferBlock block{revision};
        const Address coinbase = block.header.coinbase;
        block.state.set_account({coinbase, 0, uint256{1'000'000}});
        const uint64_t burnt = revision >= EVMC_LONDON ? 7 * 21'000 : 0;
        const uint64_t tip = 210'000 - burnt;
        block.transfer(block.sender, 5);
        block.transfer(coinbase, 5);
        block.transfer_from(coinbase, 0, address_of(0xabc), 5);
        block.transfer_from(coinbase, 1, coinbase, 5);
        const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
        CHECK(records.error == ErrorCode::ok);
        CHECK_EQ(balance_after(records, block.sender), uint64_t{1'000'000'000'000 - 420'005});
        CHECK_EQ(balance_after(records, coinbase), 1'000'000 + 2 * tip - 2 * burnt);
        CHECK_EQ(balance_after(records, address_of(0xabc)), uint64_t{5});
    }
}

TEST("plain transfer: of nothing, to who is not there, to who is empty, and a coinbase without "
     "tips") {
    for (const evmc_revision revision : around_the_forks) {
        TransferBlock block{revision};
        const bool clears = revision >= EVMC_SPURIOUS_DRAGON;
        const Address empty = block.fund(0xe0, 0);
        block.transfer(address_of(0xe1), 0);
        block.transfer(empty, 0);
        for (wire::Transaction& transaction : block.transactions) {
            transaction.max_priority_fee_per_gas = word(0); // no tips from London on
            transaction.max_fee_per_gas = word(revision >= EVMC_LONDON ? 7 : 0);
        }
        const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
        CHECK(records.error == ErrorCode::ok);
        CHECK_EQ(exists_after(records, address_of(0xe1)), !clears);
        CHECK_EQ(change_of(records, empty) != nullptr, clears);
        CHECK_EQ(exists_after(records, block.header.coinbase), !clears);
    }
}

TEST("plain transfer: to a precompile it is none") {
    for (const evmc_revision revision : around_the_forks) {
        TransferBlock block{revision};
        block.call(address_of(2)).value = word(3); // SHA-256 of nothing: 60 gas
        block.transfer(address_of(2), 3);          // no gas for that
        block.transfer(address_of(0x100), 3);      // a precompile from Osaka on
        block.transfer(address_of(9), 3);          // from Istanbul on
        const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
        CHECK_EQ(records.receipts[0].gas_used, uint64_t{21'060});
        CHECK_EQ(records.receipts[1].status, uint8_t{0});
        CHECK_EQ(balance_after(records, address_of(2)), uint64_t{3});
        CHECK_EQ(records.receipts[2].status == 0, revision >= EVMC_OSAKA);
        CHECK_EQ(records.receipts[3].status == 0, revision >= EVMC_ISTANBUL);
    }
}

TEST("plain transfer: funds and nonces that earlier transactions used up") {
    for (const bool by_call : {false, true}) {
        TransferBlock block{EVMC_OSAKA};
        const Address other = block.fund(0x07e4, 1'000'000);
        const Address sink =
            by_call ? block.deploy_program(0xc000, Program{}.op(evm::OP_STOP)) : address_of(0xabc);
        block.transfer(sink, 1);
        block.transfer_from(other, 0, sink, 600'000).gas_limit = by_call ? 30'000 : 21'000;
        block.transfer_from(other, 1, sink, 1);
        const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
        CHECK(records.error == ErrorCode::tx_insufficient_funds);
        CHECK_EQ(records.error_transaction, 2);
        CHECK(records.error_expected == word(210'001) && records.error_actual == word(190'000));
        block.transactions.back().nonce = 0;
        CHECK(RECORDS_EVERY_WAY(block).error == ErrorCode::tx_nonce_too_low);
    }
}

TEST("plain transfer: the last nonce there is") {
    TransferBlock block{EVMC_OSAKA};
    block.state.set_account({address_of(0xf1), UINT64_MAX - 1, uint256{1'000'000}});
    block.transfer_from(address_of(0xf1), UINT64_MAX - 1, address_of(0xabc), 1);
    wire::BlockRecords records = RECORDS_EVERY_WAY(block);
    CHECK(records.error == ErrorCode::ok);
    CHECK_EQ(change_of(records, address_of(0xf1))->nonce_after, UINT64_MAX);
    block.transfer_from(address_of(0xf1), UINT64_MAX, address_of(0xabc), 1);
    records = RECORDS_EVERY_WAY(block);
    CHECK(records.error == ErrorCode::tx_nonce_overflow);
    CHECK_EQ(records.error_transaction, 1);
}

TEST("plain transfer: access lists and call data cost what they cost") {
    for (const evmc_revision revision : {EVMC_BERLIN, EVMC_CANCUN, EVMC_PRAGUE}) {
        TransferBlock block{revision};
        block.access_entries.push_back({address_of(0x77), 0, 2});
        block.storage_keys = {word(1), word(2)};
        wire::Transaction& listed = block.call(address_of(0xabc));
        listed.type = 1;
        listed.access_count = 1;
        block.call(address_of(0xabc), {word(1), word(2)}); // 62 zero bytes, 2 others
        const wire::BlockRecords records = RECORDS_EVERY_WAY(block);
        CHECK_EQ(records.receipts[0].gas_used, uint64_t{21'000 + 2'400 + 2 * 1'900});
        const uint64_t floor = 21'000 + 10 * (62 + 4 * 2); // EIP-7623
        CHECK_EQ(records.receipts[1].gas_used,
                 revision >= EVMC_PRAGUE ? floor : uint64_t{21'000 + 62 * 4 + 2 * 16});
    }
}

TEST("plain transfer: random blocks of all revisions, with and without the shortcut") {
    const uint64_t blocks = random_runs(1500);
    size_t failed = 0;
    for (uint64_t seed = 0; seed < blocks; ++seed) {
        Random random{seed};
        TransferBlock block{static_cast<evmc_revision>(seed % (EVMC_OSAKA + 1))};
        const Address contract = block.deploy_program(0xc000, Program{}.op(evm::OP_STOP));
        std::vector<Address> accounts{block.fund(0xe0, 0), address_of(0xe1),
                                      address_of(2),       contract,
                                      address_of(9),       block.header.coinbase};
        for (uint64_t i = 0; i < 3; ++i)
            accounts.push_back(block.fund(0xa0 + i, 1'000'000 + random.below(4'000'000)));
        if (random.chance(50))
            block.state.set_account({block.header.coinbase, 0, uint256{random.below(900'000)}});
        std::vector<uint64_t> nonces(accounts.size());
        const size_t count = 1 + random.below(12);
        for (size_t i = 0; i < count; ++i) {
            const size_t from = random.chance(10) ? 5 : 6 + random.below(3);
            wire::Transaction& transaction =
                block.transfer_from(accounts[from], nonces[from]++ + (random.chance(1) ? 1 : 0),
                                    accounts[random.below(accounts.size())],
                                    random.chance(40) ? 0 : random.below(300'000));
            transaction.gas_limit = random.pick({21'000, 21'000, 21'001, 60'000});
            const uint64_t fee = random.pick({7, 10, 0});
            transaction.max_fee_per_gas =
                word(block.header.revision >= EVMC_LONDON ? std::max<uint64_t>(fee, 7) : fee);
            transaction.max_priority_fee_per_gas = block.header.revision >= EVMC_LONDON
                                                       ? word(random.below(3))
                                                       : transaction.max_fee_per_gas;
        }
        state::MemoryState state;
        state.assign(block.state);
        const wire::BlockRecords records = run_block(block, state);
        if (!same_records(records, run_without_shortcut(block, state)))
            fail(__FILE__, __LINE__, "same_records", "seed " + std::to_string(seed));
        failed += records.error != ErrorCode::ok;
    }
    CHECK(failed < blocks / 2);
}

} // namespace braid::test
