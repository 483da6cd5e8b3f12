/// The world as one transaction sees and changes it.
#pragma once

#include "base/cancellation.hpp"
#include "base/epoch_table.hpp"
#include "state/state_view.hpp"
#include "transaction/rules.hpp"
#include "transaction/transaction_outcome.hpp"

#include <vector>

namespace braid::transaction {

struct JournalSlot;

/// An account that the transaction has met. Its flags and values are undone with the frame that
/// changed them.
struct JournalAccount {
    /// Bits of `flags`.
    enum : uint32_t {
        exists = 1,    ///< it is in the state (an empty one may be)
        warm = 2,      ///< EIP-2929
        touched = 4,   ///< EIP-161
        created = 8,   ///< made by this transaction (EIP-6780)
        destroyed = 16 ///< goes away when the transaction ends
    };

    uint64_t hash;
    Address address;
    uint32_t flags;
    bool loaded;      ///< whether the values below come from the view
    bool existed;     ///< as the view had it
    uint8_t observed; ///< bits of AccountRead: what the transaction looked at
    uint8_t marks;    ///< a recorder's own
    uint64_t nonce;
    uint256 balance;
    Bytes32 code_hash;
    const Code* code; ///< null: not loaded yet, or empty
    state::AccountState original;
    uint256 minimum_balance; ///< of `original`: what balance checks that passed asked for
    JournalSlot* slots;      ///< newest first

    [[nodiscard]] bool has(uint32_t flag) const noexcept { return (flags & flag) != 0; }
    [[nodiscard]] bool has_code() const noexcept { return !(code_hash == state::empty_code_hash); }
    /// EIP-161: no nonce, no balance, no code.
    [[nodiscard]] bool empty() const noexcept { return nonce == 0 && !balance && !has_code(); }
};

/// A storage slot that the transaction has met.
struct JournalSlot {
    uint64_t hash;
    JournalAccount* account;
    Bytes32 key;
    Bytes32 original; ///< at the start of the transaction
    Bytes32 current;
    JournalSlot* next; ///< of the same account
    bool loaded;
    bool from_view; ///< whether `original` was read, not known without asking
    bool warm;
    bool looked_up; ///< a recorder's mark
};

/// Transaction-local state over a view: accounts and slots read once, changes with an undo log,
/// the sets of EIP-2929, EIP-161, EIP-6780 and EIP-1153, and the logs. Starting the next
/// transaction costs nothing per record. Single-threaded.
///
/// A read that the view cannot answer is remembered (see failure()); values read after it are
/// defaults, and the transaction must end without a result.
class Journal {
  public:
    /// A place to come back to.
    struct Checkpoint {
        size_t undo;
        size_t logs;
        size_t topics;
        size_t log_data;
    };

    Journal();

    /// Sets how many bytes a transaction's records, changes and logs may take: a guard against
    /// executions that are given more gas than there is memory for (30 million gas take some 40
    /// MB). Beyond it the transaction fails with ErrorCode::out_of_memory.
    void set_memory_budget(size_t bytes) noexcept { memory_budget_ = bytes; }

    /// Sets what is asked to end the transaction once it is beyond its budget.
    void set_stop(Cancellation& stop) noexcept { stop_ = &stop; }

    /// Starts a transaction.
    void begin(state::StateView& view, const Rules& rules) noexcept;

    /// The account, loaded. The reference stays valid until begin().
    [[nodiscard]] JournalAccount& account(const Address& address) noexcept {
        JournalAccount& found = intern(address);
        if (!found.loaded)
            load(found);
        return found;
    }

    /// The account without its values: for warmth alone.
    [[nodiscard]] JournalAccount& intern(const Address& address) noexcept {
        if (last_account_ != nullptr && last_account_->address == address)
            return *last_account_;
        return lookup(address);
    }

    /// The account if its values are known already, else null.
    [[nodiscard]] JournalAccount* find_loaded(const Address& address) noexcept;

    /// The code of an account; null where it has none (or the read failed).
    [[nodiscard]] const Code* code_of(JournalAccount& account) noexcept {
        if (!has_code(account) || account.code != nullptr)
            return account.code;
        return load_code(account);
    }

    // What instructions and rules learn of an account goes through these, so that it is known what
    // the outcome rests on.

