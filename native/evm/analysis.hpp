/// Contract code in decoded form: basic blocks with their gas and stack bounds computed once,
/// constants folded, jumps to constants resolved.
#pragma once

#include "base/code.hpp"
#include "evm/handlers.hpp"
#include "evm/rules.hpp"

#include <memory>
#include <vector>

namespace braid::evm {

/// The decoded form of one piece of code under one revision. Immutable; any thread may read it.
class Analysis final : public CodeAttachment {
  public:
    /// Which revision's rules the analysis holds.
    [[nodiscard]] evmc_revision revision() const noexcept { return revision_; }

    /// The decoded code. Cell 0 is a block that can never be entered: the place where jumps to
    /// something that is no JUMPDEST lead. Execution starts at cell 1.
    [[nodiscard]] const Cell* cells() const noexcept { return cells_; }

    /// The cell of the JUMPDEST at this position of the code; 0 where there is none.
    [[nodiscard]] uint32_t find_jump_target(uint64_t position) const noexcept {
        if (position >= code_size_)
            return 0;
        const JumpWord& word = jump_words_[position / 64];
        const uint64_t bit = uint64_t{1} << (position % 64);
        if ((word.destinations & bit) == 0)
            return 0;
        const int before = std::popcount(word.destinations & (bit - 1));
        return jump_cells_[word.rank + static_cast<uint32_t>(before)];
    }

    /// The size of what the analysis holds, in bytes.
    [[nodiscard]] size_t memory_size() const noexcept { return memory_size_; }

  private:
    friend class Translator;

    /// Which of 64 code positions are JUMPDESTs, and how many there are before them.
    struct JumpWord {
        uint64_t destinations;
        uint64_t rank;
    };

    evmc_revision revision_{};
    size_t code_size_ = 0;
    size_t memory_size_ = 0;
    std::unique_ptr<uint64_t[]> memory_;
    const Cell* cells_ = nullptr;
    const JumpWord* jump_words_ = nullptr;
    const uint32_t* jump_cells_ = nullptr;
};

/// Scratch space of the analysis, reused from one code to the next. One per VM.
class Translator {
  public:
    /// Decodes code under a revision's rules.
    [[nodiscard]] std::unique_ptr<Analysis> translate(BytesView code,
                                                      evmc_revision revision) noexcept;

  private:
    /// A jump to a constant whose target cell is not known yet.
    struct Fixup {
        uint32_t cell;
        uint32_t position;
    };

    static constexpr int max_pending = 8;

    void begin_block() noexcept;
    void end_block() noexcept;
    void account(const OpcodeRule& rule) noexcept;
    Cell* emit(Handler handler, uint16_t a = 0, uint32_t b = 0) noexcept;
    void emit_wide(const uint256& value) noexcept;
    void emit_push(const uint256& value) noexcept;
    void push_constant(const uint256& value) noexcept;
    void flush() noexcept;
    bool take_constant(uint256& value) noexcept;
    bool take_small_constant(uint32_t& value) noexcept;
    bool last_is_duplicate() const noexcept;

    void translate_instruction(uint8_t op) noexcept;
    void translate_other(uint8_t op) noexcept;
    void translate_memory_access(Handler plain, Handler immediate, Handler duplicate) noexcept;
    void translate_binary(uint8_t op, Handler plain) noexcept;
    void translate_with_constant(uint8_t op, Handler plain, const uint256& constant) noexcept;
    void translate_division(uint8_t op) noexcept;
    void translate_power() noexcept;
    void translate_swap(uint8_t op) noexcept;
    bool fuse_swap1(uint8_t next) noexcept;
    void translate_duplicate(uint8_t op) noexcept;
    void translate_pop() noexcept;
    void translate_jump() noexcept;
    void translate_conditional_jump() noexcept;
    void translate_push(uint8_t op) noexcept;
    void mark_destination() noexcept;
    void resolve_jumps() noexcept;
    std::unique_ptr<Analysis> finish(evmc_revision revision) noexcept;

    BytesView code_;
    const Rules* rules_ = nullptr;
    size_t position_ = 0;
    bool reachable_ = true;

    std::vector<Cell> cells_;
    Cell* next_ = nullptr;
    Cell* last_ = nullptr;   ///< The latest cell of this block that may still be fused with.
    Cell* before_ = nullptr; ///< The cell before it, likewise.

    Cell* block_ = nullptr;
    uint32_t block_gas_ = 0;
    int height_ = 0;
    int required_ = 0;
    int max_height_ = 0;

    uint256 pending_[max_pending];
    int pending_count_ = 0;

    std::vector<Analysis::JumpWord> jump_words_;
    std::vector<uint32_t> jump_cells_;
    uint32_t* next_jump_cell_ = nullptr;
    std::vector<Fixup> fixups_;
};

} // namespace braid::evm
