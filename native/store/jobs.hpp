/// Work that a store has done by others.
#pragma once

#include <cstddef>
#include <type_traits>

namespace braid::store {

/// Calls a function for each number below a count, on as many threads as whoever made it likes, and
/// returns when all calls have ended. The default does it all on the calling thread. The store is
/// handed one, since thread pools live above it.
struct JobRunner {
    using Call = void (*)(void* job, size_t index);
    /// `pool` as below.
    void (*run_all)(void* pool, size_t count, Call call, void* job) = nullptr;
    void* pool = nullptr;

    template <typename Body>
    void run(size_t count, Body&& body) const {
        const Call call = [](void* job, size_t index) {
            (*static_cast<std::remove_reference_t<Body>*>(job))(index);
        };
        if (run_all != nullptr && count > 1) {
            run_all(pool, count, call, &body);
            return;
        }
        for (size_t i = 0; i < count; ++i)
            body(i);
    }
};

} // namespace braid::store
