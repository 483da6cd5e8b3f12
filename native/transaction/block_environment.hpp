/// What all transactions of a block share.
#pragma once

#include "base/cancellation.hpp"
#include "base/uint256.hpp"
#include "precompiles/precompiles.hpp"
#include "precompiles/prices.hpp"
#include "transaction/precompile_set.hpp"
#include "transaction/rules.hpp"
#include "wire/block_reader.hpp"

namespace braid::transaction {

/// The address that system calls come from (EIP-4788, EIP-2935, EIP-7002, EIP-7251).
inline constexpr Address system_address{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

/// Gas per blob (EIP-4844).
inline constexpr uint64_t gas_per_blob = uint64_t{1} << 17;

/// A block's header values in the forms execution wants. Read-only while the block runs: any number
/// of executors may share one.
struct BlockEnvironment {
    wire::BlockView block;
    const Rules* rules = nullptr;
    /// The block's part of what frames can ask; the transaction's part is zero.
    evmc_tx_context context{};
    uint256 base_fee;
    uint256 blob_base_fee;
    /// The header's gas limit, never above INT64_MAX, so that gas fits the ABI's signed type.
    uint64_t gas_limit = 0;
    /// What can stop the block; null: nothing.
    const Cancellation* cancellation = nullptr;
    /// What precompiles cost in calls that are recorded, in place of the protocol's; null: that.
    const precompiles::Prices* precompile_prices = nullptr;
    /// Whether plain transfers may be done without an EVM, which leaves no records of them.
    bool runs_plain_transfers = true;
    /// Prepares a block whose header names a supported revision.
    explicit BlockEnvironment(const wire::BlockView& view,
                              const Cancellation* stop = nullptr) noexcept;

    /// Takes the precompiles from a set, which must stay, in place of the revision's.
    void set_precompiles(const PrecompileSet& set) noexcept;

    /// The precompile that is called at an address: its index in precompiles::active().
    [[nodiscard]] std::optional<uint32_t> precompile_at(const Address& address) const noexcept {
        if (!precompiles::has_only(precompile_bits_, address)) // nearly all of them
            return std::nullopt;
        return find_precompile(address);
    }

  private:
    [[nodiscard]] std::optional<uint32_t> find_precompile(const Address& address) const noexcept;

    const PrecompileSet* precompile_set_ = nullptr; ///< null: those of the revision
    /// Every bit that is set in the address of some precompile.
    Address precompile_bits_ = precompiles::contract_bits;
};

} // namespace braid::transaction
