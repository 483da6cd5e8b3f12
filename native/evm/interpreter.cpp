/// The dispatch loop over decoded code.
///
/// Every operation ends with its own indirect jump to the next (direct threading with computed
/// goto), so that the branch predictor learns sequences. Stack items are copied word by word: a
/// vector load of what scalar stores have just written could not be forwarded from the store
/// buffer (the build turns SLP vectorisation off for this file for the same reason).
///
/// A frame that somebody may want to stop gets its gas in slices. The check that every block makes
/// anyway, whether its gas is there, so finds the end of a slice too, and only there the frame
/// looks whether to go on: a loop cannot run long without it, and pays nothing for it.
#include "evm/operations.hpp"
#include "evm/vm_state.hpp"

#include <cstddef>

namespace braid::evm {
namespace {

inline void copy(uint256& to, const uint256& from) noexcept {
    const uint64_t w0 = from.word[0];
    const uint64_t w1 = from.word[1];
    const uint64_t w2 = from.word[2];
    const uint64_t w3 = from.word[3];
    to.word[0] = w0;
    to.word[1] = w1;
    to.word[2] = w2;
    to.word[3] = w3;
}

inline void exchange(uint256& a, uint256& b) noexcept {
    const uint256 held = a;
    copy(a, b);
    copy(b, held);
}

// The fused binary operations: `a` is the first operand (the top of the stack).
inline uint256 do_ADD(const uint256& a, const uint256& b) noexcept { return a + b; }
inline uint256 do_MUL(const uint256& a, const uint256& b) noexcept { return a * b; }
inline uint256 do_SUB(const uint256& a, const uint256& b) noexcept { return a - b; }
inline uint256 do_LT(const uint256& a, const uint256& b) noexcept { return uint64_t{a < b}; }
inline uint256 do_GT(const uint256& a, const uint256& b) noexcept { return uint64_t{b < a}; }
inline uint256 do_SLT(const uint256& a, const uint256& b) noexcept {
    return uint64_t{less_signed(a, b)};
}
inline uint256 do_SGT(const uint256& a, const uint256& b) noexcept {
    return uint64_t{less_signed(b, a)};
}
inline uint256 do_EQ(const uint256& a, const uint256& b) noexcept { return uint64_t{a == b}; }
inline uint256 do_AND(const uint256& a, const uint256& b) noexcept { return a & b; }
inline uint256 do_OR(const uint256& a, const uint256& b) noexcept { return a | b; }
inline uint256 do_XOR(const uint256& a, const uint256& b) noexcept { return a ^ b; }
inline uint256 do_SHL(const uint256& a, const uint256& b) noexcept {
    if (!a.fits_uint64() || a.word[0] >= 256) [[unlikely]]
        return {};
    return shift_left(b, static_cast<unsigned>(a.word[0]));
}
inline uint256 do_SHR(const uint256& a, const uint256& b) noexcept {
    if (!a.fits_uint64() || a.word[0] >= 256) [[unlikely]]
        return {};
    return shift_right(b, static_cast<unsigned>(a.word[0]));
}

inline bool is_LT(const uint256& a, const uint256& b) noexcept { return a < b; }
inline bool is_GT(const uint256& a, const uint256& b) noexcept { return b < a; }
inline bool is_SLT(const uint256& a, const uint256& b) noexcept { return less_signed(a, b); }
inline bool is_SGT(const uint256& a, const uint256& b) noexcept { return less_signed(b, a); }
inline bool is_EQ(const uint256& a, const uint256& b) noexcept { return a == b; }

// What stands where nobody has been is decoded. These are out of the loop's way.

inline const Cell* after_decoding(const Frame& frame, const Cell* block) noexcept {
    if (AnalysisCache::instance().is_full()) [[unlikely]]
        frame.vm->make_room();
    return block;
}

[[gnu::noinline]] const Cell* decode_start(const Frame& frame) noexcept {
    return after_decoding(frame, frame.analysis->decode_start(frame.code, frame.vm->translator));
}

[[gnu::noinline]] const Cell* follow(const Frame& frame, const Cell* link) noexcept {
    return after_decoding(frame, frame.analysis->follow(link, frame.code, frame.vm->translator));
}

[[gnu::noinline]] const Cell* decode_target(const Frame& frame, uint64_t target) noexcept {
    return after_decoding(frame, frame.analysis->jump_to(target, frame.code, frame.vm->translator));
}

/// Whether the stack has what the block takes, and room for what it leaves.
inline bool fits_stack(const Frame& frame, const Cell* block, const uint256* top) noexcept {
    const auto excess = static_cast<uint32_t>(top - frame.bottom) - uint32_t{block->a};
    return excess <= (block->b >> block_cell::gas_bits);
}

/// Why a block could not be entered.
evmc_status_code block_failure(const Frame& frame, const Cell* block, const uint256* top,
                               int64_t gas) noexcept {
    if (block == Analysis::bad_block())
        return EVMC_BAD_JUMP_DESTINATION;
    if (gas < 0)
        return EVMC_OUT_OF_GAS;
    return block->a != block_cell::always_overflows && top - frame.bottom < block->a
               ? EVMC_STACK_UNDERFLOW
               : EVMC_STACK_OVERFLOW;
}

/// The loop's next slice: `gas` is what its last one has left, below zero where it is overdrawn.
/// Below zero again where there is no more.
int64_t next_slice(Frame& frame, int64_t gas) noexcept {
    const int64_t all = gas + frame.gas_held_back;
    const int64_t slice = std::min(all, frame.gas_slice);
    frame.gas_held_back = all - slice;
    return slice;
}

} // namespace

evmc_status_code interpret(Frame& frame) noexcept {
    static const void* const labels[] = {
#define BRAID_EVM_ENTRY(NAME) &&label_##NAME,
        BRAID_EVM_HANDLERS()
#undef BRAID_EVM_ENTRY
    };

    const Cell* cell = frame.analysis->start();
    if (cell == nullptr)
        cell = decode_start(frame);
    uint256* top = frame.bottom;
    int64_t gas = next_slice(frame, frame.gas);
    evmc_status_code status = EVMC_SUCCESS;

#define ON(NAME) label_##NAME:
#define DISPATCH() goto* labels[static_cast<size_t>(cell->handler)]
#define NEXT(cells)                                                                                \
    do {                                                                                           \
        cell += (cells);                                                                           \
        DISPATCH();                                                                                \
    } while (false)
// `cell` is a BLOCK: charge its gas, check its stack bounds and run it.
#define ENTER_BLOCK()                                                                              \
    do {                                                                                           \
        gas -= cell->b & block_cell::max_gas;                                                      \
        if (gas < 0 || !fits_stack(frame, cell, top)) [[unlikely]]                                 \
            goto cannot_enter;                                                                     \
        NEXT(1);                                                                                   \
    } while (false)
// Goes on where a link says.
#define FOLLOW(cell_of_link)                                                                       \
    do {                                                                                           \
        const Cell* followed = (cell_of_link);                                                     \
        const uint64_t word = link::load(followed);                                                \
        cell = (word & link::unresolved) == 0 ? link::block_of(word) : follow(frame, followed);    \
        ENTER_BLOCK();                                                                             \
    } while (false)
// Goes on at a JUMPDEST that is known only now.
#define JUMP(target_item)                                                                          \
    do {                                                                                           \
        const uint256& target = (target_item);                                                     \
        const uint64_t position = target.fits_uint64() ? target.word[0] : UINT64_MAX;              \
        cell = frame.analysis->find(position);                                                     \
        if (cell == nullptr) [[unlikely]]                                                          \
            cell = decode_target(frame, position);                                                 \
        ENTER_BLOCK();                                                                             \
    } while (false)
// Follows the first link behind the cell where the condition holds, else the second.
#define FOLLOW_IF(condition)                                                                       \
    do {                                                                                           \
        if (condition)                                                                             \
            FOLLOW(cell + 1);                                                                      \
        FOLLOW(cell + 2);                                                                          \
    } while (false)
// Operations that work on the frame see all of its gas, and may overdraw the slice.
#define HAND_OVER_GAS() frame.gas = gas + frame.gas_held_back
#define TAKE_GAS_BACK() gas = frame.gas - frame.gas_held_back
// Runs an operation that works on the frame and moves the stack by `change`.
#define CALL_OPERATION(expression, change)                                                         \
    do {                                                                                           \
        HAND_OVER_GAS();                                                                           \
        status = (expression);                                                                     \
        TAKE_GAS_BACK();                                                                           \
        top += (change);                                                                           \
        if (status != EVMC_SUCCESS || gas < 0) [[unlikely]]                                        \
            goto operation_stopped;                                                                \
        NEXT(1);                                                                                   \
    } while (false)
#define PUSH(value)                                                                                \
    do {                                                                                           \
        *++top = (value);                                                                          \
        NEXT(1);                                                                                   \
    } while (false)

    DISPATCH();

    ON(BLOCK)
    ENTER_BLOCK();

    ON(STOP)
    goto done;
    ON(INVALID)
    status = EVMC_INVALID_INSTRUCTION;
    goto done;
    ON(UNDEFINED)
    status = EVMC_UNDEFINED_INSTRUCTION;
    goto done;

    ON(RETURN)
    ON(REVERT) {
        HAND_OVER_GAS();
        if (!touch_memory(frame, top[0], top[-1])) {
            status = EVMC_OUT_OF_GAS;
            goto done;
        }
        TAKE_GAS_BACK();
        frame.output_offset = top[-1] ? top[0].word[0] : 0;
        frame.output_size = top[-1].word[0];
        status = cell->handler == Handler::RETURN ? EVMC_SUCCESS : EVMC_REVERT;
        goto done;
    }
    ON(SELFDESTRUCT) {
        HAND_OVER_GAS();
        status = selfdestruct(frame, top);
        TAKE_GAS_BACK();
        goto done;
    }

    ON(JUMP) {
        --top;
        JUMP(top[1]);
    }
    ON(JUMPI) {
        const bool taken = static_cast<bool>(top[-1]);
        top -= 2;
        if (taken)
            JUMP(top[2]);
        FOLLOW(cell + 1);
    }
    ON(JUMP_TO)
    FOLLOW(cell + 1);
    ON(JUMPI_TO) {
        const bool taken = static_cast<bool>(*top--);
        FOLLOW_IF(taken);
    }
    ON(JUMPI_TO_NOT) {
        const bool taken = !*top--;
        FOLLOW_IF(taken);
    }
#define CONDITION(NAME)                                                                            \
    ON(JUMPI_##NAME) {                                                                             \
        const bool taken = is_##NAME(top[0], top[-1]);                                             \
        top -= 2;                                                                                  \
        FOLLOW_IF(taken);                                                                          \
    }                                                                                              \
    ON(JUMPI_NOT_##NAME) {                                                                         \
        const bool taken = !is_##NAME(top[0], top[-1]);                                            \
        top -= 2;                                                                                  \
        FOLLOW_IF(taken);                                                                          \
    }
    BRAID_EVM_CONDITIONS(CONDITION)
#undef CONDITION

    ON(PUSH_IMM)
    PUSH(uint256{cell->b});
    ON(PUSH_64) {
        *++top = uint256{cell[1].raw()};
        NEXT(2);
    }
    ON(PUSH_WIDE) {
        *++top = uint256{cell[1].raw(), cell[2].raw(), cell[3].raw(), cell[4].raw()};
        NEXT(1 + wide_words);
    }

#define BINARY(NAME)                                                                               \
    ON(NAME) {                                                                                     \
        top[-1] = do_##NAME(top[0], top[-1]);                                                      \
        --top;                                                                                     \
        NEXT(1);                                                                                   \
    }                                                                                              \
    ON(NAME##_IMM) {                                                                               \
        top[0] = do_##NAME(uint256{cell->b}, top[0]);                                              \
        NEXT(1);                                                                                   \
    }                                                                                              \
    ON(NAME##_WIDE) {                                                                              \
        top[0] = do_##NAME(uint256{cell[1].raw(), cell[2].raw(), cell[3].raw(), cell[4].raw()},    \
                           top[0]);                                                                \
        NEXT(1 + wide_words);                                                                      \
    }                                                                                              \
    ON(NAME##_DUP) {                                                                               \
        top[0] = do_##NAME(top[-static_cast<ptrdiff_t>(cell->a)], top[0]);                         \
        NEXT(1);                                                                                   \
    }
    BRAID_EVM_FUSED_BINARY(BINARY)
#undef BINARY

