/// A hash map that threads fill and read together.
///
/// Any number of threads look up and insert at once, and none waits for another. Entries are linked
/// in at the head of a bucket's chain by compare-and-swap; they never change and never leave. They
/// lie in an arena that goes with the map, so nothing is freed while it may be read, and no address
/// comes back with another meaning.
#pragma once

#include "base/bytes.hpp" // ==, for addresses and hashes as keys

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace braid::state {

/// Memory that any number of threads take from at once, lock-free but for the allocator behind it,
/// and that is given back as a whole.
class SharedArena {
  public:
    SharedArena() = default;
    SharedArena(const SharedArena&) = delete;
    SharedArena& operator=(const SharedArena&) = delete;
    /// Nobody may look at what lies in it any more.
    ~SharedArena() {
        // relaxed: the threads that took from it have been joined.
        Chunk* chunk = newest_.load(std::memory_order_relaxed);
        while (chunk != nullptr)
            delete std::exchange(chunk, chunk->before);
    }

    /// Makes an object of these members. It is never destroyed, only forgotten.
    template <typename Object, typename... Members>
    [[nodiscard]] Object* make(Members&&... members) {
        static_assert(alignof(Object) <= alignof(std::max_align_t));
        static_assert(sizeof(Object) <= chunk_size);
        static_assert(std::is_trivially_destructible_v<Object>);
        return new (take(sizeof(Object))) Object{std::forward<Members>(members)...};
    }

  private:
    static constexpr size_t chunk_size = size_t{1} << 16;

    struct Chunk {
        Chunk* before = nullptr;
        std::atomic<size_t> used{0}; ///< beyond chunk_size once somebody found it full
        alignas(std::max_align_t) std::byte memory[chunk_size];
    };

    [[nodiscard]] void* take(size_t size) {
        constexpr size_t alignment = alignof(std::max_align_t);
        size = (size + alignment - 1) / alignment * alignment;
        // acquire: the chunk was made before it was linked in.
        Chunk* chunk = newest_.load(std::memory_order_acquire);
        for (;;) {
            if (chunk != nullptr) {
                // relaxed: it only deals out places.
                const size_t start = chunk->used.fetch_add(size, std::memory_order_relaxed);
                if (start + size <= chunk_size)
                    return chunk->memory + start;
            }
            auto* const added = new Chunk;
            added->before = chunk;
            added->used.store(size, std::memory_order_relaxed); // relaxed: nobody sees it yet
            // release: whoever sees the pointer sees the chunk. acquire on failure: another
            // thread's chunk, as above.
            if (newest_.compare_exchange_strong(chunk, added, std::memory_order_release,
                                                std::memory_order_acquire))
                return added->memory;
            delete added; // somebody else's has room
        }
    }

    // Written by whoever finds the newest chunk full.
    std::atomic<Chunk*> newest_{nullptr};
};

/// The map. Keys are compared with ==; their hashes are the caller's, well mixed in the low bits.
template <typename Key, typename Value>
class InsertOnlyMap {
  public:
    /// `buckets` is a power of two. The map does not grow: many more entries than buckets make long
    /// chains.
    explicit InsertOnlyMap(size_t buckets) : buckets_(buckets) {}

    /// The value of a key, valid as long as the map; null where there is none yet. Wait-free but
    /// for the length of the chain.
    [[nodiscard]] const Value* find(uint64_t hash, const Key& key) const noexcept {
        // acquire: an entry was written before it was linked in.
        const Entry* entry = find_in(bucket_of(hash).load(std::memory_order_acquire), nullptr, key);
        return entry == nullptr ? nullptr : &entry->value;
    }

    /// Gives a key its value, unless it has one. Lock-free: an exchange that fails means that
    /// another entry went in.
    void insert(uint64_t hash, const Key& key, const Value& value) {
        std::atomic<const Entry*>& bucket = bucket_of(hash);
        // acquire: as in find().
        const Entry* head = bucket.load(std::memory_order_acquire);
        const Entry* searched = nullptr;
        Entry* added = nullptr;
        // Each round searches what has come since the one before. `added` stays in the arena,
        // unused, where another thread's entry for the key was faster.
        while (find_in(head, searched, key) == nullptr) {
            if (added == nullptr)
                added = arena_.make<Entry>(key, value, nullptr);
            added->next = searched = head;
            // release: whoever sees the pointer sees the entry. acquire on failure: as in find().
            if (bucket.compare_exchange_weak(head, added, std::memory_order_release,
                                             std::memory_order_acquire))
                return;
        }
    }

  private:
    /// Immutable once linked in.
    struct Entry {
        Key key;
        Value value;
        const Entry* next;
    };

    /// Finds a key in a chain, from `from` up to but not including `until`.
    static const Entry* find_in(const Entry* from, const Entry* until, const Key& key) noexcept {
        for (; from != until; from = from->next)
            if (from->key == key)
                return from;
        return nullptr;
    }

    const std::atomic<const Entry*>& bucket_of(uint64_t hash) const noexcept {
        return buckets_[hash & (buckets_.size() - 1)];
    }
    std::atomic<const Entry*>& bucket_of(uint64_t hash) noexcept {
        return buckets_[hash & (buckets_.size() - 1)];
    }

    // Chains, the latest entry first. Written by inserting threads.
    std::vector<std::atomic<const Entry*>> buckets_;
    SharedArena arena_;
};

} // namespace braid::state
