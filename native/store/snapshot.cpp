#include "store/snapshot.hpp"

namespace braid::store {

Status Snapshot::read_account(const Bytes32& key, Account& account) const noexcept {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (const Layer::AccountChange* change = (*layer)->find_account(key)) {
            account = change->account;
            return {};
        }
    }
    BytesView record;
    bool found = false;
    if (Status status = reads_->get(Table::accounts, key.bytes, record, found); status.failed())
        return status;
    account = {};
    if (found && !decode_account(record, meta_.preimages, account))
        return StoreCode::corrupt;
    return {};
}

Status Snapshot::read_slot(const SlotKey& key, Slot& slot) const noexcept {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (const Layer::SlotChange* change = (*layer)->find_slot(key)) {
            slot = change->slot;
            return {};
        }
    }
    BytesView record;
    bool found = false;
    if (Status status = reads_->get(Table::slots, key.bytes(), record, found); status.failed())
        return status;
    slot = {};
    if (found && !decode_slot(record, meta_.preimages, slot))
        return StoreCode::corrupt;
    return {};
}

Status Snapshot::read_code(const Bytes32& hash, CodeRef& code) const {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        code = (*layer)->find_code(hash);
        if (code != nullptr)
            return {};
    }
    BytesView record;
    bool found = false;
    if (Status status = reads_->get(Table::codes, hash.bytes, record, found); status.failed())
        return status;
    if (found)
        code =
            std::make_shared<const Code>(std::vector<uint8_t>(record.begin(), record.end()), hash);
    return {};
}

} // namespace braid::store