    ON(SUB_REVERSED) {
        top[-1] = top[-1] - top[0];
        --top;
        NEXT(1);
    }
// Arithmetic that is kept out of line: its temporaries would cost the loop its registers.
#define ARITHMETIC(NAME, function, change)                                                         \
    ON(NAME) {                                                                                     \
        function(top);                                                                             \
        top += (change);                                                                           \
        NEXT(1);                                                                                   \
    }
    ARITHMETIC(DIV, divide_items, -1)
    ARITHMETIC(DIV_REVERSED, divide_items_reversed, -1)
    ARITHMETIC(SDIV, divide_items_signed, -1)
    ARITHMETIC(MOD, modulo_items, -1)
    ARITHMETIC(SMOD, modulo_items_signed, -1)
    ARITHMETIC(ADDMOD, add_items_modulo, -2)
    ARITHMETIC(MULMOD, multiply_items_modulo, -2)
    ARITHMETIC(SIGNEXTEND, sign_extend_item, -1)
    ARITHMETIC(BYTE, byte_of_item, -1)
    ARITHMETIC(SAR, shift_item_right_arithmetic, -1)
#undef ARITHMETIC
    ON(DIV_BY_WIDE) {
        divide_item_by(top, cell + 1);
        NEXT(1 + wide_words);
    }
    ON(EXP)
    CALL_OPERATION(exponentiate(frame, top), -1);
    ON(ISZERO) {
        top[0] = uint256{uint64_t{!top[0]}};
        NEXT(1);
    }
    ON(NOT) {
        top[0] = ~top[0];
        NEXT(1);
    }
    ON(CLZ) {
        top[0] = uint256{count_leading_zeros(top[0])};
        NEXT(1);
    }

