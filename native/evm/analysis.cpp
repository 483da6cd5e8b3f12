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
    size_t taken = 0;
    const bool is_destination = destinations_.contain(code, position, taken);
    if (taken != 0)
        charge(taken);
    return is_destination ? decode(position, code, translator) : bad_block();
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
    Cell* cells = allocate(static_cast<uint32_t>(decoded.size()));
    std::copy(decoded.begin(), decoded.end(), cells);
    for (const Translator::DecodedEntry& made : translator.entries()) {
        if (const size_t taken = blocks_.insert(made.position, cells + made.cell); taken != 0)
            charge(taken);
    }
    return cells;
}

Cell* Analysis::allocate(uint32_t count_of_cells) noexcept {
    // acquire: the chunk's numbers are looked at.
    Chunk* chunk = chunks_.load(std::memory_order_acquire);
    for (;;) {
        uint32_t capacity = first_chunk;
        if (chunk != nullptr) {
            // relaxed: each gets other cells, and publishes them by itself.
            const uint32_t at = chunk->used.load(std::memory_order_relaxed) + count_of_cells <=
                                        chunk->capacity
                                    ? chunk->used.fetch_add(count_of_cells, std::memory_order_relaxed)
                                    : chunk->capacity;
            if (at + count_of_cells <= chunk->capacity)
                return chunk->cells() + at;
            capacity = std::min(chunk->capacity * 2, largest_chunk);
        }
        capacity = std::max(capacity, count_of_cells);
        const size_t bytes = sizeof(Chunk) + capacity * sizeof(Cell);
        auto* added = new (::operator new(bytes)) Chunk{chunk, capacity, count_of_cells};
        // release: pairs with the acquire above, here in the other branch, and in clear().
        if (chunks_.compare_exchange_strong(chunk, added, std::memory_order_acq_rel,
                                            std::memory_order_acquire)) {
            charge(bytes);
            return added->cells();
        }
        ::operator delete(added);
    }
}

void Analysis::charge(size_t bytes) noexcept {
    // relaxed: numbers to add up.
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    all_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Analysis::clear() noexcept {
    // relaxed: whoever clears is alone.
    start_.store(nullptr, std::memory_order_relaxed);
    blocks_.clear();
    destinations_.clear();
    Chunk* chunk = chunks_.exchange(nullptr, std::memory_order_relaxed);
    while (chunk != nullptr)
        ::operator delete(std::exchange(chunk, chunk->older));
    all_bytes.fetch_sub(bytes_.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
}

} // namespace braid::evm
