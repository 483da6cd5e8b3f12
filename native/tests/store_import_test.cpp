#include "store/checker.hpp"
#include "store/exporter.hpp"
#include "store/importer.hpp"
#include "tests/store_fixture.hpp"

#include <algorithm>
#include <optional>

using namespace braid;
using namespace braid::test;
using store::StoreCode;

namespace {

/// What is imported, in any order.
struct Item {
    enum class Kind { account, slot, code } kind;
    Address address{};
    Bytes32 key{};
    Bytes32 value{};
};

std::vector<Item> items_of(StateModel& model) {
    std::vector<Item> items;
    model.state.for_each_account([&](const Address& address, const state::AccountState& account) {
        items.push_back({Item::Kind::account, address, {}, {}});
        if (!(account.code_hash == empty_code_hash))
            items.push_back({Item::Kind::code, address, account.code_hash, {}});
        model.state.for_each_slot(address, [&](const Bytes32& key, const Bytes32& value) {
            items.push_back({Item::Kind::slot, address, key, value});
        });
    });
    std::ranges::shuffle(items, model.random);
    return items;
}

store::Status add(store::Importer& importer, const StateModel& model, const Item& item) {
    state::AccountState account;
    (void)model.state.find_account(item.address, account);
    Bytes32 hash{};
    switch (item.kind) {
    case Item::Kind::account:
        return importer.add_account(item.address, account.nonce, account.balance,
                                    account.code_hash);
    case Item::Kind::slot:
        return importer.add_slot(item.address, item.key, item.value);
    case Item::Kind::code:
        break;
    }
    return importer.add_code(model.state.find_code(item.key)->bytes(), hash);
}

std::unique_ptr<store::Importer> begin(const std::string& folder, size_t memory = 1 << 20) {
    store::ImportOptions options;
    options.memory = memory;
    options.size_limit = uint64_t{1} << 28;
    std::unique_ptr<store::Importer> importer;
    CHECK(!store::Importer::begin(folder, options, importer).failed());
    return importer;
}

void check_whole(store::Store& store) {
    std::atomic<uint64_t> done{0};
    store::CheckReport report;
    const store::Status status = store::check_state(*store.snapshot(), done, nullptr, report);
    CHECK_EQ(report.problem, std::string{});
    CHECK(!status.failed());
    CHECK(report.root == store.head().root);
}

class Collected final : public store::ExportSink {
  public:
    void account(const store::Account& account) override {
        ++count;
        address = account.address;
        state.set_account({account.address, account.nonce, account.balance, account.code_hash});
    }
    void slot(const Bytes32& number, const Bytes32& value) override {
        ++count;
        state.set_storage(address, number, value);
    }
    [[nodiscard]] bool wants_more() const noexcept override { return count < limit; }

    state::MemoryState state;
    Address address{};
    size_t count = 0;
    size_t limit = ~size_t{0};
};

} // namespace

TEST("store import: what comes in any order is the state, and goes on") {
    // The second sorts in many files.
    for (const auto& [accounts, memory] : {std::pair{150U, size_t{1} << 22}, {3000U, 1 << 16}}) {
        const TemporaryFolder folder;
        StateModel model{21, accounts};
        model.apply(model.make_block(accounts));
        auto importer = begin(folder.store(), memory);
        for (const Item& item : items_of(model))
            CHECK(!add(*importer, model, item).failed());
        Bytes32 root{};
        const Bytes32 expected = model.root();
        CHECK(!importer->finish({77, word(77), {}}, &expected, root).failed());
        CHECK(root == expected);
        importer.reset();
        auto store = open_store(folder.store(), small_store());
        CHECK_EQ(store->head().number, uint64_t{77});
        CHECK_EQ(store->undoable(), uint64_t{0});
        model.check(*store->view());
        check_whole(*store);
        if (accounts > 1000)
            continue;
        for (int block = 0; block < 10; ++block)
            commit_block(*store, model, model.make_block(30));
        CHECK(!store->flush().failed());
        check_whole(*store);
        model.check(*store->view());
    }
}

