#include "transaction/intrinsic_gas.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

constexpr uint64_t transaction_gas = 21'000;
constexpr uint64_t zero_byte_gas = 4;
constexpr uint64_t access_address_gas = 2'400;  // EIP-2930
constexpr uint64_t access_key_gas = 1'900;      // EIP-2930
constexpr uint64_t authorization_gas = 25'000;  // EIP-7702, PER_EMPTY_ACCOUNT_COST
constexpr uint64_t tokens_per_nonzero_byte = 4; // EIP-7623

} // namespace

IntrinsicGas intrinsic_gas(const Rules& rules, const wire::BlockView& block,
                           const wire::Transaction& transaction) noexcept {
    const BytesView data = block.pool.subspan(transaction.data_offset, transaction.data_size);
    const auto zeros = static_cast<uint64_t>(std::ranges::count(data, uint8_t{0}));
    const uint64_t nonzeros = data.size() - zeros;

    IntrinsicGas gas;
    gas.cost = transaction_gas + zeros * zero_byte_gas +
               nonzeros * static_cast<uint64_t>(rules.data_nonzero_gas);
    if ((transaction.flags & wire::transaction_flag::has_to) == 0) {
        const uint64_t words = (data.size() + 31) / 32;
        gas.cost += static_cast<uint64_t>(rules.creation_gas) +
                    words * static_cast<uint64_t>(rules.initcode_word_gas);
    }
    for (const wire::AccessEntry& entry :
         block.access_entries.subspan(transaction.access_start, transaction.access_count))
        gas.cost += access_address_gas + entry.key_count * access_key_gas;
    gas.cost += transaction.authorization_count * authorization_gas;

    if (rules.floor_token_gas != 0)
        gas.floor = transaction_gas + (zeros + nonzeros * tokens_per_nonzero_byte) *
                                          static_cast<uint64_t>(rules.floor_token_gas);
    return gas;
}

} // namespace braid::transaction
