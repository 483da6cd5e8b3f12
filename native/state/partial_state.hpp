/// What is known of a state that lies elsewhere.
#pragma once

#include "state/account_table.hpp"
#include "state/code_table.hpp"

namespace braid::state {

/// What is known of an account's storage beyond the slots that are known one by one.
enum class StorageFacts : uint8_t {
    unknown,
    set,     ///< some slot is set
    complete ///< every slot that is not known by itself is zero
};

/// Facts about accounts, slots and code: each is known, zero and absence included, or not. What is
/// known holds until a block moves the state on: learning never changes it.
///
/// Any number of threads may ask at once; everything that changes it needs exclusive access.
/// Pointers to code stay valid until the state and everyone else who shares the code is gone.
class PartialState {
  public:
    PartialState() = default;

    /// Makes this an independent copy of another one; the code itself is shared.
    void assign(const PartialState& other);

    // Learning: what is known already stays as it is.

    /// Learns that an account exists, and what it has.
    void learn_account(const AccountUpdate& account, StorageFacts storage);

    /// Learns that no account is at the address.
    void learn_absence(const Address& address);

    /// Learns the value of a slot, of whatever account.
    void learn_slot(const Address& address, const Bytes32& key, const Bytes32& value);

    /// Learns code by its hash, which the caller vouches for.
    void learn_code(BytesView bytes, const Bytes32& hash);

    // Moving on: what was known before does not count.

    /// Creates the account or replaces its nonce, balance and code hash; its storage stays.
    void set_account(const AccountUpdate& account);

    /// Removes the account with its storage.
    void remove_account(const Address& address);

    /// Sets all storage of an account to zero.
    void clear_storage(const Address& address);

    /// Sets a slot of an account that exists.
    void set_storage(const Address& address, const Bytes32& key, const Bytes32& value);

    // Asking.

    /// Whether it is known what is at the address. If so, `exists` and `account` say it.
    [[nodiscard]] bool find_account(const Address& address, AccountState& account,
                                    bool& exists) const noexcept;

    /// Whether the value of a slot is known; if so, `value` is it.
    [[nodiscard]] bool find_storage(const Address& address, const Bytes32& key,
                                    Bytes32& value) const noexcept;

    /// The code with this hash; null where it is not known.
    [[nodiscard]] const Code* find_code(const Bytes32& hash) const noexcept;

    /// Calls `visit(address)` for every address of which it is known what is there, in the order in
    /// which that became known.
    template <typename Visit>
    void for_each_address(Visit&& visit) const {
        for (const Account& account : accounts_.accounts())
            if (account.known)
                visit(account.address);
    }

    /// How many accounts and slots it keeps records of.
    [[nodiscard]] size_t account_count() const noexcept { return accounts_.accounts().size(); }
    [[nodiscard]] size_t slot_count() const noexcept { return accounts_.slot_count(); }

  private:
    /// What is on record is known; but the account itself may only have a record for its slots.
    struct Account : AccountRecord {
        bool known = false;
        StorageFacts storage = StorageFacts::unknown;
    };

    void forget_storage(Account& account) noexcept;

    AccountTable<Account> accounts_;
    CodeTable codes_;
};

} // namespace braid::state
