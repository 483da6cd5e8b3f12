#include "tests/sampling.hpp"
#include "tests/store_fixture.hpp"

#include <fstream>

using namespace braid;
using namespace braid::test;
using store::StoreCode;

namespace {

/// A copy of a model's state, to come back to.
std::unique_ptr<state::MemoryState> copy_of(const state::MemoryState& state) {
    auto copy = std::make_unique<state::MemoryState>();
    copy->assign(state);
    return copy;
}

#ifdef __linux__
/// Kilobytes of a file that this process has mapped and in memory.
long mapped_kilobytes(const std::string& path) {
    std::ifstream maps{"/proc/self/smaps"};
    long sum = 0;
    bool is_it = false;
    for (std::string line; std::getline(maps, line);) {
        long size = 0;
        if (line.find('-') < 17 && line.find(' ') > line.find('-'))
            is_it = line.ends_with(path);
        else if (is_it && std::sscanf(line.c_str(), "Rss: %ld kB", &size) == 1)
            sum += size;
    }
    return sum;
}
#endif

} // namespace

TEST("store: random blocks agree with the state in memory, each written at once") {
    const TemporaryFolder folder;
    StateModel model{1};
    auto store = open_store(folder.store(), small_store());
    for (int block = 0; block < 60; ++block) {
        commit_block(*store, model, model.make_block(block == 0 ? 100 : 20));
        CHECK(!store->flush().failed());
        if (block % 10 == 0) {
            model.check(*store->view());
            const store::Head head = store->head();
            store.reset();
            store = open_store(folder.store(), small_store());
            CHECK_EQ(store->head().number, head.number);
            CHECK(store->head().root == head.root && store->head().hash == head.hash);
        }
        model.check(*store->view());
    }
}

TEST("store: random blocks agree with the state in memory, written in batches") {
    const TemporaryFolder folder;
    StateModel model{2};
    auto options = small_store();
    options.history = 8;
    auto store = open_store(folder.store(), options);
    for (int block = 1; block <= 100; ++block) {
        commit_block(*store, model, model.make_block(block == 1 ? 100 : 15));
        model.check(*store->view());
        if (block % 13 == 0) {
            CHECK(!store->flush().failed());
            CHECK_EQ(store->pending_count(), size_t{0});
            model.check(*store->view());
            CHECK_EQ(store->undoable(), uint64_t{8});
        }
    }
    const uint64_t pending = store->pending_count();
    CHECK(pending != 0);
    store.reset();
    store = open_store(folder.store(), options);
    CHECK_EQ(store->head().number, 100 - pending);
    CHECK_EQ(store->undoable(), uint64_t{8});
}

TEST("store: a dropped block leaves nothing; what doesn't follow is stale") {
    const TemporaryFolder folder;
    StateModel model{3};
    auto store = open_store(folder.store(), small_store());
    commit_block(*store, model, model.make_block(80));
    CHECK(!store->flush().failed());
    const Bytes32 root_before = store->head().root;
    for (int i = 0; i < 10; ++i) {
        const MadeOutput dropped = model.make_block(30);
        Bytes32 root{};
        CHECK(!store->stage(dropped.view(), root).failed());
        CHECK(store->stage(dropped.view(), root).code == StoreCode::misuse);
        CHECK(store->revert().code == StoreCode::misuse);
        store->drop();
        CHECK(store->head().root == root_before);
        model.check(*store->view());
    }
    MadeOutput stale = model.make_block(30);
    stale.accounts[7].nonce_before ^= 1;
    Bytes32 root{};
    CHECK(store->stage(stale.view(), root).code == StoreCode::stale);
    stale.accounts[7].nonce_before ^= 1;
    stale.slots[stale.slots.size() / 2].before.bytes[3] ^= 1;
    CHECK(store->stage(stale.view(), root).code == StoreCode::stale);
    MadeOutput twice = model.make_block(2);
    twice.accounts.push_back(twice.accounts[0]);
    CHECK(store->stage(twice.view(), root).code == StoreCode::malformed);
    CHECK(store->keep(2, word(2)).code == StoreCode::misuse);
    model.check(*store->view());
    commit_block(*store, model, model.make_block(30));
    CHECK(!store->flush().failed());
    model.check(*store->view());
}

