#include "base/code.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/sampling.hpp"
#include "tests/trie_model.hpp"
#include "tests/trie_store.hpp"
#include "trie/empty_root.hpp"
#include "trie/root_check.hpp"

#include <set>

namespace {

using namespace braid;
using namespace braid::trie;
using test::BranchMap;
using test::BuildSink;
using test::Fault;
using test::LeafMap;
using test::MapBranchCursor;
using test::MapLeafCursor;
using test::MapSink;
using test::model::Bytes;
using test::model::Entry;
using Keys = std::set<Bytes32, test::KeyOrder>;

Bytes bytes_of(const Bytes32& value) { return {value.bytes, value.bytes + sizeof(value)}; }

Bytes trimmed(const Bytes32& value) {
    const Bytes bytes = bytes_of(value);
    return {std::find_if(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte != 0; }),
            bytes.end()};
}

Bytes value_of(const SlotLeaf& leaf) { return test::model::string(trimmed(leaf.value)); }

Bytes value_of(const AccountLeaf& leaf) {
    using namespace test::model;
    return list({number(leaf.nonce), string(trimmed(leaf.balance)),
                 string(bytes_of(leaf.storage_root)), string(bytes_of(leaf.code_hash))});
}

template <typename Leaf>
std::vector<Entry> entries_of(const LeafMap<Leaf>& leaves) {
    std::vector<Entry> entries;
    for (const auto& [key, leaf] : leaves) {
        Entry entry{{}, value_of(leaf)};
        for (unsigned i = 0; i < path_nibbles; ++i)
            entry.nibbles.push_back(nibble_of(key, i));
        entries.push_back(entry);
    }
    return entries;
}

std::string hex(const Bytes32& hash) { return test::to_hex(hash.bytes, sizeof(hash)); }

std::string model_root(const std::vector<Entry>& entries) {
    return test::to_hex(test::model::hash(entries.empty() ? test::model::string({})
                                                          : test::model::node(entries, 0)));
}

/// Adds the branches to store of the trie of these entries, as branch_node.hpp defines them, and
/// tells whether there are any.
bool model_branches(std::span<const Entry> entries, size_t depth, BranchMap& branches) {
    if (entries.size() < 2)
        return false;
    while (entries.front().nibbles[depth] == entries.back().nibbles[depth])
        ++depth;
    BranchNode branch;
    for (size_t first = 0, end = 0; first < entries.size(); first = end) {
        const uint8_t nibble = entries[first].nibbles[depth];
        while (end < entries.size() && entries[end].nibbles[depth] == nibble)
            ++end;
        const auto part = entries.subspan(first, end - first);
        const auto bit = static_cast<uint16_t>(1U << nibble);
        branch.present |= bit;
        if (model_branches(part, depth + 1, branches))
            branch.has_branch |= bit;
        if (part.size() > 1 && part.front().nibbles[depth + 1] != part.back().nibbles[depth + 1]) {
            const Bytes encoding = test::model::node(part, depth + 1);
            if (encoding.size() >= sizeof(Bytes32)) {
                branch.has_hash |= bit;
                branch.hashes[nibble] = crypto::keccak256(encoding);
            }
        }
    }
    if (!branch.is_stored())
        return false;
    Path path;
    for (size_t i = 0; i < depth; ++i)
        path = path.child(entries[0].nibbles[i]);
    Bytes record(max_branch_record);
    record.resize(encode_branch(branch, record.data()));
    branches[path] = record;
    return true;
}

/// A key that often shares long prefixes with others, up to 63 nibbles, and has others before and
/// behind it.
Bytes32 near_key(test::Random& random) {
    Bytes32 key;
    const auto base = static_cast<uint8_t>(random.pick({7, 7, 7, 7, 7, 7, 0, 15}));
    std::fill(std::begin(key.bytes), std::end(key.bytes), static_cast<uint8_t>(base * 17));
    for (uint64_t i = random.below(4); i-- > 0;) {
        const auto nibble = static_cast<unsigned>(
            random.pick({0, 0, 0, 1, 2, 3, 30, 31, 32, 58, 59, 60, 61, 62, 62, 63, 63, 63}));
        const auto value =
            static_cast<uint8_t>(random.chance(70) ? 6 + random.below(3) : random.below(16));
        uint8_t& byte = key.bytes[nibble / 2];
        byte = static_cast<uint8_t>(nibble % 2 != 0 ? (byte & 0xf0) | value
                                                    : (byte & 0x0f) | value << 4);
    }
    return key;
}

