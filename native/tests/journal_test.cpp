#include "block/block_state.hpp"
#include "state/memory_state.hpp"
#include "tests/harness.hpp"
#include "transaction/journal.hpp"

#include <memory>
#include <random>

using namespace braid;
using namespace braid::transaction;

namespace {

Address address_of(uint64_t number) {
    Address address{};
    store_be64(address.bytes + 12, number);
    return address;
}

Bytes32 word(uint64_t number) { return to_bytes32(uint256{number}); }

/// A state whose storage and code cannot be read.
class BrokenState final : public state::StateView {
  public:
    state::ReadStatus load_account(const Address&, state::AccountState& account,
                                   bool& exists) noexcept override {
        exists = true;
        account = {};
        account.code_hash = word(1);
        return state::ReadStatus::ok;
    }
    state::ReadStatus load_storage(const Address&, const Bytes32&, Bytes32&) noexcept override {
        return state::ReadStatus::unavailable;
    }
    state::ReadStatus load_code(const Address&, const Bytes32&, const Code*&) noexcept override {
        return state::ReadStatus::missing_code;
    }
};

CodeRef make_code(std::vector<uint8_t> bytes, uint64_t hash) {
    return std::make_shared<const Code>(std::move(bytes), word(hash));
}

} // namespace

TEST("journal: the status of a write follows original, current and new value") {
    struct Row {
        uint64_t original, current, value;
        evmc_storage_status status;
    };
    const Row rows[]{
        {0, 0, 0, EVMC_STORAGE_ASSIGNED},
        {1, 2, 2, EVMC_STORAGE_ASSIGNED},
        {0, 0, 1, EVMC_STORAGE_ADDED},
        {1, 1, 0, EVMC_STORAGE_DELETED},
        {1, 1, 2, EVMC_STORAGE_MODIFIED},
        {1, 0, 2, EVMC_STORAGE_DELETED_ADDED},
        {1, 2, 0, EVMC_STORAGE_MODIFIED_DELETED},
        {1, 0, 1, EVMC_STORAGE_DELETED_RESTORED},
        {0, 1, 0, EVMC_STORAGE_ADDED_DELETED},
        {1, 2, 1, EVMC_STORAGE_MODIFIED_RESTORED},
        {0, 1, 2, EVMC_STORAGE_ASSIGNED},
        {1, 2, 3, EVMC_STORAGE_ASSIGNED},
    };
    state::MemoryState state;
    Journal journal;
    for (const Row& row : rows) {
        state.set_account({address_of(1), 1, uint256{}});
        state.set_storage(address_of(1), word(7), word(row.original));
        journal.begin(state, rules_of(EVMC_CANCUN));
        journal.store_slot(address_of(1), word(7), word(row.current));
        CHECK(journal.store_slot(address_of(1), word(7), word(row.value)) == row.status);
        CHECK(journal.load_slot(address_of(1), word(7)) == word(row.value));
    }
}

TEST("journal: a revert restores values, sets, code and logs") {
    state::MemoryState state;
    state.set_account({address_of(1), 3, uint256{100}});
    state.set_storage(address_of(1), word(1), word(5));
    Journal journal;
    journal.begin(state, rules_of(EVMC_CANCUN));
    journal.log(address_of(1), {}, {});
    CHECK_EQ(journal.access(journal.intern(address_of(2))), EVMC_ACCESS_COLD);

    const Journal::Checkpoint checkpoint = journal.checkpoint();
    JournalAccount& account = journal.account(address_of(1));
    journal.set_balance(account, uint256{1});
    journal.set_nonce(account, 4);
    journal.set_code(account, make_code({1, 2, 3}, 42));
    journal.set_flags(account, JournalAccount::destroyed);
    CHECK_EQ(journal.access(journal.intern(address_of(3))), EVMC_ACCESS_COLD);
    CHECK_EQ(journal.access_slot(address_of(1), word(1)), EVMC_ACCESS_COLD);
    journal.store_slot(address_of(1), word(1), word(6));
    journal.store_transient(address_of(1), word(1), word(9));
    const Bytes32 topics[]{word(1)};
    journal.log(address_of(1), word(2).bytes, topics);
    journal.revert(checkpoint);

    CHECK(account.balance == uint256{100});
    CHECK_EQ(account.nonce, uint64_t{3});
    CHECK(!account.has_code() && journal.code_of(account) == nullptr);
    CHECK(!account.has(JournalAccount::destroyed));
    CHECK(account.has(JournalAccount::exists));
    CHECK_EQ(journal.access(journal.intern(address_of(2))), EVMC_ACCESS_WARM);
    CHECK_EQ(journal.access(journal.intern(address_of(3))), EVMC_ACCESS_COLD);
    CHECK_EQ(journal.access_slot(address_of(1), word(1)), EVMC_ACCESS_COLD);
    CHECK(journal.load_slot(address_of(1), word(1)) == word(5));
    CHECK(is_zero(journal.load_transient(address_of(1), word(1))));
    TransactionOutcome outcome;
    journal.finish(outcome);
    CHECK_EQ(outcome.logs.entries.size(), size_t{1});
    CHECK(outcome.logs.topics.empty() && outcome.logs.data.empty());
    CHECK(outcome.accounts.empty() && outcome.slots.empty());
}

