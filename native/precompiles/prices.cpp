#include "precompiles/prices.hpp"

#include "precompiles/curves.hpp"
#include "precompiles/hashes.hpp"
#include "precompiles/modexp.hpp"

#include <algorithm>

namespace braid::precompiles {
namespace {

constexpr size_t modexp_index = 4;
constexpr size_t blake2f_index = 8;
constexpr size_t p256_index = Prices::count - 1;

/// A price by the protocol: for the call, and for each item of the input.
struct Form {
    size_t item_size = 0; ///< 0: only the call counts
    bool counts_partial = false;
    int64_t call = 0;
    int64_t item = 0;
};

/// Where a contract's prices are; nothing for what has none that could be changed.
std::optional<size_t> index_of(const Address& address) noexcept {
    const unsigned number = static_cast<unsigned>(address.bytes[18]) << 8 | address.bytes[19];
    if (number == 0x100)
        return p256_index;
    return number >= 1 && number < Prices::count ? std::optional<size_t>{number - 1} : std::nullopt;
}

/// The forms of the fixed and the linear prices: see the table of contracts for their EIPs.
Form form_of(size_t index, evmc_revision revision) noexcept {
    const bool is_cheaper = revision >= EVMC_ISTANBUL; // EIP-1108
    switch (index + 1) {
    case 0x01:
        return {0, false, 3000};
    case 0x02:
        return {32, true, 60, 12};
    case 0x03:
        return {32, true, 600, 120};
    case 0x04:
        return {32, true, 15, 3};
    case 0x06:
        return {0, false, is_cheaper ? 150 : 500};
    case 0x07:
        return {0, false, is_cheaper ? 6000 : 40000};
    case 0x08:
        return is_cheaper ? Form{bn254_pair_size, false, 45000, 34000}
                          : Form{bn254_pair_size, false, 100000, 80000};
    case 0x0a:
        return {0, false, 50000};
    case 0x0b:
        return {0, false, 375};
    case 0x0d:
        return {0, false, 600};
    case 0x0f:
        return {384, false, 37700, 32600};
    case 0x10:
        return {0, false, 5500};
    case 0x11:
        return {0, false, 23800};
    case p256_index + 1:
        return {0, false, 6900};
    default:
        return {};
    }
}

int64_t modexp_surcharge(const Prices::Price& price, evmc_revision revision,
                         BytesView input) noexcept {
    const ModexpRates standard = modexp_rates(revision);
    ModexpRates own = standard;
    own.least = price.call.value_or(own.least);
    own.divisor = static_cast<uint64_t>(
        std::max<int64_t>(price.item.value_or(static_cast<int64_t>(own.divisor)), 1));
    const int64_t cost = modexp_gas(revision, input, standard);
    const int64_t own_cost = modexp_gas(revision, input, own);
    return cost == unpayable_gas || own_cost == unpayable_gas ? 0 : own_cost - cost;
}

} // namespace

bool Prices::changes_anything() const noexcept {
    return std::ranges::any_of(contracts,
                               [](const Price& price) { return price.call || price.item; });
}

int64_t surcharge(const Prices& prices, evmc_revision revision, const Address& address,
                  BytesView input) noexcept {
    const std::optional<size_t> index = index_of(address);
    if (!index)
        return 0;
    const Prices::Price& price = prices.contracts[*index];
    if (!price.call && !price.item)
        return 0;
    if (*index == modexp_index)
        return modexp_surcharge(price, revision, input);
    if (*index == blake2f_index) // one gas a round
        return (price.item.value_or(1) - 1) * blake2f_gas(input);
    const Form form = form_of(*index, revision);
    const int64_t call = price.call.value_or(form.call) - form.call;
    if (form.item_size == 0)
        return call;
    const size_t items = form.counts_partial ? (input.size() + form.item_size - 1) / form.item_size
                                             : input.size() / form.item_size;
    return call + (price.item.value_or(form.item) - form.item) * static_cast<int64_t>(items);
}

} // namespace braid::precompiles
