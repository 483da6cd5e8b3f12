#include "store/undo.hpp"

#include "crypto/keccak.hpp"

namespace braid::store {
namespace {

constexpr size_t checksum_size = 8;
constexpr uint8_t no_number = 0x80;

} // namespace

std::vector<uint8_t> encode_undo(const Undo& undo) {
    ByteWriter writer;
    writer.number(undo.head.number, 8);
    writer.bytes(undo.head.hash.bytes);
    writer.bytes(undo.head.root.bytes);
    writer.number(undo.account_count, 8);
    writer.number(undo.slot_count, 8);
    writer.number(undo.before.accounts.size(), 4);
    size_t slot = 0;
    const std::vector<Layer::SlotChange>& slots = undo.before.slots;
    for (const Layer::AccountChange& change : undo.before.accounts) {
        writer.bytes(change.key.bytes);
        writer.bytes(change.address.bytes);
        writer.number(change.account.exists ? 1 : 0, 1);
        if (change.account.exists) {
            const AccountBytes record = encode_account(change.account, false);
            writer.number(record.size, 1);
            writer.bytes(record.view());
        }
        size_t end = slot;
        while (end < slots.size() && slots[end].key.account == change.key)
            ++end;
        writer.number(end - slot, 4);
        for (; slot < end; ++slot) {
            const BytesView value = trimmed(slots[slot].slot.value.bytes);
            writer.bytes(slots[slot].key.slot.bytes);
            writer.number(value.size() | (slots[slot].has_number ? 0U : no_number), 1);
            writer.bytes(value);
            if (slots[slot].has_number)
                writer.bytes(slots[slot].slot.number.bytes);
        }
    }
    const Bytes32 checksum = crypto::keccak256(writer.view());
    writer.bytes(BytesView{checksum.bytes}.first(checksum_size));
    return writer.take();
}

bool decode_undo(BytesView bytes, Undo& undo) {
    if (bytes.size() < checksum_size)
        return false;
    const BytesView content = bytes.first(bytes.size() - checksum_size);
    const Bytes32 checksum = crypto::keccak256(content);
    if (std::memcmp(checksum.bytes, content.data() + content.size(), checksum_size) != 0)
        return false;
    ByteReader reader{content};
    undo = {};
    undo.head.number = reader.number(8);
    reader.fixed(undo.head.hash);
    reader.fixed(undo.head.root);
    undo.account_count = reader.number(8);
    undo.slot_count = reader.number(8);
    const uint64_t accounts = reader.number(4);
    for (uint64_t i = 0; i < accounts && !reader.failed(); ++i) {
        Layer::AccountChange change;
        reader.fixed(change.key);
        reader.fixed(change.address);
        if (reader.number(1) != 0) {
            const BytesView record = reader.bytes(static_cast<size_t>(reader.number(1)));
            if (!decode_account(record, false, change.account))
                return false;
            change.account.address = change.address;
        }
        undo.before.accounts.push_back(change);
        const uint64_t slots = reader.number(4);
        for (uint64_t j = 0; j < slots && !reader.failed(); ++j) {
            Layer::SlotChange slot;
            slot.key.account = change.key;
            slot.address = change.address;
            reader.fixed(slot.key.slot);
            const auto size = static_cast<uint8_t>(reader.number(1));
            slot.has_number = (size & no_number) == 0;
            const BytesView value = reader.bytes(size & ~no_number);
            if (value.size() > 32)
                return false;
            if (!value.empty())
                std::memcpy(std::end(slot.slot.value.bytes) - value.size(), value.data(),
                            value.size());
            if (slot.has_number)
                reader.fixed(slot.slot.number);
            undo.before.slots.push_back(slot);
        }
    }
    return !reader.failed() && reader.left() == 0;
}

} // namespace braid::store
