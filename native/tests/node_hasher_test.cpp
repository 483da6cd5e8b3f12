#include "base/code.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "tests/trie_model.hpp"
#include "trie/node_hasher.hpp"

#include <algorithm>
#include <map>

namespace {

using namespace braid;
using namespace braid::trie;
using test::model::Bytes;
using test::model::Entry;

/// In the order of keys, which have 32 bytes.
struct ByKey {
    bool operator()(const Bytes& a, const Bytes& b) const {
        return std::memcmp(a.data(), b.data(), sizeof(Bytes32)) < 0;
    }
};

/// Something for each key.
template <typename Value>
using Keyed = std::map<Bytes, Value, ByKey>;

uint32_t head_of(NodeKind kind, uint32_t rest) { return static_cast<uint32_t>(kind) | rest; }

/// Records of tries in which everything is dirty, as JavaScript would have written them.
class Pool {
  public:
    std::vector<uint32_t> words = std::vector<uint32_t>(1);

    /// The root record above a trie of these leaves, by their keys; empty: of none.
    uint32_t root(const Keyed<uint32_t>& leaves) {
        const uint32_t child = leaves.empty() ? 0 : trie({leaves.begin(), leaves.end()}, 0);
        const uint32_t record = add(node_part::reference + hash_words);
        words[record] = head_of(NodeKind::root, node_flag::dirty);
        words[record + node_part::child] = child;
        return record;
    }

    uint32_t leaf(const Bytes& key, const Bytes& value) {
        const auto size = static_cast<uint32_t>(value.size());
        const uint32_t record = add(node_part::value + (size + 3) / 4);
        words[record] = head_of(NodeKind::leaf, size << 16);
        put(record + node_part::key, key);
        put(record + node_part::value, value);
        return record;
    }

    /// An account; `storage` is the node at the top of its storage, or 0.
    uint32_t account(const Bytes& key, const Bytes& nonce, const Bytes& balance, uint32_t storage,
                     const Bytes& code_hash) {
        const uint32_t head = head_of(
            NodeKind::account, (storage != 0 ? node_flag::has_storage | node_flag::dirty : 0) |
                                   (code_hash.empty() ? 0 : node_flag::has_code) |
                                   static_cast<uint32_t>(balance.size()) << 16 |
                                   static_cast<uint32_t>(nonce.size()) << 24);
        Bytes numbers = nonce;
        numbers.insert(numbers.end(), balance.begin(), balance.end());
        const uint32_t record =
            add(numbers_part(head) + (static_cast<uint32_t>(numbers.size()) + 3) / 4);
        words[record] = head;
        put(record + node_part::key, key);
        if (storage != 0)
            words[record + node_part::storage] = storage;
        put(record + code_part(head), code_hash);
        put(record + numbers_part(head), numbers);
        return record;
    }

    /// The node above leaves that agree on their first `depth` nibbles.
    uint32_t trie(const std::vector<std::pair<Bytes, uint32_t>>& leaves, uint32_t depth) {
        if (leaves.size() == 1)
            return leaves[0].second;
        const auto nibble = [](const Bytes& key, uint32_t position) {
            return position % 2 != 0 ? key[position / 2] & 15 : key[position / 2] >> 4;
        };
        uint32_t fork = depth;
        const Bytes& first = leaves.front().first;
        while (nibble(first, fork) == nibble(leaves.back().first, fork))
            ++fork;
        std::map<int, std::vector<std::pair<Bytes, uint32_t>>> below;
        for (const auto& leaf : leaves)
            below[nibble(leaf.first, fork)].push_back(leaf);
        const auto capacity = static_cast<uint32_t>(std::min<size_t>(16, below.size() + 1));
        const uint32_t branch = add(node_part::children + capacity * (1 + hash_words));
        uint32_t present = 0;
        uint32_t place = branch + node_part::children;
        for (const auto& [child_nibble, part] : below) {
            const uint32_t child = trie(part, fork + 1);
            words[place++] = child;
            present |= 1U << child_nibble;
        }
        words[branch] = head_of(NodeKind::branch, capacity << 8 | present << 16);
        words[branch + 1] = present;
        if (fork == depth)
            return branch;
        const uint32_t extension = add(node_part::extension_key + hash_words);
        words[extension] = head_of(NodeKind::extension, node_flag::dirty | fork << 16);
        words[extension + node_part::child] = branch;
        put(extension + node_part::extension_key, first);
        return extension;
    }

    /// What a root record says once it is hashed.
    std::string hashed(uint32_t record) {
        NodeHasher hasher{words};
        if (!hasher.hash(record))
            return "malformed";
        return test::to_hex(bytes_at(words, record + node_part::reference), sizeof(Bytes32));
    }

