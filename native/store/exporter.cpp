#include "store/exporter.hpp"

#include "store/merged_cursor.hpp"

namespace braid::store {
namespace {

Status status_of(trie::CursorStatus status) noexcept {
    switch (status) {
    case trie::CursorStatus::found:
    case trie::CursorStatus::end:
        return {};
    case trie::CursorStatus::io_error:
        return StoreCode::io_error;
    case trie::CursorStatus::corrupt:
        break;
    }
    return StoreCode::corrupt;
}

/// The key behind one; zero behind the last.
Bytes32 key_after(Bytes32 key) noexcept {
    for (size_t i = 32; i-- != 0 && ++key.bytes[i] == 0;) {
    }
    return key;
}

/// Gives the slots of the account at the position.
Status export_slots(const Snapshot& snapshot, MDB_txn* transaction, ExportPosition& position,
                    ExportSink& sink) {
    MergedCursor<SlotLeaves> slots{snapshot, transaction, nullptr, position.account};
    trie::SlotLeaf leaf;
    trie::CursorStatus status = slots.seek(position.slot, leaf);
    while (status == trie::CursorStatus::found) {
        if (!sink.wants_more()) {
            position.slot = leaf.key;
            return {};
        }
        Slot slot;
        if (slots.change() != nullptr)
            slot = slots.change()->slot;
        else
            (void)decode_slot(slots.file_record(), true, slot);
        sink.slot(slot.number, slot.value);
        status = slots.next(leaf);
    }
    position.is_inside = false;
    position.slot = {};
    position.account = key_after(position.account);
    position.is_done = is_zero(position.account);
    return status_of(status);
}

} // namespace

Status export_state(const Snapshot& snapshot, ExportPosition& position, ExportSink& sink) {
    if (!snapshot.meta().preimages)
        return StoreCode::no_preimages;
    const ReadSet::Lease lease = snapshot.reads()->lease();
    MergedCursor<AccountLeaves> accounts{snapshot, lease.transaction(), nullptr};
    trie::AccountLeaf leaf;
    while (!position.is_done) {
        if (position.is_inside) {
            Status status = export_slots(snapshot, lease.transaction(), position, sink);
            if (status.failed() || position.is_inside || position.is_done)
                return status;
        }
        trie::CursorStatus status = accounts.seek(position.account, leaf);
        while (status == trie::CursorStatus::found && sink.wants_more()) {
            Account account;
            if (accounts.change() != nullptr)
                account = accounts.change()->account;
            else
                (void)decode_account(accounts.file_record(), true, account);
            sink.account(account);
            position.account = leaf.key;
            if (account.slot_count != 0) {
                position.is_inside = true;
                break;
            }
            position.account = key_after(leaf.key);
            status = accounts.next(leaf);
        }
        if (status == trie::CursorStatus::end)
            position.is_done = true;
        if (!position.is_inside)
            return status_of(status);
    }
    return {};
}

} // namespace braid::store
