/// What the executor may ask of the state before a block, or before a transaction of it.
#pragma once

#include "base/code.hpp"
#include "base/uint256.hpp"

namespace braid::state {

/// keccak256 of the empty string: the code hash of an account without code.
inline constexpr Bytes32 empty_code_hash{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c,
                                          0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                          0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b,
                                          0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/// An account without its storage.
struct AccountState {
    uint64_t nonce = 0;
    uint256 balance;
    Bytes32 code_hash = empty_code_hash;
    /// Whether any storage slot is set (EIP-7610 needs it for accounts without code or nonce).
    bool has_storage = false;
};

/// EIP-161: no nonce, no balance, no code.
[[nodiscard]] inline bool is_empty(const AccountState& account) noexcept {
    return account.nonce == 0 && !account.balance && account.code_hash == empty_code_hash;
}

/// How a read ended.
enum class ReadStatus : uint8_t {
    /// The value is there (an absent account counts as a value: `exists` is false).
    ok,
    /// The account names code that the state does not hold.
    missing_code,
    /// The source could not say (a witness without the node, a remote that failed).
    unavailable,
};

/// A read-only state. Implementations say themselves which threads may use them at once; pointers
/// handed out stay valid until the block that reads them has ended.
class StateView {
  public:
    StateView() = default;
    StateView(const StateView&) = delete;
    StateView& operator=(const StateView&) = delete;
    virtual ~StateView() = default;

    /// Reads an account. `exists` is false, and `account` a default one, where there is none.
    virtual ReadStatus load_account(const Address& address, AccountState& account,
                                    bool& exists) noexcept = 0;

    /// Reads a storage slot; zero where it is not set.
    virtual ReadStatus load_storage(const Address& address, const Bytes32& key,
                                    Bytes32& value) noexcept = 0;

    /// Finds the code of an account by the hash that load_account gave (never the empty hash).
    virtual ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                 const Code*& code) noexcept = 0;

    /// Whether a read takes so long (a disk, a network) that it pays to remember every answer for
    /// the length of a block, and to ask ahead for what will be needed.
    [[nodiscard]] virtual bool is_slow() const noexcept { return false; }
};

} // namespace braid::state
