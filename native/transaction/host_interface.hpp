/// The C function tables through which VMs reach a Host: one per version of the ABI.
#pragma once

#include "evmc/evmc18.h"

namespace braid::transaction {

class Host;

/// The table of EVMC 12; its context is a Host.
extern const evmc_host_interface host_interface;

/// The table of EVMC 18; its context is a Host.
extern const evmc18_host_interface host_interface_18;

/// A host as the opaque pointer VMs carry.
[[nodiscard]] inline evmc_host_context* to_context(Host& host) noexcept {
    return reinterpret_cast<evmc_host_context*>(&host);
}

} // namespace braid::transaction