  private:
    uint32_t add(uint32_t size) {
        const auto record = static_cast<uint32_t>(words.size());
        words.resize(words.size() + size);
        return record;
    }
    void put(uint32_t word, const Bytes& bytes) {
        if (!bytes.empty())
            std::memcpy(words.data() + word, bytes.data(), bytes.size());
    }
};

Entry entry_of(const Bytes& key, const Bytes& value) {
    Entry entry{{}, value};
    for (const uint8_t byte : key) {
        entry.nibbles.push_back(byte / 16);
        entry.nibbles.push_back(byte % 16);
    }
    return entry;
}

Bytes root_of(const std::vector<Entry>& entries) {
    return test::model::hash(entries.empty() ? test::model::string({})
                                             : test::model::node(entries, 0));
}

/// A key that often shares long prefixes with others.
Bytes near_key(test::Random& random) {
    Bytes key(32);
    for (uint64_t i = random.below(4); i-- > 0;)
        key[random.pick({0, 1, 15, 30, 31})] = static_cast<uint8_t>(random.next());
    return key;
}

Bytes random_bytes(test::Random& random, size_t size) {
    Bytes bytes(size);
    for (uint8_t& byte : bytes)
        byte = static_cast<uint8_t>(random.next());
    if (!bytes.empty())
        bytes[0] |= 1; // a number without leading zeros
    return bytes;
}

/// A trie of values as records, and the root that it has.
struct Values {
    std::vector<std::pair<Bytes, uint32_t>> leaves;
    std::vector<Entry> entries;
};

Values random_values(test::Random& random, Pool& pool, size_t most, size_t longest) {
    Keyed<Bytes> values;
    for (uint64_t i = random.below(most + 1); i-- > 0;)
        values[near_key(random)] = random_bytes(random, 1 + random.below(longest));
    Values result;
    for (const auto& [key, value] : values) {
        result.leaves.emplace_back(key, pool.leaf(key, value));
        result.entries.push_back(entry_of(key, value));
    }
    return result;
}

} // namespace

TEST("nodes have the hashes that the Yellow Paper gives tries of values") {
    test::Random random{1};
    for (int round = 0; round < 300; ++round) {
        Pool pool;
        // Short values and long paths: nodes that stand in their parents themselves.
        const Values values =
            random_values(random, pool, 1 + random.below(700), round % 2 ? 2 : 40);
        const uint32_t root = pool.root({values.leaves.begin(), values.leaves.end()});
        CHECK_EQ(pool.hashed(root), test::to_hex(root_of(values.entries)));
    }
}

TEST("nodes have the hashes that the Yellow Paper gives accounts with their storage") {
    using namespace test::model;
    test::Random random{2};
    for (int round = 0; round < 100; ++round) {
        Pool pool;
        Keyed<uint32_t> accounts;
        Keyed<Bytes> values;
        for (uint64_t i = random.below(40); i-- > 0;) {
            const Bytes key = near_key(random);
            const Bytes nonce = random_bytes(random, random.below(9));
            const Bytes balance = random_bytes(random, random.below(33));
            const Bytes code_hash = random.chance(50) ? random_bytes(random, 32) : Bytes{};
            const Values storage = random_values(random, pool, 8, 33);
            const uint32_t top = storage.leaves.empty() ? 0 : pool.trie(storage.leaves, 0);
            const Bytes no_code{empty_code_hash.bytes, empty_code_hash.bytes + 32};
            accounts[key] = pool.account(key, nonce, balance, top, code_hash);
            values[key] = list({string(nonce), string(balance), string(root_of(storage.entries)),
                                string(code_hash.empty() ? no_code : code_hash)});
        }
        std::vector<Entry> entries;
        for (const auto& [key, value] : values)
            entries.push_back(entry_of(key, value));
        CHECK_EQ(pool.hashed(pool.root(accounts)), test::to_hex(root_of(entries)));
    }
}

TEST("only what is dirty is hashed again") {
    test::Random random{3};
    Pool pool;
    Values values = random_values(random, pool, 400, 30);
    const uint32_t root = pool.root({values.leaves.begin(), values.leaves.end()});
    const std::string before = pool.hashed(root);
    const std::vector<uint32_t> hashed = pool.words;
    // A leaf that nobody calls dirty.
    pool.words[values.leaves[0].second + node_part::value] ^= 1;
    CHECK_EQ(pool.hashed(root), before);
    pool.words = hashed;
    CHECK_EQ(pool.hashed(root), before);
    CHECK(pool.words == hashed);
}

TEST("records that are none of a trie are found out") {
    test::Random random{4};
    Pool pool;
    Keyed<uint32_t> accounts;
    for (int i = 0; i < 30; ++i) {
        const Values storage = random_values(random, pool, 8, 33);
        const Bytes key = near_key(random);
        accounts[key] = pool.account(key, random_bytes(random, 3), random_bytes(random, 9),
                                     storage.leaves.empty() ? 0 : pool.trie(storage.leaves, 0), {});
    }
    const uint32_t root = pool.root(accounts);
    const std::vector<uint32_t> sound = pool.words;
    const auto size = static_cast<uint32_t>(sound.size());
    for (const uint32_t wrong : {0U, 1U, size - 1, size, ~0U})
        CHECK_EQ(pool.hashed(wrong), std::string{"malformed"});

    // Words of any kind in any place: an answer, and no access beside the pool.
    size_t malformed = 0;
    for (int round = 0; round < 20000; ++round) {
        pool.words = sound;
        for (uint64_t i = 1 + random.below(4); i-- > 0;) {
            uint32_t& word = pool.words[random.below(size)];
            word = random.pick({word ^ 1U << random.below(32), static_cast<uint32_t>(random.next()),
                                static_cast<uint32_t>(random.below(size)), size - 1, ~0U, 0U});
        }
        malformed += pool.hashed(root) == "malformed";
    }
    CHECK(malformed > 1000);
}
