/// Containers that a transaction fills and the next one reuses without clearing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace braid {

/// Empties a vector, and gives back its memory where that is beyond so many bytes.
template <typename Item>
void trim(std::vector<Item>& items, size_t bytes) noexcept {
    items.clear();
    if (items.capacity() * sizeof(Item) > bytes)
        std::vector<Item>{}.swap(items);
}

/// An open-addressing table of pointers whose reset is O(1): an entry counts only while its epoch
/// is the table's. Entries are never removed one by one. Single-threaded.
template <typename Record>
class EpochTable {
  public:
    /// Starts with room for `capacity / 2` records; `capacity` is a power of two.
    explicit EpochTable(size_t capacity) : entries_(capacity) {}

    /// Forgets all records.
    void reset() noexcept {
        count_ = 0;
        if (++epoch_ == 0) { // wrapped: stale entries would look alive
            for (Entry& entry : entries_)
                entry = {};
            epoch_ = 1;
        }
    }

    /// The record with this hash for which `matches(record)` holds, or null.
    template <typename Matches>
    [[nodiscard]] Record* find(uint64_t hash, Matches&& matches) const noexcept {
        const size_t mask = entries_.size() - 1;
        const uint32_t tag = tag_of(hash);
        for (size_t position = hash & mask;; position = (position + 1) & mask) {
            const Entry& entry = entries_[position];
            if (entry.epoch != epoch_)
                return nullptr;
            if (entry.tag == tag && matches(*entry.record))
                return entry.record;
        }
    }

    /// Adds a record that find() does not know. Its hash is asked again, as `record.hash`, when
    /// the table grows.
    void insert(Record& record) {
        if ((count_ + 1) * 2 > entries_.size())
            grow();
        place(record);
        ++count_;
    }

    /// Forgets all records, and gives back what is beyond room for so many entries.
    void trim(size_t capacity) {
        reset();
        if (entries_.size() > capacity)
            entries_ = std::vector<Entry>(capacity);
    }

  private:
    struct Entry {
        uint32_t epoch = 0;
        uint32_t tag = 0;
        Record* record = nullptr;
    };

    static uint32_t tag_of(uint64_t hash) noexcept { return static_cast<uint32_t>(hash >> 32); }

    void place(Record& record) noexcept {
        const size_t mask = entries_.size() - 1;
        size_t position = record.hash & mask;
        while (entries_[position].epoch == epoch_)
            position = (position + 1) & mask;
        entries_[position] = {epoch_, tag_of(record.hash), &record};
    }

    void grow() {
        std::vector<Entry> old(entries_.size() * 2);
        old.swap(entries_);
        for (const Entry& entry : old)
            if (entry.epoch == epoch_)
                place(*entry.record);
    }

    std::vector<Entry> entries_;
    size_t count_ = 0;
    uint32_t epoch_ = 1;
};

/// Records at stable addresses, handed out one after another and all taken back at once. A record
/// taken again holds what it held before: the caller initialises it.
template <typename Record, size_t chunk_size = 64>
class RecordArena {
  public:
    /// The next record.
    [[nodiscard]] Record& take() {
        if (count_ == chunks_.size() * chunk_size)
            chunks_.push_back(std::make_unique<Chunk>());
        Record& record = (*this)[count_];
        ++count_;
        return record;
    }

    /// Takes all records back.
    void reset() noexcept { count_ = 0; }

    /// Takes all records back, and gives back what is beyond so many bytes.
    void trim(size_t bytes) noexcept {
        count_ = 0;
        if (chunks_.size() > bytes / sizeof(Chunk))
            chunks_.resize(bytes / sizeof(Chunk));
    }

    /// The number of records handed out.
    [[nodiscard]] size_t size() const noexcept { return count_; }

    /// The record handed out as number `index`.
    [[nodiscard]] Record& operator[](size_t index) noexcept {
        return (*chunks_[index / chunk_size])[index % chunk_size];
    }
    [[nodiscard]] const Record& operator[](size_t index) const noexcept {
        return (*chunks_[index / chunk_size])[index % chunk_size];
    }

  private:
    using Chunk = std::array<Record, chunk_size>;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    size_t count_ = 0;
};

} // namespace braid