    /// The nonce.
    [[nodiscard]] uint64_t nonce_of(JournalAccount& account) const noexcept {
        account.observed |= AccountRead::nonce_value;
        return account.nonce;
    }

    /// The balance itself. Where only "at least so much" matters, can_spend() is the question.
    [[nodiscard]] const uint256& balance_of(JournalAccount& account) const noexcept {
        account.observed |= AccountRead::balance_value;
        return account.balance;
    }

    /// Whether the balance is at least `amount`. Yes leaves a lower bound behind, no the value.
    [[nodiscard]] bool can_spend(JournalAccount& account, const uint256& amount) const noexcept;

    /// Whether the account has code.
    [[nodiscard]] bool has_code(JournalAccount& account) const noexcept {
        account.observed |= AccountRead::code_value;
        return account.has_code();
    }

    /// Whether a contract could be created there (EIP-684, EIP-7610).
    [[nodiscard]] bool is_vacant(JournalAccount& account) const noexcept {
        account.observed |=
            AccountRead::nonce_value | AccountRead::code_value | AccountRead::has_storage;
        return account.nonce == 0 && !account.has_code() && !account.original.has_storage;
    }

    /// Whether the account exists as CALL and SELFDESTRUCT see it: from EIP-161 on, not empty.
    [[nodiscard]] bool exists(JournalAccount& account) const noexcept {
        account.observed |= AccountRead::existence;
        return rules_->clear_empty ? !account.empty() : account.has(JournalAccount::exists);
    }

    void set_balance(JournalAccount& account, uint256 balance) noexcept;
    void set_nonce(JournalAccount& account, uint64_t nonce) noexcept;
    /// Takes over new code; null removes the account's code (EIP-7702).
    void set_code(JournalAccount& account, CodeRef code) noexcept;
    /// Sets flags, undone on revert.
    void set_flags(JournalAccount& account, uint32_t flags) noexcept;
    /// EIP-161 touch; before that fork it brings the account into being.
    void touch(JournalAccount& account) noexcept {
        constexpr uint32_t flags = JournalAccount::touched | JournalAccount::exists;
        if ((account.flags & flags) != flags)
            set_flags(account, flags);
    }
    /// Touches an account with a transfer of nothing. That of the RIPEMD-160 precompile outlives
    /// a revert: EIP-161's exception for mainnet block 2,675,119.
    void touch_with_nothing(JournalAccount& account) noexcept;

    /// EIP-2929 for an account.
    evmc_access_status access(JournalAccount& account) noexcept {
        if (account.has(JournalAccount::warm))
            return EVMC_ACCESS_WARM;
        set_flags(account, JournalAccount::warm);
        return EVMC_ACCESS_COLD;
    }

    /// EIP-2929 for a slot.
    evmc_access_status access_slot(const Address& address, const Bytes32& key) noexcept {
        JournalSlot& found = slot(address, key);
        if (found.warm)
            return EVMC_ACCESS_WARM;
        warm(found);
        return EVMC_ACCESS_COLD;
    }

    /// Whether access_slot() would say warm.
    [[nodiscard]] bool is_warm(const Address& address, const Bytes32& key) noexcept {
        return slot(address, key).warm;
    }

    /// What store_slot() would say.
    [[nodiscard]] evmc_storage_status status_of_store(const Address& address, const Bytes32& key,
                                                      const Bytes32& value) noexcept;

    /// A slot's current value.
    [[nodiscard]] const Bytes32& load_slot(const Address& address, const Bytes32& key) noexcept {
        JournalSlot& found = slot(address, key);
        if (!found.loaded)
            load(found);
        return found.current;
    }

    /// Writes a slot and says what that did.
    evmc_storage_status store_slot(const Address& address, const Bytes32& key,
                                   const Bytes32& value) noexcept;

    /// EIP-1153.
    [[nodiscard]] Bytes32 load_transient(const Address& address, const Bytes32& key) noexcept;
    void store_transient(const Address& address, const Bytes32& key, const Bytes32& value) noexcept;

    /// Appends a log.
    void log(const Address& address, BytesView data, std::span<const Bytes32> topics) noexcept;

    /// Marks a slot as looked up. True the first time.
    bool look_up(const Address& address, const Bytes32& key) noexcept {
        return !std::exchange(slot(address, key).looked_up, true);
    }

    /// How many logs there are, those of reverted frames left out.
    [[nodiscard]] size_t log_count() const noexcept { return logs_.entries.size(); }

