/// What every precompiled contract consists of.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace braid::precompiles {

/// The buffer for answers. It only grows, so that a reused one costs nothing.
class OutputBuffer {
  public:
    explicit OutputBuffer(std::vector<uint8_t>& bytes) noexcept : bytes_{bytes} {}

    /// Room for an answer of `size` bytes, uninitialised.
    [[nodiscard]] uint8_t* take(size_t size) noexcept {
        if (bytes_.size() < size)
            bytes_.resize(size);
        return bytes_.data();
    }

  private:
    std::vector<uint8_t>& bytes_;
};

/// What a contract answers to an input that is paid for.
struct Answer {
    evmc_status_code status;
    size_t size;

    static constexpr Answer success(size_t size) noexcept { return {EVMC_SUCCESS, size}; }
    static constexpr Answer failure() noexcept { return {EVMC_PRECOMPILE_FAILURE, 0}; }
    static constexpr Answer out_of_memory() noexcept { return {EVMC_OUT_OF_MEMORY, 0}; }
};

/// The price of a call; unpayable_gas stands for everything beyond the numbers.
using GasCost = int64_t (*)(BytesView input) noexcept;

/// The work of a call.
using Run = Answer (*)(BytesView input, OutputBuffer& output) noexcept;

/// A precompiled contract under some rule set.
struct Contract {
    GasCost gas_cost;
    Run run;
};

inline constexpr int64_t unpayable_gas = std::numeric_limits<int64_t>::max();

/// Copies the input into `padded`, cut off or filled up with zeros on the right to its size.
template <size_t size>
void pad_right(BytesView input, uint8_t (&padded)[size]) noexcept {
    const size_t copied = std::min(input.size(), size);
    if (copied != 0)
        std::memcpy(padded, input.data(), copied);
    std::memset(padded + copied, 0, size - copied);
}

} // namespace braid::precompiles
