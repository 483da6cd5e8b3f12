#include "store/fact_store.hpp"
#include "tests/store_fixture.hpp"

#include <fstream>

using namespace braid;
using namespace braid::test;
using store::Fact;
using store::FactStore;
using store::StoreCode;

namespace {

constexpr uint64_t few_bytes = uint64_t{4} << 20;

std::unique_ptr<FactStore> open_facts(const std::string& folder, uint64_t bytes = few_bytes) {
    std::unique_ptr<FactStore> store;
    CHECK(FactStore::open(folder, bytes, store).code == StoreCode::ok);
    return store;
}

Bytes32 scope_of(uint64_t number) {
    Bytes32 scope{};
    store_be64(scope.bytes, number);
    return scope;
}

BytesView bytes_of(const std::string& text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

using Texts = std::vector<std::pair<std::string, std::string>>;

StoreCode put(FactStore& store, const Bytes32& scope, const Texts& texts) {
    std::vector<Fact> facts;
    for (const auto& [key, value] : texts)
        facts.push_back({bytes_of(key), bytes_of(value)});
    return store.write(scope, facts).code;
}

/// The value of a key; `?` where it isn't found.
std::string get(FactStore& store, const Bytes32& scope, const std::string& key) {
    std::string value = "?";
    const BytesView asked = bytes_of(key);
    CHECK(!store
               .read(scope, {&asked, 1},
                     [&](size_t, BytesView found) {
                         value.assign(reinterpret_cast<const char*>(found.data()), found.size());
                     })
               .failed());
    return value;
}

/// Facts of 1 KB, so many.
Texts large(const std::string& name, size_t count) {
    Texts texts;
    for (size_t i = 0; i < count; ++i)
        texts.emplace_back(name + std::to_string(i), std::string(1000, 'x'));
    return texts;
}

} // namespace

TEST("facts: what was written is found by its scope and key, when it is opened again, too") {
    const TemporaryFolder folder;
    const Texts texts{{"b", "2"}, {"a", ""}, {"ab", std::string(100'000, 'y')}};
    {
        auto store = open_facts(folder.store());
        CHECK(put(*store, scope_of(1), texts) == StoreCode::ok);
        CHECK(put(*store, scope_of(2), {{"a", "other"}}) == StoreCode::ok);
        CHECK(put(*store, scope_of(1), {{"b", "3"}}) == StoreCode::ok);
        CHECK(put(*store, scope_of(1), {{"", "x"}}) == StoreCode::malformed);
        CHECK(put(*store, scope_of(1), {{std::string(257, 'k'), "x"}}) == StoreCode::malformed);
    }
    auto store = open_facts(folder.store());
    CHECK(get(*store, scope_of(1), "a").empty());
    CHECK_EQ(get(*store, scope_of(1), "b"), "3");
    CHECK_EQ(get(*store, scope_of(1), "ab").size(), size_t{100'000});
    CHECK_EQ(get(*store, scope_of(2), "a"), "other");
    CHECK_EQ(get(*store, scope_of(2), "b"), "?");
    CHECK_EQ(get(*store, scope_of(3), "a"), "?");
    std::string keys;
    const auto collect = [&](Fact fact) {
        keys.append(reinterpret_cast<const char*>(fact.key.data()), fact.key.size()).push_back(' ');
        return keys.size() < 4;
    };
    CHECK(!store->scan(scope_of(1), {}, collect).failed());
    CHECK_EQ(keys, "a ab ");
    keys.clear();
    CHECK(!store->scan(scope_of(1), bytes_of("ac"), collect).failed());
    CHECK_EQ(keys, "b ");
}

TEST("facts: code is found by its hash, and by no other") {
    const TemporaryFolder folder;
    auto store = open_facts(folder.store());
    const std::string code = "some code";
    const Bytes32 hash = crypto::keccak256(bytes_of(code));
    const Bytes32 other = scope_of(9);
    const std::array<Fact, 2> codes{Fact{hash.bytes, bytes_of(code)},
                                    Fact{other.bytes, bytes_of(code)}};
    CHECK(!store->write_codes(codes).failed());
    const Bytes32 unknown = scope_of(8);
    const std::array<BytesView, 3> asked{BytesView{other.bytes}, BytesView{hash.bytes},
                                         BytesView{unknown.bytes}};
    size_t count = 0;
    CHECK(!store
               ->read_codes(asked,
                            [&](size_t place, BytesView value) {
                                CHECK_EQ(place, size_t{1});
                                CHECK(std::ranges::equal(value, bytes_of(code)));
                                ++count;
                            })
               .failed());
    CHECK_EQ(count, size_t{1});
}

TEST("facts: never more bytes than it may take; what was used least lately goes") {
    const TemporaryFolder folder;
    auto store = open_facts(folder.store());
    for (uint64_t scope = 1; scope <= 60; ++scope) {
        CHECK(put(*store, scope_of(scope), large("k", 200)) == StoreCode::ok);
        CHECK_EQ(get(*store, scope_of(scope), "k7").size(), size_t{1000});
        CHECK_EQ(get(*store, scope_of(1), "k7").size(), size_t{1000});
        CHECK(store->file_bytes() <= few_bytes);
    }
    CHECK_EQ(get(*store, scope_of(2), "k7"), "?");
    CHECK_EQ(get(*store, scope_of(59), "k7").size(), size_t{1000});
    // Codes have room of their own.
    for (int i = 0; i < 100; ++i) {
        const std::string code(100'000, static_cast<char>(i));
        const Bytes32 hash = crypto::keccak256(bytes_of(code));
        const Fact fact{hash.bytes, bytes_of(code)};
        CHECK(!store->write_codes({&fact, 1}).failed());
        CHECK(store->file_bytes() <= few_bytes);
    }
    CHECK_EQ(get(*store, scope_of(60), "k7").size(), size_t{1000});
    // More than there can be room for is refused, and the store goes on.
    CHECK(put(*store, scope_of(70), large("k", 10'000)) == StoreCode::map_full);
    CHECK(put(*store, scope_of(71), large("k", 100)) == StoreCode::ok);
    CHECK_EQ(get(*store, scope_of(71), "k7").size(), size_t{1000});
    CHECK_EQ(get(*store, scope_of(70), "k7"), "?");
}

TEST("facts: somebody else's folder, a second opener, and damage") {
    const TemporaryFolder folder;
    std::unique_ptr<FactStore> second;
    {
        auto store = open_facts(folder.store());
        CHECK(FactStore::open(folder.store(), few_bytes, second).code == StoreCode::locked);
        CHECK(put(*store, scope_of(1), {{"key", "the value"}, {"yek", "another"}}) ==
              StoreCode::ok);
    }
    // It is no state, and a state is none of it.
    std::unique_ptr<store::Store> state;
    CHECK(store::Store::open(folder.store(), small_store(), state).code ==
          StoreCode::version_mismatch);
    const std::string other = folder.path() + "/other";
    open_store(other, small_store()).reset();
    CHECK(FactStore::open(other, few_bytes, second).code == StoreCode::version_mismatch);
    CHECK(FactStore::open(folder.path() + "/a/b", few_bytes, second).code == StoreCode::not_found);
    // A bit of a value.
    const std::string path = folder.store() + "/data.mdb";
    std::ifstream file{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    for (size_t at = bytes.find("the value"); at != std::string::npos;
         at = bytes.find("the value", at + 1))
        bytes[at] ^= 1;
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
    auto store = open_facts(folder.store());
    CHECK_EQ(get(*store, scope_of(1), "key"), "?");
    CHECK_EQ(get(*store, scope_of(1), "yek"), "another");
    store.reset();
    std::filesystem::resize_file(path, bytes.size() / 2);
    CHECK(FactStore::open(folder.store(), few_bytes, second).code == StoreCode::corrupt);
}

TEST("facts: a value whose size leads out of the file is not found") {
    const TemporaryFolder folder;
    {
        auto store = open_facts(folder.store());
        // So many that the value is on a page that opening doesn't look at.
        Texts texts = large("a", 100);
        texts.emplace_back("key", "the value");
        texts.emplace_back("yek", "another");
        for (auto& more : large("z", 100))
            texts.push_back(std::move(more));
        CHECK(put(*store, scope_of(1), texts) == StoreCode::ok);
    }
    const std::string path = folder.store() + "/data.mdb";
    std::ifstream file{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    // A node: the size of its value (4 bytes), flags, the size of its key (2 each), the key, the
    // value. The key is the number of the scope and "key"; the value begins with its checksum.
    constexpr size_t node_size = 8;
    constexpr size_t key_size = 8 + 3;
    constexpr size_t checksum_size = 8;
    size_t damaged = 0;
    for (size_t at = bytes.find("the value"); at != std::string::npos;
         at = bytes.find("the value", at + 1), ++damaged) {
        const size_t node = at - checksum_size - key_size - node_size;
        CHECK_EQ(static_cast<size_t>(bytes[node]), checksum_size + 9);
        bytes[node + 3] = 0x7f;
    }
    CHECK(damaged > 0);
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
    auto store = open_facts(folder.store());
    CHECK_EQ(get(*store, scope_of(1), "key"), "?");
    CHECK_EQ(get(*store, scope_of(1), "yek"), "another");
    std::string keys;
    const auto collect = [&](Fact fact) {
        keys.append(reinterpret_cast<const char*>(fact.key.data()), fact.key.size());
        return true;
    };
    CHECK(!store->scan(scope_of(1), bytes_of("key"), collect).failed());
    CHECK(keys.starts_with("yek"));
}
