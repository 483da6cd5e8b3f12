/// Gas formulas shared by several precompiled contracts.
#pragma once

#include "precompiles/contract.hpp"

namespace braid::precompiles {

/// A price that does not look at the input.
template <int64_t price>
int64_t constant_gas(BytesView) noexcept {
    return price;
}

/// A price for the call and one for each 32-byte word of input, the last one maybe partial.
template <int64_t base, int64_t per_word>
int64_t word_gas(BytesView input) noexcept {
    return base + per_word * static_cast<int64_t>((input.size() + 31) / 32);
}

/// A price for the call and one for each whole item of input.
template <size_t item_size, int64_t base, int64_t per_item>
int64_t item_gas(BytesView input) noexcept {
    return base + per_item * static_cast<int64_t>(input.size() / item_size);
}

} // namespace braid::precompiles
