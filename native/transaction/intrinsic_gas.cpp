#include "transaction/intrinsic_gas.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

constexpr uint64_t tokens_per_nonzero_byte = 4; // EIP-7623

/// Adds up. The costs are constants where they are the protocol's: inlined for both.
[[gnu::always_inline]] inline IntrinsicGas sum(const Rules& rules, const IntrinsicCosts& costs,
                                               const wire::BlockView& block,
                                               const wire::Transaction& transaction) noexcept {
    const BytesView data = block.pool.subspan(transaction.data_offset, transaction.data_size);
    const auto zeros = static_cast<uint64_t>(std::ranges::count(data, uint8_t{0}));
    const uint64_t nonzeros = data.size() - zeros;

    IntrinsicGas gas;
    gas.cost = costs.transaction + zeros * costs.data_zero +
               nonzeros * static_cast<uint64_t>(rules.data_nonzero_gas);
    if ((transaction.flags & wire::transaction_flag::has_to) == 0) {
        const uint64_t words = (data.size() + 31) / 32;
        gas.cost += static_cast<uint64_t>(rules.creation_gas) +
                    words * static_cast<uint64_t>(rules.initcode_word_gas);
    }
    for (const wire::AccessEntry& entry :
         block.access_entries.subspan(transaction.access_start, transaction.access_count))
        gas.cost += costs.access_address + entry.key_count * costs.access_key;
    gas.cost += transaction.authorization_count * costs.authorization;

    if (rules.floor_token_gas != 0)
        gas.floor = costs.transaction + (zeros + nonzeros * tokens_per_nonzero_byte) *
                                            static_cast<uint64_t>(rules.floor_token_gas);
    return gas;
}

/// Out of line, so that it costs the usual way nothing.
[[gnu::noinline]] IntrinsicGas sum_of_own(const Rules& rules, const wire::BlockView& block,
                                          const wire::Transaction& transaction) noexcept {
    return sum(rules, *rules.intrinsic_costs, block, transaction);
}

} // namespace

IntrinsicGas intrinsic_gas(const Rules& rules, const wire::BlockView& block,
                           const wire::Transaction& transaction) noexcept {
    if (rules.intrinsic_costs) [[unlikely]]
        return sum_of_own(rules, block, transaction);
    return sum(rules, IntrinsicCosts{}, block, transaction);
}

} // namespace braid::transaction
