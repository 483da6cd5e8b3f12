/// Keys that somebody chose so that they meet in tables cost no more than any others.
#include "block/block_state.hpp"
#include "parallel/version_store.hpp"
#include "state/cached_state.hpp"
#include "state/memory_state.hpp"
#include "state/partial_view.hpp"
#include "state/slot_hash.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/hash_keys.hpp"
#include "transaction/journal.hpp"

#include <algorithm>
#include <ctime>
#include <string>

namespace braid::test {
namespace {

constexpr size_t key_count = 60'000;

/// The key that the measured tables hash with, and one that whoever chooses knows instead.
const HashKey used_key = hash_key_of(0xa11ce);
const HashKey known_key = hash_key_of(0xb0b);

template <typename Bytes>
void put_word(Bytes& bytes, size_t at, uint64_t word) {
    for (size_t i = 0; i < 8; ++i)
        bytes.bytes[at + i] = static_cast<uint8_t>(word >> (8 * i));
}

template <typename Bytes>
Bytes random_bytes(Random& random) {
    Bytes bytes;
    for (uint8_t& byte : bytes.bytes)
        byte = static_cast<uint8_t>(random.next());
    return bytes;
}

/// Addresses, or 32 bytes, of which each is made by `make(i, random)`.
template <typename Bytes, typename Make>
std::vector<Bytes> keys_of(Make&& make) {
    Random random{key_count};
    std::vector<Bytes> keys;
    for (uint64_t i = 0; i < key_count; ++i)
        keys.push_back(make(i, random));
    return keys;
}

/// Keys that nobody chose, and some by which an unkeyed hash, or one whose key is known, could be
/// brought to the same value for all.
template <typename Bytes>
struct KeySets {
    std::vector<Bytes> random;
    std::vector<std::vector<Bytes>> chosen;
};

KeySets<Bytes32> slot_sets() {
    KeySets<Bytes32> sets;
    sets.random = keys_of<Bytes32>([](uint64_t, Random& r) { return random_bytes<Bytes32>(r); });
    // Whatever is in two words, the others take it back out of sums of products with constants.
    sets.chosen.push_back(keys_of<Bytes32>([](uint64_t, Random& random) {
        const uint64_t third = random.next();
        const uint64_t fourth = random.next();
        Bytes32 key;
        put_word(key, 0, third * 0x9e3779b97f4a7c15ULL);
        put_word(key, 8, -(fourth * 0xc2b2ae3d27d4eb4fULL));
        put_word(key, 16, third);
        put_word(key, 24, fourth);
        return key;
    }));
    // A factor of zero: the other one may be anything.
    sets.chosen.push_back(keys_of<Bytes32>([](uint64_t i, Random&) {
        Bytes32 key{};
        put_word(key, 0, known_key.bytes32[0]);
        put_word(key, 8, i);
        return key;
    }));
    sets.chosen.push_back(keys_of<Bytes32>([](uint64_t i, Random&) {
        Bytes32 key{};
        put_word(key, 16, i);
        put_word(key, 24, known_key.bytes32[3]);
        return key;
    }));
    return sets;
}

KeySets<Address> address_sets() {
    KeySets<Address> sets;
    sets.random = keys_of<Address>([](uint64_t, Random& r) { return random_bytes<Address>(r); });
    // The second word and the last four bytes have the same sum.
    sets.chosen.push_back(keys_of<Address>([](uint64_t i, Random&) {
        const auto tail = static_cast<uint32_t>(i * 0x9e3779b1);
        Address address{};
        put_word(address, 12, uint64_t{tail} << 32);
        put_word(address, 8, (uint64_t{1} << 60) - tail);
        return address;
    }));
    // Both products have a factor of zero, and four bytes are free.
    sets.chosen.push_back(keys_of<Address>([](uint64_t i, Random&) {
        Address address{};
        put_word(address, 0, known_key.address[0]);
        put_word(address, 12, known_key.address[3]);
        for (size_t byte = 0; byte < 4; ++byte)
            address.bytes[8 + byte] = static_cast<uint8_t>(i >> (8 * byte));
        return address;
    }));
    return sets;
}

double cpu_milliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// Checks that `run(keys)` takes chosen keys at most 1.5 times as long as random ones. The least of
/// several times counts, and as long as that does not do, of some more: others may be at work.
template <typename Bytes, typename Run>
void check_times(const char* what, const KeySets<Bytes>& sets, Run&& run) {
    const auto timed = [&](const std::vector<Bytes>& keys) {
        const double start = cpu_milliseconds();
        run(keys);
        return cpu_milliseconds() - start;
    };
    for (size_t set = 0; set < sets.chosen.size(); ++set) {
        double random = 1e9;
        double chosen = 1e9;
        for (int round = 0; round < 30; ++round) {
            random = std::min(random, timed(sets.random));
            chosen = std::min(chosen, timed(sets.chosen[set]));
            if ((round >= 2 && chosen <= 1.5 * random) || chosen > 20 * random)
                break;
        }
        if (chosen > 1.5 * random)
            fail(__FILE__, __LINE__, what,
                 "chosen keys " + std::to_string(set) + " take " + std::to_string(chosen) +
                     " ms, random ones " + std::to_string(random));
    }
}

Bytes32 one() {
    Bytes32 value{};
    value.bytes[31] = 1;
    return value;
}

/// An account with the smallest address there is.
Address holder() {
    Address address{};
    address.bytes[19] = 0x77;
    return address;
}

/// What a transaction does that writes all these slots of one account.
transaction::TransactionOutcome outcome_writing(const std::vector<Bytes32>& keys) {
    transaction::TransactionOutcome outcome;
    transaction::AccountWrite& write = outcome.accounts.emplace_back();
    write.address = holder();
    write.slot_count = static_cast<uint32_t>(keys.size());
    for (const Bytes32& key : keys)
        outcome.slots.push_back({key, Bytes32{}, one()});
    return outcome;
}

/// What a transaction does that pays to all these accounts.
transaction::TransactionOutcome outcome_paying(const std::vector<Address>& accounts) {
    transaction::TransactionOutcome outcome;
    for (const Address& address : accounts) {
        transaction::AccountWrite& write = outcome.accounts.emplace_back();
        write.address = address;
        write.balance_change = uint256{1};
    }
    return outcome;
}

} // namespace

TEST("hash flooding: the chosen keys do meet where the key is known") {
    const HashKeyScope scope{known_key};
    const KeySets<Bytes32> slots = slot_sets();
    const KeySets<Address> accounts = address_sets();
    for (size_t set : {1, 2}) {
        std::vector<uint64_t> hashes;
        for (const Bytes32& key : slots.chosen[set])
            hashes.push_back(hash_of(key));
        CHECK(std::ranges::all_of(hashes, [&](uint64_t hash) { return hash == hashes[0]; }));
    }
    CHECK(std::ranges::all_of(accounts.chosen[1], [&](const Address& address) {
        return hash_of(address) == hash_of(accounts.chosen[1][0]);
    }));
}

TEST("hash flooding: TSTORE and TLOAD") {
    const HashKeyScope scope{used_key};
    state::MemoryState state;
    transaction::Journal journal;
    const auto run = [&](const std::vector<Bytes32>& keys) {
        journal.begin(state, transaction::rules_of(EVMC_CANCUN));
        for (const Bytes32& key : keys)
            journal.store_transient(holder(), key, one());
        for (const Bytes32& key : keys)
            CHECK(journal.load_transient(holder(), key) == one());
    };
    check_times("transient storage", slot_sets(), run);
}

TEST("hash flooding: SLOAD and SSTORE") {
    const HashKeyScope scope{used_key};
    state::MemoryState state;
    transaction::Journal journal;
    const auto run = [&](const std::vector<Bytes32>& keys) {
        journal.begin(state, transaction::rules_of(EVMC_CANCUN));
        for (const Bytes32& key : keys) {
            CHECK(journal.access_slot(holder(), key) == EVMC_ACCESS_COLD);
            CHECK(is_zero(journal.load_slot(holder(), key)));
        }
        for (const Bytes32& key : keys)
            CHECK(journal.store_slot(holder(), key, one()) == EVMC_STORAGE_ADDED);
    };
    check_times("storage", slot_sets(), run);
}

TEST("hash flooding: BALANCE and EXTCODEHASH") {
    const HashKeyScope scope{used_key};
    state::MemoryState state;
    transaction::Journal journal;
    const auto run = [&](const std::vector<Address>& accounts) {
        journal.begin(state, transaction::rules_of(EVMC_CANCUN));
        for (const Address& address : accounts)
            CHECK(!journal.balance_of(journal.account(address)));
        for (const Address& address : accounts)
            CHECK(!journal.exists(journal.account(address)));
    };
    check_times("accounts", address_sets(), run);
}

TEST("hash flooding: one slot of many accounts") {
    const HashKeyScope scope{used_key};
    state::MemoryState state;
    transaction::Journal journal;
    const auto run = [&](const std::vector<Address>& accounts) {
        journal.begin(state, transaction::rules_of(EVMC_CANCUN));
        for (const Address& address : accounts)
            journal.store_transient(address, one(), one());
        for (const Address& address : accounts)
            CHECK(is_zero(journal.load_slot(address, one())));
    };
    check_times("slots of accounts", address_sets(), run);
}

TEST("hash flooding: the state inside a block") {
    const HashKeyScope scope{used_key};
    state::MemoryState base;
    block::BlockState state;
    check_times("slots written", slot_sets(), [&](const std::vector<Bytes32>& keys) {
        state.begin(base, true);
        transaction::TransactionOutcome outcome = outcome_writing(keys);
        CHECK(state.apply(outcome, holder(), 0) == state::ReadStatus::ok);
        Bytes32 value;
        for (const Bytes32& key : keys)
            state.load_storage(holder(), key, value);
    });
    check_times("accounts paid", address_sets(), [&](const std::vector<Address>& accounts) {
        state.begin(base, true);
        transaction::TransactionOutcome outcome = outcome_paying(accounts);
        CHECK(state.apply(outcome, holder(), 0) == state::ReadStatus::ok);
    });
}

TEST("hash flooding: a state in memory, and one that remembers slow reads") {
    const HashKeyScope scope{used_key};
    check_times("slots kept", slot_sets(), [](const std::vector<Bytes32>& keys) {
        state::MemoryState state;
        state.set_account({holder(), 1, uint256{}});
        for (const Bytes32& key : keys)
            state.set_storage(holder(), key, one());
        for (const Bytes32& key : keys)
            CHECK(state.storage(holder(), key) == one());
        state::CachedState cached{state};
        Bytes32 value;
        for (int round = 0; round < 2; ++round)
            for (const Bytes32& key : keys)
                cached.load_storage(holder(), key, value);
    });
    check_times("accounts kept", address_sets(), [](const std::vector<Address>& accounts) {
        state::MemoryState state;
        for (const Address& address : accounts)
            state.set_account({address, 1, uint256{}});
        state::AccountState account;
        for (const Address& address : accounts)
            CHECK(state.find_account(address, account));
        state::CachedState cached{state};
        bool exists = false;
        for (int round = 0; round < 2; ++round)
            for (const Address& address : accounts)
                cached.load_account(address, account, exists);
    });
    // Code hashes are given with a state, not computed.
    check_times("codes kept", slot_sets(), [](const std::vector<Bytes32>& hashes) {
        state::MemoryState state;
        for (const Bytes32& hash : hashes)
            state.add_code({}, hash);
        for (const Bytes32& hash : hashes)
            CHECK(state.find_code(hash) != nullptr);
    });
}

TEST("hash flooding: a partial state, and what is missing in it") {
    const HashKeyScope scope{used_key};
    check_times("slots learnt", slot_sets(), [](const std::vector<Bytes32>& keys) {
        const auto known = std::make_shared<state::PartialState>();
        state::PartialView view{known};
        Bytes32 value;
        for (const Bytes32& key : keys)
            view.load_storage(holder(), key, value);
        CHECK_EQ(view.take_missing().size(), key_count);
        for (const Bytes32& key : keys)
            known->learn_slot(holder(), key, one());
        for (const Bytes32& key : keys)
            CHECK(known->find_storage(holder(), key, value));
    });
    check_times("accounts learnt", address_sets(), [](const std::vector<Address>& accounts) {
        const auto known = std::make_shared<state::PartialState>();
        state::PartialView view{known};
        state::AccountState account;
        bool exists = false;
        for (const Address& address : accounts)
            view.load_account(address, account, exists);
        CHECK_EQ(view.take_missing().size(), key_count);
        for (const Address& address : accounts)
            known->learn_absence(address);
        for (const Address& address : accounts)
            CHECK(known->find_account(address, account, exists));
    });
}

TEST("hash flooding: versions published") {
    const HashKeyScope scope{used_key};
    parallel::VersionStore store;
    parallel::VersionArena arena;
    const auto publish = [&](const transaction::TransactionOutcome& outcome) {
        arena.reset();
        store.begin(2, key_count / 8);
        store.publish(0, 0, outcome, arena);
    };
    check_times("slots published", slot_sets(), [&](const std::vector<Bytes32>& keys) {
        publish(outcome_writing(keys));
        const parallel::AccountLocation* account = store.find(holder());
        for (const Bytes32& key : keys)
            CHECK(account != nullptr && store.find(*account, key) != nullptr);
    });
    check_times("accounts published", address_sets(), [&](const std::vector<Address>& accounts) {
        publish(outcome_paying(accounts));
        for (const Address& address : accounts)
            CHECK(store.find(address) != nullptr);
    });
}

} // namespace braid::test
