#include "state/memory_state.hpp"
#include "state/packed_state.hpp"
#include "tests/harness.hpp"

#include <map>
#include <random>

using namespace braid;
using namespace braid::state;

namespace {

Address address_of(uint64_t number) {
    Address address{};
    store_be64(address.bytes + 12, number);
    return address;
}

Bytes32 word(uint64_t number) { return to_bytes32(uint256{number}); }

bool has_account(StateView& state, const Address& address) {
    AccountState account;
    bool exists = false;
    CHECK(state.load_account(address, account, exists) == ReadStatus::ok);
    return exists;
}

Bytes32 slot(StateView& state, const Address& address, uint64_t key) {
    Bytes32 value;
    CHECK(state.load_storage(address, word(key), value) == ReadStatus::ok);
    return value;
}

/// What the state is compared with: the same operations on ordered maps.
struct Model {
    struct Account {
        uint64_t nonce;
        std::map<uint64_t, uint64_t> slots;
    };
    std::map<uint64_t, Account> accounts;
};

void check_same(MemoryState& state, const Model& model, uint64_t accounts, uint64_t slots) {
    CHECK_EQ(state.account_count(), model.accounts.size());
    for (uint64_t number = 0; number < accounts; ++number) {
        const auto expected = model.accounts.find(number);
        AccountState account;
        bool exists = false;
        CHECK(state.load_account(address_of(number), account, exists) == ReadStatus::ok);
        CHECK_EQ(exists, expected != model.accounts.end());
        if (!exists)
            continue;
        CHECK_EQ(account.nonce, expected->second.nonce);
        CHECK_EQ(account.has_storage, !expected->second.slots.empty());
        for (uint64_t key = 0; key < slots; ++key) {
            const auto value = expected->second.slots.find(key);
            CHECK(slot(state, address_of(number), key) ==
                  word(value == expected->second.slots.end() ? 0 : value->second));
        }
    }
}

} // namespace

TEST("memory state: random changes agree with ordered maps") {
    constexpr uint64_t accounts = 40;
    constexpr uint64_t slots = 12;
    std::mt19937_64 random{7};
    MemoryState state;
    Model model;
    for (int round = 0; round < 20; ++round) {
        for (int step = 0; step < 500; ++step) {
            const uint64_t number = random() % accounts;
            const uint64_t value = random() % 4;
            const uint64_t key = random() % slots;
            switch (random() % 8) {
            case 0:
                state.remove_account(address_of(number));
                model.accounts.erase(number);
                break;
            case 1:
                state.clear_storage(address_of(number));
                if (model.accounts.contains(number))
                    model.accounts[number].slots.clear();
                break;
            case 2:
            case 3:
                state.set_account({address_of(number), value, uint256{}});
                model.accounts[number].nonce = value;
                break;
            default:
                if (!model.accounts.contains(number))
                    break;
                state.set_storage(address_of(number), word(key), word(value));
                if (value == 0)
                    model.accounts[number].slots.erase(key);
                else
                    model.accounts[number].slots[key] = value;
            }
        }
        check_same(state, model, accounts, slots);
    }
}

TEST("memory state: other values in the same places take no more memory") {
    MemoryState state;
    CHECK_EQ(state.record_bytes(), size_t{0});
    for (uint64_t round = 1; round <= 3; ++round) {
        const size_t before = state.record_bytes();
        for (uint64_t number = 0; number < 50; ++number) {
            state.set_account({address_of(number), round, uint256{round}, empty_code_hash});
            state.set_storage(address_of(number), word(number), word(round));
        }
        if (round == 1)
            CHECK(state.record_bytes() >= 50 * (sizeof(Address) + 3 * sizeof(Bytes32)));
        else
            CHECK_EQ(state.record_bytes(), before);
    }
}

TEST("memory state: a copy goes its own way") {
    MemoryState state;
    state.set_account({address_of(1), 5, uint256{7}});
    state.set_storage(address_of(1), word(2), word(3));
    MemoryState copy;
    copy.assign(state);
    copy.set_storage(address_of(1), word(2), word(4));
    copy.remove_account(address_of(1));
    CHECK(has_account(state, address_of(1)));
    CHECK(!has_account(copy, address_of(1)));
    CHECK(slot(state, address_of(1), 2) == word(3));
    CHECK(slot(copy, address_of(1), 2) == word(0));
}

TEST("memory state: code is kept once per hash; a missing one is a read failure") {
    const std::vector<uint8_t> bytes{0x60, 0x00};
    const Bytes32 hash = word(99);
    MemoryState state;
    state.add_code(bytes, hash);
    state.add_code(bytes, hash);
    const Code* code = nullptr;
    CHECK(state.load_code(address_of(1), hash, code) == ReadStatus::ok);
    CHECK(code != nullptr && code == state.find_code(hash));
    CHECK_EQ(code->bytes().size(), size_t{2});
    CHECK(state.load_code(address_of(1), word(98), code) == ReadStatus::missing_code);
}

