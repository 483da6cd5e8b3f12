#include "transaction/intrinsic_gas.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

constexpr uint64_t tokens_per_nonzero_byte = 4; // EIP-7623

} // namespace

IntrinsicGas intrinsic_gas(const Rules& rules, const wire::BlockView& block,
                           const wire::Transaction& transaction) noexcept {
    const BytesView data = block.pool.subspan(transaction.data_offset, transaction.data_size);
    const auto zeros = static_cast<uint64_t>(std::ranges::count(data, uint8_t{0}));
    const uint64_t nonzeros = data.size() - zeros;

    IntrinsicGas gas;
    gas.cost = rules.transaction_gas + zeros * rules.data_zero_gas +
               nonzeros * static_cast<uint64_t>(rules.data_nonzero_gas);
    if ((transaction.flags & wire::transaction_flag::has_to) == 0) {
        const uint64_t words = (data.size() + 31) / 32;
        gas.cost += static_cast<uint64_t>(rules.creation_gas) +
                    words * static_cast<uint64_t>(rules.initcode_word_gas);
    }
    for (const wire::AccessEntry& entry :
         block.access_entries.subspan(transaction.access_start, transaction.access_count))
        gas.cost += rules.access_address_gas + entry.key_count * rules.access_key_gas;
    gas.cost += transaction.authorization_count * rules.authorization_gas;

    if (rules.floor_token_gas != 0)
        gas.floor = rules.transaction_gas + (zeros + nonzeros * tokens_per_nonzero_byte) *
                                                static_cast<uint64_t>(rules.floor_token_gas);
    return gas;
}

} // namespace braid::transaction
