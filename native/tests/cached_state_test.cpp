#include "state/cached_state.hpp"

#include "state/memory_state.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

#include <thread>

namespace braid::test {
namespace {

using state::AccountState;
using state::CachedState;
using state::ReadStatus;

/// Another state that counts what it is asked, and fails where it is told to.
class CountingState final : public state::StateView {
  public:
    explicit CountingState(StateView& base) : base_{base} {}

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override {
        accounts.fetch_add(1);
        return failing ? ReadStatus::unavailable : base_.load_account(address, account, exists);
    }
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override {
        slots.fetch_add(1);
        return failing ? ReadStatus::unavailable : base_.load_storage(address, key, value);
    }
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override {
        codes.fetch_add(1);
        return failing ? ReadStatus::missing_code : base_.load_code(address, code_hash, code);
    }

    bool failing = false;
    std::atomic<uint64_t> accounts{0};
    std::atomic<uint64_t> slots{0};
    std::atomic<uint64_t> codes{0};

  private:
    StateView& base_;
};

/// Every other account has a code of its own and every third slot set.
class Populated {
  public:
    Populated() {
        for (uint64_t i = 0; i < account_count; i += 2) {
            const std::vector<uint8_t> code{static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)};
            const Bytes32 hash = crypto::keccak256(code);
            memory.add_code(code, hash);
            memory.set_account({address_of(i), i + 1, uint256{i * 1000}, hash});
            for (uint64_t key = 0; key < slot_count; key += 3)
                memory.set_storage(address_of(i), word(key), word(i + key + 1));
        }
    }

    static constexpr uint64_t account_count = 1000;
    static constexpr uint64_t slot_count = 40;
    state::MemoryState memory;
};

/// Whether two states say the same of an account.
bool same_account(state::StateView& a, state::StateView& b, const Address& address) {
    AccountState x;
    AccountState y;
    x.nonce = 99; // what was there before must not stay
    bool x_exists = true;
    bool y_exists = false;
    if (a.load_account(address, x, x_exists) != ReadStatus::ok ||
        b.load_account(address, y, y_exists) != ReadStatus::ok || x_exists != y_exists ||
        x.nonce != y.nonce || x.balance != y.balance || !(x.code_hash == y.code_hash) ||
        x.has_storage != y.has_storage)
        return false;
    if (x.code_hash == state::empty_code_hash)
        return true;
    const Code* x_code = nullptr;
    const Code* y_code = nullptr;
    return a.load_code(address, x.code_hash, x_code) == ReadStatus::ok &&
           b.load_code(address, y.code_hash, y_code) == ReadStatus::ok && x_code == y_code &&
           x_code != nullptr;
}

bool same_slot(state::StateView& a, state::StateView& b, const Address& address,
               const Bytes32& key) {
    Bytes32 x = word(99);
    Bytes32 y = word(98);
    return a.load_storage(address, key, x) == ReadStatus::ok &&
           b.load_storage(address, key, y) == ReadStatus::ok && x == y;
}

/// How many accounts and slots, read from `first` on and around, two states say different things
/// of.
uint64_t differences(state::StateView& a, state::StateView& b, uint64_t first) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < Populated::account_count; ++i) {
        const uint64_t number = (first + i) % Populated::account_count;
        count += !same_account(a, b, address_of(number));
        for (uint64_t key = 0; key < Populated::slot_count; ++key)
            count += !same_slot(a, b, address_of(number), word((first + key) % 64));
    }
    return count;
}

} // namespace

TEST("cached state: says what the state behind it says, and asks it for everything once") {
    Populated base;
    CountingState counting{base.memory};
    CachedState cached{counting};
    for (int round = 0; round < 3; ++round)
        CHECK_EQ(differences(cached, base.memory, 0), uint64_t{0});
    CHECK_EQ(counting.accounts.load(), Populated::account_count);
    CHECK_EQ(counting.slots.load(), Populated::account_count * Populated::slot_count);
    CHECK_EQ(counting.codes.load(), Populated::account_count / 2);
}

