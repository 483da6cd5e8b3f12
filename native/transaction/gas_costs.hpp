/// Gas costs that are not the protocol's, for one revision.
#pragma once

#include "evm/priced_rules.hpp"
#include "precompiles/prices.hpp"
#include "transaction/rules.hpp"
#include "wire/layout.hpp"

#include <optional>
#include <span>

namespace braid::transaction {

/// The rules of a revision with single costs changed: what a transaction pays before it runs, what
/// instructions and what precompiles cost. Only runs that are recorded and watched obey all of it.
struct GasCosts {
    Rules rules;
    evm::PricedRules vm;
    precompiles::Prices precompiles;

    /// Takes changes over; one of the same cost again is in place of the one before. Nothing where
    /// one names a cost that there is none of, or is above evm::largest_price.
    [[nodiscard]] static std::optional<GasCosts>
    make(evmc_revision revision, std::span<const wire::GasCostChange> changes) noexcept;
};

} // namespace braid::transaction
