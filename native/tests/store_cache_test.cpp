#include "store/hot_cache.hpp"
#include "tests/store_fixture.hpp"

#include <thread>

using namespace braid;
using namespace braid::test;

TEST("store cache: it takes the bytes that it was given, and no more") {
    for (const size_t bytes : {size_t{0}, size_t{100}, size_t{5000}, size_t{1} << 20}) {
        store::HotCache cache{bytes};
        CHECK(cache.bytes() <= bytes);
        CHECK(bytes < 5000 || cache.bytes() > bytes - bytes / 4);
        cache.end_move(1);
        for (uint64_t i = 0; i < 20'000; ++i)
            cache.fill_account(1, address_of(i), {i, uint256{i}, word(i), true}, true);
        state::AccountState account;
        bool exists = false;
        size_t found = 0;
        for (uint64_t i = 0; i < 20'000; ++i)
            if (cache.find_account(1, address_of(i), account, exists)) {
                ++found;
                CHECK(exists && account.nonce == i && account.code_hash == word(i));
            }
        CHECK(bytes < 5000 ? found == 0 : found != 0);
        CHECK(bytes < (1 << 20) || found > 2000);
    }
}

TEST("store cache: another generation finds and fills nothing") {
    store::HotCache cache{1 << 16};
    cache.end_move(1);
    Bytes32 value{};
    cache.fill_slot(1, address_of(1), word(1), word(11));
    CHECK(cache.find_slot(1, address_of(1), word(1), value) && value == word(11));
    cache.begin_move();
    CHECK(!cache.find_slot(1, address_of(1), word(1), value));
    cache.fill_slot(1, address_of(2), word(2), word(22));
    cache.change_slot(address_of(1), word(1), word(12));
    cache.end_move(2);
    CHECK(!cache.find_slot(1, address_of(1), word(1), value));
    CHECK(cache.find_slot(2, address_of(1), word(1), value) && value == word(12));
    CHECK(!cache.find_slot(2, address_of(2), word(2), value));
    cache.fill_slot(1, address_of(1), word(1), word(11));
    CHECK(cache.find_slot(2, address_of(1), word(1), value) && value == word(12));
    cache.begin_move();
    cache.forget_all();
    cache.end_move(3);
    CHECK(!cache.find_slot(3, address_of(1), word(1), value));
}

TEST("store cache: fills that race with moves of the head never leave or give a stale value") {
    store::HotCache cache{4000}; // few sets: everybody meets
    constexpr uint64_t keys = 24;
    // The truth of each generation: key k has value generation * 100 + k / 2 where k is even, else
    // k.
    const auto truth = [](uint64_t generation, uint64_t key) {
        return word(key % 2 == 0 ? generation * 100 + key : key);
    };
    cache.end_move(1);
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> wrong{0};
    std::atomic<uint64_t> hits{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread)
        threads.emplace_back([&, thread] {
            std::mt19937_64 random(static_cast<uint64_t>(thread));
            while (!stop.load(std::memory_order_relaxed)) {
                const uint64_t generation = cache.generation();
                if (generation == 0)
                    continue;
                for (int i = 0; i < 50; ++i) {
                    const uint64_t key = random() % keys;
                    Bytes32 value{};
                    if (!cache.find_slot(generation, address_of(key), word(key), value))
                        cache.fill_slot(generation, address_of(key), word(key),
                                        truth(generation, key));
                    else if (!(value == truth(generation, key)))
                        wrong.fetch_add(1, std::memory_order_relaxed);
                    else
                        hits.fetch_add(1, std::memory_order_relaxed);
                }
            }
        });
    for (uint64_t generation = 2; generation < 3000; ++generation) {
        cache.begin_move();
        for (uint64_t key = 0; key < keys; key += 2)
            cache.change_slot(address_of(key), word(key), truth(generation, key));
        cache.end_move(generation);
        if (generation % 64 == 0)
            std::this_thread::yield();
    }
    stop.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads)
        thread.join();
    CHECK_EQ(wrong.load(), uint64_t{0});
    CHECK(hits.load() != 0);
}

TEST("store: threads read snapshots while blocks are kept, written and taken back") {
    const TemporaryFolder folder;
    StateModel model{31, 40};
    auto options = small_store();
    options.threads = 2; // the third reader shares
    auto store = open_store(folder.store(), options);
    // Account n has balance b of the head for even n: whoever reads one of them knows the head.
    const auto block = [&](uint64_t number) {
        MadeOutput output;
        for (uint64_t account = 0; account < 10; ++account) {
            wire::AccountChange change{};
            change.address = address_of(account);
            change.flags = wire::account_flag::exists_after |
                           (number == 1 ? 0 : wire::account_flag::existed_before);
            change.code_hash_before = change.code_hash_after = empty_code_hash;
            change.balance_before = word(number - 1);
            change.balance_after = word(number);
            change.slot_start = static_cast<uint32_t>(output.slots.size());
            change.slot_count = 1;
            output.slots.push_back({word(account), word(number - 1), word(number)});
            output.accounts.push_back(change);
        }
        return output;
    };
    const auto forward = [&](uint64_t number) {
        const MadeOutput output = block(number);
        Bytes32 root{};
        CHECK(!store->stage(output.view(), root).failed());
        CHECK(!store->keep(number, word(number)).failed());
    };
    forward(1);
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> wrong{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread)
        threads.emplace_back([&] {
            while (!stop.load(std::memory_order_relaxed)) {
                const auto view = store->view();
                const uint64_t number = view->snapshot().meta().head.number;
                for (uint64_t account = 0; account < 10; ++account) {
                    state::AccountState state;
                    bool exists = false;
                    Bytes32 value{};
                    if (view->load_account(address_of(account), state, exists) !=
                            state::ReadStatus::ok ||
                        !exists || !(state.balance == uint256{number}) || !state.has_storage ||
                        view->load_storage(address_of(account), word(account), value) !=
                            state::ReadStatus::ok ||
                        !(value == word(number)))
                        wrong.fetch_add(1, std::memory_order_relaxed);
                }
            }
        });
    uint64_t number = 1;
    for (int round = 0; round < 150; ++round) {
        for (int i = 0; i < 3; ++i)
            forward(++number);
        if (round % 2 == 0)
            CHECK(!store->flush().failed());
        CHECK(!store->revert().failed());
        --number;
    }
    stop.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads)
        thread.join();
    CHECK_EQ(wrong.load(), uint64_t{0});
}
