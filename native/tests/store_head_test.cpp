/// How the head of a store moves, step by step.
#include "store/checker.hpp"
#include "store/importer.hpp"
#include "tests/store_fixture.hpp"

using namespace braid;
using namespace braid::test;
using store::StoreCode;

namespace {

/// A store beside the model's state after each of its blocks: `states[n]` after block n.
struct Followed {
    explicit Followed(uint64_t seed) : model{seed} { note(); }

    void note() {
        states.push_back(std::make_unique<StateModel>(0));
        states.back()->state.assign(model.state);
        roots.push_back(model.root());
    }
    void commit(store::Store& store, size_t changes = 15) {
        commit_block(store, model, model.make_block(changes));
        note();
    }
    /// The model is that of an earlier block again.
    void go_back(size_t number) {
        states.resize(number + 1);
        roots.resize(number + 1);
        model.state.assign(states.back()->state);
    }
    void check(store::Store& store) const {
        CHECK_EQ(store.head().number, states.size() - 1);
        CHECK(store.head().root == roots.back());
        states.back()->check(*store.view());
    }

    StateModel model;
    std::vector<std::unique_ptr<StateModel>> states;
    std::vector<Bytes32> roots;
};

bool is_whole(const store::Store& store) {
    std::atomic<uint64_t> done{0};
    store::CheckReport report;
    return !store::check_state(*store.snapshot(), done, nullptr, report).failed();
}

} // namespace

TEST("store: a block that is begun has slot counts at once, and a root when it is asked for") {
    const TemporaryFolder folder;
    Followed followed{71};
    auto store = open_store(folder.store(), small_store());
    followed.commit(*store, 80);
    Bytes32 root{};
    CHECK(store->calculate_root(root).code == StoreCode::misuse);
    for (int round = 0; round < 8; ++round) {
        const MadeOutput output = followed.model.make_block(30);
        StateModel after{0};
        after.state.assign(followed.model.state);
        after.apply(output);
        std::vector<store::SlotCount> counts;
        CHECK(!store->begin(output.view(), counts).failed());
        CHECK(store->is_staged());
        CHECK_EQ(counts.size(), output.accounts.size());
        for (const store::SlotCount& count : counts) {
            uint64_t expected = 0;
            after.state.for_each_slot(count.address,
                                      [&](const Bytes32&, const Bytes32&) { ++expected; });
            CHECK_EQ(count.count, expected);
        }
        // Nothing has moved, and nothing moves before the root is known.
        followed.check(*store);
        CHECK(store->begin(output.view(), counts).code == StoreCode::misuse);
        CHECK(store->keep(store->head().number + 1, word(1)).code == StoreCode::misuse);
        CHECK(store->is_staged());
        if (round % 2 == 0) {
            store->drop();
            CHECK(!store->is_staged());
            CHECK(store->calculate_root(root).code == StoreCode::misuse);
            followed.check(*store);
            continue;
        }
        for (int i = 0; i < 2; ++i) { // the second time it is known
            CHECK(!store->calculate_root(root).failed());
            CHECK(root == after.root());
            followed.check(*store);
        }
        CHECK(store->keep(store->head().number + 2, word(1)).code == StoreCode::misuse);
        CHECK(!store->keep(store->head().number + 1, word(store->head().number + 1)).failed());
        CHECK(!store->is_staged());
        followed.model.apply(output);
        followed.note();
        followed.check(*store);
    }
    MadeOutput stale = followed.model.make_block(5);
    stale.accounts[2].nonce_before ^= 1;
    std::vector<store::SlotCount> counts;
    CHECK(store->begin(stale.view(), counts).code == StoreCode::stale);
    CHECK(!store->is_staged());
    CHECK(!store->flush().failed());
    CHECK(is_whole(*store));
    store.reset();
    auto reading = small_store();
    reading.create = false;
    reading.read_only = true;
    store = open_store(folder.store(), reading);
    CHECK(store->begin(followed.model.make_block(5).view(), counts).code == StoreCode::read_only);
}

