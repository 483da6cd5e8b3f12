#include "evm/analysis.hpp"

#include "evm/translator.hpp"

#include <algorithm>

namespace braid::evm {

Analysis::Analysis(BytesView code, evmc_revision revision) noexcept
    : code_{code}, revision_{revision}, destinations_{code},
      entries_{new std::atomic<const Cell*>[first_destination + destinations_.count()]()} {
    // relaxed: nobody else knows the analysis yet.
    entries_[bad_entry].store(bad_block(), std::memory_order_relaxed);
}

Analysis::~Analysis() {
    // relaxed: the last owner is alone.
    Chunk* chunk = chunks_.load(std::memory_order_relaxed);
    while (chunk != nullptr) {
        Chunk* next = chunk->next;
        delete chunk;
        chunk = next;
    }
}

const Cell* Analysis::bad_block() noexcept {
    // No stack is as deep as this asks for.
    static constexpr Cell block{Handler::BLOCK, block_cell::always_underflows, 0};
    return &block;
}

const Cell* Analysis::decode(Entry entry, Translator& translator) const noexcept {
    const std::span<const Cell> decoded = translator.translate(*this, entry);
    auto* chunk = new Chunk{std::unique_ptr<Cell[]>{new Cell[decoded.size()]}, nullptr};
    const Cell* cells = chunk->cells.get();
    std::copy(decoded.begin(), decoded.end(), chunk->cells.get());

    // relaxed: the list is only walked by the destructor.
    chunk->next = chunks_.load(std::memory_order_relaxed);
    while (!chunks_.compare_exchange_weak(chunk->next, chunk, std::memory_order_relaxed))
        ;
    for (const Translator::DecodedEntry& made : translator.entries()) {
        const Cell* expected = nullptr;
        // release: the cells become visible with the pointer. Whoever comes second keeps what is
        // there: both are right.
        entries_[made.entry].compare_exchange_strong(
            expected, cells + made.cell, std::memory_order_release, std::memory_order_relaxed);
    }
    return block_at(entry);
}

} // namespace braid::evm
