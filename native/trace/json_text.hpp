/// JSON as traces need it: hex, quantities and texts, written one after another.
#pragma once

#include "base/uint256.hpp"

#include <string>
#include <string_view>

namespace braid::trace {

/// Appends to a text. Members and commas are up to whoever writes.
class JsonText {
  public:
    explicit JsonText(std::string& text) noexcept : text_{text} {}

    /// Makes room for so many more characters, where it is known that they come.
    void reserve(size_t more) { text_.reserve(text_.size() + more); }

    /// Text that is JSON already.
    void raw(std::string_view json) { text_ += json; }

    /// A decimal number.
    void number(uint64_t value);

    /// `"0x…"`, two digits a byte.
    void bytes(BytesView value);
    void bytes(const Address& value) { bytes(BytesView{value.bytes, sizeof(value.bytes)}); }
    void bytes(const Bytes32& value) { bytes(BytesView{value.bytes, sizeof(value.bytes)}); }

    /// `"0x…"` without leading zeros, `"0x0"` for zero.
    void quantity(uint64_t value);
    void quantity(const uint256& value);

    /// A string. Bytes that are no UTF-8 become U+FFFD, one each.
    void string(BytesView value);
    void string(std::string_view value) {
        string(BytesView{reinterpret_cast<const uint8_t*>(value.data()), value.size()});
    }

    /// Two digits a byte, and nothing around them.
    void digits(BytesView value);

  private:
    std::string& text_;
};

} // namespace braid::trace