    ON(KECCAK256)
    CALL_OPERATION(keccak256(frame, top), -1);
    ON(ADDRESS)
    PUSH(to_uint256(frame.message->recipient));
    ON(BALANCE)
    CALL_OPERATION(balance(frame, top), 0);
    ON(ORIGIN)
    PUSH(to_uint256(frame.tx_context().tx_origin));
    ON(CALLER)
    PUSH(to_uint256(frame.message->sender));
    ON(CALLVALUE)
    PUSH(to_uint256(frame.message->value));
    ON(CALLDATALOAD) {
        const evmc_message& message = *frame.message;
        if (top[0].fits_uint64() && message.input_size >= 32 &&
            top[0].word[0] <= message.input_size - 32) {
            top[0] = load_uint256(message.input_data + top[0].word[0]);
            NEXT(1);
        }
        CALL_OPERATION(calldataload(frame, top[0]), 0);
    }
    ON(CALLDATALOAD_IMM) {
        const evmc_message& message = *frame.message;
        if (message.input_size >= 32 && cell->b <= message.input_size - 32) {
            *++top = load_uint256(message.input_data + cell->b);
            NEXT(1);
        }
        *++top = uint256{cell->b};
        CALL_OPERATION(calldataload(frame, top[0]), 0);
    }
    ON(CALLDATASIZE)
    PUSH(uint256{frame.message->input_size});
    ON(CALLDATACOPY)
    CALL_OPERATION(calldatacopy(frame, top), -3);
    ON(CODESIZE)
    PUSH(uint256{frame.code.size()});
    ON(CODECOPY)
    CALL_OPERATION(codecopy(frame, top), -3);
    ON(GASPRICE)
    PUSH(to_uint256(frame.tx_context().tx_gas_price));
    ON(EXTCODESIZE)
    CALL_OPERATION(extcodesize(frame, top), 0);
    ON(EXTCODECOPY)
    CALL_OPERATION(extcodecopy(frame, top), -4);
    ON(RETURNDATASIZE)
    PUSH(uint256{frame.storage->return_data.size()});
    ON(RETURNDATACOPY)
    CALL_OPERATION(returndatacopy(frame, top), -3);
    ON(EXTCODEHASH)
    CALL_OPERATION(extcodehash(frame, top), 0);
    ON(BLOCKHASH)
    CALL_OPERATION(blockhash(frame, top), 0);
    ON(COINBASE)
    PUSH(to_uint256(frame.tx_context().block_coinbase));
    ON(TIMESTAMP)
    PUSH(uint256{static_cast<uint64_t>(frame.tx_context().block_timestamp)});
    ON(NUMBER)
    PUSH(uint256{static_cast<uint64_t>(frame.tx_context().block_number)});
    ON(PREVRANDAO)
    PUSH(to_uint256(frame.tx_context().block_prev_randao));
    ON(GASLIMIT)
    PUSH(uint256{static_cast<uint64_t>(frame.tx_context().block_gas_limit)});
    ON(CHAINID)
    PUSH(to_uint256(frame.tx_context().chain_id));
    ON(SELFBALANCE)
    PUSH(to_uint256(frame.host->get_balance(frame.context, &frame.message->recipient)));
    ON(BASEFEE)
    PUSH(to_uint256(frame.tx_context().block_base_fee));
    ON(BLOBHASH)
    CALL_OPERATION(blobhash(frame, top), 0);
    ON(BLOBBASEFEE)
    PUSH(to_uint256(frame.tx_context().blob_base_fee));

