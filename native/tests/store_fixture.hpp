/// Folders, random blocks and the state in memory that stores are compared with.
#pragma once

#include "crypto/keccak.hpp"
#include "state/memory_state.hpp"
#include "store/store.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"
#include "tests/trie_model.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <unistd.h>

namespace braid::test {

/// A folder of its own that goes with the object.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = std::filesystem::temp_directory_path() / "braid-store-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr)
            std::abort();
        path_ = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// Where a store goes: a folder in it that isn't there yet.
    [[nodiscard]] std::string store() const { return path_ + "/state"; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// Small, and made if need be.
inline store::StoreOptions small_store() {
    store::StoreOptions options;
    options.create = true;
    options.durability = store::Durability::no_sync;
    options.size_limit = uint64_t{1} << 28;
    options.cache_bytes = 1 << 16;
    options.code_cache_bytes = 1 << 16;
    options.threads = 2;
    return options;
}

/// Opens a store; null, and a failed test, where that fails.
inline std::unique_ptr<store::Store> open_store(const std::string& folder,
                                                const store::StoreOptions& options) {
    std::unique_ptr<store::Store> store;
    const store::Status status = store::Store::open(folder, options, store);
    CHECK(!status.failed());
    if (status.failed())
        std::fprintf(stderr, "open: %u (%d)\n", static_cast<unsigned>(status.code), status.error);
    return store;
}

/// A block's output under construction.
struct MadeOutput {
    std::vector<wire::AccountChange> accounts;
    std::vector<wire::SlotChange> slots;
    std::vector<uint8_t> pool;

    [[nodiscard]] wire::OutputView view() const {
        wire::OutputView output;
        output.accounts = accounts;
        output.slots = slots;
        output.pool = pool;
        return output;
    }
};

/// A state in memory, and random blocks over it. Every account that it ever had has a number.
class StateModel {
  public:
    static constexpr uint64_t slot_numbers = 24;

    explicit StateModel(uint64_t seed, uint64_t accounts = 120)
        : random{seed}, accounts_{accounts} {}

    /// A block that changes some accounts: makes, destroys, clears and makes anew, writes.
    MadeOutput make_block(size_t changes) {
        MadeOutput output;
        std::map<uint64_t, bool> chosen;
        while (chosen.size() < std::min<size_t>(changes, accounts_))
            chosen[random() % accounts_] = true;
        for (const auto& [number, _] : chosen)
            add_change(output, address_of(number));
        return output;
    }

    /// Moves the state on by a block.
    void apply(const MadeOutput& output) {
        for (const wire::AccountChange& change : output.accounts) {
            if ((change.flags & wire::account_flag::exists_after) == 0) {
                state.remove_account(change.address);
                continue;
            }
            if ((change.flags & wire::account_flag::storage_cleared) != 0)
                state.clear_storage(change.address);
            state.set_account({change.address, change.nonce_after, to_uint256(change.balance_after),
                               change.code_hash_after});
            if ((change.flags & wire::account_flag::code_changed) != 0)
                state.add_code(output.view().pool.subspan(change.code_offset, change.code_size),
                               change.code_hash_after);
            for (uint32_t i = 0; i < change.slot_count; ++i) {
                const wire::SlotChange& slot = output.slots[change.slot_start + i];
                state.set_storage(change.address, slot.key, slot.after);
            }
        }
    }

    /// The root, as the Yellow Paper defines it.
    [[nodiscard]] Bytes32 root() const {
        std::vector<model::Entry> entries;
        state.for_each_account([&](const Address& address, const state::AccountState& account) {
            std::vector<model::Entry> slots;
            state.for_each_slot(address, [&](const Bytes32& key, const Bytes32& value) {
                slots.push_back(
                    {nibbles(crypto::keccak256(key.bytes)), model::string(trimmed(value))});
            });
            const Bytes32 storage = trie_root(slots);
            entries.push_back({nibbles(crypto::keccak256(address.bytes)),
                               model::list({model::number(account.nonce),
                                            model::string(trimmed(to_bytes32(account.balance))),
                                            model::string({storage.bytes, storage.bytes + 32}),
                                            model::string({account.code_hash.bytes,
                                                           account.code_hash.bytes + 32})})});
        });
        return trie_root(entries);
    }

    /// Checks that a view says what the state in memory says.
    void check(state::StateView& view) const {
        for (uint64_t number = 0; number < accounts_; ++number) {
            const Address address = address_of(number);
            state::AccountState expected;
            state::AccountState actual;
            bool exists = false;
            const bool should_exist = state.find_account(address, expected);
            CHECK(view.load_account(address, actual, exists) == state::ReadStatus::ok);
            CHECK_EQ(exists, should_exist);
            CHECK_EQ(actual.nonce, expected.nonce);
            CHECK(actual.balance == expected.balance);
            CHECK(actual.code_hash == expected.code_hash);
            CHECK_EQ(actual.has_storage, expected.has_storage);
            for (uint64_t key = 0; key < slot_numbers; ++key) {
                Bytes32 value{};
                CHECK(view.load_storage(address, word(key), value) == state::ReadStatus::ok);
                CHECK(value == state.storage(address, word(key)));
            }
            if (!exists || expected.code_hash == empty_code_hash)
                continue;
            const Code* code = nullptr;
            CHECK(view.load_code(address, expected.code_hash, code) == state::ReadStatus::ok);
            CHECK(code != nullptr && code->hash() == expected.code_hash);
        }
    }

    state::MemoryState state;
    std::mt19937_64 random;

  private:
    static model::Bytes nibbles(const Bytes32& key) {
        model::Bytes out;
        for (const uint8_t byte : key.bytes) {
            out.push_back(byte >> 4);
            out.push_back(byte & 15);
        }
        return out;
    }

    static model::Bytes trimmed(const Bytes32& number) {
        const uint8_t* first = number.bytes;
        while (first != number.bytes + 32 && *first == 0)
            ++first;
        return {first, number.bytes + 32};
    }

    static Bytes32 trie_root(std::vector<model::Entry>& entries) {
        if (entries.empty())
            return trie::empty_root;
        std::ranges::sort(entries, {}, &model::Entry::nibbles);
        return crypto::keccak256(model::node(entries, 0));
    }

    void add_change(MadeOutput& output, const Address& address) {
        state::AccountState before;
        const bool existed = state.find_account(address, before);
        wire::AccountChange change{};
        change.address = address;
        change.nonce_before = before.nonce;
        change.balance_before = to_bytes32(before.balance);
        change.code_hash_before = before.code_hash;
        change.flags = existed ? wire::account_flag::existed_before : 0;
        change.code_hash_after = empty_code_hash;
        change.slot_start = static_cast<uint32_t>(output.slots.size());
        const bool is_gone = existed && random() % 5 == 0;
        if (!is_gone) {
            change.flags |= wire::account_flag::exists_after;
            change.nonce_after = before.nonce + random() % 3;
            change.balance_after = to_bytes32(uint256{random(), random() % 2 * random(), 0, 0});
            change.code_hash_after = before.code_hash;
            const bool is_cleared = existed && random() % 6 == 0;
            if (is_cleared)
                change.flags |= wire::account_flag::storage_cleared;
            if (random() % 4 == 0)
                add_code(output, change);
            for (uint64_t key = 0; key < slot_numbers; ++key)
                if (random() % 3 == 0) {
                    const Bytes32 value = random() % 3 == 0 ? Bytes32{} : word(random());
                    output.slots.push_back({word(key), state.storage(address, word(key)), value});
                }
        }
        change.slot_count = static_cast<uint32_t>(output.slots.size()) - change.slot_start;
        output.accounts.push_back(change);
    }

    void add_code(MadeOutput& output, wire::AccountChange& change) {
        std::vector<uint8_t> code(random() % 40 + 1);
        for (uint8_t& byte : code)
            byte = static_cast<uint8_t>(random() % 4);
        change.flags |= wire::account_flag::code_changed;
        change.code_offset = static_cast<uint32_t>(output.pool.size());
        change.code_size = static_cast<uint32_t>(code.size());
        change.code_hash_after = crypto::keccak256(code);
        output.pool.insert(output.pool.end(), code.begin(), code.end());
    }

    const uint64_t accounts_;
};

/// Stages and keeps a block on a store; its root is checked against the model's, which is moved.
inline void commit_block(store::Store& store, StateModel& model, const MadeOutput& output) {
    Bytes32 root{};
    const store::Status staged = store.stage(output.view(), root);
    CHECK_EQ(static_cast<unsigned>(staged.code), 0U);
    model.apply(output);
    CHECK(root == model.root());
    const uint64_t number = store.head().number + 1;
    CHECK(!store.keep(number, word(number)).failed());
}

} // namespace braid::test
