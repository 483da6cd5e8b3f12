/// The precompiled contracts: which a revision has, what they cost and what they answer.
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <vector>

namespace braid::precompiles {

/// How a precompile ended.
struct Output {
    /// EVMC_SUCCESS; EVMC_OUT_OF_GAS; EVMC_PRECOMPILE_FAILURE for an input that the contract
    /// rejects; EVMC_OUT_OF_MEMORY where the host's memory ran out. All but success consume all
    /// gas.
    evmc_status_code status;

    /// The gas that remains; 0 on failure.
    int64_t gas_left;

    /// How many bytes of the output buffer are the answer; 0 on failure.
    size_t output_size;
};

/// Every bit that is set in the address of some precompile of some revision.
extern const Address contract_bits;

/// As find(), for an address with no other bits than those.
[[nodiscard]] std::optional<uint32_t> find_contract(evmc_revision revision,
                                                    const Address& address) noexcept;

/// Whether all bits that are set in an address are among the given ones: three comparisons.
[[nodiscard]] inline bool has_only(const Address& given, const Address& address) noexcept {
    uint64_t words[2];
    uint64_t bits[2];
    uint32_t tail;
    uint32_t tail_bits;
    std::memcpy(words, address.bytes, sizeof(words));
    std::memcpy(bits, given.bytes, sizeof(bits));
    std::memcpy(&tail, address.bytes + sizeof(words), sizeof(tail));
    std::memcpy(&tail_bits, given.bytes + sizeof(bits), sizeof(tail_bits));
    return ((words[0] & ~bits[0]) | (words[1] & ~bits[1]) | (tail & ~tail_bits)) == 0;
}

/// The precompile at this address under this revision: its index in active(). No value for every
/// other address.
[[nodiscard]] inline std::optional<uint32_t> find(evmc_revision revision,
                                                  const Address& address) noexcept {
    if (!has_only(contract_bits, address)) // nearly all of them
        return std::nullopt;
    return find_contract(revision, address);
}

/// Runs the precompile that find() gave for this revision. The answer is written to the start of
/// `output`, a buffer that the caller keeps for reuse: it grows where it must and never shrinks.
/// `input` must not lie in it. No input, however absurd the lengths in it, makes this read out of
/// bounds or take memory that its gas has not paid for.
[[nodiscard]] Output execute(evmc_revision revision, uint32_t index, BytesView input, int64_t gas,
                             std::vector<uint8_t>& output) noexcept;

/// The addresses of the precompiles of a revision in ascending order (EIP-2929's initial set).
[[nodiscard]] std::span<const Address> active(evmc_revision revision) noexcept;

} // namespace braid::precompiles
