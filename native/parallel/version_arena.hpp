/// Memory for what a block's workers leave for one another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace braid::parallel {

/// Memory of one worker for one block: allocation is a bump, freeing is starting over. What lies in
/// it may be read by all; only its worker adds to it.
class VersionArena {
  public:
    /// Makes an object of these members. It is never destroyed, only forgotten.
    template <typename Object, typename... Members>
    [[nodiscard]] Object* make(Members&&... members) {
        static_assert(alignof(Object) <= alignof(std::max_align_t));
        static_assert(std::is_trivially_destructible_v<Object>);
        return new (take(sizeof(Object))) Object{std::forward<Members>(members)...};
    }

    /// A copy of the items, one behind the other.
    template <typename Item>
    [[nodiscard]] std::span<const Item> copy(std::span<const Item> items) {
        static_assert(alignof(Item) <= alignof(std::max_align_t));
        static_assert(std::is_trivially_destructible_v<Item>);
        if (items.empty())
            return {};
        auto* const first = static_cast<Item*>(take(items.size_bytes()));
        std::uninitialized_copy(items.begin(), items.end(), first);
        return {first, items.size()};
    }

    /// Takes everything back, and gives back what is beyond the budget; nobody may look at it any
    /// more.
    void reset() noexcept {
        chunk_ = 0;
        used_ = 0;
        while (held_ > kept_bytes) {
            held_ -= chunks_.back().size;
            chunks_.pop_back();
        }
    }

    /// The bytes that it holds.
    [[nodiscard]] size_t held() const noexcept { return held_; }

  private:
    static constexpr size_t chunk_size = size_t{1} << 16;
    static constexpr size_t kept_bytes = size_t{1} << 24;
    struct Chunk {
        std::unique_ptr<std::byte[]> bytes;
        size_t size;
    };
    [[nodiscard]] void* take(size_t size);

    std::vector<Chunk> chunks_;
    size_t chunk_ = 0; ///< the one in use
    size_t used_ = 0;
    size_t held_ = 0; ///< the sizes of all chunks
};

} // namespace braid::parallel
