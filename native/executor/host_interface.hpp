/// The C function table through which VMs reach a Host.
#pragma once

#include "executor/host.hpp"

namespace braid::executor {

/// The one table; its context is a Host.
extern const evmc_host_interface host_interface;

/// A host as the opaque pointer VMs carry.
[[nodiscard]] inline evmc_host_context* to_context(Host& host) noexcept {
    return reinterpret_cast<evmc_host_context*>(&host);
}

} // namespace braid::executor
