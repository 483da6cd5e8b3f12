#include "base/keyed_hash.hpp"

#include <chrono>
#if defined(__APPLE__)
#include <sys/random.h>
#else
#include <unistd.h>
#endif

namespace braid {

HashKey random_hash_key() noexcept {
    HashKey key;
    static_assert(sizeof(key) <= 256); // what getentropy() gives at once
    if (getentropy(&key, sizeof(key)) == 0)
        return key;
    // A sandbox without it: where this process lies and what time it is are better than nothing.
    const auto place = reinterpret_cast<uintptr_t>(&hash_key) ^
                       mix64(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    const auto now = std::chrono::high_resolution_clock::now().time_since_epoch().count();
    return hash_key_of(mix64(place) ^ static_cast<uint64_t>(now));
}

HashKey hash_key = random_hash_key();

HashKey hash_key_of(uint64_t seed) noexcept {
    HashKey key;
    const auto fill = [&](auto& words) {
        for (uint64_t& word : words)
            word = mix64(seed += 0x9e3779b97f4a7c15ULL); // splitmix64
    };
    fill(key.bytes32);
    fill(key.address);
    return key;
}

} // namespace braid