Bytes32 any_key(test::Random& random) {
    Bytes32 key;
    for (size_t i = 0; i < 4; ++i)
        store_be64(key.bytes + 8 * i, random.next());
    return key;
}

void fill(test::Random& random, const Bytes32& key, SlotLeaf& leaf) {
    leaf = {key, {}};
    for (size_t i = random.chance(60) ? 31 : random.below(32); i < 32; ++i)
        leaf.value.bytes[i] = static_cast<uint8_t>(random.next());
    leaf.value.bytes[31] |= 1;
}

void fill(test::Random& random, const Bytes32& key, AccountLeaf& leaf) {
    leaf = {key, random.next() >> random.below(64), {}, any_key(random), empty_root};
    for (size_t i = random.below(33); i < 32; ++i)
        leaf.balance.bytes[i] = static_cast<uint8_t>(random.next());
}

/// Leaves, and the branches that updates have left of their trie.
template <typename Leaf>
struct Store {
    LeafMap<Leaf> leaves;
    BranchMap branches;

    /// Adds, changes or removes a leaf.
    void touch(test::Random& random, const Bytes32& key, unsigned percent_removed, Keys& changed) {
        changed.insert(key);
        if (random.chance(percent_removed))
            leaves.erase(key);
        else
            fill(random, key, leaves[key]);
    }

    /// The root, with the branches brought up to date.
    std::string update(const Keys& changed) {
        const std::vector<Bytes32> keys{changed.begin(), changed.end()};
        MapBranchCursor branch_cursor{branches};
        MapLeafCursor<Leaf> leaf_cursor{leaves};
        MapSink sink{branches};
        const RootResult result = update_root(branch_cursor, leaf_cursor, keys, sink);
        CHECK(result.status == TrieStatus::ok);
        CHECK(sink.makes_sense);
        sink.apply(branches);
        return hex(result.root);
    }

    /// The same in sixteen parts.
    std::string update_in_parts(const Keys& changed) {
        std::array<TriePart, 16> parts;
        std::vector<MapSink> sinks(17, MapSink{branches});
        for (unsigned nibble = 0; nibble < 16; ++nibble) {
            std::vector<Bytes32> keys;
            for (const Bytes32& key : changed)
                if (nibble_of(key, 0) == nibble)
                    keys.push_back(key);
            MapBranchCursor branch_cursor{branches};
            MapLeafCursor<Leaf> leaf_cursor{leaves};
            parts[nibble] = update_part(nibble, branch_cursor, leaf_cursor, keys, sinks[nibble]);
        }
        MapBranchCursor branch_cursor{branches};
        const RootResult result = join_parts(parts, branch_cursor, sinks[16]);
        CHECK(result.status == TrieStatus::ok);
        const BranchMap before = branches;
        for (const MapSink& sink : sinks) {
            CHECK(sink.makes_sense);
            sink.apply(branches);
        }
        return hex(result.root);
    }

    BranchMap built(std::string& root) const {
        MapLeafCursor<Leaf> cursor{leaves};
        BuildSink sink;
        const RootResult result = build_root(cursor, sink);
        CHECK(result.status == TrieStatus::ok);
        CHECK(sink.is_once);
        root = hex(result.root);
        return sink.branches;
    }

    CheckResult checked() const {
        MapBranchCursor branch_cursor{branches};
        MapLeafCursor<Leaf> leaf_cursor{leaves};
        return check_root(branch_cursor, leaf_cursor);
    }
};

/// Random sequences of updates: each must leave the model's root, and the branches of a full build.
template <typename Leaf>
void run_updates(uint64_t seed, int rounds, int steps, size_t most_changes) {
    test::Random random{seed};
    const int failures = test::failure_count();
    for (int round = 0; round < rounds; ++round) {
        Store<Leaf> store;
        // Some tries stay near empty, some grow.
        const auto removed = static_cast<unsigned>(random.pick({20, 45, 50, 60, 90}));
        for (int step = 0; step < steps; ++step) {
            Keys changed;
            for (uint64_t i = random.below(most_changes + 1); i-- > 0;) {
                // Keys there are as often as new ones.
                Bytes32 key = random.chance(85) ? near_key(random) : any_key(random);
                if (random.chance(50)) {
                    const auto at = store.leaves.lower_bound(key);
                    key = at == store.leaves.end() ? key : at->first;
                }
                store.touch(random, key, removed, changed);
            }
            if (random.chance(1))
                for (auto at = store.leaves.begin(); at != store.leaves.end();) {
                    changed.insert(at->first);
                    at = store.leaves.erase(at);
                }
            const std::string root =
                random.chance(50) ? store.update(changed) : store.update_in_parts(changed);
            const std::vector<Entry> entries = entries_of(store.leaves);
            CHECK_EQ(root, model_root(entries));
            std::string built_root;
            CHECK(store.branches == store.built(built_root));
            CHECK_EQ(built_root, root);
            if (step % 8 == 0) {
                BranchMap expected;
                model_branches(entries, 0, expected);
                CHECK(store.branches == expected);
            }
            if (test::failure_count() != failures) {
                std::fprintf(stderr, "round %d, step %d\n", round, step);
                return;
            }
        }
    }
}

