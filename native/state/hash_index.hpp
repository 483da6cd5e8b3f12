/// The position table under the in-memory states: hashes in, dense indices out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid::state {

/// Open addressing with linear probing over (tag, index) pairs; the records themselves live in the
/// owner's dense array, so that iteration, copying and clearing are plain array work. Entries are
/// never removed one by one.
///
/// Any number of threads may call find() at once; insert() and clear() need exclusive access.
class HashIndex {
  public:
    /// What find() answers where nothing matches.
    static constexpr uint32_t none = ~uint32_t{0};

    /// What the table takes for a record at least: it is never more than half full.
    static constexpr size_t bytes_per_record = 2 * 2 * sizeof(uint32_t);

    /// The index of the record with this hash for which `matches(index)` holds, or `none`.
    template <typename Matches>
    [[nodiscard]] uint32_t find(uint64_t hash, Matches&& matches) const noexcept {
        if (slots_.empty())
            return none;
        const size_t mask = slots_.size() - 1;
        const uint32_t tag = tag_of(hash);
        for (size_t position = hash & mask;; position = (position + 1) & mask) {
            const Slot& slot = slots_[position];
            if (slot.index_plus_one == 0)
                return none;
            if (slot.tag == tag && matches(slot.index_plus_one - 1))
                return slot.index_plus_one - 1;
        }
    }

    /// Adds a record that find() does not know. `hash_at(index)` gives the hash of any record
    /// added before; it is asked when the table grows.
    template <typename HashAt>
    void insert(uint64_t hash, uint32_t index, HashAt&& hash_at) {
        if ((count_ + 1) * 2 > slots_.size())
            grow(slots_.empty() ? 64 : slots_.size() * 2, hash_at);
        place(hash, index);
        ++count_;
    }

    /// Makes room for `count` records in all.
    template <typename HashAt>
    void reserve(size_t count, HashAt&& hash_at) {
        size_t capacity = 64;
        while (capacity < count * 2)
            capacity *= 2;
        if (capacity > slots_.size())
            grow(capacity, hash_at);
    }

    /// Forgets all records and keeps the memory.
    void clear() noexcept {
        for (Slot& slot : slots_)
            slot = {};
        count_ = 0;
    }

    /// The number of records.
    [[nodiscard]] size_t size() const noexcept { return count_; }

  private:
    struct Slot {
        uint32_t tag = 0;
        uint32_t index_plus_one = 0;
    };

    static uint32_t tag_of(uint64_t hash) noexcept { return static_cast<uint32_t>(hash >> 32); }

    void place(uint64_t hash, uint32_t index) noexcept {
        const size_t mask = slots_.size() - 1;
        size_t position = hash & mask;
        while (slots_[position].index_plus_one != 0)
            position = (position + 1) & mask;
        slots_[position] = {tag_of(hash), index + 1};
    }

    template <typename HashAt>
    void grow(size_t capacity, HashAt&& hash_at) {
        std::vector<Slot> old(capacity);
        old.swap(slots_);
        for (const Slot& slot : old)
            if (slot.index_plus_one != 0)
                place(hash_at(slot.index_plus_one - 1), slot.index_plus_one - 1);
    }

    std::vector<Slot> slots_;
    size_t count_ = 0;
};

} // namespace braid::state
