/// Accounts with their storage, as the in-memory states keep them.
#pragma once

#include "base/keyed_hash.hpp"
#include "state/hash_index.hpp"
#include "state/slot_hash.hpp"
#include "state/state_view.hpp"

#include <vector>

namespace braid::state {

/// An account as it stands after a change.
struct AccountUpdate {
    Address address{};
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash = empty_code_hash;
};

/// The record of an account. What a state knows besides, it adds to a type of its own.
struct AccountRecord {
    Address address{};
    uint32_t set_slots = 0; ///< of its slots on record, those that are not zero
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash = empty_code_hash;
    uint32_t first_slot = HashIndex::none;
    bool exists = false;

    /// Makes it exist, with what the update says; its storage stays.
    void update(const AccountUpdate& update) noexcept {
        exists = true;
        nonce = update.nonce;
        balance = update.balance;
        code_hash = update.code_hash;
    }
};

/// Records of accounts and slots behind open-addressing tables, none of which is ever removed: an
/// account that is gone, or a slot that is zero, keeps its place. One lookup of a cold account or
/// slot costs about two cache misses: the position table and the record.
///
/// `Account` is an AccountRecord. Any number of threads may ask at once; everything that changes it
/// needs exclusive access, and ends references to accounts.
template <typename Account>
class AccountTable {
  public:
    /// The record of an account, or null.
    [[nodiscard]] const Account* find(const Address& address) const noexcept {
        const uint32_t index = account_at(address);
        return index == HashIndex::none ? nullptr : &accounts_[index];
    }
    [[nodiscard]] Account* find(const Address& address) noexcept {
        const uint32_t index = account_at(address);
        return index == HashIndex::none ? nullptr : &accounts_[index];
    }

    /// The record of an account, made where there is none.
    Account& intern(const Address& address) {
        uint32_t index = account_at(address);
        if (index == HashIndex::none) {
            index = static_cast<uint32_t>(accounts_.size());
            accounts_.emplace_back().address = address;
            account_index_.insert(hash_of(address), index, AccountHash{*this});
        }
        return accounts_[index];
    }

    /// The number of a slot's record, or HashIndex::none.
    [[nodiscard]] uint32_t slot_at(const Address& address, const Bytes32& key) const noexcept {
        return slot_index_.find(slot_hash(hash_of(address), key), [&](uint32_t i) {
            return slots_[i].key == key && accounts_[slots_[i].account].address == address;
        });
    }

    /// The value in a slot's record.
    [[nodiscard]] const Bytes32& value(uint32_t slot) const noexcept { return slots_[slot].value; }

    /// Replaces the value in a slot's record.
    void write(uint32_t slot, const Bytes32& value) noexcept {
        Account& account = accounts_[slots_[slot].account];
        account.set_slots += is_zero(slots_[slot].value) ? 1 : 0;
        account.set_slots -= is_zero(value) ? 1 : 0;
        slots_[slot].value = value;
    }

    /// Adds the record of a slot that has none; its account gets one if need be.
    void add_slot(const Address& address, const Bytes32& key, const Bytes32& value) {
        Account& account = intern(address);
        const auto index = static_cast<uint32_t>(slots_.size());
        slots_.push_back(
            {key, value, static_cast<uint32_t>(&account - accounts_.data()), account.first_slot});
        account.first_slot = index;
        account.set_slots += is_zero(value) ? 0 : 1;
        slot_index_.insert(slot_hash(hash_of(address), key), index, SlotHash{*this});
    }

    /// Sets all slots on record of an account to zero.
    void zero_slots(Account& account) noexcept {
        for (uint32_t slot = account.first_slot; slot != HashIndex::none; slot = slots_[slot].next)
            slots_[slot].value = {};
        account.set_slots = 0;
    }

    /// Makes room for this many accounts and slots in all.
    void reserve(size_t accounts, size_t slots) {
        accounts_.reserve(accounts);
        slots_.reserve(slots);
        account_index_.reserve(accounts, AccountHash{*this});
        slot_index_.reserve(slots, SlotHash{*this});
    }

    /// Drops all records and keeps the memory.
    void clear() noexcept {
        accounts_.clear();
        slots_.clear();
        account_index_.clear();
        slot_index_.clear();
    }

    /// The accounts on record, in the order in which they came.
    [[nodiscard]] const std::vector<Account>& accounts() const noexcept { return accounts_; }

    /// The number of slots on record.
    [[nodiscard]] size_t slot_count() const noexcept { return slots_.size(); }

    /// Calls `visit(key, value)` for every slot on record of an account, the latest first.
    template <typename Visit>
    void for_each_slot(const Account& account, Visit&& visit) const {
        for (uint32_t slot = account.first_slot; slot != HashIndex::none; slot = slots_[slot].next)
            visit(slots_[slot].key, slots_[slot].value);
    }

    /// Bytes that all records take, with their share of the tables.
    [[nodiscard]] size_t record_bytes() const noexcept {
        return accounts_.size() * (sizeof(Account) + HashIndex::bytes_per_record) +
               slots_.size() * (sizeof(Slot) + HashIndex::bytes_per_record);
    }

  private:
    struct Slot {
        Bytes32 key;
        Bytes32 value;
        uint32_t account;
        uint32_t next; ///< the next slot of the same account
    };

    // The hashes of records, for tables that grow.
    struct AccountHash {
        const AccountTable& table;
        uint64_t operator()(uint32_t i) const noexcept {
            return hash_of(table.accounts_[i].address);
        }
    };
    struct SlotHash {
        const AccountTable& table;
        uint64_t operator()(uint32_t i) const noexcept {
            const Slot& slot = table.slots_[i];
            return slot_hash(hash_of(table.accounts_[slot.account].address), slot.key);
        }
    };

    [[nodiscard]] uint32_t account_at(const Address& address) const noexcept {
        return account_index_.find(hash_of(address),
                                   [&](uint32_t i) { return accounts_[i].address == address; });
    }

    std::vector<Account> accounts_;
    std::vector<Slot> slots_;
    HashIndex account_index_;
    HashIndex slot_index_;
};

} // namespace braid::state
