/// What a transaction costs before it runs.
#pragma once

#include "transaction/rules.hpp"
#include "wire/block_reader.hpp"

namespace braid::transaction {

/// The gas a transaction must bring.
struct IntrinsicGas {
    /// Taken before the first instruction (EIP-2, EIP-2028, EIP-2930, EIP-3860, EIP-7702).
    uint64_t cost = 0;
    /// The least the transaction pays in the end (EIP-7623); 0 before that fork.
    uint64_t floor = 0;
};

/// Computes both. No input overflows: counts are of 32 bits.
[[nodiscard]] IntrinsicGas intrinsic_gas(const Rules& rules, const wire::BlockView& block,
                                         const wire::Transaction& transaction) noexcept;

} // namespace braid::transaction
