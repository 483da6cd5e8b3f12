/// Which decoded block stands at which position of the code.
#pragma once

#include "evm/handlers.hpp"

#include <atomic>

namespace braid::evm {

/// An open-addressing table from JUMPDEST positions to decoded blocks, made small and doubled.
///
/// Any thread may look up and insert at any time. An insertion may be lost to a doubling at the
/// same time: then the block is decoded again. Positions are chosen by whoever writes the code, so
/// the place of one follows from a number that is random in every process.
class BlockTable {
  public:
    BlockTable() = default;
    BlockTable(const BlockTable&) = delete;
    BlockTable& operator=(const BlockTable&) = delete;
    ~BlockTable() { clear(); }

    /// The block at a position, or null. Wait-free.
    [[nodiscard]] const Cell* find(uint64_t position) const noexcept {
        // acquire: pairs with the release in doubled(), so a reader sees the table's slots.
        const Table* table = table_.load(std::memory_order_acquire);
        if (table == nullptr)
            return nullptr;
        for (uint64_t at = table->place_of(position);; ++at) {
            const Slot& slot = table->slots()[at & table->mask];
            // relaxed: the block says whether there is something to see.
            const uint64_t key = slot.key.load(std::memory_order_relaxed);
            if (key == position + 1)
                // acquire: pairs with the release in insert(), so a reader sees finished cells.
                return slot.block.load(std::memory_order_acquire);
            if (key == 0)
                return nullptr;
        }
    }

    /// Makes a block known. The bytes that were taken for it, mostly none.
    size_t insert(uint64_t position, const Cell* block) noexcept;

    /// Frees everything; nobody may be looking.
    void clear() noexcept;

  private:
    struct Slot {
        /// The position + 1, or 0. Set once, from 0.
        std::atomic<uint64_t> key{0};
        /// Set once, from null.
        std::atomic<const Cell*> block{nullptr};
    };

    struct Table {
        uint64_t multiplier;
        uint64_t mask;
        unsigned shift;
        /// Insertions, those of what was there already included.
        std::atomic<uint32_t> count{0};
        /// The one before it, which readers may still look at.
        Table* older;

        [[nodiscard]] uint64_t place_of(uint64_t position) const noexcept {
            return (position * multiplier) >> shift;
        }
        [[nodiscard]] Slot* slots() noexcept { return reinterpret_cast<Slot*>(this + 1); }
        [[nodiscard]] const Slot* slots() const noexcept {
            return reinterpret_cast<const Slot*>(this + 1);
        }
    };
    static constexpr unsigned first_bits = 4;

    static Table* make(unsigned bits, Table* older) noexcept;
    static void put(Table& table, uint64_t position, const Cell* block) noexcept;
    static size_t size_of(unsigned bits) noexcept { return sizeof(Table) + (sizeof(Slot) << bits); }
    Table* doubled(Table* table, size_t& taken) noexcept;

    std::atomic<Table*> table_{nullptr};
};

} // namespace braid::evm
