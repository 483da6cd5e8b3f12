/// EIP-7702: accounts that delegate to the code of another.
#pragma once

#include "transaction/journal.hpp"
#include "transaction/transaction_validation.hpp"

namespace braid::transaction {

/// The bytes that mark an account's code as a delegation; the target's address follows.
inline constexpr uint8_t delegation_prefix[3] = {0xef, 0x01, 0x00};

/// Whether code is a delegation designator.
[[nodiscard]] inline bool is_delegation(BytesView code) noexcept {
    return code.size() == sizeof(delegation_prefix) + sizeof(Address) &&
           std::memcmp(code.data(), delegation_prefix, sizeof(delegation_prefix)) == 0;
}

/// The account a designator points to. `code` must be one.
[[nodiscard]] inline Address delegation_target(BytesView code) noexcept {
    Address target;
    std::memcpy(target.bytes, code.data() + sizeof(delegation_prefix), sizeof(target.bytes));
    return target;
}

/// Carries out a transaction's authorizations, skipping invalid ones as the EIP says. Returns the
/// gas to refund for authorities that existed already.
[[nodiscard]] int64_t apply_authorizations(const BlockEnvironment& environment,
                                           const TransactionInput& input,
                                           Journal& journal) noexcept;

} // namespace braid::transaction
