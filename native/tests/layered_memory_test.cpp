#include "state/layered_memory.hpp"
#include "tests/harness.hpp"

#include <map>
#include <memory>
#include <optional>
#include <random>

namespace braid::state {
namespace {

Address address_of(uint64_t number) {
    Address address{};
    for (int i = 0; i < 8; ++i)
        address.bytes[19 - i] = static_cast<uint8_t>(number >> (8 * i));
    return address;
}

Bytes32 word(uint64_t number) { return to_bytes32(uint256{number}); }

/// The simplest state there is: a map that is copied whole.
struct Model {
    struct Account {
        AccountUpdate values;
        std::map<uint64_t, uint64_t> slots; ///< those that are not zero
    };
    std::map<uint64_t, Account> accounts;
};

constexpr uint64_t most_accounts = 24;
constexpr uint64_t most_slots = 6;

/// Changes a state and its model alike.
void change(LayeredMemory& state, Model& model, std::mt19937_64& random) {
    const size_t count = 1 + random() % 6;
    state.prepare(count);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t number = random() % most_accounts;
        const Address address = address_of(number);
        const auto found = model.accounts.find(number);
        switch (random() % 8) {
        case 0:
            state.remove_account(address);
            model.accounts.erase(number);
            break;
        case 1:
            state.clear_storage(address);
            if (found != model.accounts.end())
                found->second.slots.clear();
            break;
        case 2:
        case 3:
        case 4: {
            if (found == model.accounts.end())
                break;
            const uint64_t key = random() % most_slots;
            const uint64_t value = random() % 3;
            state.set_storage(address, word(key), word(value));
            found->second.slots.erase(key);
            if (value != 0)
                found->second.slots[key] = value;
            break;
        }
        default: {
            const AccountUpdate update{address, random() % 5, uint256{random()}, empty_code_hash};
            state.set_account(update);
            model.accounts[number].values = update;
        }
        }
    }
}

void check_same(LayeredMemory& state, const Model& model) {
    CHECK_EQ(state.account_count(), model.accounts.size());
    for (uint64_t number = 0; number < most_accounts; ++number) {
        const auto found = model.accounts.find(number);
        const bool expected = found != model.accounts.end();
        AccountState account;
        bool exists = false;
        CHECK(state.load_account(address_of(number), account, exists) == ReadStatus::ok);
        CHECK_EQ(exists, expected);
        if (expected) {
            CHECK_EQ(account.nonce, found->second.values.nonce);
            CHECK(account.balance == found->second.values.balance);
            CHECK_EQ(account.has_storage, !found->second.slots.empty());
        }
        size_t slots = 0;
        for (uint64_t key = 0; key < most_slots; ++key) {
            const bool is_set = expected && found->second.slots.contains(key);
            slots += is_set ? 1 : 0;
            CHECK(state.storage(address_of(number), word(key)) ==
                  word(is_set ? found->second.slots.at(key) : 0));
        }
        size_t visited = 0;
        state.for_each_slot(address_of(number), [&](const Bytes32&, const Bytes32&) { ++visited; });
        CHECK_EQ(visited, slots);
    }
    size_t visited = 0;
    state.for_each_account([&](const Address&, const AccountState&) { ++visited; });
    CHECK_EQ(visited, model.accounts.size());
}

struct Taken {
    std::shared_ptr<LayeredMemory> state;
    Model model;
};

} // namespace

TEST("layered memory: snapshots stay what they are while the state moves on, and forks differ") {
    std::mt19937_64 random{20261129};
    for (int run = 0; run < 60; ++run) {
        auto state = std::make_shared<LayeredMemory>();
        Model model;
        std::vector<Taken> snapshots;
        for (int step = 0; step < 120; ++step) {
            const uint64_t dice = random() % 10;
            if (dice < 2) {
                snapshots.push_back({state, model});
            } else if (dice < 5 && !snapshots.empty()) {
                snapshots.erase(snapshots.begin() +
                                static_cast<ptrdiff_t>(random() % snapshots.size()));
            } else if (dice == 5 && !snapshots.empty()) {
                // A fork goes on from a snapshot.
                const Taken& taken = snapshots[random() % snapshots.size()];
                state = taken.state;
                model = taken.model;
            }
            if (state.use_count() > 1)
                state = std::make_shared<LayeredMemory>(*state);
            change(*state, model, random);
            check_same(*state, model);
        }
        for (const Taken& taken : snapshots)
            check_same(*taken.state, taken.model);
    }
}

TEST("layered memory: layers sink once nobody looks at what was, and are few meanwhile") {
    std::mt19937_64 random{1};
    auto state = std::make_shared<LayeredMemory>();
    Model model;
    std::vector<std::shared_ptr<LayeredMemory>> snapshots;
    for (int block = 0; block < 1000; ++block) {
        snapshots.push_back(state);
        state = std::make_shared<LayeredMemory>(*state);
        state->prepare(2);
        state->set_account({address_of(static_cast<uint64_t>(block)), 1, uint256{1}});
    }
    CHECK(state->layer_count() <= 12);
    CHECK_EQ(snapshots[500]->account_count(), 500u);
    snapshots.clear();
    for (int block = 0; block < 8; ++block)
        state->prepare(1);
    CHECK_EQ(state->layer_count(), 0u);
    CHECK_EQ(state->account_count(), 1000u);
}

TEST("layered view: what a layer does not say of an account is that of the state below") {
    auto below = std::make_shared<LayeredMemory>();
    below->set_account({address_of(1), 7, uint256{100}});
    below->set_storage(address_of(1), word(1), word(11));
    auto patched = std::make_shared<Layer>();
    patched->patch_account({address_of(1), 0, uint256{5}}, LayerAccount::balance_said);
    patched->patch_account({address_of(2), 3, {}}, LayerAccount::nonce_said);
    patched->set_storage(address_of(1), word(2), word(22));
    auto cleared = std::make_shared<Layer>();
    cleared->clear_storage(address_of(1));
    LayerStack layers;
    layers.push(patched);
    LayeredView view{below, layers};
    AccountState account;
    bool exists = false;
    Bytes32 value;
    CHECK(view.load_account(address_of(1), account, exists) == ReadStatus::ok);
    CHECK(exists && account.nonce == 7 && account.balance == uint256{5} && account.has_storage);
    CHECK(view.load_account(address_of(2), account, exists) == ReadStatus::ok);
    CHECK(exists && account.nonce == 3 && !account.balance && !account.has_storage);
    CHECK(view.load_storage(address_of(1), word(1), value) == ReadStatus::ok && value == word(11));
    CHECK(view.load_storage(address_of(1), word(2), value) == ReadStatus::ok && value == word(22));
    // All but the storage of an account: that is still what is below.
    auto replaced = std::make_shared<Layer>();
    replaced->patch_account({address_of(1), 0, {}}, LayerAccount::nonce_said |
                                                        LayerAccount::balance_said |
                                                        LayerAccount::code_said);
    LayerStack over;
    over.push(replaced);
    LayeredView without{below, over};
    CHECK(without.load_account(address_of(1), account, exists) == ReadStatus::ok);
    CHECK(exists && account.nonce == 0 && !account.balance && account.has_storage);
    layers.push(cleared);
    LayeredView empty{below, layers};
    CHECK(empty.load_storage(address_of(1), word(1), value) == ReadStatus::ok && value == word(0));
    CHECK(empty.load_storage(address_of(1), word(2), value) == ReadStatus::ok && value == word(0));
    CHECK(empty.load_account(address_of(1), account, exists) == ReadStatus::ok);
    CHECK(account.balance == uint256{5} && !account.has_storage);
}

} // namespace braid::state