    [[nodiscard]] Checkpoint checkpoint() const noexcept {
        return {undo_.size(), logs_.entries.size(), logs_.topics.size(), logs_.data.size()};
    }
    /// Undoes everything since the checkpoint.
    void revert(const Checkpoint& checkpoint) noexcept;

    /// Ends the last transaction of a block: gives back what is beyond a budget of some 8 MiB.
    void trim();

    /// Ends the transaction: destroys, clears empty accounts, and writes what changed against the
    /// view, and the logs, into the outcome.
    void finish(TransactionOutcome& outcome) noexcept;

    /// Writes down what the transaction's outcome rests on.
    void collect_reads(TransactionReads& reads) const;

    /// What went wrong with a read, or null.
    [[nodiscard]] const Failure* failure() const noexcept {
        return failure_.code == wire::ErrorCode::ok ? nullptr : &failure_;
    }
    /// Remembers the first failure.
    void fail(const Failure& failure) noexcept {
        if (failure_.code == wire::ErrorCode::ok)
            failure_ = failure;
    }

  private:
    enum class Change : uint8_t {
        balance,
        nonce,
        code_hash,
        code,
        flags,
        slot_value,
        slot_warmth,
        transient
    };
    struct Undo {
        union {
            uint64_t number;
            const Code* code;
            Bytes32 bytes;
            uint64_t words[4];
        } old;
        void* target;
        Change change;
    };
    struct TransientSlot {
        uint64_t hash;
        Address address;
        Bytes32 key;
        Bytes32 value;
    };

    JournalAccount& lookup(const Address& address) noexcept;
    void load(JournalAccount& account) noexcept;
    const Code* load_code(JournalAccount& account) noexcept;

    [[nodiscard]] JournalSlot& slot(const Address& address, const Bytes32& key) noexcept {
        if (last_slot_ != nullptr && last_slot_->key == key &&
            last_slot_->account->address == address)
            return *last_slot_;
        return lookup_slot(address, key);
    }
    JournalSlot& lookup_slot(const Address& address, const Bytes32& key) noexcept;
    void load(JournalSlot& slot) noexcept;
    void warm(JournalSlot& slot) noexcept;
    TransientSlot* find_transient(const Address& address, const Bytes32& key,
                                  uint64_t hash) noexcept;
    /// Looks at the budget with every 256th of something that is counted: few get that far.
    void check_budget(size_t count) noexcept {
        if (count % 256 == 255) [[unlikely]]
            check_budget();
    }
    void check_budget() noexcept {
        if (is_over_budget())
            exhaust();
    }
    void record_failure(state::ReadStatus status, const Address& address) noexcept;
    void finish_account(JournalAccount& account, TransactionOutcome& outcome) noexcept;
    /// Leaves nothing of what accounts and slots were; the memory stays.
    void forget_records() noexcept;
    /// Ends a transaction that takes more memory than any block can be worth. What it has written
    /// down no longer matters; the rest of its way must not take more.
    void exhaust() noexcept;
    /// Whether records, changes and logs together are beyond the budget.
    [[nodiscard]] bool is_over_budget() const noexcept;

    Undo& push_undo(Change change, void* target) noexcept {
        if (undo_.size() == undo_.capacity()) [[unlikely]]
            check_budget();
        Undo& undo = undo_.emplace_back();
        undo.change = change;
        undo.target = target;
        return undo;
    }

    state::StateView* view_ = nullptr;
    const Rules* rules_ = nullptr;
    JournalAccount* last_account_ = nullptr;
    JournalAccount* storage_account_ = nullptr; ///< of the last slot looked up
    JournalSlot* last_slot_ = nullptr;
    EpochTable<JournalAccount> account_table_;
    EpochTable<JournalSlot> slot_table_;
    EpochTable<TransientSlot> transient_table_;
    RecordArena<JournalAccount> accounts_;
    RecordArena<JournalSlot, 256> slots_;
    RecordArena<TransientSlot> transients_;
    std::vector<Undo> undo_;
    std::vector<CodeRef> codes_; ///< made by this transaction
    TransactionLogs logs_;
    Failure failure_;
    bool ripemd_touched_ = false;
    size_t memory_budget_ = size_t{1} << 30;
    Cancellation* stop_ = nullptr;
};

} // namespace braid::transaction