TEST("cached state: accounts that share a code share one read of it") {
    Populated base;
    const Bytes32 hash = crypto::keccak256(std::vector<uint8_t>{1, 2, 3});
    base.memory.add_code(std::vector<uint8_t>{1, 2, 3}, hash);
    CountingState counting{base.memory};
    CachedState cached{counting};
    const Code* first = nullptr;
    const Code* second = nullptr;
    CHECK(cached.load_code(address_of(1), hash, first) == ReadStatus::ok);
    CHECK(cached.load_code(address_of(2), hash, second) == ReadStatus::ok);
    CHECK(first != nullptr && first == second);
    CHECK_EQ(counting.codes.load(), uint64_t{1});
}

TEST("cached state: a failure is passed on and asked again") {
    Populated base;
    CountingState counting{base.memory};
    CachedState cached{counting};
    AccountState account;
    bool exists = false;
    Bytes32 value;
    const Code* code = nullptr;
    CHECK(base.memory.load_account(address_of(2), account, exists) == ReadStatus::ok);
    const Bytes32 hash = account.code_hash;
    counting.failing = true;
    for (int round = 0; round < 2; ++round) {
        CHECK(cached.load_account(address_of(2), account, exists) == ReadStatus::unavailable);
        CHECK(cached.load_storage(address_of(2), word(3), value) == ReadStatus::unavailable);
        CHECK(cached.load_code(address_of(2), hash, code) == ReadStatus::missing_code);
    }
    CHECK_EQ(counting.accounts.load(), uint64_t{2});
    counting.failing = false;
    CHECK(same_account(cached, base.memory, address_of(2)));
    CHECK(same_slot(cached, base.memory, address_of(2), word(3)));
    counting.failing = true; // known by now
    CHECK(same_account(cached, base.memory, address_of(2)));
    CHECK(same_slot(cached, base.memory, address_of(2), word(3)));
}

TEST("cached state: many threads at once") {
    constexpr uint64_t thread_count = 8;
    for (int round = 0; round < 3; ++round) {
        Populated base;
        CountingState counting{base.memory};
        CachedState cached{counting};
        std::atomic<uint64_t> different{0};
        std::vector<std::thread> threads;
        for (uint64_t i = 0; i < thread_count; ++i)
            // In pairs they start at the same place: both miss the same entries at once.
            threads.emplace_back([&, first = i / 2 * 37] {
                different.fetch_add(differences(cached, base.memory, first));
            });
        for (std::thread& thread : threads)
            thread.join();
        CHECK_EQ(different.load(), uint64_t{0});
        const uint64_t asked = counting.slots.load();
        CHECK(asked <= thread_count * Populated::account_count * Populated::slot_count);
        // What one of them has asked for, nobody asks for again.
        CHECK_EQ(differences(cached, base.memory, 0), uint64_t{0});
        CHECK_EQ(differences(cached, base.memory, 37), uint64_t{0});
        CHECK_EQ(counting.slots.load(), asked);
    }
}

TEST("insert-only map: the first value of a key stays, also where buckets are few") {
    state::InsertOnlyMap<uint64_t, uint64_t> map{2};
    constexpr uint64_t keys = 3000; // more than one chunk of the arena
    CHECK(map.find(1, 1) == nullptr);
    std::atomic<uint64_t> wrong{0};
    std::vector<std::thread> threads;
    for (uint64_t thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (uint64_t key = 0; key < keys; ++key) {
                map.insert(key, key, key * 4 + thread);
                const uint64_t* const value = map.find(key, key);
                wrong.fetch_add(value == nullptr || *value / 4 != key);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK_EQ(wrong.load(), uint64_t{0});
    const uint64_t* const value = map.find(7, 7);
    const uint64_t first = *value;
    map.insert(7, 7, 0);
    CHECK(map.find(7, 7) == value && *value == first);
    CHECK(map.find(keys, keys) == nullptr);
}

} // namespace braid::test
