#include "trace/json_text.hpp"

#include <array>
#include <charconv>

namespace braid::trace {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// Both digits of every byte.
constexpr std::array<char, 512> digit_pairs = [] {
    std::array<char, 512> pairs{};
    for (size_t i = 0; i < 256; ++i) {
        pairs[2 * i] = hex_digits[i >> 4];
        pairs[2 * i + 1] = hex_digits[i & 15];
    }
    return pairs;
}();

/// The length of the well-formed UTF-8 sequence that bytes start with (Unicode, table 3-7); 0:
/// none.
size_t sequence_length(BytesView bytes) noexcept {
    const uint8_t first = bytes[0];
    const auto follows = [&](size_t at, uint8_t low, uint8_t high) {
        return at < bytes.size() && bytes[at] >= low && bytes[at] <= high;
    };
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return follows(1, 0x80, 0xbf) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const uint8_t low = first == 0xe0 ? 0xa0 : 0x80;
        const uint8_t high = first == 0xed ? 0x9f : 0xbf;
        return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const uint8_t low = first == 0xf0 ? 0x90 : 0x80;
        const uint8_t high = first == 0xf4 ? 0x8f : 0xbf;
        return follows(1, low, high) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

} // namespace

void JsonText::number(uint64_t value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    text_.append(digits, end);
}

void JsonText::digits(BytesView value) {
    const size_t start = text_.size();
    text_.resize(start + 2 * value.size());
    char* out = text_.data() + start;
    for (const uint8_t byte : value) {
        *out++ = digit_pairs[2 * size_t{byte}];
        *out++ = digit_pairs[2 * size_t{byte} + 1];
    }
}

void JsonText::bytes(BytesView value) {
    text_ += "\"0x";
    digits(value);
    text_ += '"';
}

void JsonText::quantity(uint64_t value) { quantity(uint256{value}); }

void JsonText::quantity(const uint256& value) {
    const Bytes32 bytes = to_bytes32(value);
    const unsigned size = value ? significant_bytes(value) : 1;
    const uint8_t* first = bytes.bytes + 32 - size;
    text_ += "\"0x";
    if (*first < 16)
        text_ += hex_digits[*first++];
    digits({first, static_cast<size_t>(bytes.bytes + 32 - first)});
    text_ += '"';
}

void JsonText::string(BytesView value) {
    text_ += '"';
    while (!value.empty()) {
        const size_t length = sequence_length(value);
        const uint8_t first = value[0];
        if (length == 0) {
            text_ += "\xef\xbf\xbd"; // U+FFFD
        } else if (length > 1) {
            text_.append(reinterpret_cast<const char*>(value.data()), length);
        } else if (first == '"' || first == '\\') {
            text_ += '\\';
            text_ += static_cast<char>(first);
        } else if (first >= 0x20) {
            text_ += static_cast<char>(first);
        } else {
            text_ += "\\u00";
            text_ += digit_pairs[2 * size_t{first}];
            text_ += digit_pairs[2 * size_t{first} + 1];
        }
        value = value.subspan(length == 0 ? 1 : length);
    }
    text_ += '"';
}

} // namespace braid::trace
