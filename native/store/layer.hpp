/// What blocks have changed beyond what is in the file.
#pragma once

#include "store/records.hpp"
#include "trie/branch_node.hpp"
#include "trie/trie_path.hpp"

#include <memory>
#include <span>
#include <vector>

namespace braid::store {

/// The changes of one block, or of several in a row, each table in the order of its keys. It is
/// filled by the thread that writes the store and never changes once others see it; whoever holds a
/// reference keeps it alive.
struct Layer {
    struct AccountChange {
        Bytes32 key;
        Address address{}; ///< zero where it isn't known
        Account account;   ///< as it stands after
    };
    struct SlotChange {
        SlotKey key;
        Address address{}; ///< of the account; zero where it isn't known
        Slot slot;         ///< as it stands after; its number is kept for slots that became zero
        bool has_number = true;
    };
    /// A branch of the trie of accounts, or of an account's storage.
    struct BranchChange {
        Bytes32 account{}; ///< zero for the trie of accounts
        trie::Path path;
        uint32_t begin = 0; ///< of the record, in branch_bytes
        uint16_t size = 0;  ///< 0: it was removed
    };
    using Codes = std::vector<CodeRef>;

    std::vector<AccountChange> accounts;
    std::vector<SlotChange> slots;
    std::vector<BranchChange> account_branches;
    std::vector<BranchChange> storage_branches;
    std::vector<uint8_t> branch_bytes;
    Codes codes; ///< by hash

    [[nodiscard]] BytesView record(const BranchChange& branch) const noexcept {
        return BytesView{branch_bytes}.subspan(branch.begin, branch.size);
    }
    [[nodiscard]] const AccountChange* find_account(const Bytes32& key) const noexcept;
    [[nodiscard]] const SlotChange* find_slot(const SlotKey& key) const noexcept;
    [[nodiscard]] CodeRef find_code(const Bytes32& hash) const noexcept;
    /// How many changes it holds.
    [[nodiscard]] size_t size() const noexcept {
        return accounts.size() + slots.size() + account_branches.size() + storage_branches.size();
    }
};
using LayerRef = std::shared_ptr<const Layer>;

/// Layers over each other, the oldest first.
using Layers = std::vector<LayerRef>;

[[nodiscard]] inline bool is_before(const Layer::BranchChange& a,
                                    const Layer::BranchChange& b) noexcept {
    const int order = std::memcmp(a.account.bytes, b.account.bytes, 32);
    return order != 0 ? order < 0 : a.path < b.path;
}
[[nodiscard]] inline bool is_before(const Layer::AccountChange& a,
                                    const Layer::AccountChange& b) noexcept {
    return is_before(a.key, b.key);
}
[[nodiscard]] inline bool is_before(const Layer::SlotChange& a,
                                    const Layer::SlotChange& b) noexcept {
    return is_before(a.key, b.key);
}

/// One layer in place of two.
[[nodiscard]] LayerRef merge_layers(const Layer& older, const Layer& newer);

/// Puts a layer on top, and merges those of like size, so that few remain: the logarithm of what
/// they hold.
void push_layer(Layers& layers, LayerRef layer);

} // namespace braid::store
