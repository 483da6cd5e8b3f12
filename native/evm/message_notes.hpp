/// What frames of the built-in VM tell this package's executor beyond the EVMC ABI, in parts of a
/// message that have no meaning there.
#pragma once

#include "base/bytes.hpp"
#include "evmc/evmc.h"

#include <cstring>

namespace braid::evm {

/// A flag of a message that comes from STATICCALL itself, not only from a static frame.
inline constexpr uint32_t static_call_flag = uint32_t{1} << 31;

/// Notes whose delegation (EIP-7702) a call follows, where it is not the message's recipient.
inline void note_delegating(evmc_message& message, const Address& account) noexcept {
    std::memcpy(message.create2_salt.bytes, account.bytes, sizeof(account.bytes));
}

/// The account that a call instruction names: the one whose code runs, or that delegates to it.
[[nodiscard]] inline Address called_account(const evmc_message& message) noexcept {
    if ((message.flags & EVMC_DELEGATED) == 0)
        return message.code_address;
    if (message.kind == EVMC_CALL)
        return message.recipient;
    Address account;
    std::memcpy(account.bytes, message.create2_salt.bytes, sizeof(account.bytes));
    return account;
}

} // namespace braid::evm
