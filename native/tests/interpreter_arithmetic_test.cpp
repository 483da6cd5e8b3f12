/// Arithmetic, comparison and bit instructions, each in every form that the analysis may give it.
#include "tests/evm/fixture.hpp"

namespace braid::test {
namespace {

using reference::Word;

const Word minus_one = ~Word{};
const Word smallest = shift_left(Word{1}, 255); // -2^255
const Word largest = ~smallest;                 // 2^255 - 1

std::vector<uint8_t> input_of(std::initializer_list<Word> words) {
    std::vector<uint8_t> input;
    for (const Word& value : words) {
        const Bytes32 bytes = value.to_bytes();
        input.insert(input.end(), bytes.bytes, bytes.bytes + 32);
    }
    return input;
}

void check_output(const Setup& setup, const Program& program, const Word& expected) {
    const Execution execution = execute(setup, program);
    CHECK_EQ(static_cast<int>(execution.outcome.status), static_cast<int>(EVMC_SUCCESS));
    CHECK_EQ(execution.output(), hex(expected));
}

/// Checks `op` on `a` (the top of the stack) and `b` in each way that operands come about.
void check_binary(uint8_t op, const Word& a, const Word& b, const Word& expected) {
    Setup setup;
    setup.input = input_of({a, b});
    constexpr auto dup2 = evm::OP_DUP1 + 1;
    constexpr auto dup3 = evm::OP_DUP1 + 2;
    using evm::OP_SWAP1;
    const auto finish = [&](Program program) {
        check_output(setup, program.return_top(), expected);
    };
    // Both known beforehand; neither; one of them.
    finish(Program{}.push(b).push(a).op(op));
    finish(Program{}.load_input(32).load_input(0).op(op));
    finish(Program{}.load_input(32).push(a).op(op));
    finish(Program{}.push(b).load_input(0).op(op));
    // The same with the operands exchanged first.
    finish(Program{}.push(a).push(b).op(OP_SWAP1, op));
    finish(Program{}.load_input(0).load_input(32).op(OP_SWAP1, op));
    finish(Program{}.load_input(0).push(b).op(OP_SWAP1, op));
    finish(Program{}.push(a).load_input(32).op(OP_SWAP1, op));
    // The first operand a copy of a deeper item, known or not.
    finish(Program{}.load_input(0).load_input(32).op(dup2, op));
    finish(Program{}.load_input(0).push(7).load_input(32).op(dup3, op));
    finish(Program{}.push(a).load_input(32).op(dup2, op));
    finish(Program{}.push(a).push(b).op(dup2, op));
    // As the condition of a jump: JUMPI to a block that returns 1, else 0; and the other way round.
    for (const bool negated : {false, true}) {
        for (const bool known : {false, true}) {
            Program program;
            if (known)
                program.load_input(32).push(a).op(op);
            else
                program.load_input(32).load_input(0).op(op);
            if (negated)
                program.op(evm::OP_ISZERO);
            // PUSH2 and JUMPI take 4 bytes, the block that returns 0 takes 8.
            program.push(program.size() + 12, 2).op(evm::OP_JUMPI);
            program.op(evm::OP_PUSH0, evm::OP_PUSH0, evm::OP_MSTORE).finish(0, 32);
            program.op(evm::OP_JUMPDEST).push(1).return_top();
            const Execution execution = execute(setup, program);
            CHECK_EQ(execution.output(), hex(Word{expected.is_zero() == negated}));
        }
    }
}

/// Checks a one-operand instruction on a known and an unknown operand.
void check_unary(uint8_t op, const Word& a, const Word& expected) {
    Setup setup;
    setup.input = input_of({a});
    check_output(setup, Program{}.push(a).op(op).return_top(), expected);
    check_output(setup, Program{}.load_input(0).op(op).return_top(), expected);
}

/// Checks a three-operand instruction; `a` is the top of the stack.
void check_ternary(uint8_t op, const Word& a, const Word& b, const Word& c, const Word& expected) {
    Setup setup;
    setup.input = input_of({a, b, c});
    check_output(setup, Program{}.push(c).push(b).push(a).op(op).return_top(), expected);
    check_output(setup, Program{}.load_input(64).load_input(32).load_input(0).op(op).return_top(),
                 expected);
}

} // namespace

TEST("interpreter: ADD, MUL and SUB wrap") {
    check_binary(evm::OP_ADD, minus_one, 1, 0);
    check_binary(evm::OP_ADD, 2, 3, 5);
    check_binary(evm::OP_ADD, word("ffffffffffffffff"), 1, word("10000000000000000"));
    check_binary(evm::OP_SUB, 0, 1, minus_one);
    check_binary(evm::OP_SUB, 10, 3, 7);
    check_binary(evm::OP_SUB, smallest, 1, largest);
    check_binary(evm::OP_MUL, minus_one, minus_one, 1);
    check_binary(evm::OP_MUL, smallest, 2, 0);
    check_binary(evm::OP_MUL, 8, 7, 56);
    check_binary(evm::OP_MUL, word("100000000000000000000000000000000"),
                 word("80000000000000000000000000000000"), smallest);
}

TEST("interpreter: division by zero gives zero; signed division truncates") {
    check_binary(evm::OP_DIV, 7, 0, 0);
    check_binary(evm::OP_DIV, 7, 2, 3);
    check_binary(evm::OP_DIV, minus_one, word("100000000"), shift_right(minus_one, 32));
    check_binary(evm::OP_DIV, minus_one, smallest, 1);
    check_binary(evm::OP_MOD, 7, 0, 0);
    check_binary(evm::OP_MOD, 17, 5, 2);
    check_binary(evm::OP_SDIV, 7, 0, 0);
    check_binary(evm::OP_SDIV, -Word{7}, 2, -Word{3});
    check_binary(evm::OP_SDIV, 7, -Word{2}, -Word{3});
    check_binary(evm::OP_SDIV, smallest, minus_one, smallest);
    check_binary(evm::OP_SMOD, 7, 0, 0);
    check_binary(evm::OP_SMOD, -Word{8}, 3, -Word{2});
    check_binary(evm::OP_SMOD, 8, -Word{3}, 2);
    check_binary(evm::OP_SMOD, smallest, minus_one, 0);
}

TEST("interpreter: ADDMOD and MULMOD do not wrap in between") {
    check_ternary(evm::OP_ADDMOD, minus_one, 2, 3, 2);
    check_ternary(evm::OP_ADDMOD, minus_one, minus_one, minus_one, 0);
    check_ternary(evm::OP_ADDMOD, 5, 6, 0, 0);
    check_ternary(evm::OP_ADDMOD, minus_one - Word{1}, minus_one - Word{1}, minus_one,
                  minus_one - Word{2});
    check_ternary(evm::OP_MULMOD, minus_one, minus_one, 12, 9);
    check_ternary(evm::OP_MULMOD, 5, 6, 0, 0);
    check_ternary(evm::OP_MULMOD, 5, 6, 1, 0);
    check_ternary(evm::OP_MULMOD, minus_one, minus_one, minus_one - Word{1}, 1);
}

TEST("interpreter: EXP and its gas") {
    check_binary(evm::OP_EXP, 0, 0, 1);
    check_binary(evm::OP_EXP, 0, 5, 0);
    check_binary(evm::OP_EXP, 2, 255, smallest);
    check_binary(evm::OP_EXP, 2, 256, 0);
    check_binary(evm::OP_EXP, minus_one, minus_one, minus_one);
    check_binary(evm::OP_EXP, 3, 5, 243);

    // EIP-160: 10 gas per byte of the exponent, 50 from Spurious Dragon on.
    const struct {
        Word exponent;
        int64_t bytes;
    } cases[] = {{0, 0}, {1, 1}, {255, 1}, {256, 2}, {minus_one, 32}};
    for (const auto& [exponent, bytes] : cases) {
        for (const auto& [revision, byte_gas] :
             {std::pair{EVMC_TANGERINE_WHISTLE, 10}, {EVMC_SPURIOUS_DRAGON, 50}}) {
            Setup setup;
            setup.revision = revision;
            setup.input = input_of({exponent});
            const Execution known =
                execute(setup, Program{}.push(exponent).push(2).op(evm::OP_EXP));
            CHECK_EQ(known.gas_used, 3 + 3 + 10 + bytes * byte_gas);
            const Execution unknown =
                execute(setup, Program{}.load_input(0).push(2).op(evm::OP_EXP));
            CHECK_EQ(unknown.gas_used, 6 + 3 + 10 + bytes * byte_gas);
        }
    }
}

TEST("interpreter: SIGNEXTEND and BYTE") {
    check_binary(evm::OP_SIGNEXTEND, 0, 0x7f, 0x7f);
    check_binary(evm::OP_SIGNEXTEND, 0, 0x80, -Word{0x80});
    check_binary(evm::OP_SIGNEXTEND, 0, 0x17f, 0x7f);
    check_binary(evm::OP_SIGNEXTEND, 1, 0x8000, -Word{0x8000});
    check_binary(evm::OP_SIGNEXTEND, 1, 0xff7fff, 0x7fff);
    check_binary(evm::OP_SIGNEXTEND, 30, shift_left(Word{1}, 247), -shift_left(Word{1}, 247));
    check_binary(evm::OP_SIGNEXTEND, 31, smallest, smallest);
    check_binary(evm::OP_SIGNEXTEND, 32, 0x80, 0x80);
    check_binary(evm::OP_SIGNEXTEND, minus_one, 0x80, 0x80);
    check_binary(evm::OP_SIGNEXTEND, word("10000000000000000"), 0x80, 0x80);

    const Word value = word("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    for (uint64_t i = 0; i < 32; i += 5)
        check_binary(evm::OP_BYTE, i, value, i + 1);
    check_binary(evm::OP_BYTE, 31, value, 0x20);
    check_binary(evm::OP_BYTE, 32, value, 0);
    check_binary(evm::OP_BYTE, word("10000000000000000"), value, 0);
    check_binary(evm::OP_BYTE, minus_one, value, 0);
}

TEST("interpreter: comparisons") {
    check_binary(evm::OP_LT, 1, 2, 1);
    check_binary(evm::OP_LT, 2, 2, 0);
    check_binary(evm::OP_LT, minus_one, 0, 0);
    check_binary(evm::OP_LT, 0, word("10000000000000000"), 1);
    check_binary(evm::OP_GT, 2, 1, 1);
    check_binary(evm::OP_GT, 2, 2, 0);
    check_binary(evm::OP_GT, minus_one, 0, 1);
    check_binary(evm::OP_SLT, minus_one, 0, 1);
    check_binary(evm::OP_SLT, 0, minus_one, 0);
    check_binary(evm::OP_SLT, smallest, largest, 1);
    check_binary(evm::OP_SLT, -Word{2}, minus_one, 1);
    check_binary(evm::OP_SGT, 0, minus_one, 1);
    check_binary(evm::OP_SGT, largest, smallest, 1);
    check_binary(evm::OP_SGT, 5, 5, 0);
    check_binary(evm::OP_EQ, minus_one, minus_one, 1);
    check_binary(evm::OP_EQ, 1, word("10000000000000001"), 0);
    check_unary(evm::OP_ISZERO, 0, 1);
    check_unary(evm::OP_ISZERO, 1, 0);
    check_unary(evm::OP_ISZERO, smallest, 0);
    check_unary(evm::OP_NOT, 0, minus_one);
    check_unary(evm::OP_NOT, largest, smallest);
    check_binary(evm::OP_AND, word("ff00ff"), word("0ff0f0"), word("0f00f0"));
    check_binary(evm::OP_OR, word("ff00ff"), word("0ff0f0"), word("fff0ff"));
    check_binary(evm::OP_XOR, word("ff00ff"), word("0ff0f0"), word("f0f00f"));
}

TEST("interpreter: SHL as in EIP-145") {
    check_binary(evm::OP_SHL, 0x00, 1, 1);
    check_binary(evm::OP_SHL, 0x01, 1, 2);
    check_binary(evm::OP_SHL, 0xff, 1, smallest);
    check_binary(evm::OP_SHL, 0x0100, 1, 0);
    check_binary(evm::OP_SHL, 0x0101, 1, 0);
    check_binary(evm::OP_SHL, 0x00, minus_one, minus_one);
    check_binary(evm::OP_SHL, 0x01, minus_one, minus_one - Word{1});
    check_binary(evm::OP_SHL, 0xff, minus_one, smallest);
    check_binary(evm::OP_SHL, 0x0100, minus_one, 0);
    check_binary(evm::OP_SHL, 0x01, 0, 0);
    check_binary(evm::OP_SHL, 0x01, largest, minus_one - Word{1});
    check_binary(evm::OP_SHL, word("10000000000000001"), 1, 0);
}

TEST("interpreter: SHR as in EIP-145") {
    check_binary(evm::OP_SHR, 0x00, 1, 1);
    check_binary(evm::OP_SHR, 0x01, 1, 0);
    check_binary(evm::OP_SHR, 0x01, smallest, word("4" + std::string(63, '0')));
    check_binary(evm::OP_SHR, 0xff, smallest, 1);
    check_binary(evm::OP_SHR, 0x0100, smallest, 0);
    check_binary(evm::OP_SHR, 0x0101, smallest, 0);
    check_binary(evm::OP_SHR, 0x00, minus_one, minus_one);
    check_binary(evm::OP_SHR, 0x01, minus_one, largest);
    check_binary(evm::OP_SHR, 0xff, minus_one, 1);
    check_binary(evm::OP_SHR, 0x0100, minus_one, 0);
    check_binary(evm::OP_SHR, 0x01, 0, 0);
    check_binary(evm::OP_SHR, word("10000000000000001"), minus_one, 0);
}

TEST("interpreter: SAR as in EIP-145") {
    check_binary(evm::OP_SAR, 0x00, 1, 1);
    check_binary(evm::OP_SAR, 0x01, 1, 0);
    check_binary(evm::OP_SAR, 0x01, smallest, word("c" + std::string(63, '0')));
    check_binary(evm::OP_SAR, 0xff, smallest, minus_one);
    check_binary(evm::OP_SAR, 0x0100, smallest, minus_one);
    check_binary(evm::OP_SAR, 0x0101, smallest, minus_one);
    check_binary(evm::OP_SAR, 0x00, minus_one, minus_one);
    check_binary(evm::OP_SAR, 0x01, minus_one, minus_one);
    check_binary(evm::OP_SAR, 0xff, minus_one, minus_one);
    check_binary(evm::OP_SAR, 0x0100, minus_one, minus_one);
    check_binary(evm::OP_SAR, 0x01, 0, 0);
    check_binary(evm::OP_SAR, 0xfe, word("4" + std::string(63, '0')), 1);
    check_binary(evm::OP_SAR, 0xf8, largest, 0x7f);
    check_binary(evm::OP_SAR, 0xfe, largest, 1);
    check_binary(evm::OP_SAR, 0xff, largest, 0);
    check_binary(evm::OP_SAR, 0x0100, largest, 0);
}

TEST("interpreter: CLZ as in EIP-7939") {
    check_unary(evm::OP_CLZ, 0, 256);
    check_unary(evm::OP_CLZ, smallest, 0);
    check_unary(evm::OP_CLZ, minus_one, 0);
    check_unary(evm::OP_CLZ, word("4" + std::string(63, '0')), 1);
    check_unary(evm::OP_CLZ, largest, 1);
    check_unary(evm::OP_CLZ, 1, 255);
    CHECK_EQ(execute({}, Program{}.push(1).op(evm::OP_CLZ)).gas_used, 3 + 5);
    Setup prague;
    prague.revision = EVMC_PRAGUE;
    CHECK_EQ(static_cast<int>(execute(prague, Program{}.push(1).op(evm::OP_CLZ)).outcome.status),
             static_cast<int>(EVMC_UNDEFINED_INSTRUCTION));
}

} // namespace braid::test
