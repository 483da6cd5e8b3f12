/// The memory that decoded cells lie in, reused.
#pragma once

#include "evm/handlers.hpp"

#include <atomic>
#include <bit>
#include <new>
#include <utility>

namespace braid::evm {

/// Decoded cells of one analysis, the next free ones at `used`. The cells follow it.
struct CellChunk {
    CellChunk* older;
    uint32_t capacity; ///< A power of two.
    std::atomic<uint32_t> used;

    [[nodiscard]] Cell* cells() noexcept { return reinterpret_cast<Cell*>(this + 1); }
    [[nodiscard]] size_t size() const noexcept {
        return sizeof(CellChunk) + capacity * sizeof(Cell);
    }
};

/// Chunks for the next analyses: memory that the system has just given costs a page fault for every
/// 4 KB, ten times what decoding into it takes. Single-threaded: one per VM.
class ChunkPool {
  public:
    ChunkPool() = default;
    ChunkPool(const ChunkPool&) = delete;
    ChunkPool& operator=(const ChunkPool&) = delete;
    ~ChunkPool() {
        for (CellChunk* chunk : free_) {
            while (chunk != nullptr)
                ::operator delete(std::exchange(chunk, chunk->older));
        }
    }

    /// A chunk for at least so many cells, `used` of them taken.
    [[nodiscard]] CellChunk* take(uint32_t cells, CellChunk* older, uint32_t used) noexcept {
        const uint32_t capacity = std::bit_ceil(cells);
        const auto size_class = static_cast<size_t>(std::countr_zero(capacity));
        void* memory;
        if (CellChunk* chunk = size_class < classes ? free_[size_class] : nullptr) {
            free_[size_class] = chunk->older;
            kept_ -= chunk->size();
            memory = chunk;
        } else {
            memory = ::operator new(sizeof(CellChunk) + capacity * sizeof(Cell));
        }
        return new (memory) CellChunk{older, capacity, used};
    }

    /// Takes a chunk that nobody looks at back.
    void give_back(CellChunk* chunk) noexcept {
        const auto size_class = static_cast<size_t>(std::countr_zero(chunk->capacity));
        if (size_class >= classes || kept_ + chunk->size() > most_kept)
            return ::operator delete(chunk);
        kept_ += chunk->size();
        chunk->older = std::exchange(free_[size_class], chunk);
    }

    /// How many bytes are kept at most.
    static constexpr size_t most_kept = size_t{1} << 19;

  private:
    static constexpr size_t classes = 14;
    CellChunk* free_[classes] = {};
    size_t kept_ = 0;
};

} // namespace braid::evm
