/// Basic blocks: their heads, their cells, and how far a decoding goes.
#include "evm/translator.hpp"

namespace braid::evm {
namespace {

constexpr int stack_limit = 1024;

/// A block's gas stays far enough below the field's limit that folding may still add to it.
constexpr uint32_t block_gas_threshold = block_cell::max_gas - 2 * 65536;

} // namespace

void Translator::end_block() noexcept {
    // The block may be entered with n items where required <= n and n + max_height <= limit.
    const int room = stack_limit - max_height_ - required_;
    if (room >= 0)
        block_->a = static_cast<uint16_t>(required_);
    else
        block_->a =
            required_ > stack_limit ? block_cell::always_underflows : block_cell::always_overflows;
    block_->b = (static_cast<uint32_t>(std::max(room, 0)) << block_cell::gas_bits) | block_gas_;
}

inline void Translator::translate_instruction(uint8_t op) noexcept {
    const OpcodeRule& rule = rules_->opcodes[op];
    const Decoding decoding = decodings[op];
    ++position_;
    if (!rule.defined) [[unlikely]] {
        emit(Handler::UNDEFINED);
        end_block();
        reachable_ = false;
        return;
    }
    if (block_gas_ > block_gas_threshold) [[unlikely]] {
        flush();
        end_block();
        begin_block();
    }
    account(rule);
    switch (decoding.kind) {
    case Kind::simple:
        emit(decoding.handler);
        return;
    case Kind::delimiter:
        emit(decoding.handler);
        end_block();
        begin_block();
        return;
    case Kind::halt:
        emit(decoding.handler);
        end_block();
        reachable_ = false;
        return;
    case Kind::binary:
        return translate_binary(op, decoding.handler);
    case Kind::push:
        return translate_push(op);
    case Kind::duplicate:
        return translate_duplicate(op);
    case Kind::swap:
        return translate_swap(op);
    case Kind::other:
        return translate_other(op);
    }
}

std::span<const Cell> Translator::translate(const Analysis& analysis,
                                            Analysis::Entry entry) noexcept {
    analysis_ = &analysis;
    code_ = analysis.code();
    rules_ = &all_rules[static_cast<size_t>(analysis.revision())];
    position_ = analysis.position_of(entry);
    reachable_ = true;
    pending_count_ = 0;
    // No instruction decodes to more than three cells per byte: the worst are PUSH0 NOT and the
    // state instructions, which are followed by the head of a new block.
    if (const size_t bound = (code_.size() - position_) * 3 + 64; cells_.size() < bound)
        cells_.resize(bound);
    entries_.clear();

    next_ = cells_.data();
    begin_block();
    entries_.push_back({entry, 0});
    if (entry != Analysis::start_entry) {
        account(rules_->opcodes[OP_JUMPDEST]);
        ++position_;
    }
    while (reachable_ && position_ < code_.size()) {
        const uint8_t op = code_[position_];
        if (op == OP_JUMPDEST)
            cross_destination();
        else
            translate_instruction(op);
    }
    if (reachable_) {
        emit(Handler::STOP);
        end_block();
    }
    return {cells_.data(), next_};
}

void Translator::cross_destination() noexcept {
    const Analysis::Entry entry = analysis_->find_entry(position_);
    if (analysis_->block_at(entry) != nullptr) {
        // Decoded already: go on there.
        emit(Handler::JUMP_TO, 0, entry);
        end_block();
        reachable_ = false;
        return;
    }
    const bool block_is_empty = next_ == block_ + 1 && pending_count_ == 0 && block_gas_ == 0;
    if (!block_is_empty) {
        flush();
        end_block();
        begin_block();
    }
    account(rules_->opcodes[OP_JUMPDEST]);
    entries_.push_back({entry, static_cast<uint32_t>(block_ - cells_.data())});
    ++position_;
}

void Translator::emit_wide(const uint256& value) noexcept {
    for (const uint64_t word : value.word)
        *next_++ = Cell::from_raw(word);
    last_ = nullptr;
    before_ = nullptr;
}

void Translator::emit_push(const uint256& value) noexcept {
    if (fits_uint32(value)) {
        *next_++ = {Handler::PUSH_IMM, 0, static_cast<uint32_t>(value.word[0])};
    } else if (value.fits_uint64()) {
        *next_++ = {Handler::PUSH_64, 0, 0};
        *next_++ = Cell::from_raw(value.word[0]);
    } else {
        *next_++ = {Handler::PUSH_WIDE, 0, 0};
        emit_wide(value);
    }
    last_ = nullptr;
    before_ = nullptr;
}

void Translator::flush() noexcept {
    for (int i = 0; i < pending_count_; ++i)
        emit_push(pending_[i]);
    pending_count_ = 0;
}

bool Translator::take_small_constant(uint32_t& value) noexcept {
    if (pending_count_ == 0 || !fits_uint32(pending_[pending_count_ - 1]))
        return false;
    value = static_cast<uint32_t>(pending_[--pending_count_].word[0]);
    return true;
}

} // namespace braid::evm
