#include "evm/analysis.hpp"

#include "evm/translator.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace braid::evm {

std::atomic<size_t> Analysis::all_bytes{0};

const Cell* Analysis::bad_block() noexcept {
    // No stack is as deep as this asks for.
    static constexpr Cell block{Handler::BLOCK, block_cell::always_underflows, 0};
    return &block;
}

const Cell* Analysis::decode_start(BytesView code, Translator& translator) noexcept {
    const Cell* block = go_on_at(0, code, translator);
    // release: pairs with start().
    start_.store(block, std::memory_order_release);
    return block;
}

const Cell* Analysis::jump_to(uint64_t position, BytesView code, Translator& translator) noexcept {
    if (const Cell* block = find(position))
        return block;
    return may_jump_to(position, code) ? decode(position, code, translator) : bad_block();
}

bool Analysis::may_jump_to(uint64_t position, BytesView code) noexcept {
    size_t taken = 0;
    const bool is_destination = destinations_.contain(code, position, taken);
    if (taken != 0)
        charge(taken);
    return is_destination;
}

const Cell* Analysis::go_on_at(uint64_t position, BytesView code, Translator& translator) noexcept {
    // Only JUMPDESTs are found.
    const Cell* block = find(position);
    return block != nullptr ? block : decode(position, code, translator);
}

const Cell* Analysis::follow(const Cell* cell, BytesView code, Translator& translator) noexcept {
    const uint64_t word = link::load(cell);
    if ((word & link::unresolved) == 0) // by another thread
        return link::block_of(word);
    const uint64_t position = word >> link::flag_bits;
    const Cell* block = (word & link::trusted) != 0 ? go_on_at(position, code, translator)
                                                    : jump_to(position, code, translator);
    link::resolve(cell, block);
    return block;
}

const Cell* Analysis::decode(uint64_t position, BytesView code, Translator& translator) noexcept {
    const std::span<const Cell> decoded = translator.translate(*this, code, position);
    Cell* cells = allocate(static_cast<uint32_t>(decoded.size()), translator.chunks());
    std::copy(decoded.begin(), decoded.end(), cells);
    for (const Translator::DecodedEntry& made : translator.entries()) {
        if (const size_t taken = blocks_.insert(made.position, cells + made.cell); taken != 0)
            charge(taken);
    }
    return cells;
}

Cell* Analysis::allocate(uint32_t count, ChunkPool& pool) noexcept {
    // acquire: the chunk's numbers are looked at.
    CellChunk* chunk = chunks_.load(std::memory_order_acquire);
    for (;;) {
        uint32_t capacity = first_chunk;
        if (chunk != nullptr) {
            // relaxed: each gets other cells, and publishes them by itself.
            const bool may_fit =
                chunk->used.load(std::memory_order_relaxed) + count <= chunk->capacity;
            const uint32_t at =
                may_fit ? chunk->used.fetch_add(count, std::memory_order_relaxed) : chunk->capacity;
            if (at + count <= chunk->capacity)
                return chunk->cells() + at;
            capacity = std::min(chunk->capacity * 2, largest_chunk);
        }
        CellChunk* added = pool.take(std::max(capacity, count), chunk, count);
        // release: pairs with the acquires here and above.
        if (chunks_.compare_exchange_strong(chunk, added, std::memory_order_acq_rel,
                                            std::memory_order_acquire)) {
            charge(added->size());
            return added->cells();
        }
        pool.give_back(added);
    }
}

void Analysis::charge(size_t bytes) noexcept {
    // relaxed: numbers to add up.
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    all_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Analysis::free_all(ChunkPool* pool) noexcept {
    // relaxed: whoever frees is alone.
    start_.store(nullptr, std::memory_order_relaxed);
    blocks_.clear();
    destinations_.clear();
    CellChunk* chunk = chunks_.exchange(nullptr, std::memory_order_relaxed);
    while (chunk != nullptr) {
        CellChunk* freed = std::exchange(chunk, chunk->older);
        if (pool != nullptr)
            pool->give_back(freed);
        else
            ::operator delete(freed);
    }
    all_bytes.fetch_sub(bytes_.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
}

} // namespace braid::evm
