/// Contract code in decoded form, made piece by piece as execution reaches it.
#pragma once

#include "base/code.hpp"
#include "evm/handlers.hpp"
#include "evm/jump_destinations.hpp"

#include <memory>

namespace braid::evm {

class Translator;

/// The decoded form of one piece of code under one revision, shared by every VM that runs it.
///
/// Where the code may be entered is known from the start; what stands there is decoded the first
/// time somebody goes there, up to the next instruction that never falls through. Most of a
/// contract is never run, and is never decoded.
class Analysis final : public CodeAttachment {
  public:
    /// Looks at code that outlives the analysis.
    Analysis(BytesView code, evmc_revision revision) noexcept;
    ~Analysis() override;

    /// A place where execution can go on: the start of the code, or a JUMPDEST.
    using Entry = uint32_t;
    /// Where jumps to anything else lead: a block that cannot be entered.
    static constexpr Entry bad_entry = 0;
    static constexpr Entry start_entry = 1;

    /// The entry of the JUMPDEST at this position of the code; bad_entry where there is none.
    [[nodiscard]] Entry find_entry(uint64_t position) const noexcept {
        const uint32_t number = destinations_.find(position);
        return number == JumpDestinations::none ? bad_entry : first_destination + number;
    }

    /// The decoded block at an entry, or null where it has not been decoded yet. Wait-free; any
    /// thread may call it.
    [[nodiscard]] const Cell* block_at(Entry entry) const noexcept {
        // acquire: pairs with the release in publish(), so a reader sees finished cells.
        return entries_[entry].load(std::memory_order_acquire);
    }

    /// Decodes the block at an entry where that has not happened. Any thread may call it, with a
    /// translator of its own; threads that race decode twice, and all get what was first.
    const Cell* decode(Entry entry, Translator& translator) const noexcept;

    /// The block of bad_entry.
    [[nodiscard]] static const Cell* bad_block() noexcept;

    /// Which revision's rules the decoded form holds.
    [[nodiscard]] evmc_revision revision() const noexcept { return revision_; }

    /// The code itself.
    [[nodiscard]] BytesView code() const noexcept { return code_; }

    /// The position in the code that an entry stands for (not bad_entry).
    [[nodiscard]] size_t position_of(Entry entry) const noexcept {
        return entry == start_entry ? 0 : destinations_.position_of(entry - first_destination);
    }

  private:
    static constexpr Entry first_destination = 2;

    /// Decoded cells, kept until the analysis is freed.
    struct Chunk {
        std::unique_ptr<Cell[]> cells;
        Chunk* next;
    };

    const BytesView code_;
    const evmc_revision revision_;
    const JumpDestinations destinations_;
    /// Written once each, from null; see block_at.
    const std::unique_ptr<std::atomic<const Cell*>[]> entries_;
    /// A list that only grows; freed with the analysis.
    mutable std::atomic<Chunk*> chunks_{nullptr};
};

} // namespace braid::evm
