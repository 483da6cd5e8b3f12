#include "trace/revert_reason.hpp"

#include "base/uint256.hpp"

#include <string_view>

namespace braid::trace {
namespace {

// The first bytes of keccak256("Error(string)") and keccak256("Panic(uint256)").
constexpr uint8_t error_selector[4] = {0x08, 0xc3, 0x79, 0xa0};
constexpr uint8_t panic_selector[4] = {0x4e, 0x48, 0x7b, 0x71};

bool starts_with(BytesView data, const uint8_t (&selector)[4]) noexcept {
    return data.size() >= 4 && std::memcmp(data.data(), selector, sizeof(selector)) == 0;
}

/// Solidity's panic codes, in geth's words.
std::string_view panic_text(uint64_t code) noexcept {
    switch (code) {
    case 0x00:
        return "generic panic";
    case 0x01:
        return "assert(false)";
    case 0x11:
        return "arithmetic underflow or overflow";
    case 0x12:
        return "division or modulo by zero";
    case 0x21:
        return "enum overflow";
    case 0x22:
        return "invalid encoded storage byte array accessed";
    case 0x31:
        return "out-of-bounds array access; popping on an empty array";
    case 0x32:
        return "out-of-bounds access of an array or bytesN";
    case 0x41:
        return "out of memory";
    case 0x51:
        return "uninitialized function";
    default:
        return {};
    }
}

std::string unknown_panic(const uint256& code) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "unknown panic code: 0x";
    const Bytes32 bytes = to_bytes32(code);
    bool has_begun = false;
    for (const uint8_t byte : bytes.bytes) {
        for (const unsigned digit : {byte >> 4, byte & 15}) {
            has_begun |= digit != 0;
            if (has_begun)
                text += digits[digit];
        }
    }
    return has_begun ? text : text + '0';
}

/// The string that the arguments of Error(string) encode (the ABI's head and tail); nothing where
/// they do not.
std::string error_string(BytesView arguments) {
    if (arguments.size() < 32)
        return {};
    const uint256 offset = load_uint256(arguments.data());
    if (!offset.fits_uint64() || offset.word[0] > arguments.size() ||
        arguments.size() - offset.word[0] < 32)
        return {};
    const BytesView tail = arguments.subspan(offset.word[0]);
    const uint256 size = load_uint256(tail.data());
    if (!size.fits_uint64() || size.word[0] > tail.size() - 32)
        return {};
    return {reinterpret_cast<const char*>(tail.data()) + 32, size.word[0]};
}

} // namespace

std::string revert_reason(BytesView data) {
    if (starts_with(data, error_selector))
        return error_string(data.subspan(4));
    if (!starts_with(data, panic_selector) || data.size() < 36)
        return {};
    const uint256 code = load_uint256(data.data() + 4);
    if (const std::string_view text = code.fits_uint64() ? panic_text(code.word[0]) : "";
        !text.empty())
        return std::string{text};
    return unknown_panic(code);
}

} // namespace braid::trace
