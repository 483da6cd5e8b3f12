#include "store/merged_cursor.hpp"

namespace braid::store {
namespace {

void fill_leaf(trie::AccountLeaf& leaf, const Bytes32& key, const Account& account) noexcept {
    leaf.key = key;
    leaf.nonce = account.nonce;
    leaf.balance = to_bytes32(account.balance);
    leaf.code_hash = account.code_hash;
    leaf.storage_root = account.storage_root;
}

} // namespace

void AccountLeaves::fill(Entry& entry, const Layer&, const Change& change) noexcept {
    fill_leaf(entry, change.key, change.account);
}

bool AccountLeaves::fill(Entry& entry, const Position& position, BytesView record,
                         bool preimages) noexcept {
    Account account;
    if (!decode_account(record, preimages, account))
        return false;
    fill_leaf(entry, position, account);
    return true;
}

void SlotLeaves::fill(Entry& entry, const Layer&, const Change& change) noexcept {
    entry = {change.key.slot, change.slot.value};
}

bool SlotLeaves::fill(Entry& entry, const Position& position, BytesView record,
                      bool preimages) noexcept {
    Slot slot;
    if (!decode_slot(record, preimages, slot))
        return false;
    entry = {position, slot.value};
    return true;
}

void BranchEntries::fill(Entry& entry, const Layer& layer, const Change& change) noexcept {
    entry = {change.path, layer.record(change)};
}

bool BranchEntries::fill(Entry& entry, const Position& position, BytesView record,
                         bool /*preimages*/) noexcept {
    entry = {position, record};
    return true;
}

} // namespace braid::store
