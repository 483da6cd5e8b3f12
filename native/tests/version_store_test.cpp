/// How far readers and writers of the version store go, counted in versions, and what they see
/// where the lane has hung committed values.
#include "parallel/speculative_view.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

namespace braid::test {
namespace {

using parallel::SettledAccount;
using parallel::VersionStore;
using transaction::AccountWrite;
using transaction::TransactionOutcome;

const Address hot = address_of(0x40);
const Address payer = address_of(0x5e);

TransactionOutcome credit(uint64_t amount) {
    TransactionOutcome outcome;
    AccountWrite& write = outcome.accounts.emplace_back();
    write.address = hot;
    write.balance_change = uint256{amount};
    return outcome;
}

TransactionOutcome slot_write(uint64_t value) {
    TransactionOutcome outcome;
    AccountWrite& write = outcome.accounts.emplace_back();
    write.address = hot;
    write.slot_count = 1;
    outcome.slots.push_back({word(7), word(0), word(value)});
    return outcome;
}

/// A store for so many transactions, beside the state that the lane has committed.
struct Stage {
    explicit Stage(uint32_t transactions) {
        store.begin(transactions, transactions);
        view.begin_block(before);
        before.set_account({hot, 1, uint256{100}});
        committed.assign(before);
    }

    void run_ahead(uint32_t transaction, const TransactionOutcome& outcome) {
        store.publish(transaction, 0, outcome, arena, &payer);
    }

    void commit_ahead(uint32_t transaction, const TransactionOutcome& outcome) {
        apply(outcome);
        store.settle_long(transaction, outcome, committed, arena);
    }

    void run_at_head(uint32_t transaction, const TransactionOutcome& outcome) {
        apply(outcome);
        store.settle(transaction, 2, outcome, committed, arena, payer);
    }

    /// How many versions of the hot account a transaction looks at.
    size_t visits_of(uint32_t transaction) const {
        const parallel::AccountLocation* location = store.find(hot);
        if (location == nullptr)
            return 0;
        return store.for_each_before(*location,
                                     VersionStore::settled_before(*location, transaction),
                                     transaction, [](const AccountWrite&) { return true; });
    }

    uint64_t balance_for(uint32_t transaction) {
        state::AccountState account;
        bool exists = false;
        view.begin(transaction, payer, 0);
        CHECK(view.load_account(hot, account, exists) == state::ReadStatus::ok);
        CHECK(exists);
        return account.balance.word[0];
    }

    uint64_t slot_for(uint32_t transaction) {
        Bytes32 value;
        view.begin(transaction, payer, 0);
        CHECK(view.load_storage(hot, word(7), value) == state::ReadStatus::ok);
        return to_uint256(value).word[0];
    }

    VersionStore store;
    parallel::VersionArena arena;
    parallel::SpeculativeView view{store};
    state::MemoryState before;
    state::MemoryState committed;

