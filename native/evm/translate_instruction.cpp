/// What each instruction becomes, given the constants and copies in front of it.
#include "evm/constant_folding.hpp"
#include "evm/translator.hpp"

namespace braid::evm {
namespace {

/// Powers with exponents from here on are left to run time: an operand of 10 takes four squarings,
/// one of 2^255 over two hundred, and no instruction is decoded for longer than it runs.
constexpr uint64_t folded_exponent_limit = 32;

constexpr Handler form_of(Handler plain, int offset) noexcept {
    return static_cast<Handler>(static_cast<uint16_t>(plain) + offset);
}
constexpr int imm_form = 1;
constexpr int wide_form = 2;
constexpr int dup_form = 3;
constexpr int negated_form = 1; // of a conditional jump

bool is_power_of_two(const uint256& value) noexcept {
    int bits = 0;
    for (const uint64_t word : value.word)
        bits += std::popcount(word);
    return bits == 1;
}

unsigned log2_of(const uint256& value) noexcept { return 255 - count_leading_zeros(value); }

/// The conditional jump that takes a comparison in, or UNDEFINED for anything else.
Handler condition_of(const Cell* comparison) noexcept {
    if (comparison == nullptr)
        return Handler::UNDEFINED;
    switch (comparison->handler) {
#define BRAID_EVM_CONDITION(NAME)                                                                  \
    case Handler::NAME:                                                                            \
        return Handler::JUMPI_##NAME;
        BRAID_EVM_CONDITIONS(BRAID_EVM_CONDITION)
#undef BRAID_EVM_CONDITION
    default:
        return Handler::UNDEFINED;
    }
}

/// What SWAP1 and an instruction are together, where the operands just change places.
constexpr std::array<Decoding, 256> mirrored_decodings = [] {
    std::array<Decoding, 256> table{};
    for (const uint8_t op : {OP_ADD, OP_MUL, OP_AND, OP_OR, OP_XOR, OP_EQ})
        table[op] = decodings[op];
    table[OP_LT] = decodings[OP_GT];
    table[OP_GT] = decodings[OP_LT];
    table[OP_SLT] = decodings[OP_SGT];
    table[OP_SGT] = decodings[OP_SLT];
    return table;
}();

} // namespace

void Translator::translate_unary(uint8_t op, Handler plain) noexcept {
    if (uint256 value; take_constant(value))
        push_constant(op == OP_NOT ? ~value : uint256{uint64_t{!value}});
    else
        emit(plain);
}

void Translator::translate_input_load() noexcept {
    if (uint32_t offset; take_small_constant(offset))
        emit(Handler::CALLDATALOAD_IMM, 0, offset);
    else
        emit(Handler::CALLDATALOAD);
}

void Translator::translate_memory_access(Handler plain, Handler immediate,
                                         Handler duplicate) noexcept {
    if (uint32_t offset; take_small_constant(offset)) {
        emit(immediate, 0, offset);
    } else if (last_is_duplicate()) {
        *last_ = {duplicate, duplicated_depth(), 0};
    } else {
        emit(plain);
    }
}

void Translator::translate_binary(uint8_t op, Handler plain) noexcept {
    if (pending_count_ == 0) {
        if (last_is_duplicate()) {
            *last_ = {form_of(plain, dup_form), duplicated_depth(), 0};
        } else {
            emit(plain);
        }
        return;
    }
    if (fold_operands(op))
        return;
    const uint256 constant = pending_[--pending_count_];
    translate_with_constant(op, plain, constant);
}

void Translator::translate_with_constant(uint8_t op, Handler plain,
                                         const uint256& constant) noexcept {
    if ((op == OP_SHL || op == OP_SHR) && !(constant < uint256{256})) {
        emit(form_of(Handler::AND, imm_form), 0, 0);
        last_ = nullptr;
    } else if (op == OP_MUL && is_power_of_two(constant)) {
        emit(form_of(Handler::SHL, imm_form), 0, log2_of(constant));
    } else if (fits_uint32(constant)) {
        emit(form_of(plain, imm_form), 0, static_cast<uint32_t>(constant.word[0]));
    } else {
        emit(form_of(plain, wide_form));
        emit_wide(constant);
    }
}

bool Translator::fold_operands(uint8_t op) noexcept {
    uint256 value;
    if (pending_count_ < 2 ||
        !fold(op, pending_[pending_count_ - 1], pending_[pending_count_ - 2], value))
        return false;
    pending_count_ -= 2;
    push_constant(value);
    return true;
}

void Translator::translate_power() noexcept {
    if (pending_count_ >= 2) {
        const uint256 base = pending_[pending_count_ - 1];
        const uint256 exponent = pending_[pending_count_ - 2];
        if (base == uint256{2} || exponent < uint256{folded_exponent_limit}) {
            pending_count_ -= 2;
            block_gas_ += static_cast<uint32_t>(rules_->exp_byte_gas) * significant_bytes(exponent);
            push_constant(power(base, exponent));
            return;
        }
    }
    emit(Handler::EXP);
}

void Translator::translate_push(uint8_t op) noexcept {
    const size_t size = push_size(op);
    uint256 value;
    const size_t available = code_.size() - position_;
    if (size <= 8 && available >= 8) {
        if (size != 0)
            value = load_be64(code_.data() + position_) >> (64 - 8 * size);
    } else {
        // Bytes beyond the end of the code count as zeros.
        uint8_t bytes[32] = {};
        if (available != 0)
            std::memcpy(bytes + 32 - size, code_.data() + position_, std::min(size, available));
        value = load_uint256(bytes);
    }
    position_ += size;
    push_constant(value);
}

void Translator::translate_duplicate(uint8_t op) noexcept {
    const int depth = op - OP_DUP1;
    if (depth < pending_count_ && fits_uint32(pending_[pending_count_ - 1 - depth])) {
        push_constant(uint256{pending_[pending_count_ - 1 - depth]});
        return;
    }
    emit(static_cast<Handler>(static_cast<uint16_t>(Handler::DUP1) + depth));
}

void Translator::translate_swap(uint8_t op) noexcept {
    const int depth = op - OP_SWAP1 + 1;
    if (depth < pending_count_) {
        std::swap(pending_[pending_count_ - 1], pending_[pending_count_ - 1 - depth]);
        return;
    }
    const uint8_t next = position_ < code_.size() ? code_[position_] : uint8_t{OP_STOP};
    const Kind next_kind = instructions_[next].kind;
    if (depth == 1 && (next_kind == Kind::binary || next_kind == Kind::divide) &&
        fuse_swap1(next)) {
        account(instructions_[next]);
        ++position_;
        return;
    }
    if (next == OP_POP && pending_count_ == 0) {
        account(instructions_[OP_POP]);
        ++position_;
        emit(Handler::SWAP_POP, static_cast<uint16_t>(depth));
        return;
    }
    emit(static_cast<Handler>(static_cast<uint16_t>(Handler::SWAP1) + depth - 1));
}

bool Translator::fuse_swap1(uint8_t next) noexcept {
    uint256 constant;
    if (next == OP_SUB) {
        if (take_constant(constant))
            translate_with_constant(OP_ADD, Handler::ADD, -constant);
        else
            emit(Handler::SUB_REVERSED);
        return true;
    }
    if (next == OP_DIV) {
        if (!take_constant(constant)) {
            emit(Handler::DIV_REVERSED);
        } else if (is_power_of_two(constant)) {
            emit(form_of(Handler::SHR, imm_form), 0, log2_of(constant));
        } else {
            emit(Handler::DIV_BY_WIDE);
            emit_wide(constant);
        }
        return true;
    }
    const Decoding mirrored = mirrored_decodings[next];
    if (mirrored.kind != Kind::binary)
        return false;
    // A multiplication by a power of two becomes a shift; no other operation asks for its byte.
    if (take_constant(constant))
        translate_with_constant(next == OP_MUL ? OP_MUL : OP_ADD, mirrored.handler, constant);
    else
        emit(mirrored.handler);
    return true;
}

void Translator::translate_pop() noexcept {
    if (pending_count_ > 0) {
        --pending_count_;
    } else if (last_ != nullptr && last_->handler == Handler::POP) {
        *last_ = {Handler::POP_MANY, 2, 0};
    } else if (last_ != nullptr && last_->handler == Handler::POP_MANY) {
        ++last_->a;
    } else {
        emit(Handler::POP);
    }
}

void Translator::translate_jump() noexcept {
    if (uint256 target; take_constant(target)) {
        emit(Handler::JUMP_TO);
        emit_link(link_to(target));
    } else {
        emit(Handler::JUMP);
    }
    end_block();
    reachable_ = false;
}

void Translator::translate_conditional_jump() noexcept {
    if (uint256 target; take_constant(target)) {
        fuse_comparison();
        emit_link(link_to(target));
    } else {
        emit(Handler::JUMPI);
    }
    emit_link(link::to_instruction(position_));
    end_block();
    reachable_ = false;
}

void Translator::fuse_comparison() noexcept {
    if (pending_count_ != 0 || last_ == nullptr) {
        emit(Handler::JUMPI_TO);
    } else if (const Handler condition = condition_of(last_); condition != Handler::UNDEFINED) {
        *last_ = {condition, 0, 0};
    } else if (last_->handler != Handler::ISZERO) {
        emit(Handler::JUMPI_TO);
    } else if (const Handler negated = condition_of(before_); negated != Handler::UNDEFINED) {
        *before_ = {form_of(negated, negated_form), 0, 0};
        next_ = last_;
    } else {
        *last_ = {Handler::JUMPI_TO_NOT, 0, 0};
    }
}

} // namespace braid::evm
