/// Contract code in decoded form, made piece by piece as execution reaches it.
#pragma once

#include "base/bytes.hpp"
#include "evm/block_table.hpp"
#include "evm/chunk_pool.hpp"
#include "evm/jump_destinations.hpp"
#include "evmc/evmc.h"

#include <atomic>

namespace braid::evm {

class Translator;

/// The decoded form of one piece of code under one revision, shared by every VM that runs it.
///
/// A decoding goes from where control is to the first jump, and no further: what comes after either
/// side of a conditional jump is decoded when control goes there. So the work is bounded by what is
/// executed, whatever the code holds besides. Whoever calls gives the code, the same one each time.
/// Functions may be called by any thread, with a translator of its own, unless they say otherwise;
/// threads that race decode twice, and both decodings are right.
class Analysis {
  public:
    /// An empty one.
    explicit Analysis(evmc_revision revision) noexcept : revision_{revision} {}
    Analysis(const Analysis&) = delete;
    Analysis& operator=(const Analysis&) = delete;
    ~Analysis() { free_all(nullptr); }

    /// The block that the code starts with, or null where it has not been decoded. Wait-free.
    [[nodiscard]] const Cell* start() const noexcept {
        // acquire: pairs with the release in decode_start(), so a reader sees finished cells.
        return start_.load(std::memory_order_acquire);
    }

    /// The block of a JUMPDEST, or null where none has been decoded. Wait-free.
    [[nodiscard]] const Cell* find(uint64_t position) const noexcept {
        return blocks_.find(position);
    }

    /// Decodes the start.
    const Cell* decode_start(BytesView code, Translator& translator) noexcept;

    /// Where a jump to a position leads: a block of its JUMPDEST, or bad_block().
    const Cell* jump_to(uint64_t position, BytesView code, Translator& translator) noexcept;

    /// Whether there is a JUMPDEST at a position, without decoding it.
    [[nodiscard]] bool may_jump_to(uint64_t position, BytesView code) noexcept;

    /// The block of the instruction at a position, which is known to be no push data.
    const Cell* go_on_at(uint64_t position, BytesView code, Translator& translator) noexcept;

    /// Where a link (see handlers.hpp) leads. It goes there directly from now on.
    const Cell* follow(const Cell* link, BytesView code, Translator& translator) noexcept;

    /// Where jumps to anything but a JUMPDEST lead: a block that cannot be entered.
    [[nodiscard]] static const Cell* bad_block() noexcept;

    /// Which revision's rules the decoded form holds.
    [[nodiscard]] evmc_revision revision() const noexcept { return revision_; }

    /// Counts bytes that are held on its behalf, until it is reset.
    void charge(size_t bytes) noexcept;

    /// The bytes that it holds beyond itself, and what it was charged for.
    [[nodiscard]] size_t memory_size() const noexcept {
        // relaxed: a number to add up.
        return bytes_.load(std::memory_order_relaxed);
    }

    /// Makes it an empty one of another revision. Its chunks go to the pool. Nobody may be using
    /// it.
    void reset(evmc_revision revision, ChunkPool& pool) noexcept {
        free_all(&pool);
        set_revision(revision);
    }
    /// For an empty one that nobody uses.
    void set_revision(evmc_revision revision) noexcept { revision_ = revision; }

    /// The bytes that all analyses of the process hold.
    [[nodiscard]] static size_t all_memory() noexcept {
        // relaxed: as above.
        return all_bytes.load(std::memory_order_relaxed);
    }

  private:
    static constexpr uint32_t first_chunk = 64; // cells
    static constexpr uint32_t largest_chunk = 2048;

    const Cell* decode(uint64_t position, BytesView code, Translator& translator) noexcept;
    Cell* allocate(uint32_t count, ChunkPool& pool) noexcept;
    void free_all(ChunkPool* pool) noexcept;

    std::atomic<const Cell*> start_{nullptr};
    BlockTable blocks_;
    evmc_revision revision_;
    JumpDestinations destinations_;
    /// The newest chunk; the others follow. Kept until it is reset.
    std::atomic<CellChunk*> chunks_{nullptr};
    std::atomic<size_t> bytes_{0};

    static std::atomic<size_t> all_bytes;
};

} // namespace braid::evm
