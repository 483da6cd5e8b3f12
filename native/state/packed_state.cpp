#include "state/packed_state.hpp"

#include "wire/section.hpp"

#include <algorithm>
#include <cstring>

namespace braid::state {
namespace {

template <typename Account, typename Slots>
bool points_inside(const Account& account, const Slots& slots, BytesView pool) noexcept {
    return wire::in_range(account.slot_start, account.slot_count, slots.size()) &&
           wire::in_range(account.code_offset, account.code_size, pool.size());
}

constexpr size_t aligned(size_t size) noexcept {
    return (size + wire::section_alignment - 1) / wire::section_alignment * wire::section_alignment;
}

template <typename Record>
wire::Section place(std::vector<uint8_t>& buffer, size_t& offset,
                    const std::vector<Record>& records) {
    const wire::Section section{static_cast<uint32_t>(offset),
                                static_cast<uint32_t>(records.size())};
    if (!records.empty())
        std::memcpy(buffer.data() + offset, records.data(), records.size() * sizeof(Record));
    offset += aligned(records.size() * sizeof(Record));
    return section;
}

bool address_less(const Address& a, const Address& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) < 0;
}

} // namespace

bool load_dump(MemoryState& state, BytesView buffer) {
    const auto* header = wire::read_header<wire::StateDump>(buffer, wire::magic::state_dump);
    std::span<const wire::StateAccount> accounts;
    std::span<const wire::StateSlot> slots;
    BytesView pool;
    if (header == nullptr || !wire::read_section(buffer, header->accounts, accounts) ||
        !wire::read_section(buffer, header->slots, slots) ||
        !wire::read_section(buffer, header->pool, pool))
        return false;
    if (!std::ranges::all_of(accounts, [&](const wire::StateAccount& account) {
            return points_inside(account, slots, pool);
        }))
        return false;

    state.reserve(state.account_count() + accounts.size(), slots.size());
    for (const wire::StateAccount& account : accounts) {
        state.set_account(
            {account.address, account.nonce, to_uint256(account.balance), account.code_hash});
        if (account.code_size != 0)
            state.add_code(pool.subspan(account.code_offset, account.code_size), account.code_hash);
        for (const wire::StateSlot& slot : slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.value);
    }
    return true;
}

std::vector<uint8_t> make_dump(const MemoryState& state) {
    std::vector<wire::StateAccount> accounts;
    std::vector<wire::StateSlot> slots;
    std::vector<uint8_t> pool;
    state.for_each_account([&](const Address& address, const AccountState& account) {
        wire::StateAccount record{};
        record.address = address;
        record.nonce = account.nonce;
        record.balance = to_bytes32(account.balance);
        record.code_hash = account.code_hash;
        accounts.push_back(record);
    });
    std::ranges::sort(accounts, address_less, &wire::StateAccount::address);

    for (wire::StateAccount& account : accounts) {
        account.slot_start = static_cast<uint32_t>(slots.size());
        state.for_each_slot(account.address, [&](const Bytes32& key, const Bytes32& value) {
            slots.push_back({key, value});
        });
        account.slot_count = static_cast<uint32_t>(slots.size()) - account.slot_start;
        std::sort(slots.begin() + account.slot_start, slots.end(),
                  [](const wire::StateSlot& a, const wire::StateSlot& b) {
                      return std::memcmp(a.key.bytes, b.key.bytes, sizeof(a.key.bytes)) < 0;
                  });
        if (account.code_hash == empty_code_hash)
            continue;
        const Code* code = state.find_code(account.code_hash);
        if (code == nullptr) {
            account.flags |= wire::state_account_flag::code_missing;
            continue;
        }
        account.code_offset = static_cast<uint32_t>(pool.size());
        account.code_size = static_cast<uint32_t>(code->bytes().size());
        pool.insert(pool.end(), code->bytes().begin(), code->bytes().end());
    }

    size_t offset = aligned(sizeof(wire::StateDump));
    std::vector<uint8_t> buffer(offset + aligned(accounts.size() * sizeof(wire::StateAccount)) +
                                aligned(slots.size() * sizeof(wire::StateSlot)) +
                                aligned(pool.size()));
    wire::StateDump header{};
    header.magic = wire::magic::state_dump;
    header.version = wire::version;
    header.accounts = place(buffer, offset, accounts);
    header.slots = place(buffer, offset, slots);
    header.pool = place(buffer, offset, pool);
    std::memcpy(buffer.data(), &header, sizeof(header));
    return buffer;
}

bool apply_output(MemoryState& state, BytesView buffer) {
    const auto* header = wire::read_header<wire::BlockOutput>(buffer, wire::magic::block_output);
    std::span<const wire::AccountChange> accounts;
    std::span<const wire::SlotChange> slots;
    BytesView pool;
    if (header == nullptr || header->error != static_cast<uint32_t>(wire::ErrorCode::ok) ||
        !wire::read_section(buffer, header->accounts, accounts) ||
        !wire::read_section(buffer, header->slots, slots) ||
        !wire::read_section(buffer, header->pool, pool))
        return false;
    if (!std::ranges::all_of(accounts, [&](const wire::AccountChange& account) {
            return points_inside(account, slots, pool);
        }))
        return false;
    apply_changes(state, accounts, slots, pool);
    return true;
}

void apply_changes(MemoryState& state, std::span<const wire::AccountChange> accounts,
                   std::span<const wire::SlotChange> slots, BytesView pool) {
    for (const wire::AccountChange& account : accounts) {
        if ((account.flags & wire::account_flag::exists_after) == 0) {
            state.remove_account(account.address);
            continue;
        }
        if ((account.flags & wire::account_flag::storage_cleared) != 0)
            state.clear_storage(account.address);
        state.set_account({account.address, account.nonce_after, to_uint256(account.balance_after),
                           account.code_hash_after});
        if ((account.flags & wire::account_flag::code_changed) != 0)
            state.add_code(pool.subspan(account.code_offset, account.code_size),
                           account.code_hash_after);
        for (const wire::SlotChange& slot : slots.subspan(account.slot_start, account.slot_count))
            state.set_storage(account.address, slot.key, slot.after);
    }
}

} // namespace braid::state
