/// Contract code as the state keeps it and the EVM runs it.
#pragma once

#include "base/bytes.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace braid {

/// keccak256 of the empty string: the code hash of an account without code.
inline constexpr Bytes32 empty_code_hash{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c,
                                          0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                          0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b,
                                          0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/// Where a VM has the decoded form of a piece of code: a place that is never freed, and the number
/// of what was put there. The VM sees by the number whether it is still there.
struct DecodedPlace {
    void* place = nullptr;
    uint64_t number = 0;
};

/// Immutable contract code with its hash. Shared by every account that has it and every worker
/// that runs it; freed when the last owner lets go.
class Code {
  public:
    /// Takes the bytes and their keccak-256.
    Code(std::vector<uint8_t> bytes, const Bytes32& hash) noexcept
        : bytes_{std::move(bytes)}, hash_{hash} {}
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    /// The bytes of the contract.
    [[nodiscard]] BytesView bytes() const noexcept { return bytes_; }

    /// keccak256 of the bytes.
    [[nodiscard]] const Bytes32& hash() const noexcept { return hash_; }

    /// What note_decoded() was called with last. It may mix two calls: then the number is not that
    /// of the place. Wait-free; any thread may call it.
    [[nodiscard]] DecodedPlace decoded_place() const noexcept {
        // acquire: pairs with the release below, so a reader sees the place initialised.
        return {place_.load(std::memory_order_acquire), number_.load(std::memory_order_relaxed)};
    }

    /// Notes where the decoded form is. Wait-free; any thread may call it.
    void note_decoded(const DecodedPlace& decoded) const noexcept {
        // relaxed: a number without its place says nothing. release: see decoded_place().
        number_.store(decoded.number, std::memory_order_relaxed);
        place_.store(decoded.place, std::memory_order_release);
    }

  private:
    std::vector<uint8_t> bytes_;
    Bytes32 hash_;
    mutable std::atomic<void*> place_{nullptr};
    mutable std::atomic<uint64_t> number_{0};
};

/// Shared ownership of code.
using CodeRef = std::shared_ptr<const Code>;

} // namespace braid
