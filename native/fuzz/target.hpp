/// What a fuzz target consists of: libFuzzer's entry points, which driver.cpp serves too where the
/// compiler has no libFuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" {

/// Runs the target on an input. Must not depend on earlier inputs. Returns 0, or -1 where the input
/// is of no use and need not be kept.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/// Optional: changes an input in place, up to `max_size` bytes; the new size.
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed);

/// The fuzzer's own way to change an input, for the custom ones to fall back to.
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
}

namespace braid::fuzz {

/// Ends the process because the input under way led to what must not be. The fuzzer keeps it.
[[noreturn]] inline void finding(const std::string& text) {
    std::fprintf(stderr, "finding: %s\n", text.c_str());
    std::abort();
}

} // namespace braid::fuzz