/// Leaves with keys that are the hashes of one byte each.
template <typename Leaf>
LeafMap<Leaf> hundred(Leaf (*make)(const Bytes32& key, uint8_t number)) {
    LeafMap<Leaf> leaves;
    for (uint8_t i = 0; i < 100; ++i) {
        const Bytes32 key = crypto::keccak256({&i, 1});
        leaves[key] = make(key, i);
    }
    return leaves;
}

Bytes32 small(uint64_t number) {
    Bytes32 value{};
    store_be64(value.bytes + 24, number);
    return value;
}

template <typename Leaf>
std::string built_root(const LeafMap<Leaf>& leaves) {
    std::string root;
    (void)Store<Leaf>{leaves, {}}.built(root);
    return root;
}

/// A store of so many leaves with random keys.
template <typename Leaf>
Store<Leaf> random_store(test::Random& random, size_t count) {
    Store<Leaf> store;
    Keys changed;
    for (size_t i = 0; i < count; ++i)
        store.touch(random, any_key(random), 0, changed);
    store.update(changed);
    return store;
}

} // namespace

TEST("state root: a trie without leaves, and with one") {
    Store<SlotLeaf> store;
    CHECK_EQ(store.update({}), hex(empty_root));
    CHECK_EQ(store.update_in_parts({}), hex(empty_root));
    const Bytes32 key{{0x12, 0x34}};
    store.leaves[key] = {key, small(5)};
    CHECK_EQ(store.update({key}), model_root(entries_of(store.leaves)));
    CHECK_EQ(store.update_in_parts({}), model_root(entries_of(store.leaves)));
    CHECK(store.branches.empty());
    store.leaves.clear();
    CHECK_EQ(store.update({key}), hex(empty_root));
}

TEST("state root: what another implementation gives known leaves") {
    // From MerklePatriciaTrie of @ethereumjs/mpt 10.1.3, its put() called with these keys and
    // encoded values.
    CHECK_EQ(built_root(hundred<AccountLeaf>([](const Bytes32& key, uint8_t i) {
                 // i ether in wei: less than 2^67
                 const unsigned __int128 balance =
                     static_cast<unsigned __int128>(i) * 1'000'000'000'000'000'000U;
                 Bytes32 bytes = small(static_cast<uint64_t>(balance));
                 bytes.bytes[23] = static_cast<uint8_t>(balance >> 64);
                 return AccountLeaf{key, i, bytes, empty_code_hash, empty_root};
             })),
             std::string{"56aeaa946756c181a0644ecd460e28bffd73447bb98ef975debbdb578ba0be61"});
    CHECK_EQ(built_root(hundred<SlotLeaf>([](const Bytes32& key, uint8_t i) {
                 return SlotLeaf{key, small(i + 1U)};
             })),
             std::string{"8f17aae149df127723ce0d0d33eb2763848ba07ce13f2ef0a6d060d7e8ba4443"});
    // Keys that differ in their last nibble: leaves and a branch that stand in their parents.
    LeafMap<SlotLeaf> leaves;
    for (uint8_t i = 0; i < 5; ++i) {
        Bytes32 key;
        std::fill(std::begin(key.bytes), std::end(key.bytes), uint8_t{0x11});
        key.bytes[31] = static_cast<uint8_t>(0x10 + i);
        leaves[key] = {key, small(i + 1U)};
    }
    CHECK_EQ(built_root(leaves),
             std::string{"ad02a86b2c802934190fec5b7170546bb53a4f4dd37dcb78ff08e8c9f08a65ee"});
}

TEST("state root: updates of slots leave the model's root and a full build's branches") {
    run_updates<SlotLeaf>(1, 25, 80, 6);
    run_updates<SlotLeaf>(2, 8, 40, 60);
}

TEST("state root: updates of accounts leave the model's root and a full build's branches") {
    run_updates<AccountLeaf>(3, 15, 60, 6);
    run_updates<AccountLeaf>(4, 4, 30, 60);
}

