#include "trace/prestate_tracer.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace braid::trace {
namespace {

using transaction::TracedAccount;
using transaction::TracedAccountState;
using transaction::TracedSlot;
using transaction::TransactionTrace;

/// Writes members that may be absent, with commas where they belong.
class Members {
  public:
    explicit Members(JsonText& json) : json_{json} { json_.raw("{"); }

    JsonText& next(std::string_view name) {
        json_.raw(is_first_ ? "\"" : ",\"");
        is_first_ = false;
        json_.raw(name);
        json_.raw("\":");
        return json_;
    }
    void end() { json_.raw("}"); }

  private:
    JsonText& json_;
    bool is_first_ = true;
};

bool has_code(const TracedAccountState& state) noexcept {
    return state.exists && !(state.account.code_hash == empty_code_hash);
}

bool is_empty(const TracedAccountState& state) noexcept {
    return !state.exists || state::is_empty(state.account);
}

BytesView code_of(const TracedAccountState& state) noexcept {
    return state.code == nullptr ? BytesView{} : state.code->bytes();
}

/// The hash of the code as it is told: none for an account that is not there.
Bytes32 told_code_hash(const TracedAccountState& state) noexcept {
    return state.exists ? state.account.code_hash : Bytes32{};
}

const uint256& balance_of(const TracedAccountState& state) noexcept {
    static constexpr uint256 nothing{};
    return state.exists ? state.account.balance : nothing;
}

uint64_t nonce_of(const TracedAccountState& state) noexcept {
    return state.exists ? state.account.nonce : 0;
}

class Writer {
  public:
    Writer(JsonText& json, const TransactionTrace& trace, const PrestateOptions& options)
        : json_{json}, trace_{trace}, options_{options} {
        for (const TracedAccount& account : trace.accounts)
            accounts_.push_back(&account);
        std::ranges::sort(accounts_, [](const TracedAccount* a, const TracedAccount* b) {
            return std::memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes)) < 0;
        });
    }

    void write_all() {
        json_.reserve(size_of_all());
        Members members{json_};
        for (const TracedAccount* account : accounts_)
            if (options_.include_empty || !is_empty(account->before))
                write_before(members, *account, slots_of(*account));
        members.end();
    }

    void write_difference() {
        json_.raw("{\"post\":");
        Members post{json_};
        for (const TracedAccount* account : accounts_)
            if (!account->is_destroyed && is_modified(*account))
                write_after(post, *account);
        post.end();
        json_.raw(",\"pre\":");
        Members pre{json_};
        for (const TracedAccount* account : accounts_) {
            if (is_empty(account->before))
                continue;
            if (account->is_destroyed)
                write_before(pre, *account, slots_of(*account));
            else if (is_modified(*account))
                write_before(pre, *account, changed_slots_of(*account));
        }
        pre.end();
        json_.raw("}");
    }

  private:
    using Slots = std::vector<const TracedSlot*>;

    /// About how long the text of all accounts is: codes are most of it.
    [[nodiscard]] size_t size_of_all() const noexcept {
        constexpr size_t account = 200;
        constexpr size_t slot = 136;
        size_t size = accounts_.size() * account + trace_.slots.size() * slot;
        for (const TracedAccount* each : accounts_)
            size += options_.disable_code ? 0 : 2 * code_of(each->before).size();
        return size;
    }

    /// The slots that were looked up, by key.
    [[nodiscard]] Slots slots_of(const TracedAccount& account) const {
        Slots slots;
        if (options_.disable_storage)
            return slots;
        for (uint32_t i = 0; i < account.slot_count; ++i)
            slots.push_back(&trace_.slots[account.slot_start + i]);
        std::ranges::sort(slots, [](const TracedSlot* a, const TracedSlot* b) {
            return std::memcmp(a->key.bytes, b->key.bytes, sizeof(a->key.bytes)) < 0;
        });
        return slots;
    }

    [[nodiscard]] Slots changed_slots_of(const TracedAccount& account) const {
        Slots slots = slots_of(account);
        std::erase_if(slots, [](const TracedSlot* slot) {
            return is_zero(slot->before) || slot->before == slot->after;
        });
        return slots;
    }

    [[nodiscard]] bool has_other_code(const TracedAccount& account) const noexcept {
        // Of an account that was not there, geth takes the code for empty, and afterwards for
        // absent.
        const Bytes32& before =
            has_code(account.before) ? account.before.account.code_hash : empty_code_hash;
        return !(told_code_hash(account.after) == before);
    }

    [[nodiscard]] bool is_modified(const TracedAccount& account) const noexcept {
        if (!(balance_of(account.before) == balance_of(account.after)) ||
            nonce_of(account.before) != nonce_of(account.after) || has_other_code(account))
            return true;
        if (options_.disable_storage)
            return false;
        for (uint32_t i = 0; i < account.slot_count; ++i) {
            const TracedSlot& slot = trace_.slots[account.slot_start + i];
            if (!(slot.before == slot.after))
                return true;
        }
        return false;
    }

    JsonText& begin(Members& accounts, const TracedAccount& account) {
        std::string name = "0x";
        constexpr char digits[] = "0123456789abcdef";
        for (const uint8_t byte : account.address.bytes) {
            name += digits[byte >> 4];
            name += digits[byte & 15];
        }
        return accounts.next(name);
    }

    void write_before(Members& accounts, const TracedAccount& account, const Slots& slots) {
        Members members{begin(accounts, account)};
        const TracedAccountState& state = account.before;
        members.next("balance").quantity(balance_of(state));
        if (has_code(state)) {
            if (!options_.disable_code)
                members.next("code").bytes(code_of(state));
            members.next("codeHash").bytes(state.account.code_hash);
        }
        if (nonce_of(state) != 0)
            members.next("nonce").number(nonce_of(state));
        write_slots(members, slots, &TracedSlot::before);
        members.end();
    }

    void write_after(Members& accounts, const TracedAccount& account) {
        Members members{begin(accounts, account)};
        const TracedAccountState& before = account.before;
        const TracedAccountState& after = account.after;
        if (!(balance_of(before) == balance_of(after)))
            members.next("balance").quantity(balance_of(after));
        if (!options_.disable_code && !same_bytes(code_of(before), code_of(after)))
            members.next("code").bytes(code_of(after));
        if (has_other_code(account))
            members.next("codeHash").bytes(told_code_hash(after));
        if (nonce_of(before) != nonce_of(after) && nonce_of(after) != 0)
            members.next("nonce").number(nonce_of(after));
        Slots slots = slots_of(account);
        std::erase_if(slots, [](const TracedSlot* slot) {
            return is_zero(slot->after) || slot->before == slot->after;
        });
        write_slots(members, slots, &TracedSlot::after);
        members.end();
    }

    static bool same_bytes(BytesView a, BytesView b) noexcept {
        return a.size() == b.size() &&
               (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
    }

    void write_slots(Members& members, const Slots& slots, Bytes32 TracedSlot::*value) {
        if (slots.empty())
            return;
        JsonText& json = members.next("storage");
        json.raw("{");
        for (size_t i = 0; i < slots.size(); ++i) {
            json.raw(i == 0 ? "" : ",");
            json.bytes(slots[i]->key);
            json.raw(":");
            json.bytes(slots[i]->*value);
        }
        json.raw("}");
    }

    JsonText& json_;
    const TransactionTrace& trace_;
    const PrestateOptions& options_;
    std::vector<const TracedAccount*> accounts_; ///< by address
};

} // namespace

void write_prestate(JsonText& json, const TransactionTrace& trace, const PrestateOptions& options) {
    Writer writer{json, trace, options};
    if (options.diff_mode)
        writer.write_difference();
    else
        writer.write_all();
}

} // namespace braid::trace