  private:
    void apply(const TransactionOutcome& outcome) {
        for (const AccountWrite& write : outcome.accounts) {
            state::AccountState account;
            bool exists = false;
            CHECK(committed.load_account(write.address, account, exists) == state::ReadStatus::ok);
            committed.set_account({write.address, account.nonce,
                                   account.balance + write.balance_change, account.code_hash});
            for (uint32_t i = 0; i < write.slot_count; ++i)
                committed.set_storage(write.address, outcome.slots[i].key, outcome.slots[i].value);
        }
    }
};

} // namespace

TEST("version store: deposits to one account are read in steps that do not grow with the block") {
    constexpr uint32_t count = 2000;
    constexpr uint32_t lag = 20; // so many run ahead of the lane
    Stage stage{count};
    size_t most = 0;
    for (uint32_t i = 0; i < count; ++i) {
        CHECK_EQ(stage.balance_for(i), 100 + uint64_t{i} * (i + 1) / 2);
        most = std::max(most, stage.visits_of(i));
        stage.run_ahead(i, credit(i + 1));
        if (i >= lag)
            stage.commit_ahead(i - lag, credit(i - lag + 1));
    }
    CHECK(most <= lag + VersionStore::usual_walk + 1);
    CHECK(most > VersionStore::usual_walk); // it was long enough to be settled
}

TEST("version store: far ahead of the lane too a read has an end") {
    constexpr uint32_t count = 2000;
    Stage stage{count};
    for (uint32_t i = 0; i < count; ++i) {
        CHECK(stage.visits_of(i) <= VersionStore::longest_walk);
        stage.run_ahead(i, credit(1));
        stage.run_ahead(i, slot_write(i));
    }
    for (const uint32_t reader : {1u, 500u, count - 1})
        CHECK(stage.visits_of(reader) <= VersionStore::longest_walk);
    // A guess, but a likely one: what lies near is seen.
    CHECK_EQ(stage.balance_for(count - 1), 100 + VersionStore::longest_walk - 1);
    CHECK_EQ(stage.slot_for(count - 1), uint64_t{count - 2});
    CHECK_EQ(stage.slot_for(5), uint64_t{0});
}

TEST("version store: versions that come out of order, and too late to matter, are left out") {
    Stage stage{1000};
    for (uint32_t i = 1000; i-- > 0;)
        stage.run_ahead(i, credit(1));
    const parallel::AccountLocation* location = stage.store.find(hot);
    size_t kept = 0;
    for (const auto* version = location->versions.load(); version != nullptr;
         version = version->next.load()) {
        ++kept;
        CHECK_EQ(version->stamp.transaction, 1000 - static_cast<uint32_t>(kept));
    }
    CHECK_EQ(kept, VersionStore::longest_walk + 1);
}

TEST("version store: a run at the head hangs what it leaves, for later transactions alone") {
    Stage stage{10};
    stage.run_ahead(2, credit(10));
    stage.run_ahead(4, credit(20));
    stage.run_ahead(4, slot_write(4));
    stage.run_ahead(7, credit(40));
    stage.run_ahead(8, slot_write(8));
    CHECK_EQ(stage.balance_for(9), uint64_t{170});
    stage.commit_ahead(2, credit(10));
    stage.run_at_head(4, credit(25)); // not what its run ahead did, and no slot this time
    CHECK_EQ(stage.balance_for(5), uint64_t{135});
    CHECK_EQ(stage.balance_for(9), uint64_t{175});
    CHECK_EQ(stage.slot_for(8), uint64_t{0});
    CHECK_EQ(stage.slot_for(9), uint64_t{8});
    // Whose run is stale already sees nothing from its own future.
    CHECK_EQ(stage.balance_for(4), uint64_t{110});
    CHECK_EQ(stage.balance_for(2), uint64_t{100});
    stage.run_at_head(8, slot_write(80));
    CHECK_EQ(stage.slot_for(9), uint64_t{80});
    CHECK_EQ(stage.slot_for(8), uint64_t{0});
    stage.store.begin(10, 10);
    stage.arena.reset();
    CHECK_EQ(stage.balance_for(9), uint64_t{100});
}

TEST("version store: what is read from a hung value does not count as read from before the block") {
    Stage stage{10};
    stage.view.begin(5, payer, 0);
    state::AccountState account;
    bool exists = false;
    CHECK(stage.view.load_account(hot, account, exists) == state::ReadStatus::ok);
    CHECK(!stage.view.saw_versions());
    stage.run_at_head(3, credit(0));
    CHECK(stage.view.load_account(hot, account, exists) == state::ReadStatus::ok);
    CHECK(stage.view.saw_versions());
}

TEST("version store: an account that the lane saw removed is gone for later readers") {
    Stage stage{10};
    TransactionOutcome destruction;
    destruction.accounts.push_back({.address = hot, .destroyed = true});
    stage.run_ahead(3, credit(5));
    stage.committed.assign(state::MemoryState{});
    stage.store.settle(4, 2, destruction, stage.committed, stage.arena, payer);
    stage.run_ahead(6, credit(7));
    state::AccountState account;
    bool exists = true;
    stage.view.begin(5, payer, 0);
    CHECK(stage.view.load_account(hot, account, exists) == state::ReadStatus::ok);
    CHECK(!exists && is_empty(account));
    CHECK_EQ(stage.balance_for(9), uint64_t{7});
    CHECK_EQ(stage.balance_for(4), uint64_t{105});
}

TEST("version store: code made in the block is found where it was hung") {
    Stage stage{300};
    const auto code = std::make_shared<const Code>(std::vector<uint8_t>{0}, word(0xc0de));
    TransactionOutcome creation = credit(1);
    creation.accounts[0].code_changed = true;
    creation.accounts[0].code_hash = word(0xc0de);
    creation.accounts[0].code = code.get();
    stage.run_ahead(0, creation);
    for (uint32_t i = 1; i < 290; ++i)
        stage.run_ahead(i, credit(1));
    const Code* found = nullptr;
    stage.view.begin(20, payer, 0);
    CHECK(stage.view.load_code(hot, word(0xc0de), found) == state::ReadStatus::missing_code);
    stage.committed.add_code({code->bytes().begin(), code->bytes().end()}, word(0xc0de));
    stage.committed.set_account({hot, 1, uint256{101}, word(0xc0de)});
    stage.store.settle(0, 2, creation, stage.committed, stage.arena, payer);
    CHECK(stage.view.load_code(hot, word(0xc0de), found) == state::ReadStatus::ok);
    CHECK(found != nullptr && found->hash() == word(0xc0de));
}

} // namespace braid::test
