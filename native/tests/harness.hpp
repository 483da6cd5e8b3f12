/// A minimal test registry: the native tests need no package to be installed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace braid::test {

/// One registered test.
struct Case {
    const char* name;
    void (*run)();
};

/// All tests linked into the binary, in order of initialisation.
inline std::vector<Case>& registry() {
    static std::vector<Case> cases;
    return cases;
}

/// How many checks have failed so far in this process.
inline int& failure_count() {
    static int failures = 0;
    return failures;
}

/// What this processor lacks and some test needs, each once, in the order of the tests.
inline std::vector<std::string>& lacking() {
    static std::vector<std::string> names;
    return names;
}

/// Whether the processor has what a test needs; where it has not, the run says so at its end.
inline bool has(bool feature, const char* name) {
    if (!feature && std::find(lacking().begin(), lacking().end(), name) == lacking().end())
        lacking().emplace_back(name);
    return feature;
}

/// Adds a test to the registry at start-up.
struct Registrar {
    Registrar(const char* name, void (*run)()) { registry().push_back({name, run}); }
};

/// Records a failed check and says where it stands.
inline void fail(const char* file, int line, const char* text, const std::string& detail = {}) {
    ++failure_count();
    std::fprintf(stderr, "%s:%d: check failed: %s%s%s\n", file, line, text,
                 detail.empty() ? "" : ": ", detail.c_str());
}

/// What a failed comparison shows of a value: strings and numbers, nothing of other types.
template <typename Value>
std::string show(const Value& value) {
    if constexpr (std::is_convertible_v<const Value&, std::string_view>)
        return std::string(std::string_view(value));
    else if constexpr (std::is_integral_v<Value>)
        return std::to_string(value);
    else
        return {};
}

/// Decodes hex, with or without 0x. Aborts the test program on a malformed literal.
inline std::vector<uint8_t> from_hex(std::string_view text) {
    if (text.starts_with("0x"))
        text.remove_prefix(2);
    const auto nibble = [](char c) -> int {
        if (c >= '0' && c <= '9')
            return c - '0';
        if (c >= 'a' && c <= 'f')
            return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
            return c - 'A' + 10;
        return -1;
    };
    std::vector<uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = nibble(text[i]);
        const int low = nibble(text[i + 1]);
        if (high < 0 || low < 0) {
            std::fprintf(stderr, "malformed hex in a test\n");
            std::abort();
        }
        bytes.push_back(static_cast<uint8_t>(high * 16 + low));
    }
    return bytes;
}

/// Encodes bytes as lower-case hex without a prefix.
inline std::string to_hex(const uint8_t* data, size_t size) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(size * 2);
    for (size_t i = 0; i < size; ++i) {
        text.push_back(digits[data[i] >> 4]);
        text.push_back(digits[data[i] & 15]);
    }
    return text;
}

/// Encodes any contiguous byte container as lower-case hex.
template <typename Bytes>
std::string to_hex(const Bytes& bytes) {
    return to_hex(bytes.data(), bytes.size());
}

} // namespace braid::test

#define BRAID_TEST_JOIN_(a, b) a##b
#define BRAID_TEST_JOIN(a, b) BRAID_TEST_JOIN_(a, b)
#define BRAID_TEST_CASE(name, function)                                                            \
    static void function();                                                                        \
    static const ::braid::test::Registrar BRAID_TEST_JOIN(function, _registrar){name, function};   \
    static void function()

/// Defines a test: TEST("what holds") { ... }
#define TEST(name) BRAID_TEST_CASE(name, BRAID_TEST_JOIN(braid_test_, __LINE__))

/// Fails the test, and goes on, where the condition is false.
#define CHECK(...)                                                                                 \
    do {                                                                                           \
        if (!(__VA_ARGS__))                                                                        \
            ::braid::test::fail(__FILE__, __LINE__, #__VA_ARGS__);                                 \
    } while (false)

/// Fails the test, and goes on, where the two values differ. Strings and numbers are printed.
#define CHECK_EQ(actual, expected)                                                                 \
    do {                                                                                           \
        const auto& braid_actual = (actual);                                                       \
        const auto& braid_expected = (expected);                                                   \
        if (!(braid_actual == braid_expected))                                                     \
            ::braid::test::fail(__FILE__, __LINE__, #actual " == " #expected,                      \
                                ::braid::test::show(braid_actual));                                \
    } while (false)
