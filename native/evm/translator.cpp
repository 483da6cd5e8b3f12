/// Basic blocks: their heads, their cells, and how far a decoding goes.
#include "evm/translator.hpp"

namespace braid::evm {
namespace {

constexpr int stack_limit = 1024;

/// The most gas that a block can cost: as much code as is decoded at a time of the dearest
/// instruction that doesn't end it, and one that does.
constexpr uint64_t most_block_gas() {
    uint64_t inner = 0;
    uint64_t last = 0;
    for (const Rules& rules : all_rules) {
        for (size_t op = 0; op < rules.opcodes.size(); ++op) {
            const Kind kind = decodings[op].kind;
            uint64_t& most = kind == Kind::delimiter || kind == Kind::halt ? last : inner;
            uint64_t gas = rules.opcodes[op].gas;
            // What a folded one costs; its operands take four bytes at least.
            if (op == OP_EXP)
                gas = (gas + 32 * static_cast<uint64_t>(rules.exp_byte_gas)) / 5;
            most = std::max(most, gas);
        }
    }
    return Translator::most_bytes * inner + Translator::run_size + last;
}
static_assert(most_block_gas() <= block_cell::max_gas);

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
    const Instruction& instruction = instructions_[op];
    ++position_;
    account(instruction);
    switch (instruction.kind) {
    case Kind::undefined:
        emit(Handler::UNDEFINED);
        end_block();
        reachable_ = false;
        return;
    case Kind::simple:
        emit(instruction.handler);
        return;
    case Kind::delimiter:
        emit(instruction.handler);
        end_block();
        begin_block();
        return;
    case Kind::halt:
        emit(instruction.handler);
        end_block();
        reachable_ = false;
        return;
    case Kind::binary:
        return translate_binary(op, instruction.handler);
    case Kind::divide:
        if (!fold_operands(op))
            emit(Handler::DIV);
        return;
    case Kind::power:
        return translate_power();
    case Kind::unary:
        return translate_unary(op, instruction.handler);
    case Kind::memory_load:
        return translate_memory_access(Handler::MLOAD, Handler::MLOAD_IMM, Handler::MLOAD_DUP);
    case Kind::memory_store:
        return translate_memory_access(Handler::MSTORE, Handler::MSTORE_IMM, Handler::MSTORE_DUP);
    case Kind::input_load:
        return translate_input_load();
    case Kind::log:
        emit(Handler::LOG, static_cast<uint16_t>(op - OP_LOG0));
        return;
    case Kind::pop:
        return translate_pop();
    case Kind::push:
        return translate_push(op);
    case Kind::duplicate:
        return translate_duplicate(op);
    case Kind::swap:
        return translate_swap(op);
    case Kind::program_counter:
        return push_constant(position_ - 1);
    case Kind::jump:
        return translate_jump();
    case Kind::conditional_jump:
        return translate_conditional_jump();
    case Kind::destination: // see translate()
        return;
    }
}

std::span<const Cell> Translator::translate(const Analysis& analysis, BytesView code,
                                            size_t position) noexcept {
    analysis_ = &analysis;
    code_ = code;
    rules_ = &all_rules[static_cast<size_t>(analysis.revision())];
    instructions_ = instructions[static_cast<size_t>(analysis.revision())].data();
    position_ = position;
    reachable_ = true;
    pending_count_ = 0;
    entries_.clear();
    next_ = cells_.get();
    begin_block();

    const size_t end = std::min(code.size(), position + most_bytes);
    while (reachable_ && position_ < end) {
        const uint8_t op = code_[position_];
        if (op == OP_JUMPDEST)
            cross_destination();
        else
            translate_instruction(op);
    }
    if (reachable_) {
        if (position_ < code.size()) {
            emit(Handler::JUMP_TO);
            emit_link(link::to_instruction(position_));
        } else {
            emit(Handler::STOP);
        }
        end_block();
    }
    return {cells_.get(), next_};
}

void Translator::cross_destination() noexcept {
    if (const Cell* known = analysis_->find(position_)) {
        // Decoded already: go on there.
        emit(Handler::JUMP_TO);
        emit_link(link::to_block(known));
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
    entries_.push_back({position_, static_cast<uint32_t>(block_ - cells_.get())});
    const Instruction& destination = instructions_[OP_JUMPDEST];
    const size_t last = end_of_run();
    if (last == position_) {
        account(destination);
        ++position_;
    } else {
        // The last one of the run is an entry again.
        block_gas_ += destination.gas * static_cast<uint32_t>(last - position_);
        position_ = last;
    }
}

/// The position of the last JUMPDEST of the run at position_, as far as it is one.
size_t Translator::end_of_run() const noexcept {
    const size_t end = std::min(code_.size(), (position_ / run_size + 1) * run_size);
    size_t last = position_;
    constexpr uint64_t eight = OP_JUMPDEST * 0x0101010101010101ULL;
    while (last + 8 < end && load_le64(code_.data() + last + 1) == eight)
        last += 8;
    while (last + 1 < end && code_[last + 1] == OP_JUMPDEST)
        ++last;
    return last;
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
