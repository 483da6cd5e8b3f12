/// The state inside a block: the state before it under the changes committed so far.
#pragma once

#include "executor/epoch_table.hpp"
#include "executor/transaction_outcome.hpp"
#include "state/state_view.hpp"
#include "wire/block_records.hpp"

namespace braid::executor {

/// An overlay over a base state that outcomes are applied to in block order, and that knows the
/// difference in the end. Single-threaded. The base is only read.
class BlockState final : public state::StateView {
  public:
    BlockState();

    /// Starts a block. `clear_empty` says whether EIP-161 holds.
    void begin(state::StateView& base, bool clear_empty) noexcept;

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override;
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override;
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override;

    /// Says whether everything that a transaction's outcome rests on holds in the state as it is.
    state::ReadStatus check(const TransactionReads& reads, bool& hold) noexcept;

    /// Applies what a transaction did; `coinbase` gets its tips. Takes the outcome's code over.
    state::ReadStatus apply(TransactionOutcome& outcome, const Address& coinbase) noexcept;

    /// Adds to a balance. Nothing still touches the account: it comes into being before EIP-161,
    /// and an empty one goes after it.
    state::ReadStatus credit(const Address& address, uint256 amount) noexcept;

    /// Moves a whole balance (EIP-779).
    state::ReadStatus drain(const Address& from, const Address& to) noexcept;

    /// Writes the net changes of the block: accounts by address, their slots by key, ascending.
    void collect(wire::BlockRecords& records);

  private:
    struct Slot;
    struct Account {
        uint64_t hash;
        Address address;
        bool existed;
        bool exists;
        uint32_t generation; ///< counts how often its storage was cleared; 0: never
        state::AccountState before;
        state::AccountState now;
        const Code* code; ///< made in this block, else null
        Slot* slots;
    };
    struct Slot {
        uint64_t hash;
        Account* account;
        Bytes32 key;
        Bytes32 before;
        Bytes32 now;
        Slot* next;          ///< of the same account
        uint32_t generation; ///< the account's when `now` was written: an older one means zero
    };

    [[nodiscard]] Account* find(const Address& address, uint64_t hash) const noexcept;
    [[nodiscard]] Slot* find_slot(const Account& account, const Bytes32& key) const noexcept;
    /// The account for writing, read from the base the first time; null where that failed.
    Account* open(const Address& address, state::ReadStatus& status) noexcept;
    void write_slot(Account& account, const SlotWrite& write) noexcept;
    void set_balance(Account& account, uint256 balance) noexcept;
    void remove(Account& account) noexcept;
    void collect_account(const Account& account, wire::BlockRecords& records);
    void collect_slots(const Account& account, wire::BlockRecords& records);

    state::StateView* base_ = nullptr;
    bool clear_empty_ = false;
    EpochTable<Account> account_table_;
    EpochTable<Slot> slot_table_;
    RecordArena<Account> accounts_;
    RecordArena<Slot, 256> slots_;
    std::vector<CodeRef> codes_;
    std::vector<const Account*> sorted_;
};

} // namespace braid::executor
