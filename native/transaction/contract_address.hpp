/// Addresses of new contracts.
#pragma once

#include "evm/contract_address.hpp"

namespace braid::transaction {

using evm::create2_address;
using evm::create_address;

} // namespace braid::transaction