TEST("state root: long rows are shortened on the way without a trace") {
    test::Random random{5};
    Store<AccountLeaf> store = random_store<AccountLeaf>(random, 30000);
    std::string root;
    CHECK(store.branches == store.built(root));
    const std::vector<Entry> entries = entries_of(store.leaves);
    CHECK_EQ(root, model_root(entries));
    BranchMap expected;
    model_branches(entries, 0, expected);
    CHECK(store.branches == expected);
    for (int step = 0; step < 20; ++step) {
        Keys changed;
        for (uint64_t i = random.below(300); i-- > 0;) {
            const auto at = store.leaves.lower_bound(any_key(random));
            store.touch(random, at == store.leaves.end() ? any_key(random) : at->first, 40,
                        changed);
        }
        for (uint64_t i = random.below(100); i-- > 0;)
            store.touch(random, any_key(random), 0, changed);
        const std::string updated =
            step % 2 != 0 ? store.update(changed) : store.update_in_parts(changed);
        CHECK(store.branches == store.built(root));
        CHECK_EQ(updated, root);
    }
}

TEST("state root: runs of a full build ascend, and few branches come late") {
    test::Random random{6};
    const Store<SlotLeaf> store = random_store<SlotLeaf>(random, 30000);
    class OrderSink final : public BranchSink {
      public:
        size_t count = 0;
        size_t descents = 0;
        bool put(const Path& path, BytesView) noexcept override {
            descents += count++ > 0 && path < last_;
            last_ = path;
            return true;
        }
        bool remove(const Path&) noexcept override { return false; }

      private:
        Path last_;
    } sink;
    MapLeafCursor<SlotLeaf> cursor{store.leaves};
    CHECK(build_root(cursor, sink).status == TrieStatus::ok);
    CHECK_EQ(sink.count, store.branches.size());
    CHECK(sink.descents <= 30000 / 3000 + 1);
}

TEST("state root: an update reads and hashes what lies beside the changes") {
    test::Random random{7};
    Store<AccountLeaf> store = random_store<AccountLeaf>(random, 50000);
    std::vector<Bytes32> changed;
    const Bytes32& key = store.leaves.lower_bound(any_key(random))->first;
    fill(random, key, store.leaves[key]);
    changed.push_back(key);
    MapBranchCursor branches{store.branches};
    MapLeafCursor<AccountLeaf> leaves{store.leaves};
    MapSink sink{store.branches};
    const RootResult result = update_root(branches, leaves, changed, sink);
    CHECK(result.status == TrieStatus::ok);
    CHECK(result.hash_count > 3 && result.hash_count < 40);
    CHECK(leaves.moves < 60);
    CHECK(sink.puts > 0 && sink.puts < 6);
    CHECK_EQ(sink.removes, size_t{0});
}

TEST("state root: what a cursor or a sink cannot do ends the calculation") {
    test::Random random{8};
    Store<SlotLeaf> store = random_store<SlotLeaf>(random, 500);
    Keys changed;
    for (int i = 0; i < 5; ++i)
        store.touch(random, any_key(random), 0, changed);
    const std::vector<Bytes32> keys{changed.begin(), changed.end()};
    for (const CursorStatus status : {CursorStatus::io_error, CursorStatus::corrupt}) {
        const TrieStatus expected =
            status == CursorStatus::io_error ? TrieStatus::io_error : TrieStatus::corrupt;
        int failures = 0;
        for (int moves = 0;; ++moves) {
            Fault fault{moves, status};
            MapBranchCursor branches{store.branches, &fault};
            MapLeafCursor<SlotLeaf> leaves{store.leaves, &fault};
            MapSink sink{store.branches};
            const TrieStatus result = update_root(branches, leaves, keys, sink).status;
            if (fault.moves_left >= 0) {
                CHECK(result == TrieStatus::ok);
                break;
            }
            ++failures;
            CHECK(result == expected);
            CHECK_EQ(sink.puts + sink.removes, size_t{0});
        }
        CHECK(failures > 20);
        Fault fault{100, status};
        MapLeafCursor<SlotLeaf> leaves{store.leaves, &fault};
        BuildSink sink;
        CHECK(build_root(leaves, sink).status == expected);
    }
    class FullSink final : public BranchSink {
      public:
        bool put(const Path&, BytesView) noexcept override { return false; }
        bool remove(const Path&) noexcept override { return false; }
    } full;
    MapBranchCursor branches{store.branches};
    MapLeafCursor<SlotLeaf> leaves{store.leaves};
    CHECK(update_root(branches, leaves, keys, full).status == TrieStatus::io_error);
    CHECK(build_root(leaves, full).status == TrieStatus::io_error);
    std::array<TriePart, 16> parts;
    parts[7].status = TrieStatus::corrupt;
    CHECK(join_parts(parts, branches, full).status == TrieStatus::corrupt);
}

