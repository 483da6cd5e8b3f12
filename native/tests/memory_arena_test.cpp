/// The memories of nested frames at the limits of memory. Nothing here is written to, so that the
/// large chunks take no more than addresses.
#include "evm/frame.hpp"
#include "tests/harness.hpp"

namespace braid::evm {
namespace {

constexpr size_t gibibyte = size_t{1} << 30;

} // namespace

TEST("memory arena: memories move to chunks of their own, and their bytes with them") {
    MemoryArena arena;
    MemoryArena::Position position;
    size_t capacity = 0;
    CHECK(arena.at(position, capacity) == nullptr);
    CHECK_EQ(capacity, size_t{0});
    uint8_t* const first = arena.move(position, nullptr, 0, 32, capacity);
    CHECK(first != nullptr);
    CHECK(capacity >= 32);
    first[0] = 7;
    uint8_t* const second = arena.move(position, first, 1, capacity + 1, capacity);
    CHECK(second != nullptr && second != first);
    CHECK_EQ(position.chunk, size_t{1});
    CHECK_EQ(int{second[0]}, 7);
}

TEST("memory arena: together the memories have a limit, and a refusal changes nothing") {
    MemoryArena arena;
    MemoryArena::Position position;
    size_t capacity = 0;
    CHECK(arena.move(position, nullptr, 0, 8 * gibibyte + 1, capacity) == nullptr);
    CHECK_EQ(capacity, size_t{0});
    if (arena.move(position, nullptr, 0, 5 * gibibyte, capacity) == nullptr)
        return; // The system itself has less.
    const size_t before = capacity;
    MemoryArena::Position nested = position;
    CHECK(arena.move(nested, nullptr, 0, 8 * gibibyte, capacity) == nullptr);
    CHECK_EQ(nested.chunk, position.chunk);
    CHECK_EQ(capacity, before);

    arena.trim_large();
    MemoryArena::Position again;
    CHECK(arena.move(again, nullptr, 0, 5 * gibibyte, capacity) != nullptr);
}

TEST("memory arena: many chunks that are not large go as well beyond the budget") {
    MemoryArena arena;
    MemoryArena::Position position;
    size_t capacity = 0;
    for (int i = 0; i < 20; ++i)
        CHECK(arena.move(position, nullptr, 0, size_t{1} << 20, capacity) != nullptr);
    CHECK(arena.held() >= size_t{20} << 20);
    arena.trim_large();
    CHECK(arena.held() >= size_t{20} << 20);
    arena.trim();
    CHECK(arena.held() <= size_t{8} << 20);
    CHECK(arena.held() > 0);
}

} // namespace braid::evm