    ON(POP) {
        --top;
        NEXT(1);
    }
    ON(POP_MANY) {
        top -= cell->a;
        NEXT(1);
    }

// Makes 32 bytes at `offset` (a uint256) addressable; grows memory where they are not yet.
#define TOUCH_WORD(offset)                                                                         \
    do {                                                                                           \
        const uint256& word_offset = (offset);                                                     \
        if (!word_offset.fits_uint64() || word_offset.word[0] > memory_limit) [[unlikely]]         \
            goto out_of_gas;                                                                       \
        if (word_offset.word[0] + 32 > frame.memory_size) [[unlikely]] {                           \
            HAND_OVER_GAS();                                                                       \
            if (!grow_memory(frame, word_offset.word[0], 32))                                      \
                goto out_of_gas;                                                                   \
            TAKE_GAS_BACK();                                                                       \
        }                                                                                          \
    } while (false)
    ON(MLOAD) {
        TOUCH_WORD(top[0]);
        top[0] = load_uint256(frame.memory + top[0].word[0]);
        NEXT(1);
    }
    ON(MLOAD_IMM) {
        TOUCH_WORD(uint256{cell->b});
        *++top = load_uint256(frame.memory + cell->b);
        NEXT(1);
    }
    ON(MLOAD_DUP) {
        const uint256& offset = top[-static_cast<ptrdiff_t>(cell->a)];
        TOUCH_WORD(offset);
        top[1] = load_uint256(frame.memory + offset.word[0]);
        ++top;
        NEXT(1);
    }
    ON(MSTORE) {
        TOUCH_WORD(top[0]);
        store_uint256(frame.memory + top[0].word[0], top[-1]);
        top -= 2;
        NEXT(1);
    }
    ON(MSTORE_IMM) {
        TOUCH_WORD(uint256{cell->b});
        store_uint256(frame.memory + cell->b, top[0]);
        --top;
        NEXT(1);
    }
    ON(MSTORE_DUP) {
        const uint256& offset = top[-static_cast<ptrdiff_t>(cell->a)];
        TOUCH_WORD(offset);
        store_uint256(frame.memory + offset.word[0], top[0]);
        --top;
        NEXT(1);
    }
    ON(MSTORE8) {
        HAND_OVER_GAS();
        if (!touch_memory(frame, top[0], uint256{1}))
            goto out_of_gas;
        TAKE_GAS_BACK();
        frame.memory[top[0].word[0]] = static_cast<uint8_t>(top[-1].word[0]);
        top -= 2;
        NEXT(1);
    }
#undef TOUCH_WORD

