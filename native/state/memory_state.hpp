/// The whole state in memory.
#pragma once

#include "state/hash_index.hpp"
#include "state/state_view.hpp"

#include <vector>

namespace braid::state {

/// An account as it stands after a change, for MemoryState::set_account.
struct AccountUpdate {
    Address address{};
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash = empty_code_hash;
};

/// Accounts, storage and code in open-addressing tables. One lookup of a cold account or slot
/// costs about two cache misses: the position table and the record.
///
/// Any number of threads may read (the StateView functions and the const ones) at once; everything
/// that changes it needs exclusive access. Pointers to code stay valid until the state and
/// everyone else who shares the code is gone.
class MemoryState final : public StateView {
  public:
    MemoryState() = default;

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;

    /// Makes this an independent copy of another state; the code itself is shared.
    void assign(const MemoryState& other);

    /// Drops everything.
    void clear() noexcept;

    /// Makes room for this many accounts and slots in all.
    void reserve(size_t accounts, size_t slots);

    /// Creates the account or replaces its nonce, balance and code hash; its storage stays.
    void set_account(const AccountUpdate& update);

    /// Removes the account with its storage. Unknown accounts are ignored.
    void remove_account(const Address& address);

    /// Sets all storage of an account to zero.
    void clear_storage(const Address& address);

    /// Sets a slot of an account that exists; zero removes it.
    void set_storage(const Address& address, const Bytes32& key, const Bytes32& value);

    /// Makes code findable by its hash, which the caller vouches for.
    void add_code(BytesView bytes, const Bytes32& hash);

    /// The code with this hash, or null. The state keeps owning it.
    [[nodiscard]] const Code* find_code(const Bytes32& hash) const noexcept;

    /// The number of accounts that exist.
    [[nodiscard]] size_t account_count() const noexcept { return live_accounts_; }

    /// The number of slots it keeps records of, the cleared ones included.
    [[nodiscard]] size_t slot_count() const noexcept { return slots_.size(); }

    /// Bytes that its records of accounts and slots take, with their share of the tables; code is
    /// not counted.
    [[nodiscard]] size_t record_bytes() const noexcept {
        return accounts_.size() * (sizeof(Account) + HashIndex::bytes_per_record) +
               slots_.size() * (sizeof(Slot) + HashIndex::bytes_per_record);
    }

    /// Reads an account; false where there is none.
    [[nodiscard]] bool find_account(const Address& address, AccountState& account) const noexcept;

    /// The value of a storage slot; zero where it is not set.
    [[nodiscard]] Bytes32 storage(const Address& address, const Bytes32& key) const noexcept;

    /// Calls `visit(address, account)` for every account, in order of insertion.
    template <typename Visit>
    void for_each_account(Visit&& visit) const {
        for (const Account& account : accounts_)
            if (account.exists)
                visit(account.address, state_of(account));
    }

    /// Calls `visit(key, value)` for every set slot of an account, in no particular order.
    template <typename Visit>
    void for_each_slot(const Address& address, Visit&& visit) const {
        const uint32_t index = account_at(address);
        if (index == HashIndex::none)
            return;
        for (uint32_t slot = accounts_[index].first_slot; slot != HashIndex::none;
             slot = slots_[slot].next)
            if (!is_zero(slots_[slot].value))
                visit(slots_[slot].key, slots_[slot].value);
    }

  private:
    struct Account {
        Address address{};
        uint32_t slot_count = 0; // set slots: zero ones stay linked but do not count
        uint64_t nonce = 0;
        uint256 balance;
        Bytes32 code_hash = empty_code_hash;
        uint32_t first_slot = HashIndex::none;
        bool exists = false;
    };
    struct Slot {
        Bytes32 key;
        Bytes32 value;
        uint32_t account;
        uint32_t next; // the next slot of the same account
    };

    static AccountState state_of(const Account& account) noexcept {
        return {account.nonce, account.balance, account.code_hash, account.slot_count != 0};
    }

    [[nodiscard]] uint32_t account_at(const Address& address) const noexcept;
    [[nodiscard]] uint32_t slot_at(const Address& address, const Bytes32& key) const noexcept;
    uint32_t intern_account(const Address& address);
    void zero_slots(Account& account) noexcept;

    std::vector<Account> accounts_;
    std::vector<Slot> slots_;
    std::vector<CodeRef> codes_;
    HashIndex account_index_;
    HashIndex slot_index_;
    HashIndex code_index_;
    size_t live_accounts_ = 0;
};

} // namespace braid::state