TEST("store import: an empty state has the empty root") {
    const TemporaryFolder folder;
    auto importer = begin(folder.store());
    Bytes32 root{};
    CHECK(!importer->finish({}, nullptr, root).failed());
    CHECK(root == trie::empty_root);
    importer.reset();
    check_whole(*open_store(folder.store(), small_store()));
}

TEST("store import: what can't be a state leaves nothing") {
    const TemporaryFolder folder;
    StateModel model{22};
    model.apply(model.make_block(100));
    const std::vector<Item> items = items_of(model);
    const auto item_of = [&](Item::Kind kind) {
        return *std::ranges::find(items, kind, &Item::kind);
    };
    const auto attempt = [&](auto&& change, const Bytes32* expected, StoreCode code) {
        auto importer = begin(folder.store());
        for (const Item& item : items)
            if (change(*importer, item))
                CHECK(!add(*importer, model, item).failed());
        Bytes32 root{};
        CHECK_EQ(static_cast<unsigned>(importer->finish({}, expected, root).code),
                 static_cast<unsigned>(code));
        std::unique_ptr<store::Store> store;
        auto options = small_store();
        options.create = false;
        CHECK(store::Store::open(folder.store(), options, store).code == StoreCode::locked);
        importer.reset();
        CHECK(store::Store::open(folder.store(), options, store).code ==
              (code == StoreCode::ok ? StoreCode::ok : StoreCode::not_found));
        CHECK(!std::filesystem::exists(folder.store() + "/braid.importing"));
    };
    const auto all = [](store::Importer&, const Item&) { return true; };
    attempt(
        [&, once = false](store::Importer& importer, const Item&) mutable {
            if (!std::exchange(once, true))
                CHECK(!add(importer, model, item_of(Item::Kind::account)).failed());
            return true;
        },
        nullptr, StoreCode::duplicate);
    attempt(
        [&, once = false](store::Importer& importer, const Item&) mutable {
            if (!std::exchange(once, true))
                CHECK(!add(importer, model, item_of(Item::Kind::slot)).failed());
            return true;
        },
        nullptr, StoreCode::duplicate);
    const Item lost = item_of(Item::Kind::slot);
    attempt(
        [&](store::Importer&, const Item& item) {
            return item.kind != Item::Kind::account || !(item.address == lost.address);
        },
        nullptr, StoreCode::malformed);
    const Item code = item_of(Item::Kind::code);
    attempt(
        [&](store::Importer&, const Item& item) {
            return item.kind != Item::Kind::code || !(item.key == code.key);
        },
        nullptr, StoreCode::wrong_code);
    const Bytes32 other = word(5);
    attempt(all, &other, StoreCode::wrong_root);
    attempt(all, nullptr, StoreCode::ok);
    std::unique_ptr<store::Importer> importer;
    CHECK(store::Importer::begin(folder.store(), {}, importer).code == StoreCode::already_exists);
    model.check(*open_store(folder.store(), small_store())->view());
}

TEST("store export: all of it in pieces, from the file and from memory") {
    const TemporaryFolder folder;
    StateModel model{23};
    auto store = open_store(folder.store(), small_store());
    commit_block(*store, model, model.make_block(110));
    CHECK(!store->flush().failed());
    commit_block(*store, model, model.make_block(60));
    commit_block(*store, model, model.make_block(60));
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{1'000'000}}) {
        Collected collected;
        store::ExportPosition position;
        for (int calls = 0; !position.is_done && calls < 100'000; ++calls) {
            collected.count = 0;
            collected.limit = piece;
            CHECK(!store::export_state(*store->snapshot(), position, collected).failed());
            CHECK(collected.count <= piece);
        }
        StateModel copy{0};
        copy.state.assign(collected.state);
        CHECK(copy.root() == model.root());
        CHECK_EQ(copy.state.account_count(), model.state.account_count());
    }
    const TemporaryFolder other;
    auto options = small_store();
    options.preimages = false;
    store = open_store(other.store(), options);
    Collected collected;
    store::ExportPosition position;
    CHECK(store::export_state(*store->snapshot(), position, collected).code ==
          StoreCode::no_preimages);
}