    ON(SLOAD)
    CALL_OPERATION(sload(frame, top), 0);
    ON(SSTORE)
    CALL_OPERATION(sstore(frame, top), -2);
    ON(MSIZE)
    PUSH(uint256{frame.memory_size});
    ON(GAS)
    PUSH(uint256{static_cast<uint64_t>(gas + frame.gas_held_back)});
    ON(TLOAD)
    CALL_OPERATION(tload(frame, top), 0);
    ON(TSTORE)
    CALL_OPERATION(tstore(frame, top), -2);
    ON(MCOPY)
    CALL_OPERATION(mcopy(frame, top), -3);

#define DUPLICATE(N)                                                                               \
    ON(DUP##N) {                                                                                   \
        copy(top[1], top[1 - (N)]);                                                                \
        ++top;                                                                                     \
        NEXT(1);                                                                                   \
    }                                                                                              \
    ON(SWAP##N) {                                                                                  \
        exchange(top[0], top[-(N)]);                                                               \
        NEXT(1);                                                                                   \
    }
    DUPLICATE(1)
    DUPLICATE(2)
    DUPLICATE(3)
    DUPLICATE(4)
    DUPLICATE(5)
    DUPLICATE(6)
    DUPLICATE(7)
    DUPLICATE(8)
    DUPLICATE(9)
    DUPLICATE(10)
    DUPLICATE(11)
    DUPLICATE(12)
    DUPLICATE(13)
    DUPLICATE(14)
    DUPLICATE(15)
    DUPLICATE(16)
#undef DUPLICATE
    ON(SWAP_POP) {
        copy(top[-static_cast<ptrdiff_t>(cell->a)], top[0]);
        --top;
        NEXT(1);
    }

