#include "parallel/stack_room.hpp"

#include <cstdint>
#include <pthread.h>

namespace braid::parallel {

namespace {

/// The lowest address of the calling thread's stack; the highest of all where it is not known.
uintptr_t find_stack_end() noexcept {
#if defined(__APPLE__)
    const auto top = reinterpret_cast<uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
    return top - pthread_get_stacksize_np(pthread_self());
#elif defined(__linux__)
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return UINTPTR_MAX;
    void* lowest = nullptr;
    size_t size = 0;
    const bool known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
    pthread_attr_destroy(&attributes);
    return known ? reinterpret_cast<uintptr_t>(lowest) : UINTPTR_MAX;
#else
    return UINTPTR_MAX;
#endif
}

} // namespace

size_t stack_room() noexcept {
    // A thread's stack stays where it is; finding it out takes system calls.
    static thread_local const uintptr_t end = find_stack_end();
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    return here > end ? here - end : 0;
}

} // namespace braid::parallel
