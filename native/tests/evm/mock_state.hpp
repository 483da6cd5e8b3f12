/// The few accounts of a mock host: a state small enough to be copied for every call frame.
#pragma once

#include "base/code.hpp"
#include "crypto/keccak.hpp"
#include "tests/evm/word.hpp"

#include <memory>
#include <vector>

namespace braid::test {

/// Makes code with its hash.
inline CodeRef make_code(std::vector<uint8_t> bytes) {
    const Bytes32 hash = crypto::keccak256(bytes);
    return std::make_shared<const Code>(std::move(bytes), hash);
}

/// A running 64-bit digest of everything that is fed to it.
class Digest {
  public:
    void add(uint64_t value) { value_ = mix64(value_ ^ value) + 0x9e3779b97f4a7c15ULL; }
    void add(BytesView bytes) {
        add(bytes.size());
        for (; bytes.size() >= 8; bytes = bytes.subspan(8))
            add(load_le64(bytes.data()));
        for (const uint8_t byte : bytes)
            add(byte);
    }
    void add(const Address& address) { add(BytesView{address.bytes}); }
    void add(const Bytes32& value) { add(BytesView{value.bytes}); }
    [[nodiscard]] uint64_t value() const { return value_; }

  private:
    uint64_t value_ = 0;
};

struct MockAccount {
    Address address{};
    uint64_t nonce = 0;
    reference::Word balance;
    CodeRef code;
    bool is_destroyed = false;

    [[nodiscard]] BytesView code_bytes() const { return code ? code->bytes() : BytesView{}; }
    /// EIP-161.
    [[nodiscard]] bool is_empty() const {
        return nonce == 0 && balance.is_zero() && code_bytes().empty();
    }
};

struct MockSlot {
    Address address{};
    Bytes32 key{};
    Bytes32 original{};
    Bytes32 current{};
    bool is_warm = false;
};

struct MockTransientSlot {
    Address address{};
    Bytes32 key{};
    Bytes32 value{};
};

/// Everything that a reverted frame puts back, but for the logs.
struct MockState {
    std::vector<MockAccount> accounts;
    std::vector<MockSlot> slots;
    std::vector<MockTransientSlot> transient_slots;
    std::vector<Address> warm_accounts;

    [[nodiscard]] const MockAccount* find(const Address& address) const {
        for (const MockAccount& account : accounts)
            if (account.address == address)
                return &account;
        return nullptr;
    }
    MockAccount& account(const Address& address) {
        for (MockAccount& account : accounts)
            if (account.address == address)
                return account;
        accounts.push_back({address, 0, {}, nullptr, false});
        return accounts.back();
    }
    MockSlot& slot(const Address& address, const Bytes32& key) {
        for (MockSlot& slot : slots)
            if (slot.key == key && slot.address == address)
                return slot;
        slots.push_back({address, key, {}, {}, false});
        return slots.back();
    }
    Bytes32& transient(const Address& address, const Bytes32& key) {
        for (MockTransientSlot& slot : transient_slots)
            if (slot.key == key && slot.address == address)
                return slot.value;
        transient_slots.push_back({address, key, {}});
        return transient_slots.back().value;
    }
    /// Whether the account was warm; it is from now on.
    bool warm(const Address& address) {
        for (const Address& known : warm_accounts)
            if (known == address)
                return true;
        warm_accounts.push_back(address);
        return false;
    }

    [[nodiscard]] uint64_t digest() const {
        Digest digest;
        for (const MockAccount& account : accounts) {
            digest.add(account.address);
            digest.add(account.nonce);
            digest.add(account.balance.to_bytes());
            digest.add(account.code_bytes());
            digest.add(account.is_destroyed);
        }
        for (const MockSlot& slot : slots) {
            digest.add(slot.address);
            digest.add(slot.key);
            digest.add(slot.original);
            digest.add(slot.current);
            digest.add(slot.is_warm);
        }
        for (const MockTransientSlot& slot : transient_slots) {
            digest.add(slot.address);
            digest.add(slot.key);
            digest.add(slot.value);
        }
        for (const Address& address : warm_accounts)
            digest.add(address);
        return digest.value();
    }
};

} // namespace braid::test