TEST("store: blocks are taken back, from memory and from disk, and come again") {
    for (const bool preimages : {true, false}) {
        const TemporaryFolder folder;
        StateModel model{4};
        auto options = small_store();
        options.preimages = preimages;
        options.history = 16;
        auto store = open_store(folder.store(), options);
        std::vector<std::unique_ptr<state::MemoryState>> states;
        for (size_t round = 0; round < single_threaded(60); ++round) {
            const size_t forward = model.random() % 6;
            for (size_t i = 0; i < forward; ++i) {
                states.push_back(copy_of(model.state));
                commit_block(*store, model, model.make_block(25));
                if (model.random() % 3 == 0)
                    CHECK(!store->flush().failed());
            }
            const size_t back = model.random() % 6;
            for (size_t i = 0; i < back && store->undoable() != 0; ++i) {
                CHECK(!store->revert().failed());
                model.state.assign(*states.back());
                states.pop_back();
                CHECK_EQ(store->head().number, states.size());
                CHECK(store->head().root == model.root());
                model.check(*store->view());
            }
            if (model.random() % 4 == 0) {
                CHECK(!store->flush().failed());
                store.reset();
                store = open_store(folder.store(), options);
            }
            model.check(*store->view());
        }
        while (store->undoable() != 0)
            CHECK(!store->revert().failed());
        CHECK(store->revert().code == StoreCode::no_undo);
    }
}

TEST("store: a view sees its state for ever") {
    const TemporaryFolder folder;
    StateModel model{5};
    auto options = small_store();
    options.threads = 1;
    auto store = open_store(folder.store(), options);
    std::vector<std::unique_ptr<store::StoreView>> views;
    std::vector<std::unique_ptr<StateModel>> models;
    for (int block = 0; block < 40; ++block) {
        commit_block(*store, model, model.make_block(30));
        if (block % 3 == 0)
            CHECK(!store->flush().failed());
        views.push_back(store->view());
        models.push_back(std::make_unique<StateModel>(0));
        models.back()->state.assign(model.state);
        if (block % 7 == 6)
            CHECK(!store->revert().failed());
        if (block % 7 == 6)
            model.state.assign(models[models.size() - 2]->state);
    }
    for (size_t i = 0; i < views.size(); ++i)
        models[i]->check(*views[i]);
    store.reset(); // views outlive it
    for (size_t i = 0; i < views.size(); i += 5)
        models[i]->check(*views[i]);
}

TEST("store: a destroyed account with large storage comes back whole") {
    const TemporaryFolder folder;
    auto store = open_store(folder.store(), small_store());
    const Address address = address_of(7);
    constexpr uint64_t count = 30'000; // undo of several parts
    MadeOutput made;
    wire::AccountChange change{};
    change.address = address;
    change.code_hash_before = change.code_hash_after = empty_code_hash;
    change.flags = wire::account_flag::exists_after;
    change.nonce_after = 1;
    change.slot_count = count;
    for (uint64_t i = 0; i < count; ++i)
        made.slots.push_back({word(i), {}, word(i + 1)});
    made.accounts = {change};
    Bytes32 full_root{};
    CHECK(!store->stage(made.view(), full_root).failed());
    CHECK(!store->keep(1, word(1)).failed());
    CHECK(!store->flush().failed());

    MadeOutput destroyed;
    change.flags = wire::account_flag::existed_before;
    change.nonce_before = 1;
    change.nonce_after = 0;
    change.slot_count = 0;
    destroyed.accounts = {change};
    Bytes32 root{};
    CHECK(!store->stage(destroyed.view(), root).failed());
    CHECK(root == trie::empty_root);
    CHECK(!store->keep(2, word(2)).failed());
    CHECK(!store->flush().failed());
    CHECK_EQ(store->snapshot()->meta().slots, uint64_t{0});

    // Made anew in the next block, with one slot.
    MadeOutput anew;
    change.flags = wire::account_flag::exists_after;
    change.nonce_before = 0;
    change.nonce_after = 1;
    change.slot_count = 1;
    anew.accounts = {change};
    anew.slots = {{word(5), {}, word(55)}};
    CHECK(!store->stage(anew.view(), root).failed());
    CHECK(!store->keep(3, word(3)).failed());
    CHECK(!store->flush().failed());
    CHECK(!store->revert().failed());
    CHECK(!store->revert().failed());
    CHECK(store->head().root == full_root);
    CHECK_EQ(store->snapshot()->meta().slots, count);
    const auto view = store->view();
    for (uint64_t i = 0; i < count; i += 997) {
        Bytes32 value{};
        CHECK(view->load_storage(address, word(i), value) == state::ReadStatus::ok);
        CHECK(value == word(i + 1));
    }
}

