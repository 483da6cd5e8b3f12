/// The state inside a block: the state before it under the changes committed so far.
#pragma once

#include "base/epoch_table.hpp"
#include "state/state_view.hpp"
#include "transaction/plain_transfer.hpp"
#include "transaction/transaction_outcome.hpp"
#include "wire/block_records.hpp"

namespace braid::block {

/// What checking the observations of a transaction found.
struct CheckResult {
    bool holds = true;
    /// Where they do not hold: the first location that differs, and the transaction that changed
    /// it; no_writer where none of this block did.
    wire::LocationKind kind = wire::LocationKind::account;
    Address address{};
    Bytes32 key{};
    int32_t writer = -1;
    /// Of the transactions that changed what was observed, the one whose chain of such
    /// dependencies takes longest; no_writer where there is none.
    int32_t depends_on = -1;
    /// Whether this is the last word on a run: dependencies are counted then.
    bool is_final = true;
};

/// No transaction of the block.
inline constexpr int32_t no_writer = -1;

/// An overlay over a base state that outcomes are applied to in block order, and that knows the
/// difference in the end. Single-threaded. The base is only read.
class BlockState final : public state::StateView {
  public:
    BlockState();

    /// Starts a block. `clear_empty` says whether EIP-161 holds.
    void begin(state::StateView& base, bool clear_empty) noexcept;

    /// Goes on, in the middle of a block, on another view of the same base.
    void set_base(state::StateView& base) noexcept { base_ = &base; }

    /// The state as it is, over a base of the caller's: any number of threads at once, while nobody
    /// changes it.
    state::ReadStatus load_account(state::StateView& base, const Address& address,
                                   state::AccountState& account, bool& exists) const noexcept;
    state::ReadStatus load_storage(state::StateView& base, const Address& address,
                                   const Bytes32& key, Bytes32& value) const noexcept;
    state::ReadStatus load_code(state::StateView& base, const Address& address,
                                const Bytes32& code_hash, const Code*& code) const noexcept;

    /// Asks the base for all that applying an outcome, or a credit or drain, would ask it for.
    void touch(const transaction::OutcomeView& outcome, const Address& coinbase) noexcept;
    void touch(const Address& address) noexcept;

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override;
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override;
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override;

    /// Says whether everything that a transaction's outcome rests on holds in the state as it is,
    /// and what of it this block has changed. That the sender's earlier transactions raised its
    /// nonce does not count as a dependency: it is foretold.
    state::ReadStatus check(const transaction::ReadsView& reads, const Address& sender,
                            CheckResult& result) noexcept;

    /// Applies what a transaction, or no_writer, did; `coinbase` gets its tips. Takes over the code
    /// that it made.
    state::ReadStatus apply(const transaction::OutcomeView& outcome, std::vector<CodeRef>& codes,
                            const Address& coinbase, int32_t writer) noexcept;

    /// As above, with the code that the outcome itself owns.
    state::ReadStatus apply(transaction::TransactionOutcome& outcome, const Address& coinbase,
                            int32_t writer) noexcept {
        return apply(outcome, outcome.codes, coinbase, writer);
    }

    /// Remembers how long a transaction took, in any unit, and on which it depends.
    void end_chain(int32_t transaction, int32_t depends_on, uint64_t duration);

    /// Writes the locations that transactions depended on most, or that threw away most runs.
    void collect_hot_locations(wire::BlockRecords& records);

    /// Adds to a balance. Nothing still touches the account: it comes into being before EIP-161,
    /// and an empty one goes after it.
    state::ReadStatus credit(const Address& address, uint256 amount,
                             int32_t writer = no_writer) noexcept;

    /// Does a transaction's plain transfer, with `coinbase` getting its tip. False where its
    /// conditions do not hold, or the base could not say: nothing has changed, and the transaction
    /// is to be executed.
    bool transfer(const transaction::PlainTransfer& transfer, const Address& coinbase,
                  int32_t writer) noexcept;

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
        // The latest transactions that changed it.
        int32_t nonce_writer;
        int32_t balance_writer;
        int32_t code_writer;
        int32_t existence_writer;
        uint32_t dependents; ///< how many transactions looked at what one before had changed
        uint32_t conflicts;  ///< how many runs that threw away

        [[nodiscard]] int32_t writer_of(wire::LocationKind kind) const noexcept {
            switch (kind) {
            case wire::LocationKind::existence:
                return existence_writer;
            case wire::LocationKind::nonce:
                return nonce_writer;
            case wire::LocationKind::balance:
                return balance_writer;
            default:
                return code_writer;
            }
        }
    };
    struct Slot {
        uint64_t hash;
        Account* account;
        Bytes32 key;
        Bytes32 before;
        Bytes32 now;
        Slot* next;          ///< of the same account
        uint32_t generation; ///< the account's when `now` was written: an older one means zero
        int32_t writer;
        uint32_t dependents;
        uint32_t conflicts;
    };

    // An account or a slot with the part of its key that mostly decides its place.
    struct Sorted {
        uint64_t leading_bytes;
        const Account* account;
    };
    struct SortedSlot {
        uint64_t leading_bytes;
        const Slot* slot;
    };

    [[nodiscard]] Account* find(const Address& address, uint64_t hash) const noexcept;
    [[nodiscard]] Slot* find_slot(const Account& account, const Bytes32& key) const noexcept;
    /// The account for writing, read from the base the first time; null where that failed.
    Account* open(const Address& address, state::ReadStatus& status) noexcept;
    void write_slot(Account& account, const transaction::SlotWrite& write, int32_t writer) noexcept;
    state::ReadStatus check_account(const transaction::AccountRead& read, bool is_sender,
                                    bool from_base, CheckResult& result) noexcept;
    state::ReadStatus check_slot(const transaction::AccountRead& read,
                                 const transaction::SlotRead& slot, bool from_base,
                                 CheckResult& result) noexcept;
    [[nodiscard]] uint64_t chain_of(int32_t transaction) const noexcept;
    void depend(int32_t writer, uint32_t& dependents, CheckResult& result) const noexcept;
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
    std::vector<uint64_t> chains_; ///< by transaction: how long it and what it depends on took
    std::vector<Sorted> sorted_;
    std::vector<SortedSlot> sorted_slots_;
};

} // namespace braid::block
