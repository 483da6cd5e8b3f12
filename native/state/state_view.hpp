/// What the executor may ask of the state before a block, or before a transaction of it.
#pragma once

#include "base/code.hpp"
#include "base/uint256.hpp"

#include <memory>
#include <optional>
#include <span>

namespace braid::state {

class Misses;

using braid::empty_code_hash;

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

/// What overriding an account does to the precompiles, as `eth_call` has it: none is left at the
/// address, and what was there is called elsewhere, where that is said.
struct PrecompileOverride {
    Address address;
    std::optional<Address> moved_to;
};

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

    /// Whether it keeps what was read, and reads that again in less time: then a thread that has
    /// nothing else to do can read ahead for another.
    [[nodiscard]] virtual bool keeps_reads() const noexcept { return false; }

    /// What overrides do to the precompiles, in the order in which they do it.
    [[nodiscard]] virtual std::span<const PrecompileOverride>
    precompile_overrides() const noexcept {
        return {};
    }

    /// Where not everything is known: the same state for one thread, which takes down there what it
    /// misses, and guesses it. Neither this nor the list may go before it. Null where there is
    /// nothing to miss. Any thread may ask.
    [[nodiscard]] virtual std::unique_ptr<StateView> reader(Misses& /*misses*/) { return nullptr; }
};

} // namespace braid::state