TEST("store: code outlives the cache as long as a view has it") {
    const TemporaryFolder folder;
    auto options = small_store();
    options.code_cache_bytes = 1000;
    auto store = open_store(folder.store(), options);
    MadeOutput output;
    std::vector<Bytes32> hashes;
    for (uint64_t i = 0; i < 50; ++i) {
        const std::vector<uint8_t> code(100, static_cast<uint8_t>(i));
        wire::AccountChange change{};
        change.address = address_of(i);
        change.flags = wire::account_flag::exists_after | wire::account_flag::code_changed;
        change.code_hash_before = empty_code_hash;
        change.code_hash_after = crypto::keccak256(code);
        change.code_offset = static_cast<uint32_t>(output.pool.size());
        change.code_size = 100;
        output.pool.insert(output.pool.end(), code.begin(), code.end());
        output.accounts.push_back(change);
        hashes.push_back(change.code_hash_after);
    }
    Bytes32 root{};
    CHECK(!store->stage(output.view(), root).failed());
    CHECK(!store->keep(1, word(1)).failed());
    CHECK(!store->flush().failed());
    const auto view = store->view();
    std::vector<const Code*> codes(50);
    for (uint64_t i = 0; i < 50; ++i)
        CHECK(view->load_code(address_of(i), hashes[i], codes[i]) == state::ReadStatus::ok);
    CHECK(store->caches().codes.bytes() <= 1000);
    for (uint64_t i = 0; i < 50; ++i)
        CHECK(codes[i]->bytes()[0] == i && codes[i]->hash() == hashes[i]);
    const Code* code = nullptr;
    CHECK(view->load_code(address_of(1), word(9), code) == state::ReadStatus::missing_code);
    output.pool[0] ^= 1;
    output.accounts.resize(1);
    output.accounts[0].address = address_of(99);
    CHECK(store->stage(output.view(), root).code == StoreCode::malformed);
}

TEST("store: a block that was put by is kept as if it had just been staged, until the head moves") {
    const TemporaryFolder folder;
    StateModel model{7};
    auto store = open_store(folder.store(), small_store());
    commit_block(*store, model, model.make_block(100));
    CHECK(!store->flush().failed());
    const MadeOutput first = model.make_block(20);
    const MadeOutput other = model.make_block(20);
    Bytes32 root{};
    Bytes32 other_root{};
    std::vector<store::SlotCount> counts;
    CHECK(store->set_aside().code == StoreCode::misuse);
    CHECK(store->take_up().code == StoreCode::misuse);
    CHECK(!store->begin(first.view(), counts).failed());
    CHECK(store->set_aside().code == StoreCode::misuse);
    CHECK(!store->calculate_root(root).failed());
    CHECK(!store->set_aside().failed());
    CHECK(!store->is_staged());
    // Another one is looked at, and takes its place; then the first one again.
    CHECK(!store->stage(other.view(), other_root).failed());
    CHECK(store->take_up().code == StoreCode::misuse);
    CHECK(!store->set_aside().failed());
    CHECK(!store->stage(first.view(), root).failed());
    CHECK(!store->set_aside().failed());
    CHECK(!store->take_up().failed());
    CHECK(store->take_up().code == StoreCode::misuse);
    CHECK(!store->keep(2, word(2)).failed());
    model.apply(first);
    CHECK(store->head().root == model.root());
    model.check(*store->view());
    CHECK(!store->flush().failed());
    // What was put by before the head moved is of no use.
    const MadeOutput late = model.make_block(20);
    CHECK(!store->stage(late.view(), root).failed());
    CHECK(!store->set_aside().failed());
    CHECK(!store->revert().failed());
    CHECK(store->take_up().code == StoreCode::misuse);
}

TEST("store: nothing of the process's memory gets into the file") {
    constexpr uint64_t secret = 0x5ec2e75ec2e75ec2;
    const TemporaryFolder folder;
    StateModel model{9, 500};
    {
        auto store = open_store(folder.store(), small_store());
        for (int block = 0; block < 4; ++block) {
            // What malloc() gives next holds what was freed before.
            std::vector<std::vector<uint64_t>> freed;
            for (int i = 0; i < 2000; ++i)
                freed.emplace_back((4096 + 16 * (i % 3)) / sizeof(secret), secret);
            freed.clear();
            commit_block(*store, model, model.make_block(200));
            CHECK(!store->flush().failed());
        }
    }
    std::ifstream file{folder.store() + "/data.mdb", std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    CHECK(bytes.size() > 4096);
    const std::string_view word{reinterpret_cast<const char*>(&secret), sizeof(secret)};
    CHECK(bytes.find(word) == std::string::npos);
}

#ifdef __linux__
TEST("store: pages of the file don't pile up in the process's memory, and are there when read") {
    for (const bool is_bounded : {false, true}) {
        const TemporaryFolder folder;
        StateModel model{8, 5000};
        auto options = small_store();
        options.cache_bytes = 0;
        if (is_bounded)
            options.mapped_bytes = 0;
        auto store = open_store(folder.store(), options);
        for (int block = 0; block < 3; ++block) {
            commit_block(*store, model, model.make_block(2000));
            CHECK(!store->flush().failed());
            model.check(*store->view());
        }
        const std::string path = std::filesystem::canonical(folder.store() + "/data.mdb");
        const auto snapshot = store->view();
        model.check(*snapshot);
        CHECK(mapped_kilobytes(path) > 1000);
        const MadeOutput output = model.make_block(1);
        commit_block(*store, model, output);
        CHECK(!store->flush().failed());
        CHECK_EQ(mapped_kilobytes(path) < 300, is_bounded);
        model.check(*store->view());
    }
}
#endif
