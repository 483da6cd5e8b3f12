/// Between the structures of EVMC 12 and those of EVMC 18.
///
/// What only one of them has is left out or zero: a creation's salt, a result's create_address,
/// a transaction's initcodes, the block's slot number.
#pragma once

#include "evmc/evmc18.h"

#include <cstddef>

namespace braid::evmc {

/// The EVMC 18 number of a revision. False where it has none (Constantinople, unknown ones).
[[nodiscard]] constexpr bool to_18(evmc_revision revision, evmc18_revision& converted) noexcept {
    if (revision < EVMC_FRONTIER || revision > EVMC_MAX_REVISION || revision == EVMC_CONSTANTINOPLE)
        return false;
    const bool is_between = revision > EVMC_CONSTANTINOPLE && revision <= EVMC_OSAKA;
    converted = static_cast<evmc18_revision>(revision - (is_between ? 1 : 0));
    return true;
}

/// The EVMC 12 number of a revision. False where it has none (Amsterdam, unknown ones).
[[nodiscard]] constexpr bool to_12(evmc18_revision revision, evmc_revision& converted) noexcept {
    if (revision < EVMC18_FRONTIER || revision > EVMC18_EXPERIMENTAL ||
        revision == EVMC18_AMSTERDAM)
        return false;
    const bool is_between = revision >= EVMC18_PETERSBURG && revision <= EVMC18_OSAKA;
    converted = static_cast<evmc_revision>(revision + (is_between ? 1 : 0));
    return true;
}

/// The fields that both messages have. The data they point to is shared.
template <class To, class From>
[[nodiscard]] To convert_message(const From& from) noexcept {
    To to{};
    to.kind = from.kind;
    to.flags = from.flags;
    to.depth = from.depth;
    to.gas = from.gas;
    to.recipient = from.recipient;
    to.sender = from.sender;
    to.input_data = from.input_data;
    to.input_size = from.input_size;
    to.value = from.value;
    to.code_address = from.code_address;
    to.code = from.code;
    to.code_size = from.code_size;
    return to;
}

[[nodiscard]] inline evmc18_message to_18(const evmc_message& message) noexcept {
    return convert_message<evmc18_message>(message);
}
[[nodiscard]] inline evmc_message to_12(const evmc18_message& message) noexcept {
    return convert_message<evmc_message>(message);
}

// An EVMC 12 result starts as an EVMC 18 result does, so a function that releases the one finds
// everything where it looks for it in the other. That is why `release` can be handed on.
static_assert(offsetof(evmc_result, status_code) == offsetof(evmc18_result, status_code));
static_assert(offsetof(evmc_result, gas_left) == offsetof(evmc18_result, gas_left));
static_assert(offsetof(evmc_result, gas_refund) == offsetof(evmc18_result, gas_refund));
static_assert(offsetof(evmc_result, output_data) == offsetof(evmc18_result, output_data));
static_assert(offsetof(evmc_result, output_size) == offsetof(evmc18_result, output_size));
static_assert(offsetof(evmc_result, release) == offsetof(evmc18_result, release));
static_assert(offsetof(evmc_result, create_address) == sizeof(evmc18_result));

/// The same outcome; what the result owned is owned by the converted one.
[[nodiscard]] inline evmc18_result to_18(const evmc_result& result) noexcept {
    return {result.status_code, result.gas_left,
            result.gas_refund,  result.output_data,
            result.output_size, reinterpret_cast<evmc18_release_result_fn>(result.release)};
}
[[nodiscard]] inline evmc_result to_12(const evmc18_result& result) noexcept {
    return {result.status_code,
            result.gas_left,
            result.gas_refund,
            result.output_data,
            result.output_size,
            reinterpret_cast<evmc_release_result_fn>(result.release),
            {},
            {}};
}

/// The fields that both contexts have. The blob hashes are shared.
template <class To, class From>
[[nodiscard]] To convert_context(const From& from) noexcept {
    To to{};
    to.tx_gas_price = from.tx_gas_price;
    to.tx_origin = from.tx_origin;
    to.block_coinbase = from.block_coinbase;
    to.block_number = from.block_number;
    to.block_timestamp = from.block_timestamp;
    to.block_gas_limit = from.block_gas_limit;
    to.block_prev_randao = from.block_prev_randao;
    to.chain_id = from.chain_id;
    to.block_base_fee = from.block_base_fee;
    to.blob_base_fee = from.blob_base_fee;
    to.blob_hashes = from.blob_hashes;
    to.blob_hashes_count = from.blob_hashes_count;
    return to;
}

[[nodiscard]] inline evmc18_tx_context to_18(const evmc_tx_context& context) noexcept {
    return convert_context<evmc18_tx_context>(context);
}
[[nodiscard]] inline evmc_tx_context to_12(const evmc18_tx_context& context) noexcept {
    return convert_context<evmc_tx_context>(context);
}

} // namespace braid::evmc