TEST("store: blocks that were not written are forgotten, those that were are not") {
    for (const uint64_t history : {2, 128}) {
        const TemporaryFolder folder;
        Followed followed{72};
        auto options = small_store();
        options.history = history;
        auto store = open_store(folder.store(), options);
        for (int i = 0; i < 4; ++i)
            followed.commit(*store, i == 0 ? 80 : 15);
        CHECK(!store->flush().failed());
        const uint64_t undoable = store->undoable();
        CHECK(store->forget(1).code == StoreCode::misuse);
        CHECK(!store->forget(0).failed());
        followed.check(*store);
        for (size_t count = 1; count <= 5; ++count) {
            for (size_t i = 0; i < 5; ++i) {
                followed.commit(*store);
                followed.check(*store); // what the caches hold is to be taken back
            }
            CHECK(store->forget(6).code == StoreCode::misuse);
            Bytes32 root{};
            CHECK(!store->stage(followed.model.make_block(4).view(), root).failed());
            CHECK(store->forget(1).code == StoreCode::misuse);
            store->drop();
            followed.check(*store);
            CHECK(!store->forget(count).failed());
            followed.go_back(9 - count);
            CHECK_EQ(store->pending_count(), 5 - count);
            followed.check(*store);
            CHECK(!store->forget(5 - count).failed());
            followed.go_back(4);
            followed.check(*store);
            // However many were forgotten, those on disk can be taken back as before.
            CHECK_EQ(store->undoable(), undoable);
        }
        followed.commit(*store);
        CHECK(!store->flush().failed());
        CHECK(is_whole(*store));
        store.reset();
        store = open_store(folder.store(), options);
        followed.check(*store);
        while (store->undoable() != 0) {
            CHECK(!store->revert().failed());
            followed.go_back(followed.states.size() - 2);
            followed.check(*store);
        }
        CHECK_EQ(store->head().number, history == 2 ? uint64_t{3} : uint64_t{0});
    }
}

TEST("store: it is told which block the head would be after taking blocks back") {
    const TemporaryFolder folder;
    Followed followed{73};
    auto options = small_store();
    options.history = 6;
    auto store = open_store(folder.store(), options);
    const auto check = [&] {
        const store::Head now = store->head();
        store::Head head;
        for (uint64_t number = 0; number <= now.number + 2; ++number) {
            const StoreCode code = store->head_at(number, head).code;
            if (number > now.number || now.number - number > store->undoable()) {
                CHECK(code == StoreCode::no_undo);
                continue;
            }
            CHECK(code == StoreCode::ok);
            CHECK_EQ(head.number, number);
            CHECK(head.hash == (number == 0 ? Bytes32{} : word(number)));
            CHECK(head.root == followed.roots[number]);
        }
    };
    check();
    for (int block = 1; block <= 20; ++block) {
        followed.commit(*store, block == 1 ? 80 : 15);
        check();
        if (block % 3 == 0) { // some on disk, some in memory
            CHECK(!store->flush().failed());
            check();
        }
        if (block % 7 == 0) {
            CHECK(!store->revert().failed());
            followed.go_back(followed.states.size() - 2);
            check();
        }
    }
    CHECK(!store->flush().failed());
    store.reset();
    store = open_store(folder.store(), options);
    check();
    while (store->undoable() != 0) {
        CHECK(!store->revert().failed());
        followed.go_back(followed.states.size() - 2);
        check();
    }
}

TEST("store: a copy is a store when it is whole, and goes where none is") {
    const TemporaryFolder folder;
    Followed followed{74};
    auto store = open_store(folder.store(), small_store());
    followed.commit(*store, 80);
    CHECK(!store->flush().failed());
    const std::string copy = folder.path() + "/copy";
    CHECK(store->copy_to(copy).code == StoreCode::not_found);
    std::filesystem::create_directory(copy);
    CHECK(!store->copy_to(copy).failed());
    CHECK(store->copy_to(copy).code == StoreCode::already_exists);
    CHECK(!std::filesystem::exists(copy + "/braid.copying"));
    auto existing = small_store();
    existing.create = false;
    auto copied = open_store(copy, existing);
    followed.check(*copied);
    CHECK(is_whole(*copied));
    followed.commit(*copied);
    CHECK(!copied->flush().failed());
    CHECK(is_whole(*copied));
}
