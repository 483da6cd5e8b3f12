#include "evm/analysis.hpp"

#include <algorithm>
#include <array>

namespace braid::evm {
namespace {

constexpr int stack_limit = 1024;

/// A block's gas stays far enough below the field's limit that folding may still add to it.
constexpr uint32_t block_gas_threshold = block_cell::max_gas - 2 * 65536;

/// Powers with exponents from here on are left to run time, where they are paid for: initcode full of
/// them would take 40 times as long to analyse as any other.
constexpr uint64_t folded_exponent_limit = 256;

constexpr Handler form_of(Handler plain, int offset) noexcept {
    return static_cast<Handler>(static_cast<uint16_t>(plain) + offset);
}
constexpr int imm_form = 1;
constexpr int wide_form = 2;
constexpr int dup_form = 3;

/// How an instruction is decoded.
enum class Kind : uint8_t {
    simple,    ///< One cell.
    delimiter, ///< One cell that ends its block; the next instruction starts another.
    halt,      ///< One cell that ends its block; what follows can only be jumped to.
    binary,    ///< May be folded or fused with its operands.
    push,
    duplicate,
    swap,
    other, ///< Has a case of its own.
};

struct Decoding {
    Kind kind = Kind::other;
    Handler handler = Handler::UNDEFINED;
};

constexpr std::array<Decoding, 256> make_decodings() {
    std::array<Decoding, 256> table{};
#define BRAID_EVM_DECODE(KIND, NAME) table[OP_##NAME] = {Kind::KIND, Handler::NAME};
#define BRAID_EVM_DECODE_BINARY(NAME) BRAID_EVM_DECODE(binary, NAME)
    BRAID_EVM_FUSED_BINARY(BRAID_EVM_DECODE_BINARY)
#undef BRAID_EVM_DECODE_BINARY
    BRAID_EVM_DECODE(simple, SDIV)
    BRAID_EVM_DECODE(simple, MOD)
    BRAID_EVM_DECODE(simple, SMOD)
    BRAID_EVM_DECODE(simple, ADDMOD)
    BRAID_EVM_DECODE(simple, MULMOD)
    BRAID_EVM_DECODE(simple, SIGNEXTEND)
    BRAID_EVM_DECODE(simple, BYTE)
    BRAID_EVM_DECODE(simple, SAR)
    BRAID_EVM_DECODE(simple, CLZ)
    BRAID_EVM_DECODE(simple, KECCAK256)
    BRAID_EVM_DECODE(simple, ADDRESS)
    BRAID_EVM_DECODE(delimiter, BALANCE)
    BRAID_EVM_DECODE(simple, ORIGIN)
    BRAID_EVM_DECODE(simple, CALLER)
    BRAID_EVM_DECODE(simple, CALLVALUE)
    BRAID_EVM_DECODE(simple, CALLDATASIZE)
    BRAID_EVM_DECODE(simple, CALLDATACOPY)
    BRAID_EVM_DECODE(simple, CODESIZE)
    BRAID_EVM_DECODE(simple, CODECOPY)
    BRAID_EVM_DECODE(simple, GASPRICE)
    BRAID_EVM_DECODE(delimiter, EXTCODESIZE)
    BRAID_EVM_DECODE(delimiter, EXTCODECOPY)
    BRAID_EVM_DECODE(simple, RETURNDATASIZE)
    BRAID_EVM_DECODE(simple, RETURNDATACOPY)
    BRAID_EVM_DECODE(delimiter, EXTCODEHASH)
    BRAID_EVM_DECODE(delimiter, BLOCKHASH)
    BRAID_EVM_DECODE(simple, COINBASE)
    BRAID_EVM_DECODE(simple, TIMESTAMP)
    BRAID_EVM_DECODE(simple, NUMBER)
    BRAID_EVM_DECODE(simple, PREVRANDAO)
    BRAID_EVM_DECODE(simple, GASLIMIT)
    BRAID_EVM_DECODE(simple, CHAINID)
    BRAID_EVM_DECODE(delimiter, SELFBALANCE)
    BRAID_EVM_DECODE(simple, BASEFEE)
    BRAID_EVM_DECODE(simple, BLOBHASH)
    BRAID_EVM_DECODE(simple, BLOBBASEFEE)
    BRAID_EVM_DECODE(simple, MSTORE8)
    BRAID_EVM_DECODE(delimiter, SLOAD)
    BRAID_EVM_DECODE(delimiter, SSTORE)
    BRAID_EVM_DECODE(simple, MSIZE)
    BRAID_EVM_DECODE(delimiter, GAS)
    BRAID_EVM_DECODE(simple, TLOAD)
    BRAID_EVM_DECODE(simple, TSTORE)
    BRAID_EVM_DECODE(simple, MCOPY)
    BRAID_EVM_DECODE(delimiter, CREATE)
    BRAID_EVM_DECODE(delimiter, CALL)
    BRAID_EVM_DECODE(delimiter, CALLCODE)
    BRAID_EVM_DECODE(delimiter, DELEGATECALL)
    BRAID_EVM_DECODE(delimiter, CREATE2)
    BRAID_EVM_DECODE(delimiter, STATICCALL)
    BRAID_EVM_DECODE(halt, STOP)
    BRAID_EVM_DECODE(halt, RETURN)
    BRAID_EVM_DECODE(halt, REVERT)
    BRAID_EVM_DECODE(halt, INVALID)
    BRAID_EVM_DECODE(halt, SELFDESTRUCT)
#undef BRAID_EVM_DECODE
    for (int op = OP_PUSH0; op <= OP_PUSH32; ++op)
        table[static_cast<size_t>(op)].kind = Kind::push;
    for (int op = OP_DUP1; op <= OP_DUP16; ++op)
        table[static_cast<size_t>(op)].kind = Kind::duplicate;
    for (int op = OP_SWAP1; op <= OP_SWAP16; ++op)
        table[static_cast<size_t>(op)].kind = Kind::swap;
    return table;
}

/// How each instruction is decoded, whatever the revision. What ends a block: jumps and halts,
/// whatever looks at the gas left, and whatever reads or changes state. So gas is exact there, and
/// a frame touches through its host just what a machine that checks every instruction would.
constexpr std::array<Decoding, 256> decodings = make_decodings();

constexpr size_t push_size(uint8_t op) noexcept {
    return op >= OP_PUSH1 && op <= OP_PUSH32 ? static_cast<size_t>(op - OP_PUSH1 + 1) : 0;
}

/// The position of the next JUMPDEST at or after `position` that is no push data, or the end.
size_t next_destination(BytesView code, size_t position) noexcept {
    const uint8_t* bytes = code.data();
    while (position < code.size()) {
        const uint8_t op = bytes[position];
        if (op == OP_JUMPDEST)
            return position;
        // A branch, not arithmetic: predicted, it keeps the loads of a run from waiting on
        // each other.
        if (op >= OP_PUSH1 && op <= OP_PUSH32) [[unlikely]]
            position += push_size(op);
        ++position;
    }
    return code.size();
}

bool fits_uint32(const uint256& value) noexcept {
    return value.fits_uint64() && value.word[0] <= UINT32_MAX;
}

bool is_power_of_two(const uint256& value) noexcept {
    int bits = 0;
    for (const uint64_t word : value.word)
        bits += std::popcount(word);
    return bits == 1;
}

unsigned log2_of(const uint256& value) noexcept { return 255 - count_leading_zeros(value); }

uint256 boolean(bool value) noexcept { return uint256{static_cast<uint64_t>(value)}; }

bool less_signed(const uint256& a, const uint256& b) noexcept {
    const bool a_negative = (a.word[3] >> 63) != 0;
    const bool b_negative = (b.word[3] >> 63) != 0;
    return a_negative != b_negative ? a_negative : a < b;
}

/// The value of an instruction on two constants, `a` being the top of the stack.
bool fold(uint8_t op, const uint256& a, const uint256& b, uint256& value) noexcept {
    switch (op) {
    case OP_ADD:
        value = a + b;
        return true;
    case OP_MUL:
        value = a * b;
        return true;
    case OP_SUB:
        value = a - b;
        return true;
    case OP_DIV:
        value = b ? divide(a, b).quotient : uint256{};
        return true;
    case OP_LT:
        value = boolean(a < b);
        return true;
    case OP_GT:
        value = boolean(a > b);
        return true;
    case OP_SLT:
        value = boolean(less_signed(a, b));
        return true;
    case OP_SGT:
        value = boolean(less_signed(b, a));
        return true;
    case OP_EQ:
        value = boolean(a == b);
        return true;
    case OP_AND:
        value = a & b;
        return true;
    case OP_OR:
        value = a | b;
        return true;
    case OP_XOR:
        value = a ^ b;
        return true;
    case OP_SHL:
        value = a < uint256{256} ? shift_left(b, static_cast<unsigned>(a.word[0])) : uint256{};
        return true;
    case OP_SHR:
        value = a < uint256{256} ? shift_right(b, static_cast<unsigned>(a.word[0])) : uint256{};
        return true;
    default:
        return false;
    }
}

} // namespace

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

inline void Translator::end_block() noexcept {
    // The block may be entered with n items where required <= n and n + max_height <= limit.
    const int room = stack_limit - max_height_ - required_;
    if (room >= 0)
        block_->a = static_cast<uint16_t>(required_);
    else
        block_->a = required_ > stack_limit ? block_cell::always_underflows
                                            : block_cell::always_overflows;
    block_->b =
        (static_cast<uint32_t>(std::max(room, 0)) << block_cell::gas_bits) | block_gas_;
}

inline void Translator::account(const OpcodeRule& rule) noexcept {
    block_gas_ += rule.gas;
    required_ = std::max(required_, rule.stack_in - height_);
    height_ += rule.stack_change;
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

inline void Translator::push_constant(const uint256& value) noexcept {
    if (pending_count_ == max_pending)
        flush();
    pending_[pending_count_++] = value;
}

void Translator::flush() noexcept {
    for (int i = 0; i < pending_count_; ++i)
        emit_push(pending_[i]);
    pending_count_ = 0;
}

bool Translator::take_constant(uint256& value) noexcept {
    if (pending_count_ == 0)
        return false;
    value = pending_[--pending_count_];
    return true;
}

bool Translator::take_small_constant(uint32_t& value) noexcept {
    if (pending_count_ == 0 || !fits_uint32(pending_[pending_count_ - 1]))
        return false;
    value = static_cast<uint32_t>(pending_[--pending_count_].word[0]);
    return true;
}

bool Translator::last_is_duplicate() const noexcept {
    return pending_count_ == 0 && last_ != nullptr && last_->handler >= Handler::DUP1 &&
           last_->handler <= Handler::DUP16;
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

std::unique_ptr<Analysis> Translator::translate(BytesView code, evmc_revision revision) noexcept {
    code_ = code;
    rules_ = &all_rules[static_cast<size_t>(revision)];
    position_ = 0;
    reachable_ = true;
    pending_count_ = 0;
    // No instruction decodes to more than three cells per byte: the worst are PUSH0 NOT and the
    // state instructions, which are followed by the head of a new block.
    if (const size_t bound = code.size() * 3 + 64; cells_.size() < bound)
        cells_.resize(bound);
    jump_words_.assign(code.size() / 64 + 1, {});
    if (jump_cells_.size() < code.size())
        jump_cells_.resize(code.size());
    next_jump_cell_ = jump_cells_.data();
    fixups_.clear();

    next_ = cells_.data();
    // No stack has this many items: the block at cell 0 can't be entered.
    *next_++ = {Handler::BLOCK, block_cell::always_underflows, 0};
    begin_block();
    while (position_ < code_.size()) {
        const uint8_t op = code_[position_];
        if (op == OP_JUMPDEST) {
            mark_destination();
            ++position_;
        } else if (!reachable_) {
            position_ = next_destination(code_, position_);
        } else {
            translate_instruction(op);
        }
    }
    if (reachable_) {
        emit(Handler::STOP);
        end_block();
    }
    resolve_jumps();
    return finish(revision);
}

void Translator::translate_other(uint8_t op) noexcept {
    switch (op) {
    case OP_DIV:
        return translate_division(op);
    case OP_EXP:
        return translate_power();
    case OP_ISZERO:
    case OP_NOT:
        if (uint256 value; take_constant(value))
            return push_constant(op == OP_NOT ? ~value : boolean(!value));
        emit(op == OP_NOT ? Handler::NOT : Handler::ISZERO);
        return;
    case OP_POP:
        return translate_pop();
    case OP_JUMP:
        return translate_jump();
    case OP_JUMPI:
        return translate_conditional_jump();
    case OP_PC:
        return push_constant(position_ - 1);
    case OP_MLOAD:
        return translate_memory_access(Handler::MLOAD, Handler::MLOAD_IMM, Handler::MLOAD_DUP);
    case OP_MSTORE:
        return translate_memory_access(Handler::MSTORE, Handler::MSTORE_IMM, Handler::MSTORE_DUP);
    case OP_CALLDATALOAD:
        if (uint32_t offset; take_small_constant(offset))
            emit(Handler::CALLDATALOAD_IMM, 0, offset);
        else
            emit(Handler::CALLDATALOAD);
        return;
    default: // LOG0 to LOG4: every other instruction is in the table or above.
        emit(Handler::LOG, static_cast<uint16_t>(op - OP_LOG0));
        return;
    }
}

void Translator::translate_memory_access(Handler plain, Handler immediate,
                                         Handler duplicate) noexcept {
    if (uint32_t offset; take_small_constant(offset)) {
        emit(immediate, 0, offset);
    } else if (last_is_duplicate()) {
        const auto depth =
            static_cast<uint16_t>(last_->handler) - static_cast<uint16_t>(Handler::DUP1);
        *last_ = {duplicate, static_cast<uint16_t>(depth), 0};
    } else {
        emit(plain);
    }
}

void Translator::translate_binary(uint8_t op, Handler plain) noexcept {
    if (pending_count_ == 0) {
        if (last_is_duplicate()) {
            const auto depth =
                static_cast<uint16_t>(last_->handler) - static_cast<uint16_t>(Handler::DUP1);
            *last_ = {form_of(plain, dup_form), static_cast<uint16_t>(depth), 0};
        } else {
            emit(plain);
        }
        return;
    }
    if (pending_count_ >= 2) {
        uint256 value;
        const uint256 a = pending_[pending_count_ - 1];
        const uint256 b = pending_[pending_count_ - 2];
        if (fold(op, a, b, value)) {
            pending_count_ -= 2;
            push_constant(value);
            return;
        }
    }
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

void Translator::translate_division(uint8_t op) noexcept {
    if (pending_count_ >= 2) {
        uint256 value;
        fold(op, pending_[pending_count_ - 1], pending_[pending_count_ - 2], value);
        pending_count_ -= 2;
        push_constant(value);
        return;
    }
    emit(Handler::DIV);
}

void Translator::translate_power() noexcept {
    if (pending_count_ >= 2) {
        const uint256 base = pending_[pending_count_ - 1];
        const uint256 exponent = pending_[pending_count_ - 2];
        if (base == uint256{2} || exponent < uint256{folded_exponent_limit}) {
            pending_count_ -= 2;
            block_gas_ +=
                static_cast<uint32_t>(rules_->exp_byte_gas) * significant_bytes(exponent);
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
    if (depth == 1 && rules_->opcodes[next].defined && fuse_swap1(next)) {
        account(rules_->opcodes[next]);
        ++position_;
        return;
    }
    if (next == OP_POP && pending_count_ == 0) {
        account(rules_->opcodes[OP_POP]);
        ++position_;
        emit(Handler::SWAP_POP, static_cast<uint16_t>(depth));
        return;
    }
    emit(static_cast<Handler>(static_cast<uint16_t>(Handler::SWAP1) + depth - 1));
}

bool Translator::fuse_swap1(uint8_t next) noexcept {
    // The operands change places: SWAP1 LT is GT, SWAP1 ADD is ADD, and so on.
    uint8_t mirrored;
    Handler plain;
    switch (next) {
    case OP_LT:
        mirrored = OP_GT;
        plain = Handler::GT;
        break;
    case OP_GT:
        mirrored = OP_LT;
        plain = Handler::LT;
        break;
    case OP_SLT:
        mirrored = OP_SGT;
        plain = Handler::SGT;
        break;
    case OP_SGT:
        mirrored = OP_SLT;
        plain = Handler::SLT;
        break;
    case OP_ADD:
        mirrored = OP_ADD;
        plain = Handler::ADD;
        break;
    case OP_MUL:
        mirrored = OP_MUL;
        plain = Handler::MUL;
        break;
    case OP_AND:
        mirrored = OP_AND;
        plain = Handler::AND;
        break;
    case OP_OR:
        mirrored = OP_OR;
        plain = Handler::OR;
        break;
    case OP_XOR:
        mirrored = OP_XOR;
        plain = Handler::XOR;
        break;
    case OP_EQ:
        mirrored = OP_EQ;
        plain = Handler::EQ;
        break;
    case OP_SUB:
        if (uint256 constant; take_constant(constant))
            translate_with_constant(OP_ADD, Handler::ADD, -constant);
        else
            emit(Handler::SUB_REVERSED);
        return true;
    case OP_DIV:
        if (uint256 constant; take_constant(constant)) {
            if (is_power_of_two(constant)) {
                emit(form_of(Handler::SHR, imm_form), 0, log2_of(constant));
            } else {
                emit(Handler::DIV_BY_WIDE);
                emit_wide(constant);
            }
        } else {
            emit(Handler::DIV_REVERSED);
        }
        return true;
    default:
        return false;
    }
    if (uint256 constant; take_constant(constant))
        translate_with_constant(mirrored, plain, constant);
    else
        emit(plain);
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
    uint256 target;
    if (take_constant(target)) {
        Cell* cell = emit(Handler::JUMP_TO);
        if (fits_uint32(target))
            fixups_.push_back({static_cast<uint32_t>(cell - cells_.data()),
                               static_cast<uint32_t>(target.word[0])});
    } else {
        emit(Handler::JUMP);
    }
    end_block();
    reachable_ = false;
}

void Translator::translate_conditional_jump() noexcept {
    uint256 target;
    if (!take_constant(target)) {
        emit(Handler::JUMPI);
    } else {
        Cell* cell = nullptr;
        const auto condition_of = [](const Cell* compare) -> int {
            if (compare == nullptr)
                return -1;
            switch (compare->handler) {
            case Handler::LT:
                return static_cast<int>(Handler::JUMPI_LT);
            case Handler::GT:
                return static_cast<int>(Handler::JUMPI_GT);
            case Handler::SLT:
                return static_cast<int>(Handler::JUMPI_SLT);
            case Handler::SGT:
                return static_cast<int>(Handler::JUMPI_SGT);
            case Handler::EQ:
                return static_cast<int>(Handler::JUMPI_EQ);
            default:
                return -1;
            }
        };
        if (pending_count_ == 0 && last_ != nullptr && last_->handler == Handler::ISZERO) {
            cell = last_;
            if (const int condition = condition_of(before_); condition >= 0) {
                cell = before_;
                *cell = {static_cast<Handler>(condition + 1), 0, 0};
                next_ = cell + 1;
            } else {
                *cell = {Handler::JUMPI_TO_NOT, 0, 0};
            }
        } else if (const int condition = pending_count_ == 0 ? condition_of(last_) : -1;
                   condition >= 0) {
            cell = last_;
            *cell = {static_cast<Handler>(condition), 0, 0};
        } else {
            cell = emit(Handler::JUMPI_TO);
        }
        if (fits_uint32(target))
            fixups_.push_back({static_cast<uint32_t>(cell - cells_.data()),
                               static_cast<uint32_t>(target.word[0])});
    }
    end_block();
    begin_block();
}

void Translator::mark_destination() noexcept {
    const bool block_is_empty = reachable_ && next_ == block_ + 1 && pending_count_ == 0 &&
                                block_gas_ == 0;
    if (!block_is_empty) {
        if (reachable_) {
            flush();
            end_block();
        }
        begin_block();
    }
    reachable_ = true;
    account(rules_->opcodes[OP_JUMPDEST]);
    jump_words_[position_ / 64].destinations |= uint64_t{1} << (position_ % 64);
    *next_jump_cell_++ = static_cast<uint32_t>(block_ - cells_.data());
}

void Translator::resolve_jumps() noexcept {
    uint64_t rank = 0;
    for (Analysis::JumpWord& word : jump_words_) {
        word.rank = rank;
        rank += static_cast<uint64_t>(std::popcount(word.destinations));
    }
    for (const Fixup& fixup : fixups_) {
        if (fixup.position >= code_.size())
            continue;
        const Analysis::JumpWord& word = jump_words_[fixup.position / 64];
        const uint64_t bit = uint64_t{1} << (fixup.position % 64);
        if ((word.destinations & bit) == 0)
            continue;
        const auto before = static_cast<uint64_t>(std::popcount(word.destinations & (bit - 1)));
        cells_[fixup.cell].b = jump_cells_[word.rank + before];
    }
}

std::unique_ptr<Analysis> Translator::finish(evmc_revision revision) noexcept {
    const auto cell_count = static_cast<size_t>(next_ - cells_.data());
    const size_t jump_word_words = jump_words_.size() * sizeof(Analysis::JumpWord) / 8;
    const auto destination_count = static_cast<size_t>(next_jump_cell_ - jump_cells_.data());
    const size_t jump_cell_words = (destination_count + 1) / 2;
    const size_t words = cell_count + jump_word_words + jump_cell_words;

    auto analysis = std::make_unique<Analysis>();
    // Uninitialised on purpose: every word is copied over at once.
    analysis->memory_.reset(new uint64_t[words]);
    uint64_t* memory = analysis->memory_.get();
    std::memcpy(memory, cells_.data(), cell_count * sizeof(Cell));
    std::memcpy(memory + cell_count, jump_words_.data(), jump_word_words * 8);
    if (destination_count != 0)
        std::memcpy(memory + cell_count + jump_word_words, jump_cells_.data(),
                    destination_count * sizeof(uint32_t));
    analysis->revision_ = revision;
    analysis->code_size_ = code_.size();
    analysis->memory_size_ = words * sizeof(uint64_t);
    analysis->cells_ = reinterpret_cast<const Cell*>(memory);
    analysis->jump_words_ = reinterpret_cast<const Analysis::JumpWord*>(memory + cell_count);
    analysis->jump_cells_ =
        reinterpret_cast<const uint32_t*>(memory + cell_count + jump_word_words);
    return analysis;
}

} // namespace braid::evm