TEST("packed state: a dump loads into an equal state") {
    std::mt19937_64 random{11};
    LayeredMemory state;
    for (uint64_t number = 0; number < 300; ++number) {
        const Address address = address_of(random());
        const bool has_code = number % 3 == 0;
        const Bytes32 hash = word(1000 + number);
        state.set_account({address, random(), uint256{random(), random(), 0, random()},
                           has_code ? hash : empty_code_hash});
        if (has_code && number % 2 == 0)
            state.add_code(std::vector<uint8_t>(number % 50 + 1, 0x5b), hash);
        for (uint64_t key = 0; key < number % 7; ++key)
            state.set_storage(address, word(random()), word(key + 1));
    }
    const wire::PackedBuffer packed = wire::write_state_dump(make_dump(state));
    const auto view = wire::read_state_dump(packed.view());
    CHECK(view.has_value());
    LayeredMemory loaded;
    load_dump(loaded, *view);
    const wire::PackedBuffer again = wire::write_state_dump(make_dump(loaded));
    CHECK_EQ(loaded.account_count(), state.account_count());
    CHECK_EQ(packed.size, again.size);
    CHECK(std::memcmp(packed.data.get(), again.data.get(), packed.size) == 0);
}

TEST("packed state: an output with cleared storage replaces all of it") {
    LayeredMemory state;
    state.set_account({address_of(1), 1, uint256{1}});
    state.set_account({address_of(2), 1, uint256{1}});
    state.set_storage(address_of(1), word(1), word(11));
    state.set_storage(address_of(1), word(2), word(22));

    wire::AccountChange revived{};
    revived.address = address_of(1);
    revived.nonce_after = 9;
    revived.code_hash_after = empty_code_hash;
    revived.flags = wire::account_flag::existed_before | wire::account_flag::exists_after |
                    wire::account_flag::storage_cleared;
    revived.slot_count = 1;
    wire::AccountChange gone{};
    gone.address = address_of(2);
    gone.flags = wire::account_flag::existed_before;
    const wire::AccountChange accounts[]{revived, gone};
    const wire::SlotChange slots[]{{word(1), word(11), word(12)}};
    wire::OutputView output;
    output.accounts = accounts;
    output.slots = slots;
    apply_output(state, output);

    CHECK(slot(state, address_of(1), 1) == word(12));
    CHECK(slot(state, address_of(1), 2) == word(0));
    CHECK(!has_account(state, address_of(2)));
    wire::StateAccount record;
    CHECK(read_account(state, address_of(1), record) && record.nonce == 9);
}

TEST("packed state: an output is taken back, with the storage that it cleared") {
    LayeredMemory state;
    state.set_account({address_of(1), 1, uint256{1}});
    state.set_account({address_of(2), 2, uint256{2}});
    state.set_account({address_of(3), 3, uint256{3}});
    for (uint64_t account = 1; account <= 3; ++account)
        for (uint64_t key = 1; key <= 3; ++key)
            state.set_storage(address_of(account), word(key), word(10 * account + key));
    const wire::PackedBuffer before = wire::write_state_dump(make_dump(state));

    constexpr uint32_t existed = wire::account_flag::existed_before;
    constexpr uint32_t exists = wire::account_flag::exists_after;
    wire::AccountChange revived{};
    revived.address = address_of(1);
    revived.nonce_before = 1;
    revived.balance_before = word(1);
    revived.code_hash_before = empty_code_hash;
    revived.nonce_after = 9;
    revived.code_hash_after = empty_code_hash;
    revived.flags = existed | exists | wire::account_flag::storage_cleared;
    revived.slot_count = 1;
    wire::AccountChange gone{};
    gone.address = address_of(2);
    gone.nonce_before = 2;
    gone.balance_before = word(2);
    gone.code_hash_before = empty_code_hash;
    gone.flags = existed;
    wire::AccountChange written{};
    written.address = address_of(3);
    written.nonce_before = written.nonce_after = 3;
    written.balance_before = written.balance_after = word(3);
    written.code_hash_before = written.code_hash_after = empty_code_hash;
    written.flags = existed | exists;
    written.slot_start = 1;
    written.slot_count = 2;
    wire::AccountChange made{};
    made.address = address_of(4);
    made.code_hash_before = made.code_hash_after = empty_code_hash;
    made.balance_after = word(5);
    made.flags = exists;
    const wire::AccountChange accounts[]{revived, gone, written, made};
    const wire::SlotChange slots[]{
        {word(1), word(11), word(12)}, {word(2), word(32), word(0)}, {word(7), word(0), word(77)}};
    wire::OutputView output;
    output.accounts = accounts;
    output.slots = slots;
    CHECK(follows_from(state, output));
    CHECK(!leads_to(state, output));

    const wire::PackedBuffer packed = wire::write_state_dump(storage_to_clear(state, output));
    const auto cleared = wire::read_state_dump(packed.view());
    CHECK(cleared.has_value());
    CHECK_EQ(cleared->accounts.size(), 2u);
    CHECK_EQ(cleared->slots.size(), 6u);
    apply_output(state, output);
    CHECK(leads_to(state, output));
    CHECK(!follows_from(state, output));
    CHECK(slot(state, address_of(1), 2) == word(0));
    CHECK(slot(state, address_of(3), 7) == word(77));

    revert_output(state, output, *cleared);
    CHECK(follows_from(state, output));
    CHECK(!has_account(state, address_of(4)));
    const wire::PackedBuffer after = wire::write_state_dump(make_dump(state));
    CHECK_EQ(before.size, after.size);
    CHECK(std::memcmp(before.data.get(), after.data.get(), before.size) == 0);
}
