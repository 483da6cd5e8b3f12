/// Decodes code from one position on: basic blocks with their gas and stack bounds computed once,
/// constants folded, operands fused into operations.
#pragma once

#include "evm/analysis.hpp"
#include "evm/decoding.hpp"
#include "evm/rules.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace braid::evm {

/// One decoding after another; its memory is reused. Single-threaded: one per VM.
class Translator {
  public:
    /// A JUMPDEST that the latest decoding passed, and the index of its block's cell.
    struct DecodedEntry {
        size_t position;
        uint32_t cell;
    };

    /// Decodes from an instruction on up to the first jump or halt, to where decoded code begins,
    /// or for `most_bytes`. The cells are valid until the next call.
    [[nodiscard]] std::span<const Cell> translate(const Analysis& analysis, BytesView code,
                                                  size_t position) noexcept;

    /// The JUMPDESTs that the latest decoding passed.
    [[nodiscard]] std::span<const DecodedEntry> entries() const noexcept { return entries_; }

    /// Where the cells that a decoding makes can be kept.
    [[nodiscard]] ChunkPool& chunks() noexcept { return chunks_; }

    /// How much code is decoded at a time, but for the end of an instruction or of a run of
    /// JUMPDESTs.
    static constexpr size_t most_bytes = 1024;

    /// A run of JUMPDESTs is one block and the head of another, up to the next multiple of this: so
    /// all that come into it share what follows.
    static constexpr size_t run_size = 512;

  private:
    static constexpr int max_pending = 8;

    /// No instruction decodes to more than three cells per byte: the worst are PUSH0 NOT and the
    /// state instructions, which are followed by the head of a new block. The constants that wait
    /// at the end, a jump with its links and the first head come on top.
    static constexpr size_t most_cells = most_bytes * 3 + max_pending * (1 + wide_words) + 8;

    // Blocks.
    void begin_block() noexcept;
    void end_block() noexcept;
    void account(const Instruction& instruction) noexcept;
    void cross_destination() noexcept;
    [[nodiscard]] size_t end_of_run() const noexcept;

    // Cells, and constants that wait for somebody to take them in.
    Cell* emit(Handler handler, uint16_t a = 0, uint32_t b = 0) noexcept;
    void emit_link(Cell link) noexcept { *next_++ = link; }
    void emit_wide(const uint256& value) noexcept;
    void emit_push(const uint256& value) noexcept;
    void push_constant(const uint256& value) noexcept;
    void flush() noexcept;
    bool take_constant(uint256& value) noexcept;
    bool take_small_constant(uint32_t& value) noexcept;

    // Instructions.
    void translate_instruction(uint8_t op) noexcept;
    void translate_unary(uint8_t op, Handler plain) noexcept;
    void translate_input_load() noexcept;
    void translate_memory_access(Handler plain, Handler immediate, Handler duplicate) noexcept;
    void translate_binary(uint8_t op, Handler plain) noexcept;
    void translate_with_constant(uint8_t op, Handler plain, const uint256& constant) noexcept;
    bool fold_operands(uint8_t op) noexcept;
    void translate_power() noexcept;
    void translate_push(uint8_t op) noexcept;
    void translate_duplicate(uint8_t op) noexcept;
    void translate_swap(uint8_t op) noexcept;
    bool fuse_swap1(uint8_t next) noexcept;
    void translate_pop() noexcept;
    void translate_jump() noexcept;
    void translate_conditional_jump() noexcept;
    void fuse_comparison() noexcept;

    /// Whether the latest cell copies a stack item and may become part of an operation.
    [[nodiscard]] bool last_is_duplicate() const noexcept {
        return pending_count_ == 0 && last_ != nullptr && last_->handler >= Handler::DUP1 &&
               last_->handler <= Handler::DUP16;
    }
    /// How far below the top the item is that the latest cell copies.
    [[nodiscard]] uint16_t duplicated_depth() const noexcept {
        return static_cast<uint16_t>(static_cast<uint16_t>(last_->handler) -
                                     static_cast<uint16_t>(Handler::DUP1));
    }
    /// The link of a jump to a constant.
    [[nodiscard]] Cell link_to(const uint256& target) const noexcept {
        return target < uint256{code_.size()} ? link::to_target(target.word[0])
                                              : link::to_block(Analysis::bad_block());
    }

    const Analysis* analysis_ = nullptr;
    BytesView code_;
    const Rules* rules_ = nullptr;
    const Instruction* instructions_ = nullptr; ///< 256, by their byte.
    size_t position_ = 0;
    bool reachable_ = true;

    const std::unique_ptr<Cell[]> cells_{new Cell[most_cells]};
    std::vector<DecodedEntry> entries_;
    ChunkPool chunks_;
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
};

// What every instruction goes through.

inline void Translator::begin_block() noexcept {
    block_ = next_;
    *next_++ = {Handler::BLOCK, 0, 0};
    block_gas_ = 0;
    height_ = 0;
    required_ = 0;
    max_height_ = 0;
    last_ = nullptr;
    before_ = nullptr;
}

inline void Translator::account(const Instruction& instruction) noexcept {
    block_gas_ += instruction.gas;
    required_ = std::max(required_, instruction.stack_in - height_);
    height_ += instruction.stack_change;
    max_height_ = std::max(max_height_, height_);
}

inline Cell* Translator::emit(Handler handler, uint16_t a, uint32_t b) noexcept {
    if (pending_count_ != 0)
        flush();
    Cell* cell = next_++;
    *cell = {handler, a, b};
    before_ = last_;
    last_ = cell;
    return cell;
}

inline void Translator::push_constant(const uint256& value) noexcept {
    if (pending_count_ == max_pending)
        flush();
    pending_[pending_count_++] = value;
}

inline bool Translator::take_constant(uint256& value) noexcept {
    if (pending_count_ == 0)
        return false;
    value = pending_[--pending_count_];
    return true;
}

/// Whether a value fits a cell's wide operand.
[[nodiscard]] inline bool fits_uint32(const uint256& value) noexcept {
    return value.fits_uint64() && value.word[0] <= UINT32_MAX;
}

} // namespace braid::evm
