/// The precompiles of a block under overrides.
#pragma once

#include "base/bytes.hpp"
#include "state/state_view.hpp"

#include <optional>
#include <span>
#include <vector>

namespace braid::transaction {

/// Where the precompiles of a revision are called, after overrides have taken some away or moved
/// them. Which addresses are warm from the start (EIP-2929) stays what the revision says, as with
/// `eth_call` of geth.
///
/// Read-only while the block runs: any number of executors may share one.
class PrecompileSet {
  public:
    /// The precompiles of a revision after overrides; nothing where those leave them as they are.
    /// Where one moves what is no precompile, `wrong` is its address.
    [[nodiscard]] static std::optional<PrecompileSet>
    make(evmc_revision revision, std::span<const state::PrecompileOverride> overrides,
         std::optional<Address>& wrong);

    /// The precompile that is called at an address: its index in precompiles::active().
    [[nodiscard]] std::optional<uint32_t> find(const Address& address) const noexcept;

    /// Every bit that is set in the address of some precompile.
    [[nodiscard]] Address address_bits() const noexcept;

  private:
    struct Entry {
        Address address;
        uint32_t index;
    };

    explicit PrecompileSet(evmc_revision revision);
    [[nodiscard]] std::vector<Entry>::iterator entry_at(const Address& address) noexcept;

    std::vector<Entry> entries_;
};

} // namespace braid::transaction
