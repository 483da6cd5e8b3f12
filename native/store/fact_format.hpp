/// How facts lie in their file.
#pragma once

#include "store/environment.hpp"

#include <array>
#include <cstring>
#include <optional>

namespace braid::store::facts {

// info:   "version": the format's; "clock": how often was written.
// scopes: a scope: its number, the time when it was used last, each 8 bytes, big-endian.
// facts:  the scope's number, the key: checksum, value.
// codes:  the hash: the code.
inline constexpr Table info_table{0};
inline constexpr Table scope_table{1};
inline constexpr Table fact_table{2};
inline constexpr Table code_table{3};
inline constexpr std::array<const char*, 4> fact_table_names{"answers", "scopes", "facts",
                                                             "shared_codes"};

inline constexpr std::array<uint8_t, 1> version_key{'v'};
inline constexpr std::array<uint8_t, 1> clock_key{'c'};
inline constexpr std::array<uint8_t, 1> version{1};
inline constexpr size_t number_size = 8;
inline constexpr size_t scope_size = 16;
inline constexpr size_t checksum_size = 8;
inline constexpr size_t largest_key = 256;

/// The key of a fact in its table.
class FactKey {
  public:
    FactKey(BytesView number, BytesView key) noexcept : size_{number_size + key.size()} {
        std::memcpy(bytes_.data(), number.data(), number_size);
        if (!key.empty())
            std::memcpy(bytes_.data() + number_size, key.data(), key.size());
    }
    [[nodiscard]] BytesView view() const noexcept { return {bytes_.data(), size_}; }

  private:
    std::array<uint8_t, number_size + largest_key> bytes_;
    size_t size_;
};

[[nodiscard]] inline bool is_key(BytesView key) noexcept {
    return !key.empty() && key.size() <= largest_key;
}

/// What a record of a fact begins with.
[[nodiscard]] Bytes32 checksum_of(const Bytes32& scope, BytesView key, BytesView value);

/// The value of a record, where it is what was written.
[[nodiscard]] std::optional<BytesView> value_in(const Bytes32& scope, BytesView key,
                                                BytesView record);

} // namespace braid::store::facts
