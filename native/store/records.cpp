#include "store/records.hpp"

#include <algorithm>

namespace braid::store {
namespace {

constexpr uint8_t has_code = 1;
constexpr uint8_t has_storage = 2;
constexpr uint8_t has_address = 4;

} // namespace

BytesView trimmed(BytesView number) noexcept {
    const auto first = std::ranges::find_if(number, [](uint8_t byte) { return byte != 0; });
    return {first, number.end()};
}

AccountBytes encode_account(const Account& account, bool preimages) noexcept {
    std::array<uint8_t, 8> nonce_bytes;
    store_be64(nonce_bytes.data(), account.nonce);
    const Bytes32 balance_bytes = to_bytes32(account.balance);
    const BytesView nonce = trimmed(nonce_bytes);
    const BytesView balance = trimmed(balance_bytes.bytes);

    AccountBytes out;
    uint8_t flags = preimages ? has_address : 0;
    flags |= account.code_hash == empty_code_hash ? 0 : has_code;
    flags |= account.slot_count == 0 ? 0 : has_storage;
    out.bytes[0] = flags;
    out.bytes[1] = static_cast<uint8_t>(nonce.size());
    out.bytes[2] = static_cast<uint8_t>(balance.size());
    out.size = 3;
    out.append(nonce);
    out.append(balance);
    if ((flags & has_code) != 0)
        out.append(account.code_hash.bytes);
    if ((flags & has_storage) != 0) {
        out.append(account.storage_root.bytes);
        std::array<uint8_t, 8> count;
        store_be64(count.data(), account.slot_count);
        out.append(count);
    }
    if (preimages)
        out.append(account.address.bytes);
    return out;
}

bool decode_account(BytesView bytes, bool preimages, Account& account) noexcept {
    account = {};
    account.exists = true;
    ByteReader reader{bytes};
    const auto flags = static_cast<uint8_t>(reader.number(1));
    const auto nonce_size = static_cast<size_t>(reader.number(1));
    const auto balance_size = static_cast<size_t>(reader.number(1));
    if (reader.failed() || flags > 7 || nonce_size > 8 || balance_size > 32 ||
        ((flags & has_address) != 0) != preimages)
        return false;
    const BytesView nonce = reader.bytes(nonce_size);
    const BytesView balance = reader.bytes(balance_size);
    if ((!nonce.empty() && nonce[0] == 0) || (!balance.empty() && balance[0] == 0))
        return false;
    for (const uint8_t byte : nonce)
        account.nonce = account.nonce << 8 | byte;
    Bytes32 padded{};
    std::ranges::copy(balance, std::end(padded.bytes) - balance.size());
    account.balance = to_uint256(padded);
    if ((flags & has_code) != 0)
        reader.fixed(account.code_hash);
    if ((flags & has_storage) != 0) {
        reader.fixed(account.storage_root);
        account.slot_count = reader.number(8);
        if (account.slot_count == 0)
            return false;
    }
    if (preimages)
        reader.fixed(account.address);
    return !reader.failed() && reader.left() == 0;
}

SlotBytes encode_slot(const Slot& slot, bool preimages) noexcept {
    SlotBytes out;
    out.append(trimmed(slot.value.bytes));
    if (preimages)
        out.append(slot.number.bytes);
    return out;
}

bool decode_slot(BytesView bytes, bool preimages, Slot& slot) noexcept {
    slot = {};
    const size_t tail = preimages ? 32 : 0;
    if (bytes.size() <= tail || bytes.size() > tail + 32 || bytes[0] == 0)
        return false;
    const BytesView value = bytes.first(bytes.size() - tail);
    std::ranges::copy(value, std::end(slot.value.bytes) - value.size());
    std::ranges::copy(bytes.last(tail), slot.number.bytes);
    return true;
}

} // namespace braid::store
