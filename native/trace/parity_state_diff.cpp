#include "trace/parity_state_diff.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace braid::trace {
namespace {

using transaction::TracedAccount;
using transaction::TracedAccountState;
using transaction::TracedSlot;
using transaction::TransactionTrace;

BytesView code_of(const TracedAccountState& state) noexcept {
    return state.code == nullptr ? BytesView{} : state.code->bytes();
}

bool is_empty(const TracedAccountState& state) noexcept {
    return state.account.nonce == 0 && !state.account.balance && code_of(state).empty();
}

bool same_bytes(BytesView a, BytesView b) noexcept { return std::ranges::equal(a, b); }

/// Writes one account.
class AccountWriter {
  public:
    AccountWriter(JsonText& json, const TransactionTrace& trace, const TracedAccount& account,
                  bool empty_is_absent)
        : json_{json}, account_{account}, existed_{account.before.exists &&
                                                   !(empty_is_absent && is_empty(account.before))},
          exists_{account.after.exists && !(empty_is_absent && is_empty(account.after))} {
        // The account's own slots in the order of their keys.
        for (uint32_t i = 0; i < account.slot_count; ++i)
            slots_.push_back(&trace.slots[account.slot_start + i]);
        std::erase_if(slots_, [](const TracedSlot* slot) { return slot->before == slot->after; });
        std::ranges::sort(slots_, [](const TracedSlot* a, const TracedSlot* b) {
            return std::memcmp(a->key.bytes, b->key.bytes, sizeof(a->key.bytes)) < 0;
        });
    }

    [[nodiscard]] bool differs() const noexcept {
        const auto& [before, after] = states();
        if (existed_ != exists_)
            return true;
        if (!existed_)
            return false;
        return !slots_.empty() || !(before.account.balance == after.account.balance) ||
               before.account.nonce != after.account.nonce ||
               !(before.account.code_hash == after.account.code_hash);
    }

    void write() {
        const auto& [before, after] = states();
        const bool is_born = !existed_;
        const bool is_gone = !exists_;
        json_.bytes(account_.address);
        json_.raw(":{\"balance\":");
        write_member(before.account.balance == after.account.balance,
                     [&](bool old) { json_.quantity((old ? before : after).account.balance); });
        json_.raw(",\"code\":");
        write_member(same_bytes(code_of(before), code_of(after)),
                     [&](bool old) { json_.bytes(code_of(old ? before : after)); });
        json_.raw(",\"nonce\":");
        write_member(before.account.nonce == after.account.nonce,
                     [&](bool old) { json_.quantity((old ? before : after).account.nonce); });
        json_.raw(",\"storage\":{");
        for (size_t i = 0; i < slots_.size() && !is_gone; ++i) {
            json_.raw(i == 0 ? "" : ",");
            json_.bytes(slots_[i]->key);
            if (is_born) {
                json_.raw(":{\"+\":");
                json_.bytes(slots_[i]->after);
                json_.raw("}");
            } else {
                json_.raw(":{\"*\":{\"from\":");
                json_.bytes(slots_[i]->before);
                json_.raw(",\"to\":");
                json_.bytes(slots_[i]->after);
                json_.raw("}}");
            }
        }
        json_.raw("}}");
    }

  private:
    struct States {
        const TracedAccountState& before;
        const TracedAccountState& after;
    };
    [[nodiscard]] States states() const noexcept { return {account_.before, account_.after}; }

    /// Writes how a member differs; `write` writes its old or its new value.
    template <typename Write>
    void write_member(bool is_same, const Write& write) {
        if (!existed_ || !exists_) {
            json_.raw(existed_ ? "{\"-\":" : "{\"+\":");
            write(existed_);
            json_.raw("}");
        } else if (is_same) {
            json_.raw("\"=\"");
        } else {
            json_.raw("{\"*\":{\"from\":");
            write(true);
            json_.raw(",\"to\":");
            write(false);
            json_.raw("}}");
        }
    }

    JsonText& json_;
    const TracedAccount& account_;
    const bool existed_;
    const bool exists_;
    std::vector<const TracedSlot*> slots_; ///< those that differ
};

} // namespace

void write_parity_state_diff(JsonText& json, const TransactionTrace& trace, bool empty_is_absent) {
    std::vector<const TracedAccount*> accounts;
    for (const TracedAccount& account : trace.accounts)
        accounts.push_back(&account);
    std::ranges::sort(accounts, [](const TracedAccount* a, const TracedAccount* b) {
        return std::memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes)) < 0;
    });
    json.raw("{");
    bool is_first = true;
    for (const TracedAccount* account : accounts) {
        AccountWriter writer{json, trace, *account, empty_is_absent};
        if (!writer.differs())
            continue;
        json.raw(is_first ? "" : ",");
        is_first = false;
        writer.write();
    }
    json.raw("}");
}

} // namespace braid::trace