TEST("state root: leaves out of order, twice or zero are refused") {
    const auto status_of = [](std::initializer_list<SlotLeaf> leaves) {
        BuildSink sink;
        HashBuilder builder{sink};
        for (const SlotLeaf& leaf : leaves)
            builder.add(leaf);
        (void)builder.root();
        return builder.status();
    };
    const SlotLeaf one{small(1), small(1)};
    const SlotLeaf two{small(2), small(1)};
    CHECK(status_of({one, two}) == TrieStatus::ok);
    CHECK(status_of({two, one}) == TrieStatus::corrupt);
    CHECK(status_of({one, one}) == TrieStatus::corrupt);
    CHECK(status_of({{small(1), {}}}) == TrieStatus::corrupt);
    BuildSink sink;
    HashBuilder builder{sink};
    builder.add_branch(Path::of(one.key, 63), one.key, false);
    builder.add(one); // below the branch
    CHECK(builder.status() == TrieStatus::corrupt);
}

TEST("state root: damaged branches are found out, or do no harm") {
    test::Random random{9};
    Store<SlotLeaf> store = random_store<SlotLeaf>(random, 800);
    for (int i = 0; i < 100; ++i) {
        Keys changed;
        store.touch(random, near_key(random), 30, changed);
        store.update(changed);
    }
    CHECK(store.checked().difference == Difference::none);
    const BranchMap sound = store.branches;
    size_t corrupt = 0;
    constexpr size_t rounds = test::single_threaded(4000);
    for (size_t round = 0; round < rounds; ++round) {
        store.branches = sound;
        for (uint64_t i = 1 + random.below(3); i-- > 0;) {
            auto at = store.branches.lower_bound(Path::of(any_key(random), random.below(4)));
            if (at == store.branches.end() || random.chance(20))
                at = store.branches.begin();
            switch (random.below(4)) {
            case 0: // a bit of the masks
                at->second[random.below(6)] ^= static_cast<uint8_t>(1U << random.below(8));
                break;
            case 1:
                at->second.resize(random.below(at->second.size() + 40));
                break;
            case 2:
                if (store.branches.size() > 1)
                    store.branches.erase(at);
                break;
            default: { // the same record elsewhere
                const Bytes record = at->second;
                store.branches[Path::of(random.chance(50) ? near_key(random) : at->first.nibbles,
                                        random.below(65))] = record;
            }
            }
        }
        const CheckResult check = store.checked();
        CHECK(check.status == TrieStatus::ok);
        CHECK((check.difference == Difference::none) == (store.branches == sound));
        std::vector<Bytes32> keys;
        for (const auto& [key, leaf] : store.leaves)
            if (random.chance(static_cast<unsigned>(round % 50)))
                keys.push_back(key);
        MapBranchCursor branches{store.branches};
        MapLeafCursor<SlotLeaf> leaves{store.leaves};
        MapSink sink{store.branches};
        corrupt += update_root(branches, leaves, keys, sink).status == TrieStatus::corrupt;
    }
    CHECK(corrupt > rounds / 8);
}

TEST("state root: the check names the first difference") {
    test::Random random{10};
    Store<AccountLeaf> store = random_store<AccountLeaf>(random, 3000);
    const BranchMap sound = store.branches;
    const Path late = std::prev(store.branches.end())->first;
    const Path early = std::next(store.branches.begin(), 3)->first;
    std::string root;
    (void)store.built(root);
    const auto expect = [&](Difference difference, const Path& path) {
        const CheckResult result = store.checked();
        CHECK(result.status == TrieStatus::ok);
        CHECK_EQ(hex(result.root), root);
        CHECK(result.difference == difference);
        CHECK(result.path == path);
    };
    expect(Difference::none, Path{});
    store.branches[late].back() ^= 1;
    expect(Difference::wrong, late);
    store.branches.erase(early);
    expect(Difference::missing, early);
    store.branches = sound;
    const Path beside = early.child(0).child(0).child(0).child(0);
    CHECK(!store.branches.contains(beside));
    store.branches[beside] = {1, 2, 3};
    expect(Difference::surplus, beside);
    store.branches[late].pop_back();
    expect(Difference::surplus, beside);
    store.branches.clear();
    expect(Difference::missing, Path{});
    Fault fault{5, CursorStatus::io_error};
    MapBranchCursor branches{sound, &fault};
    MapLeafCursor<AccountLeaf> leaves{store.leaves};
    CHECK(check_root(branches, leaves).status == TrieStatus::io_error);
}
