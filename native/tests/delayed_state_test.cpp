#include "state/delayed_state.hpp"
#include "state/memory_state.hpp"
#include "tests/harness.hpp"

#include <chrono>
#include <thread>
#include <vector>

using namespace braid;
using namespace braid::state;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

Address address_of(uint8_t number) {
    Address address{};
    address.bytes[19] = number;
    return address;
}

/// A state with one account, one slot of it set.
void fill(MemoryState& state) {
    AccountUpdate update;
    update.address = address_of(1);
    update.nonce = 7;
    state.set_account(update);
    state.set_storage(address_of(1), to_bytes32(uint256{2}), to_bytes32(uint256{3}));
}

} // namespace

TEST("a delayed state says what the state behind it says, only later") {
    MemoryState base;
    fill(base);
    for (const auto delay : {3us, 300us}) {
        DelayedState delayed{base, delay};
        const auto start = Clock::now();
        AccountState account;
        bool exists = false;
        CHECK(delayed.load_account(address_of(1), account, exists) == ReadStatus::ok);
        CHECK(exists);
        CHECK_EQ(account.nonce, 7u);
        CHECK(account.has_storage);
        CHECK(delayed.load_account(address_of(2), account, exists) == ReadStatus::ok);
        CHECK(!exists);
        Bytes32 value;
        CHECK(delayed.load_storage(address_of(1), to_bytes32(uint256{2}), value) == ReadStatus::ok);
        CHECK(value == to_bytes32(uint256{3}));
        CHECK(Clock::now() - start >= 3 * delay);
    }
}

TEST("code comes without delay, missing code too") {
    MemoryState base;
    DelayedState delayed{base, 10s};
    const Code* code = nullptr;
    CHECK(delayed.load_code(address_of(1), Bytes32{}, code) == ReadStatus::missing_code);
}

TEST("threads wait for a delayed state side by side") {
    MemoryState base;
    // Long enough that a busy machine makes no difference.
    constexpr auto delay = 200ms;
    DelayedState delayed{base, delay};
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            AccountState account;
            bool exists = true;
            CHECK(delayed.load_account(address_of(1), account, exists) == ReadStatus::ok);
            CHECK(!exists);
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(Clock::now() - start < 8 * delay);
}
