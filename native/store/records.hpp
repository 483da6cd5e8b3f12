/// The records in the tables of accounts and slots.
#pragma once

#include "base/bytes.hpp"
#include "base/code.hpp"
#include "base/uint256.hpp"
#include "trie/empty_root.hpp"

#include <array>
#include <vector>

namespace braid::store {

/// An account. One that does not exist has the default values, and no record.
struct Account {
    bool exists = false;
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash = empty_code_hash;
    Bytes32 storage_root = trie::empty_root;
    uint64_t slot_count = 0; ///< of its slots, those that are not zero
    Address address{};       ///< zero where preimages are not kept
};

/// Bytes on the stack.
template <size_t capacity>
struct SmallBytes {
    std::array<uint8_t, capacity> bytes;
    size_t size = 0;

    [[nodiscard]] BytesView view() const noexcept { return {bytes.data(), size}; }
    void append(BytesView more) noexcept {
        if (!more.empty())
            std::memcpy(bytes.data() + size, more.data(), more.size());
        size += more.size();
    }
};

/// Bytes without the zeros at their start.
[[nodiscard]] BytesView trimmed(BytesView number) noexcept;

/// The record of an account that exists: a byte of flags (1: code, 2: storage, 4: address), one of
/// the nonce's size and one of the balance's, then both as big-endian numbers without leading
/// zeros, the code's hash, the storage's root with the number of slots (8 bytes, big-endian), and
/// the address, each where its flag is set.
using AccountBytes = SmallBytes<3 + 8 + 32 + 32 + 40 + 20>;
[[nodiscard]] AccountBytes encode_account(const Account& account, bool preimages) noexcept;

/// Reads a record, whoever wrote it. False where encode_account() makes none like it.
[[nodiscard]] bool decode_account(BytesView bytes, bool preimages, Account& account) noexcept;

/// A slot's place: keccak256 of its account's address, then of its number.
struct SlotKey {
    Bytes32 account;
    Bytes32 slot;

    [[nodiscard]] BytesView bytes() const noexcept { return {account.bytes, 64}; }
    [[nodiscard]] friend bool operator==(const SlotKey& a, const SlotKey& b) noexcept {
        return a.account == b.account && a.slot == b.slot;
    }
};
static_assert(sizeof(SlotKey) == 64);

/// A slot: its value, zero where there is none, and its number, zero where preimages are not kept.
struct Slot {
    Bytes32 value{};
    Bytes32 number{};
};

/// The record of a slot that is not zero: its value without leading zeros, then its number.
using SlotBytes = SmallBytes<64>;
[[nodiscard]] SlotBytes encode_slot(const Slot& slot, bool preimages) noexcept;

/// Reads a record, whoever wrote it. False where encode_slot() makes none like it.
[[nodiscard]] bool decode_slot(BytesView bytes, bool preimages, Slot& slot) noexcept;

/// The order of the tables.
[[nodiscard]] inline bool is_before(const Bytes32& a, const Bytes32& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, 32) < 0;
}
[[nodiscard]] inline bool is_before(const SlotKey& a, const SlotKey& b) noexcept {
    return std::memcmp(a.account.bytes, b.account.bytes, 64) < 0;
}

/// Writes numbers and bytes one behind the other.
class ByteWriter {
  public:
    void number(uint64_t value, unsigned bytes) {
        for (unsigned i = bytes; i-- != 0;)
            bytes_.push_back(static_cast<uint8_t>(value >> 8 * i));
    }
    void bytes(BytesView data) { bytes_.insert(bytes_.end(), data.begin(), data.end()); }
    [[nodiscard]] BytesView view() const noexcept { return bytes_; }
    [[nodiscard]] std::vector<uint8_t> take() noexcept { return std::move(bytes_); }

  private:
    std::vector<uint8_t> bytes_;
};

/// Reads what a ByteWriter wrote, and never beyond the end.
class ByteReader {
  public:
    explicit ByteReader(BytesView data) noexcept : data_{data} {}

    [[nodiscard]] uint64_t number(unsigned bytes) noexcept {
        uint64_t value = 0;
        for (const uint8_t byte : this->bytes(bytes))
            value = value << 8 | byte;
        return value;
    }
    /// The next bytes; none, and failed(), where there are fewer.
    [[nodiscard]] BytesView bytes(size_t size) noexcept {
        if (size > data_.size()) {
            failed_ = true;
            data_ = {};
            return {};
        }
        const BytesView result = data_.first(size);
        data_ = data_.subspan(size);
        return result;
    }
    template <typename Fixed>
    void fixed(Fixed& value) noexcept {
        const BytesView from = bytes(sizeof(value.bytes));
        if (!from.empty())
            std::memcpy(value.bytes, from.data(), sizeof(value.bytes));
    }
    [[nodiscard]] size_t left() const noexcept { return data_.size(); }
    /// Whether more was asked for than there was.
    [[nodiscard]] bool failed() const noexcept { return failed_; }

  private:
    BytesView data_;
    bool failed_ = false;
};

} // namespace braid::store
