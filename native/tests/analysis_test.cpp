/// What the analysis makes of code: blocks, folded constants, fused operations, jump targets.
#include "evm/analysis.hpp"
#include "evm/translator.hpp"

#include "tests/evm/program.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"

namespace braid::test {
namespace {

using evm::Analysis;
using evm::Cell;
using evm::Handler;
using evm::Translator;
using reference::Word;

/// Code with its analysis.
struct Decoded {
    explicit Decoded(std::vector<uint8_t> bytes, evmc_revision revision = EVMC_OSAKA)
        : code{std::move(bytes)}, analysis{code, revision} {}

    /// The block at an entry, decoded if need be.
    const Cell* block(Analysis::Entry entry) {
        const Cell* cell = analysis.block_at(entry);
        return cell != nullptr ? cell : analysis.decode(entry, translator);
    }
    const Cell* start() { return block(Analysis::start_entry); }

    std::vector<uint8_t> code;
    Analysis analysis;
    Translator translator;
};

std::unique_ptr<Decoded> translate(const Program& program, evmc_revision revision = EVMC_OSAKA) {
    return std::make_unique<Decoded>(program.bytes(), revision);
}

/// The operations from the start on: as many as are asked for, with the raw words of wide operands
/// left out.
std::vector<Handler> operations_of(Decoded& decoded, size_t count) {
    std::vector<Handler> operations;
    const Cell* cell = decoded.start();
    while (operations.size() < count) {
        const Handler handler = cell->handler;
        operations.push_back(handler);
        const bool is_wide = handler == Handler::PUSH_WIDE || handler == Handler::ADD_WIDE ||
                             handler == Handler::AND_WIDE || handler == Handler::DIV_BY_WIDE;
        cell += 1 + (is_wide ? evm::wide_words : handler == Handler::PUSH_64 ? 1 : 0);
    }
    return operations;
}

void check_operations(const Program& program, std::initializer_list<Handler> expected) {
    const std::unique_ptr<Decoded> decoded = translate(program);
    const std::vector<Handler> actual = operations_of(*decoded, expected.size());
    for (size_t i = 0; i < expected.size(); ++i)
        CHECK_EQ(static_cast<int>(actual[i]), static_cast<int>(expected.begin()[i]));
}

/// What a BLOCK cell says.
struct Block {
    uint32_t gas;
    int required;
    int room;
};
Block block_at(const Cell* cell) {
    CHECK(cell->handler == Handler::BLOCK);
    return {cell->b & evm::block_cell::max_gas, cell->a,
            static_cast<int>(cell->b >> evm::block_cell::gas_bits)};
}

} // namespace

TEST("analysis: a block's gas and stack bounds") {
    // Takes 3 items, has at most 2 more than at its start, and ends in the STOP that is implied.
    const Program program =
        Program{}.op(evm::OP_POP, evm::OP_POP, evm::OP_POP).push(1).repeat(4, evm::OP_DUP1);
    const Block block = block_at(translate(program)->start());
    CHECK_EQ(block.gas, 3u * 2 + 3 * 5);
    CHECK_EQ(block.required, 3);
    CHECK_EQ(block.room, 1024 - 3 - 2);
    // SWAP1 and what is fused with it both count.
    const Block swapped = block_at(translate(Program{}.op(evm::OP_SWAP1, evm::OP_SUB))->start());
    CHECK_EQ(swapped.gas, 6u);
    CHECK_EQ(swapped.required, 2);
    const Block empty = block_at(translate(Program{})->start());
    CHECK_EQ(empty.gas, 0u);
    CHECK_EQ(empty.required, 0);
    CHECK_EQ(empty.room, 1024);
}

TEST("analysis: a block that no stack fits cannot be entered") {
    for (const size_t items : {1025, 70'000}) {
        const Block overflow = block_at(translate(Program{}.repeat(items, evm::OP_PC))->start());
        CHECK_EQ(overflow.required, int{evm::block_cell::always_overflows});
        CHECK_EQ(overflow.room, 0);
        const Block underflow = block_at(translate(Program{}.repeat(items, evm::OP_POP))->start());
        CHECK_EQ(underflow.required, int{evm::block_cell::always_underflows});
        CHECK_EQ(underflow.room, 0);
    }
    const Block full = block_at(translate(Program{}.repeat(1024, evm::OP_PC))->start());
    CHECK_EQ(full.required, 0);
    CHECK_EQ(full.room, 0);
}

TEST("analysis: constants are folded") {
    check_operations(Program{}.push(2).push(3).op(evm::OP_ADD, evm::OP_POP),
                     {Handler::BLOCK, Handler::STOP});
    check_operations(Program{}.push(2).push(3).op(evm::OP_MUL).push(1).op(evm::OP_SHL),
                     {Handler::BLOCK, Handler::PUSH_IMM, Handler::STOP});
    check_operations(Program{}.push(18).push(10).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_64, Handler::STOP});
    check_operations(Program{}.push(0).op(evm::OP_NOT),
                     {Handler::BLOCK, Handler::PUSH_WIDE, Handler::STOP});
    const Program folded = Program{}.push(2).push(3).op(evm::OP_ADD).push(7).op(evm::OP_SUB);
    const std::unique_ptr<Decoded> decoded = translate(folded);
    CHECK_EQ(decoded->start()[1].b, 2u);
    CHECK_EQ(block_at(decoded->start()).gas, 15u);
}

TEST("analysis: operations take constants and copies in") {
    using evm::OP_CALLER, evm::OP_DUP1, evm::OP_SWAP1;
    const auto unknown = [] { return Program{}.op(OP_CALLER); };
    check_operations(unknown().push(5).op(evm::OP_ADD),
                     {Handler::BLOCK, Handler::CALLER, Handler::ADD_IMM});
    check_operations(unknown().push(~Word{}).op(evm::OP_AND),
                     {Handler::BLOCK, Handler::CALLER, Handler::AND_WIDE, Handler::STOP});
    check_operations(unknown().op(OP_CALLER, OP_DUP1 + 1, evm::OP_LT),
                     {Handler::BLOCK, Handler::CALLER, Handler::CALLER, Handler::LT_DUP});
    check_operations(unknown().push(8).op(evm::OP_MUL),
                     {Handler::BLOCK, Handler::CALLER, Handler::SHL_IMM});
    check_operations(unknown().push(8).op(OP_SWAP1, evm::OP_DIV),
                     {Handler::BLOCK, Handler::CALLER, Handler::SHR_IMM});
    check_operations(unknown().push(7).op(OP_SWAP1, evm::OP_DIV),
                     {Handler::BLOCK, Handler::CALLER, Handler::DIV_BY_WIDE, Handler::STOP});
    check_operations(unknown().push(7).op(OP_SWAP1, evm::OP_SUB),
                     {Handler::BLOCK, Handler::CALLER, Handler::ADD_WIDE, Handler::STOP});
    check_operations(unknown().op(OP_CALLER, OP_SWAP1, evm::OP_GT),
                     {Handler::BLOCK, Handler::CALLER, Handler::CALLER, Handler::LT});
    check_operations(unknown().op(OP_CALLER, OP_SWAP1, evm::OP_POP),
                     {Handler::BLOCK, Handler::CALLER, Handler::CALLER, Handler::SWAP_POP});
    check_operations(unknown().op(OP_CALLER, evm::OP_POP, evm::OP_POP),
                     {Handler::BLOCK, Handler::CALLER, Handler::CALLER, Handler::POP_MANY});
    check_operations(unknown().push(300).op(evm::OP_SHL),
                     {Handler::BLOCK, Handler::CALLER, Handler::AND_IMM});
    check_operations(unknown().push(0).op(evm::OP_MSTORE),
                     {Handler::BLOCK, Handler::CALLER, Handler::MSTORE_IMM});
    check_operations(unknown().op(OP_DUP1, evm::OP_MLOAD),
                     {Handler::BLOCK, Handler::CALLER, Handler::MLOAD_DUP});
    check_operations(Program{}.push(4).op(evm::OP_CALLDATALOAD),
                     {Handler::BLOCK, Handler::CALLDATALOAD_IMM});
}

TEST("analysis: conditional jumps take their comparison in") {
    const auto jump_on = [](auto... ops) {
        return Program{}.op(evm::OP_CALLER, evm::OP_CALLER, ops...).push(9).op(evm::OP_JUMPI);
    };
    const auto expect = [](const Program& program, Handler handler) {
        check_operations(program, {Handler::BLOCK, Handler::CALLER, Handler::CALLER, handler,
                                   Handler::BLOCK, Handler::STOP});
    };
    expect(jump_on(evm::OP_LT), Handler::JUMPI_LT);
    expect(jump_on(evm::OP_SGT, evm::OP_ISZERO), Handler::JUMPI_NOT_SGT);
    expect(jump_on(evm::OP_ISZERO), Handler::JUMPI_TO_NOT);
    expect(jump_on(), Handler::JUMPI_TO);
}

TEST("analysis: jump targets") {
    // JUMPDESTs at 0, 1, 66 and 200; those in push data do not count.
    Program program;
    program.op(evm::OP_JUMPDEST, evm::OP_JUMPDEST);
    while (program.size() < 33)
        program.op(evm::OP_CALLER);
    std::vector<uint8_t> code = program.bytes();
    code.push_back(evm::OP_PUSH32); // at 33
    code.insert(code.end(), 32, evm::OP_JUMPDEST);
    code.push_back(evm::OP_JUMPDEST); // at 66
    code.push_back(evm::OP_STOP);
    // Unreachable from here to 200: still, push data is push data.
    while (code.size() < 200) {
        code.push_back(evm::OP_PUSH1 + 1);
        code.push_back(evm::OP_JUMPDEST);
        code.push_back(evm::OP_JUMPDEST);
    }
    while (code.size() > 200)
        code.pop_back();
    // 68 + 3 * 44 = 200: no instruction is cut.
    code.push_back(evm::OP_JUMPDEST);
    code.push_back(evm::OP_PUSH32);
    code.push_back(evm::OP_JUMPDEST);
    Decoded decoded{code};
    for (uint64_t position = 0; position < code.size() + 200; ++position) {
        const bool is_target = position == 0 || position == 1 || position == 66 || position == 200;
        const Analysis::Entry entry = decoded.analysis.find_entry(position);
        CHECK_EQ(entry != Analysis::bad_entry, is_target);
        if (is_target) {
            CHECK_EQ(decoded.analysis.position_of(entry), position);
            CHECK(block_at(decoded.block(entry)).gas >= 1);
        }
    }
    CHECK_EQ(decoded.analysis.find_entry(UINT64_MAX), Analysis::bad_entry);
    CHECK_EQ(decoded.analysis.find_entry(uint64_t{1} << 32), Analysis::bad_entry);
    CHECK_EQ(translate(Program{})->analysis.find_entry(0), Analysis::bad_entry);
}

TEST("analysis: code is decoded once, where it is entered") {
    // Three runs of code, each ending in STOP; the second falls into the third's JUMPDEST.
    const std::vector<uint8_t> code{evm::OP_CALLER,       evm::OP_STOP,   evm::OP_JUMPDEST,
                                    evm::OP_CALLER,       evm::OP_ORIGIN, evm::OP_JUMPDEST,
                                    evm::OP_CALLDATASIZE, evm::OP_STOP};
    const auto handler = [](const Cell* cell) { return static_cast<int>(cell->handler); };
    const auto entry_of = [](Decoded& decoded, uint64_t position) {
        return decoded.analysis.find_entry(position);
    };
    Decoded forward{code};
    forward.start();
    CHECK(forward.analysis.block_at(entry_of(forward, 2)) == nullptr);
    CHECK(forward.analysis.block_at(entry_of(forward, 5)) == nullptr);
    const Cell* second = forward.block(entry_of(forward, 2));
    const Cell* third = forward.analysis.block_at(entry_of(forward, 5));
    CHECK(third == second + 3); // one run of cells: BLOCK CALLER ORIGIN, BLOCK CALLDATASIZE STOP
    CHECK(forward.block(entry_of(forward, 2)) == second);

    Decoded backward{code};
    const Cell* last = backward.block(entry_of(backward, 5));
    const Cell* before = backward.block(entry_of(backward, 2));
    CHECK_EQ(handler(before + 3), static_cast<int>(Handler::JUMP_TO));
    CHECK(backward.analysis.block_at((before + 3)->b) == last);
    CHECK_EQ(block_at(before).gas, 1u + 2 + 2); // going on there costs nothing
}

TEST("analysis: random bytes have the jump targets that the definition gives") {
    Random random{7};
    for (int round = 0; round < 3000; ++round) {
        std::vector<uint8_t> code(random.below(400));
        const uint64_t kind = random.below(3);
        for (uint8_t& byte : code) {
            const uint64_t any = random.below(256);
            byte = static_cast<uint8_t>(kind == 0      ? any
                                        : any % 2 == 0 ? uint64_t{evm::OP_JUMPDEST}
                                        : kind == 1    ? evm::OP_PUSH1 + any % 32
                                                       : any);
        }
        const Analysis analysis{code, EVMC_OSAKA};
        size_t data_until = 0;
        for (size_t i = 0; i < code.size(); ++i) {
            const bool is_data = i < data_until;
            const Analysis::Entry entry = analysis.find_entry(i);
            CHECK_EQ(entry != Analysis::bad_entry, !is_data && code[i] == evm::OP_JUMPDEST);
            if (entry != Analysis::bad_entry)
                CHECK_EQ(analysis.position_of(entry), i);
            if (!is_data && code[i] >= evm::OP_PUSH1 && code[i] <= evm::OP_PUSH32)
                data_until = i + 1 + static_cast<size_t>(code[i] - evm::OP_PUSH1 + 1);
        }
    }
}

TEST("analysis: no code decodes to more cells than there is room for") {
    // Every pair of instructions, and every triple of those that grow most, again and again. The
    // room is three cells per byte and 64; a sanitizer sees where a write goes beyond it.
    const auto check = [](Translator& translator, const std::vector<uint8_t>& code) {
        const Analysis analysis{code, EVMC_OSAKA};
        CHECK(translator.translate(analysis, Analysis::start_entry).size() <= code.size() * 3 + 64);
    };
    const auto repeat = [](std::initializer_list<unsigned> pattern, size_t times) {
        std::vector<uint8_t> code;
        for (size_t i = 0; i < times; ++i)
            for (const unsigned op : pattern)
                code.push_back(static_cast<uint8_t>(op));
        return code;
    };
    Translator translator;
    for (unsigned a = 0; a < 256; ++a)
        for (unsigned b = 0; b < 256; ++b)
            check(translator, repeat({a, b}, 40));
    const unsigned growing[] = {0x01, 0x03, 0x04, 0x0a, 0x10, 0x15, 0x16, 0x19, 0x1b,
                                0x34, 0x50, 0x51, 0x52, 0x54, 0x55, 0x57, 0x58, 0x5a,
                                0x5b, 0x5f, 0x60, 0x80, 0x81, 0x90, 0x91, 0xa0};
    for (const unsigned a : growing)
        for (const unsigned b : growing)
            for (const unsigned c : growing) {
                Translator fresh; // with no more room than this code asks for
                check(fresh, repeat({a, b, c}, 40));
            }
}

TEST("analysis: powers that take long are not folded") {
    // Initcode may be 49152 bytes of them, and the analysis is not paid for by their price.
    check_operations(Program{}.push(~Word{}).push(3).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_WIDE, Handler::PUSH_IMM, Handler::EXP});
    check_operations(Program{}.push(256).push(3).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_IMM, Handler::PUSH_IMM, Handler::EXP});
    check_operations(Program{}.push(255).push(3).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_WIDE, Handler::STOP});
    // Powers of two are shifts.
    check_operations(Program{}.push(~Word{}).push(2).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_IMM, Handler::STOP});
}

} // namespace braid::test
