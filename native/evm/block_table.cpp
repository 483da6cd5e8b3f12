#include "evm/block_table.hpp"

#include <new>
#include <random>

namespace braid::evm {
namespace {

/// Odd, and beyond the reach of those who choose positions.
uint64_t secret_multiplier() noexcept {
    static const uint64_t value = [] {
        std::random_device random;
        return (uint64_t{random()} << 32 | random()) | 1;
    }();
    return value;
}

} // namespace

BlockTable::Table* BlockTable::make(unsigned bits, Table* older) noexcept {
    auto* table = new (::operator new(size_of(bits)))
        Table{secret_multiplier(), (uint64_t{1} << bits) - 1, 64 - bits, {}, older};
    for (uint64_t i = 0; i <= table->mask; ++i)
        new (table->slots() + i) Slot;
    return table;
}

void BlockTable::put(Table& table, uint64_t position, const Cell* block) noexcept {
    for (uint64_t at = table.place_of(position);; ++at) {
        Slot& slot = table.slots()[at & table.mask];
        // relaxed, here and below: a key alone says nothing; see find().
        uint64_t key = slot.key.load(std::memory_order_relaxed);
        const bool is_new = key == 0 && slot.key.compare_exchange_strong(key, position + 1,
                                                                         std::memory_order_relaxed);
        if (!is_new && key != position + 1)
            continue;
        const Cell* nothing = nullptr;
        // release: the cells become visible with the pointer. Whoever comes second keeps what is
        // there: both are right.
        slot.block.compare_exchange_strong(nothing, block, std::memory_order_release,
                                           std::memory_order_relaxed);
        return;
    }
}

BlockTable::Table* BlockTable::doubled(Table* table, size_t& taken) noexcept {
    const unsigned bits = table == nullptr ? first_bits : 64 - table->shift + 1;
    Table* larger = make(bits, table);
    if (table != nullptr) {
        uint32_t count = 0;
        for (uint64_t i = 0; i <= table->mask; ++i) {
            const Slot& slot = table->slots()[i];
            // acquire: what is published again must be visible with the new slot.
            if (const Cell* block = slot.block.load(std::memory_order_acquire)) {
                put(*larger, slot.key.load(std::memory_order_relaxed) - 1, block);
                ++count;
            }
        }
        larger->count.store(count, std::memory_order_relaxed);
    }
    Table* current = table;
    // release: pairs with find(). acquire where another was faster: its slots are looked at next.
    if (!table_.compare_exchange_strong(current, larger, std::memory_order_acq_rel,
                                        std::memory_order_acquire)) {
        ::operator delete(larger);
        return current;
    }
    taken += size_of(bits);
    return larger;
}

size_t BlockTable::insert(uint64_t position, const Cell* block) noexcept {
    size_t taken = 0;
    // acquire: the slots are looked at.
    Table* table = table_.load(std::memory_order_acquire);
    // A place is taken before it is used, so half of the slots stay free and every search ends.
    // relaxed: only the number counts.
    while (table == nullptr ||
           table->count.fetch_add(1, std::memory_order_relaxed) * 2 >= table->mask)
        table = doubled(table, taken);
    put(*table, position, block);
    return taken;
}

void BlockTable::clear() noexcept {
    // relaxed: whoever clears is alone.
    Table* table = table_.exchange(nullptr, std::memory_order_relaxed);
    while (table != nullptr) {
        Table* older = table->older;
        ::operator delete(table);
        table = older;
    }
}

} // namespace braid::evm
