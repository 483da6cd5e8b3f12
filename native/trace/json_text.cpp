#include "trace/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace braid::trace {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// As many bytes as any processor looks at in one step.
typedef uint8_t Lanes __attribute__((vector_size(16)));

/// The digits of numbers below 16.
Lanes digits_of(Lanes nibbles) noexcept {
    constexpr uint8_t letters = 'a' - '0' - 10;
    return nibbles + '0' + (Lanes(nibbles > 9) & letters);
}

/// Writes both digits of 16 bytes.
void put_digits(const uint8_t* bytes, char* out) noexcept {
    Lanes value;
    std::memcpy(&value, bytes, sizeof(value));
    const Lanes high = digits_of(value >> 4);
    const Lanes low = digits_of(value & 15);
    const Lanes first =
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const Lanes second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                 13, 29, 14, 30, 15, 31);
    std::memcpy(out, &first, sizeof(first));
    std::memcpy(out + sizeof(first), &second, sizeof(second));
}

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
    const size_t needed = text_.size() + 2 * value.size();
    if (needed > text_.capacity())
        text_.reserve(std::max(needed, 2 * text_.capacity()));
    // Through a part of the stack: a text that grows is filled with zeros first.
    char part[1024];
    while (!value.empty()) {
        const BytesView taken = value.first(std::min(value.size(), sizeof(part) / 2));
        char* out = part;
        size_t at = 0;
        for (; at + sizeof(Lanes) <= taken.size(); at += sizeof(Lanes), out += 2 * sizeof(Lanes))
            put_digits(taken.data() + at, out);
        for (; at < taken.size(); ++at) {
            *out++ = hex_digits[taken[at] >> 4];
            *out++ = hex_digits[taken[at] & 15];
        }
        text_.append(part, out);
        value = value.subspan(taken.size());
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
    // The digits of all bytes behind what may stand before the first that counts.
    constexpr std::string_view prefix = "\"0x";
    char text[prefix.size() + 64 + 1];
    char* const all = text + prefix.size();
    put_digits(bytes.bytes, all);
    put_digits(bytes.bytes + 16, all + 32);
    all[64] = '"';
    char* first = all + 64 - 2 * size;
    if (*first == '0')
        ++first;
    first -= prefix.size();
    std::memcpy(first, prefix.data(), prefix.size());
    text_.append(first, all + 65);
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
            text_ += hex_digits[first >> 4];
            text_ += hex_digits[first & 15];
        }
        value = value.subspan(length == 0 ? 1 : length);
    }
    text_ += '"';
}

} // namespace braid::trace
