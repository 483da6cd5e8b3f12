#include "store/import_tables.hpp"

#include "store/diff_table.hpp"
#include "store/failpoints.hpp"
#include "store/merged_cursor.hpp"

#include <algorithm>

namespace braid::store {
namespace {

/// Memory for each record of a transaction, whose pages are in memory until it commits: at
/// 384 MiB that are 196,608 records and some 20 MB of pages.
constexpr size_t memory_per_put = 2048;

Status status_of(const trie::HashBuilder& builder, const Status& sink) noexcept {
    if (sink.failed())
        return sink;
    return builder.status() == trie::TrieStatus::ok ? Status{} : Status{StoreCode::corrupt};
}

} // namespace

bool ImportTables::Sink::put(const trie::Path& path, BytesView record) noexcept {
    std::array<uint8_t, max_key> key;
    std::memcpy(key.data(), account.bytes, prefix_);
    const size_t size = prefix_ + write_position(path, key.data() + prefix_);
    status = sorter_.add(BytesView{key.data(), size}, record);
    return !status.failed();
}

ImportTables::ImportTables(Environment& environment, const std::string& folder, size_t memory,
                           ImportProgress& progress)
    : environment_{environment}, progress_{progress}, puts_per_transaction_{std::max(
                                                          memory / memory_per_put, size_t{1})},
      transaction_{environment}, account_branches_{folder, "account-branches", memory / 16},
      storage_branches_{folder, "storage-branches", memory / 16},
      account_sink_{account_branches_, AccountBranches::prefix_size},
      storage_sink_{storage_branches_, StorageBranches::prefix_size},
      account_builder_{account_sink_}, storage_builder_{storage_sink_} {}

Status ImportTables::append(Table table, BytesView key, BytesView value) {
    if (puts_++ % puts_per_transaction_ == 0) {
        if (puts_ != 1) {
            if (Status status = status_of_errno(failpoint("import-commit")); status.failed())
                return status;
            if (Status status = transaction_.commit(); status.failed())
                return status;
        }
        if (Status status = transaction_.begin(false); status.failed())
            return status;
    }
    return transaction_.put(table, key, value, true);
}

Status ImportTables::write(Sorter& codes, Sorter& accounts, Sorter& slots, Meta& meta) {
    preimages_ = meta.preimages;
    Status status = write_codes(codes);
    if (!status.failed())
        status = write_accounts(accounts, slots, meta);
    accounts.clear();
    slots.clear();
    if (!status.failed())
        status = write_branches(account_branches_, Table::account_branches);
    if (!status.failed())
        status = write_branches(storage_branches_, Table::storage_branches);
    if (status.failed() || puts_ == 0)
        return status;
    return transaction_.commit();
}

Status ImportTables::write_codes(Sorter& codes) {
    Status status;
    Bytes32 last{};
    bool is_first = true;
    while (codes.next(status)) {
        Bytes32 hash;
        std::memcpy(hash.bytes, codes.key().data(), 32);
        if (!is_first && hash == last)
            continue;
        is_first = false;
        last = hash;
        if (status = append(Table::codes, hash.bytes, codes.value()); status.failed())
            return status;
    }
    codes.clear();
    return status;
}

Status ImportTables::check_code(const Bytes32& hash) {
    if (hash == empty_code_hash || hash == known_code_)
        return {};
    BytesView code;
    bool found = false;
    if (transaction_.handle() == nullptr) // nothing was written yet
        return StoreCode::wrong_code;
    if (Status status = transaction_.get(Table::codes, hash.bytes, code, found); status.failed())
        return status;
    if (!found)
        return StoreCode::wrong_code;
    known_code_ = hash;
    return {};
}

Status ImportTables::write_accounts(Sorter& accounts, Sorter& slots, Meta& meta) {
    Status status;
    bool has_slot = slots.next(status);
    Bytes32 last{};
    while (!status.failed() && accounts.next(status)) {
        Bytes32 key;
        std::memcpy(key.bytes, accounts.key().data(), 32);
        if (meta.accounts != 0 && key == last)
            return StoreCode::duplicate;
        last = key;
        Account account;
        if (!decode_account(accounts.value(), preimages_, account))
            return StoreCode::corrupt; // the run in the folder
        if (status = check_code(account.code_hash); status.failed())
            return status;
        if (has_slot && std::memcmp(slots.key().data(), key.bytes, 32) < 0)
            return StoreCode::malformed;
        if (has_slot && std::memcmp(slots.key().data(), key.bytes, 32) == 0)
            if (status = write_storage(key, slots, has_slot, account); status.failed())
                return status;
        account_builder_.add(trie::AccountLeaf{key, account.nonce, to_bytes32(account.balance),
                                               account.code_hash, account.storage_root});
        if (status = append(Table::accounts, key.bytes, encode_account(account, preimages_).view());
            status.failed())
            return status;
        ++meta.accounts;
        meta.slots += account.slot_count;
        progress_.written.fetch_add(1 + account.slot_count, std::memory_order_relaxed);
    }
    if (status.failed())
        return status;
    if (has_slot)
        return StoreCode::malformed;
    meta.head.root = account_builder_.root();
    return status_of(account_builder_, account_sink_.status);
}

Status ImportTables::write_storage(const Bytes32& key, Sorter& slots, bool& has_slot,
                                   Account& account) {
    storage_sink_.account = key;
    Status status;
    SlotKey last{};
    do {
        SlotKey slot_key;
        std::memcpy(&slot_key, slots.key().data(), sizeof(slot_key));
        if (account.slot_count != 0 && slot_key == last)
            return StoreCode::duplicate;
        last = slot_key;
        Slot slot;
        if (!decode_slot(slots.value(), preimages_, slot))
            return StoreCode::corrupt; // the run in the folder
        storage_builder_.add(trie::SlotLeaf{slot_key.slot, slot.value});
        if (status = append(Table::slots, slot_key.bytes(), slots.value()); status.failed())
            return status;
        ++account.slot_count;
        has_slot = slots.next(status);
    } while (has_slot && std::memcmp(slots.key().data(), key.bytes, 32) == 0);
    if (status.failed())
        return status;
    account.storage_root = storage_builder_.root();
    return status_of(storage_builder_, storage_sink_.status);
}

Status ImportTables::write_branches(Sorter& branches, Table table) {
    Status status = branches.finish();
    while (!status.failed() && branches.next(status))
        if (Status put = append(table, branches.key(), branches.value()); put.failed())
            return put;
    branches.clear();
    return status;
}

Status ImportTables::end(const Meta& meta) {
    if (Status status = status_of_errno(failpoint("import-sync")); status.failed())
        return status;
    if (Status status = environment_.sync(); status.failed())
        return status;
    Status status = transaction_.begin(true);
    if (!status.failed())
        status = transaction_.put(Table::meta, meta_key, encode_meta(meta));
    if (!status.failed())
        status = status_of_errno(failpoint("import-meta"));
    return status.failed() ? status : transaction_.commit();
}

} // namespace braid::store
