/// How many random blocks a test takes.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace braid::test {

/// What BRAID_PARALLEL_BLOCKS says, else this.
inline uint64_t random_runs(uint64_t otherwise) {
    const char* text = std::getenv("BRAID_PARALLEL_BLOCKS");
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace braid::test
