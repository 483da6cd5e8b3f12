#include "store/diff_table.hpp"

#include "store/failpoints.hpp"
#include "store/merged_cursor.hpp"

#include <algorithm>
#include <utility>

namespace braid::store {
namespace {

constexpr size_t part_size = size_t{1} << 20;

/// The key of a part: the block's number and the part's, both big-endian.
std::array<uint8_t, 16> undo_key(uint64_t number, uint64_t part) noexcept {
    std::array<uint8_t, 16> key;
    store_be64(key.data(), number);
    store_be64(key.data() + 8, part);
    return key;
}

Status passing(Failpoint place) noexcept { return status_of_errno(failpoint(place)); }

Status write_branches(WriteTransaction& transaction, const Layer& layer, Table table,
                      const std::vector<Layer::BranchChange>& changes, size_t prefix) {
    for (const Layer::BranchChange& change : changes) {
        std::array<uint8_t, max_key> key;
        std::memcpy(key.data(), change.account.bytes, prefix);
        const size_t size = prefix + write_position(change.path, key.data() + prefix);
        const BytesView bytes{key.data(), size};
        Status status = change.size == 0 ? transaction.remove(table, bytes)
                                         : transaction.put(table, bytes, layer.record(change));
        if (status.failed())
            return status;
    }
    return {};
}

} // namespace

Status check_counts(ReadSet& reads, const Meta& meta) noexcept {
    const auto entries = [&](Table table) {
        MDB_stat stat{};
        const ReadSet::Lease lease = reads.lease();
        return mdb_stat(lease.transaction(), reads.environment().table(table), &stat) == 0
                   ? stat.ms_entries
                   : ~size_t{0};
    };
    if (entries(Table::accounts) != meta.accounts || entries(Table::slots) != meta.slots)
        return StoreCode::corrupt;
    // The first and the last record, on ways that are checked before a store is opened.
    const ReadSet::Lease lease = reads.lease();
    MDB_cursor* cursor = nullptr;
    if (const int result =
            mdb_cursor_open(lease.transaction(), reads.environment().table(Table::diffs), &cursor))
        return status_of_lmdb(result);
    Status status;
    for (const auto& [place, number] :
         {std::pair{MDB_FIRST, meta.oldest_undo}, {MDB_LAST, meta.head.number}}) {
        MDB_val key{};
        const int result = mdb_cursor_get(cursor, &key, nullptr, place);
        const bool is_empty = result == MDB_NOTFOUND && meta.undo_count == 0;
        const bool is_right = result == 0 && meta.undo_count != 0 && key.mv_size == 16 &&
                              load_be64(bytes_of(key).data()) == number;
        if (!is_empty && !is_right && !status.failed())
            status = result == 0 ? Status{StoreCode::corrupt} : status_of_lmdb(result);
    }
    mdb_cursor_close(cursor);
    return status;
}

Status write_undo(WriteTransaction& transaction, uint64_t number, BytesView undo) {
    for (uint64_t part = 0; part == 0 || !undo.empty(); ++part) {
        const BytesView bytes = undo.first(std::min(undo.size(), part_size));
        if (Status status = transaction.put(Table::diffs, undo_key(number, part), bytes);
            status.failed())
            return status;
        undo = undo.subspan(bytes.size());
    }
    return passing("write-undo");
}

Status read_undo(ReadSet& reads, uint64_t number, std::vector<uint8_t>& undo) {
    undo.clear();
    for (uint64_t part = 0;; ++part) {
        BytesView bytes;
        bool found = false;
        if (Status status = reads.get(Table::diffs, undo_key(number, part), bytes, found);
            status.failed())
            return status;
        if (!found)
            return part == 0 ? Status{StoreCode::no_undo} : Status{};
        undo.insert(undo.end(), bytes.begin(), bytes.end());
    }
}

Status remove_undo(WriteTransaction& transaction, uint64_t number) {
    bool existed = true;
    for (uint64_t part = 0; existed; ++part)
        if (Status status = transaction.remove(Table::diffs, undo_key(number, part), &existed);
            status.failed())
            return status;
    return passing("remove-undo");
}

Status write_layer(WriteTransaction& transaction, const Layer& layer, bool preimages) {
    Status status;
    for (const Layer::AccountChange& change : layer.accounts) {
        status = change.account.exists
                     ? transaction.put(Table::accounts, change.key.bytes,
                                       encode_account(change.account, preimages).view())
                     : transaction.remove(Table::accounts, change.key.bytes);
        if (status.failed())
            return status;
    }
    if (status = passing("write-accounts"); status.failed())
        return status;
    for (const Layer::SlotChange& change : layer.slots) {
        status = is_zero(change.slot.value)
                     ? transaction.remove(Table::slots, change.key.bytes())
                     : transaction.put(Table::slots, change.key.bytes(),
                                       encode_slot(change.slot, preimages).view());
        if (status.failed())
            return status;
    }
    if (status = passing("write-slots"); status.failed())
        return status;
    status = write_branches(transaction, layer, Table::account_branches, layer.account_branches,
                            AccountBranches::prefix_size);
    if (!status.failed())
        status = write_branches(transaction, layer, Table::storage_branches, layer.storage_branches,
                                StorageBranches::prefix_size);
    if (!status.failed())
        status = passing("write-branches");
    for (const CodeRef& code : layer.codes) {
        if (status.failed())
            return status;
        status = transaction.put(Table::codes, code->hash().bytes, code->bytes());
    }
    return status.failed() ? status : passing("write-codes");
}

} // namespace braid::store