TEST("journal: an account first warmed, then loaded, keeps existing after a revert") {
    state::MemoryState state;
    state.set_account({address_of(1), 0, uint256{}}); // exists and is empty
    Journal journal;
    journal.begin(state, rules_of(EVMC_HOMESTEAD));
    const Journal::Checkpoint checkpoint = journal.checkpoint();
    journal.access(journal.intern(address_of(1)));
    CHECK(journal.exists(journal.account(address_of(1))));
    journal.revert(checkpoint);
    CHECK(journal.exists(journal.account(address_of(1))));
}

TEST("journal: touched empty accounts go from EIP-161 on and come into being before it") {
    for (const evmc_revision revision : {EVMC_TANGERINE_WHISTLE, EVMC_SPURIOUS_DRAGON}) {
        state::MemoryState state;
        state.set_account({address_of(1), 0, uint256{}});
        state.set_account({address_of(2), 0, uint256{}});
        Journal journal;
        journal.begin(state, rules_of(revision));
        journal.touch(journal.account(address_of(1)));
        (void)journal.account(address_of(2)); // looked at, not touched
        journal.touch(journal.account(address_of(3)));
        TransactionOutcome outcome;
        journal.finish(outcome);
        CHECK_EQ(outcome.accounts.size(), size_t{2});
        block::BlockState block;
        const bool clears = revision == EVMC_SPURIOUS_DRAGON;
        block.begin(state, clears);
        CHECK(block.apply(outcome, address_of(9), block::no_writer) == state::ReadStatus::ok);
        for (const uint8_t i : {1, 2, 3}) {
            state::AccountState account;
            bool exists = false;
            CHECK(block.load_account(address_of(i), account, exists) == state::ReadStatus::ok);
            CHECK_EQ(exists, i == 2 || !clears);
        }
    }
}

TEST("journal: only the RIPEMD-160 precompile's touch outlives a revert") {
    state::MemoryState state;
    state.set_account({address_of(2), 0, uint256{}});
    state.set_account({address_of(3), 0, uint256{}});
    Journal journal;
    journal.begin(state, rules_of(EVMC_SPURIOUS_DRAGON));
    const Journal::Checkpoint checkpoint = journal.checkpoint();
    journal.touch_with_nothing(journal.account(address_of(2)));
    journal.touch_with_nothing(journal.account(address_of(3)));
    journal.revert(checkpoint);
    TransactionOutcome outcome;
    journal.finish(outcome);
    CHECK_EQ(outcome.accounts.size(), size_t{1});
    CHECK(outcome.accounts[0].address == address_of(3));
}

TEST("journal: a destroyed account leaves no storage; slots that came back are not written") {
    state::MemoryState state;
    state.set_account({address_of(1), 1, uint256{5}});
    state.set_account({address_of(2), 1, uint256{5}});
    Journal journal;
    journal.begin(state, rules_of(EVMC_SHANGHAI));
    journal.store_slot(address_of(1), word(1), word(1));
    journal.set_flags(journal.account(address_of(1)), JournalAccount::destroyed);
    journal.store_slot(address_of(2), word(1), word(1));
    journal.store_slot(address_of(2), word(2), word(1));
    journal.store_slot(address_of(2), word(2), word(0));
    TransactionOutcome outcome;
    journal.finish(outcome);
    CHECK_EQ(outcome.accounts.size(), size_t{2});
    CHECK(outcome.accounts[0].destroyed);
    CHECK_EQ(outcome.accounts[0].slot_count, uint32_t{0});
    CHECK(!outcome.accounts[1].destroyed);
    CHECK_EQ(outcome.accounts[1].slot_count, uint32_t{1});
    CHECK(outcome.slots[outcome.accounts[1].slot_start].key == word(1));
}

TEST("journal: a failed read is remembered, the first one") {
    BrokenState state;
    Journal journal;
    journal.begin(state, rules_of(EVMC_CANCUN));
    CHECK(journal.code_of(journal.account(address_of(1))) == nullptr);
    CHECK(is_zero(journal.load_slot(address_of(2), word(1))));
    CHECK(journal.failure() != nullptr);
    CHECK(journal.failure()->code == wire::ErrorCode::state_missing_code);
    CHECK(journal.failure()->address == address_of(1));
    journal.begin(state, rules_of(EVMC_CANCUN));
    CHECK(journal.failure() == nullptr);
}

TEST("journal: thousands of slots grow the tables, and the next transaction sees none") {
    state::MemoryState state;
    state.set_account({address_of(1), 1, uint256{}});
    Journal journal;
    for (int transaction = 0; transaction < 3; ++transaction) {
        journal.begin(state, rules_of(EVMC_CANCUN));
        for (uint64_t i = 0; i < 20'000; ++i)
            CHECK(journal.store_slot(address_of(1), word(i), word(i + 1)) == EVMC_STORAGE_ADDED);
        for (uint64_t i = 0; i < 20'000; ++i)
            CHECK(journal.load_slot(address_of(1), word(i)) == word(i + 1));
        TransactionOutcome outcome;
        journal.finish(outcome);
        CHECK_EQ(outcome.slots.size(), size_t{20'000});
    }
}
