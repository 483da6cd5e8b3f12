/// Writing of RLP (Yellow Paper, appendix B).
#pragma once

#include "base/bytes.hpp"

namespace braid {

/// Writes RLP from the last byte to the first, so that a list's header is written when the size of
/// its payload is known: write the items of a list last to first, then call list() with the end of
/// what they take. The memory is the caller's, and so is the care for enough of it.
class RlpWriter {
  public:
    /// The most bytes that stand in front of a payload.
    static constexpr size_t max_header_size = 1 + sizeof(uint64_t);
    /// The most bytes that a number takes.
    static constexpr size_t max_number_size = max_header_size;

    /// Writes below `end`.
    explicit RlpWriter(uint8_t* end) noexcept : position_{end} {}

    /// The first byte written.
    [[nodiscard]] uint8_t* position() const noexcept { return position_; }

    /// What is written below `end`.
    [[nodiscard]] BytesView written(const uint8_t* end) const noexcept { return {position_, end}; }

    /// Bytes as they are, without a header.
    void raw(BytesView bytes) noexcept {
        position_ -= bytes.size();
        if (!bytes.empty())
            std::memcpy(position_, bytes.data(), bytes.size());
    }

    /// One byte as it is, without a header.
    void byte(uint8_t value) noexcept { *--position_ = value; }

    /// A byte string.
    void string(BytesView bytes) noexcept {
        const uint8_t* const end = position_;
        raw(bytes);
        string(end);
    }

    /// Makes what was written since the position was `end` one byte string.
    void string(const uint8_t* end) noexcept {
        const auto size = static_cast<size_t>(end - position_);
        if (size != 1 || *position_ >= string_base)
            header(size, string_base);
    }

    /// A number, without leading zeros.
    void number(uint64_t value) noexcept {
        const uint8_t* const end = position_;
        for (; value != 0; value >>= 8)
            byte(static_cast<uint8_t>(value));
        string(end);
    }

    /// Makes what was written since the position was `end` a list.
    void list(const uint8_t* end) noexcept {
        header(static_cast<size_t>(end - position_), list_base);
    }

  private:
    static constexpr uint8_t string_base = 0x80;
    static constexpr uint8_t list_base = 0xc0;
    /// Payloads up to so many bytes have a header of one byte.
    static constexpr size_t max_short_size = 55;

    void header(size_t size, uint8_t base) noexcept {
        if (size <= max_short_size) {
            byte(static_cast<uint8_t>(base + size));
            return;
        }
        uint8_t count = 0;
        for (; size != 0; size >>= 8, ++count)
            byte(static_cast<uint8_t>(size));
        byte(static_cast<uint8_t>(base + max_short_size + count));
    }

    uint8_t* position_;
};

} // namespace braid