    ON(LOG)
    CALL_OPERATION(log(frame, top, cell->a), -2 - static_cast<ptrdiff_t>(cell->a));
    ON(CREATE)
    CALL_OPERATION(create(frame, top), -2);
    ON(CALL)
    CALL_OPERATION(call(frame, top), -6);
    ON(CALLCODE)
    CALL_OPERATION(callcode(frame, top), -6);
    ON(DELEGATECALL)
    CALL_OPERATION(delegatecall(frame, top), -5);
    ON(CREATE2)
    CALL_OPERATION(create2(frame, top), -3);
    ON(STATICCALL)
    CALL_OPERATION(staticcall(frame, top), -5);

cannot_enter:
    if (gas < 0 && frame.gas_held_back != 0) {
        if (is_cancelled(frame.vm->cancellation))
            goto cancelled;
        gas = next_slice(frame, gas);
        if (gas >= 0 && fits_stack(frame, cell, top))
            NEXT(1);
    }
    status = block_failure(frame, cell, top, gas);
    goto done;
operation_stopped:
    if (status != EVMC_SUCCESS)
        goto done;
    // It had the gas it took: only the slice is overdrawn.
    if (is_cancelled(frame.vm->cancellation))
        goto cancelled;
    gas = next_slice(frame, gas);
    NEXT(1);
cancelled:
    status = EVMC_INTERNAL_ERROR;
    goto done;
out_of_gas:
    status = EVMC_OUT_OF_GAS;
done:
    HAND_OVER_GAS();
    return status;

#undef PUSH
#undef CALL_OPERATION
#undef TAKE_GAS_BACK
#undef HAND_OVER_GAS
#undef FOLLOW_IF
#undef JUMP
#undef FOLLOW
#undef ENTER_BLOCK
#undef NEXT
#undef DISPATCH
#undef ON
}

} // namespace braid::evm
