/// Prices of one's own for the precompiled contracts.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <optional>

namespace braid::precompiles {

/// What calls of precompiles cost, as far as that is not the protocol's.
struct Prices {
    /// One contract's.
    struct Price {
        std::optional<int64_t> call; ///< of MODEXP: the least that a call costs (EIP-2565)
        /// For each word, pair or round. Of MODEXP: what the multiplications are divided by
        /// (EIP-2565: GQUADDIVISOR), at least 1.
        std::optional<int64_t> item;
    };

    /// 0x01 to 0x11 from index 0 on, and P256VERIFY (0x100) last.
    static constexpr size_t count = 18;
    std::array<Price, count> contracts;

    [[nodiscard]] bool changes_anything() const noexcept;
};

/// What a call costs beyond the protocol's price; below zero: less. 0 where the contract has no
/// price of its own, and where nobody could pay for the call.
[[nodiscard]] int64_t surcharge(const Prices& prices, evmc_revision revision,
                                const Address& address, BytesView input) noexcept;

} // namespace braid::precompiles
