/// The whole state in memory.
#pragma once

#include "state/account_table.hpp"
#include "state/code_table.hpp"
#include "state/state_view.hpp"

namespace braid::state {

/// All accounts, with their storage and code: what is not on record does not exist.
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

    /// Makes the codes of a table findable.
    void add_codes(const CodeTable& codes) { codes_.add_all(codes); }

    /// The code with this hash, or null. The state keeps owning it.
    [[nodiscard]] const Code* find_code(const Bytes32& hash) const noexcept;

    /// The number of accounts that exist.
    [[nodiscard]] size_t account_count() const noexcept { return live_accounts_; }

    /// The number of slots it keeps records of, the cleared ones included.
    [[nodiscard]] size_t slot_count() const noexcept { return accounts_.slot_count(); }

    /// Bytes that its records of accounts and slots take, with their share of the tables; code is
    /// not counted.
    [[nodiscard]] size_t record_bytes() const noexcept { return accounts_.record_bytes(); }

    /// Reads an account; false where there is none.
    [[nodiscard]] bool find_account(const Address& address, AccountState& account) const noexcept;

    /// The value of a storage slot; zero where it is not set.
    [[nodiscard]] Bytes32 storage(const Address& address, const Bytes32& key) const noexcept;

    /// How many slots of an account are set.
    [[nodiscard]] uint64_t stored_slots(const Address& address) const noexcept {
        const AccountRecord* const account = accounts_.find(address);
        return account == nullptr ? 0 : account->set_slots;
    }

    /// Calls `visit(address, account)` for every account, in order of insertion.
    template <typename Visit>
    void for_each_account(Visit&& visit) const {
        for (const AccountRecord& account : accounts_.accounts())
            if (account.exists)
                visit(account.address, state_of(account));
    }

    /// Calls `visit(key, value)` for every set slot of an account, in no particular order.
    template <typename Visit>
    void for_each_slot(const Address& address, Visit&& visit) const {
        const AccountRecord* const account = accounts_.find(address);
        if (account == nullptr)
            return;
        accounts_.for_each_slot(*account, [&](const Bytes32& key, const Bytes32& value) {
            if (!is_zero(value))
                visit(key, value);
        });
    }

  private:
    static AccountState state_of(const AccountRecord& account) noexcept {
        return {account.nonce, account.balance, account.code_hash, account.set_slots != 0};
    }

    AccountTable<AccountRecord> accounts_;
    CodeTable codes_;
    size_t live_accounts_ = 0;
};

} // namespace braid::state
