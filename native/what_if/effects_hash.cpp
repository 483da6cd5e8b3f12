#include "what_if/effects_hash.hpp"

#include "crypto/keccak.hpp"

#include <algorithm>
#include <cstring>

namespace braid::what_if {
namespace {

using transaction::AccountWrite;
using transaction::SlotWrite;
using transaction::TransactionOutcome;

class Text {
  public:
    template <typename Value>
    void add(const Value& value) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
        bytes_.insert(bytes_.end(), bytes, bytes + sizeof(value));
    }
    void add(BytesView bytes) {
        add(uint64_t{bytes.size()});
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    [[nodiscard]] Bytes32 hash() const noexcept { return crypto::keccak256(bytes_); }

  private:
    std::vector<uint8_t> bytes_;
};

template <typename Key>
bool is_less(const Key& a, const Key& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) < 0;
}

void add_account(Text& text, const AccountWrite& account, bool counts_balance) {
    text.add(account.address);
    text.add(uint8_t{account.destroyed});
    text.add(account.nonce_changed ? account.nonce : uint64_t{0});
    text.add(account.code_changed ? account.code_hash : Bytes32{});
    text.add(to_bytes32(counts_balance ? account.balance_change : uint256{}));
}

/// Slots that end as they began are no effect.
void add_slots(Text& text, const TransactionOutcome& outcome, const AccountWrite& account) {
    std::vector<const SlotWrite*> slots;
    for (uint32_t i = 0; i < account.slot_count; ++i) {
        const SlotWrite& slot = outcome.slots[account.slot_start + i];
        if (slot.original != slot.value)
            slots.push_back(&slot);
    }
    std::ranges::sort(slots, [](const auto* a, const auto* b) { return is_less(a->key, b->key); });
    text.add(uint64_t{slots.size()});
    for (const SlotWrite* slot : slots) {
        text.add(slot->key);
        text.add(slot->value);
    }
}

} // namespace

Bytes32 effects_hash(const TransactionOutcome& outcome, const Address& sender,
                     const Address& coinbase) {
    Text text;
    text.add(BytesView{outcome.output});
    for (const wire::Log& log : outcome.logs.entries) {
        text.add(log.address);
        text.add(log.topic_count);
        for (uint32_t i = 0; i < log.topic_count; ++i)
            text.add(outcome.logs.topics[log.topic_start + i]);
        text.add(BytesView{outcome.logs.data}.subspan(log.data_offset, log.data_size));
    }
    std::vector<const AccountWrite*> accounts;
    for (const AccountWrite& account : outcome.accounts)
        accounts.push_back(&account);
    std::ranges::sort(accounts,
                      [](const auto* a, const auto* b) { return is_less(a->address, b->address); });
    for (const AccountWrite* account : accounts) {
        const bool pays_gas = account->address == sender || account->address == coinbase;
        const bool is_empty = !account->destroyed && !account->nonce_changed &&
                              !account->code_changed && account->slot_count == 0 &&
                              (pays_gas || !account->balance_change);
        if (is_empty)
            continue;
        add_account(text, *account, !pays_gas);
        add_slots(text, outcome, *account);
    }
    return text.hash();
}

} // namespace braid::what_if
