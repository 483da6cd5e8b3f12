/// Addresses of new contracts.
#pragma once

#include "base/bytes.hpp"

namespace braid::evm {

/// The address CREATE gives: the last 20 bytes of keccak256(rlp([sender, nonce])).
[[nodiscard]] Address create_address(const Address& sender, uint64_t nonce) noexcept;

/// The address CREATE2 gives (EIP-1014): the last 20 bytes of
/// keccak256(0xff ++ sender ++ salt ++ keccak256(initcode)).
[[nodiscard]] Address create2_address(const Address& sender, const Bytes32& salt,
                                      BytesView initcode) noexcept;

} // namespace braid::evm
