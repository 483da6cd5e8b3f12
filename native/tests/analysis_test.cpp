/// What the analysis makes of code: blocks, folded constants, fused operations, jump targets.
#include "evm/analysis.hpp"
#include "evm/translator.hpp"

#include "tests/evm/program.hpp"
#include "tests/evm/random.hpp"
#include "tests/harness.hpp"

#include <algorithm>

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
        : code{std::move(bytes)}, analysis{revision} {}

    /// The block of a JUMPDEST, decoded if need be.
    const Cell* jump(uint64_t position) { return analysis.jump_to(position, code, translator); }
    bool is_target(uint64_t position) { return jump(position) != Analysis::bad_block(); }
    const Cell* start() {
        const Cell* block = analysis.start();
        return block != nullptr ? block : analysis.decode_start(code, translator);
    }
    const Cell* follow(const Cell* link) { return analysis.follow(link, code, translator); }

    std::vector<uint8_t> code;
    Analysis analysis;
    Translator translator;
};

std::unique_ptr<Decoded> translate(const Program& program, evmc_revision revision = EVMC_OSAKA) {
    return std::make_unique<Decoded>(program.bytes(), revision);
}

bool is_conditional_jump(Handler handler) {
    return handler == Handler::JUMPI_TO || handler == Handler::JUMPI_TO_NOT ||
           (handler >= Handler::JUMPI_LT && handler <= Handler::JUMPI_NOT_EQ);
}

/// The raw words behind a cell.
int words_of(Handler handler) {
    const bool is_wide = handler == Handler::PUSH_WIDE || handler == Handler::ADD_WIDE ||
                         handler == Handler::AND_WIDE || handler == Handler::DIV_BY_WIDE;
    return is_wide                        ? evm::wide_words
           : is_conditional_jump(handler) ? 2
           : handler == Handler::PUSH_64 || handler == Handler::JUMP_TO || handler == Handler::JUMPI
               ? 1
               : 0;
}

/// The operations from the start on, without jumps being taken: as many as are asked for, with the
/// raw words of wide operands left out.
std::vector<Handler> operations_of(Decoded& decoded, size_t count) {
    std::vector<Handler> operations;
    const Cell* cell = decoded.start();
    while (operations.size() < count) {
        const Handler handler = cell->handler;
        operations.push_back(handler);
        const int words = words_of(handler);
        if (handler == Handler::JUMP_TO || handler == Handler::JUMPI ||
            is_conditional_jump(handler))
            cell = decoded.follow(cell + words);
        else
            cell += 1 + words;
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
    // SWAP1 POP is two instructions of one decoding, wherever it ends.
    Program pops = Program{}.repeat(1023, evm::OP_POP).op(evm::OP_SWAP1, evm::OP_POP);
    const Block underflow = block_at(translate(pops)->start());
    CHECK_EQ(underflow.required, int{evm::block_cell::always_underflows});
    CHECK_EQ(underflow.room, 0);
    // As many as are decoded at a time, and one more before them.
    const Block overflow = block_at(
        translate(Program{}.op(evm::OP_CALLER, evm::OP_DUP1).repeat(1022, evm::OP_DUP1))->start());
    CHECK_EQ(overflow.room, 0);
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
        CHECK_EQ(decoded.is_target(position), is_target);
        if (is_target)
            CHECK(block_at(decoded.jump(position)).gas >= 1);
    }
    CHECK(!decoded.is_target(UINT64_MAX));
    CHECK(!decoded.is_target(UINT64_MAX - 1));
    CHECK(!decoded.is_target(uint64_t{1} << 32));
    CHECK(!translate(Program{})->is_target(0));
}

TEST("analysis: code is decoded once, where it is entered") {
    // Three runs of code, each ending in STOP; the second falls into the third's JUMPDEST.
    const std::vector<uint8_t> code{evm::OP_CALLER,       evm::OP_STOP,   evm::OP_JUMPDEST,
                                    evm::OP_CALLER,       evm::OP_ORIGIN, evm::OP_JUMPDEST,
                                    evm::OP_CALLDATASIZE, evm::OP_STOP};
    Decoded forward{code};
    forward.start();
    CHECK(forward.analysis.find(2) == nullptr);
    CHECK(forward.analysis.find(5) == nullptr);
    const Cell* second = forward.jump(2);
    const Cell* third = forward.analysis.find(5);
    CHECK(third == second + 3); // one run of cells: BLOCK CALLER ORIGIN, BLOCK CALLDATASIZE STOP
    CHECK(forward.jump(2) == second);

    Decoded backward{code};
    const Cell* last = backward.jump(5);
    const Cell* before = backward.jump(2);
    CHECK(before[3].handler == Handler::JUMP_TO);
    CHECK(backward.follow(before + 4) == last);
    CHECK_EQ(block_at(before).gas, 1u + 2 + 2); // going on there costs nothing
}

TEST("analysis: any bytes have the jump targets that the definition gives") {
    Random random{7};
    for (int round = 0; round < 3000; ++round) {
        std::vector<uint8_t> code(random.below(400));
        const uint64_t kind = random.below(5);
        for (uint8_t& byte : code) {
            const uint64_t any = random.below(256);
            byte = static_cast<uint8_t>(kind == 0   ? any
                                        : kind == 3 ? uint64_t{evm::OP_PUSH1}
                                        // no end of what may be one
                                        : any % 2 == 0 ? uint64_t{evm::OP_JUMPDEST}
                                        : kind == 1    ? evm::OP_PUSH1 + any % 32
                                        : kind == 4    ? evm::OP_PUSH1 + any % 3
                                                       : any);
        }
        if (kind == 3)
            for (uint64_t i = 0; i < code.size() / 20; ++i)
                code[random.below(code.size())] = evm::OP_JUMPDEST;
        const std::vector<uint64_t> bitmap = evm::find_jump_destinations(code);
        evm::JumpDestinations destinations;
        size_t taken = 0;
        std::vector<bool> expected(code.size());
        for (size_t i = 0; i < code.size(); ++i) {
            expected[i] = code[i] == evm::OP_JUMPDEST;
            if (code[i] >= evm::OP_PUSH1 && code[i] <= evm::OP_PUSH32)
                i += static_cast<size_t>(code[i] - evm::OP_PUSH1 + 1);
        }
        // From the back, so that nothing is known of what comes before.
        for (size_t i = code.size(); i-- > 0;) {
            CHECK_EQ(destinations.contain(code, i, taken), expected[i]);
            CHECK_EQ((bitmap[i / 64] >> (i % 64) & 1) != 0, expected[i]);
        }
    }
}

TEST("analysis: code is decoded as far as control gets") {
    const auto memory_of = [](std::initializer_list<unsigned> filler) {
        std::vector<uint8_t> code{evm::OP_PUSH1, 1, evm::OP_PUSH1 + 1, 0x5f, 0xf0, evm::OP_JUMPI};
        while (code.size() + filler.size() < 0x5ff0)
            for (const unsigned op : filler)
                code.push_back(static_cast<uint8_t>(op));
        code.resize(0x5ff0, evm::OP_STOP);
        code.push_back(evm::OP_JUMPDEST);
        code.push_back(evm::OP_STOP);
        Decoded decoded{code};
        const Cell* jump = decoded.start() + 2;
        CHECK(jump->handler == Handler::JUMPI_TO);
        CHECK_EQ(block_at(decoded.follow(jump + 1)).gas, 1u);
        CHECK(decoded.follow(jump + 1) == decoded.jump(0x5ff0));
        return decoded.analysis.memory_size();
    };
    CHECK(memory_of({evm::OP_JUMPDEST}) < 2048);
    CHECK(memory_of({evm::OP_PUSH1, 255, evm::OP_PUSH1, 255, evm::OP_EXP, evm::OP_POP}) < 2048);
    CHECK(memory_of({evm::OP_SWAP1}) < 2048);
    CHECK(memory_of({evm::OP_SLOAD}) < 2048);
    CHECK(memory_of({evm::OP_JUMPDEST, evm::OP_PUSH1, 0, evm::OP_DUP1, evm::OP_JUMPI}) < 2048);
    // Where nothing shows what is push data there is a bit for every byte besides.
    CHECK(memory_of({evm::OP_PUSH1}) < 2048 + 0x6000 / 8);
}

TEST("analysis: code without jumps is decoded piece by piece") {
    // Each instruction costs gas; the blocks' add up, whichever way they hang together.
    const auto check = [](Program program, size_t gas) {
        Decoded decoded{program.bytes()};
        size_t sum = 0;
        size_t pieces = 0;
        const Cell* cell = decoded.start();
        for (; cell->handler != Handler::STOP;) {
            if (cell->handler == Handler::BLOCK)
                sum += block_at(cell).gas;
            if (cell->handler == Handler::JUMP_TO) {
                cell = decoded.follow(cell + 1);
                ++pieces;
            } else {
                cell += 1 + words_of(cell->handler);
            }
        }
        CHECK_EQ(sum, gas);
        CHECK(pieces + 1 >= program.size() / (Translator::most_bytes + Translator::run_size));
    };
    check(Program{}.repeat(10'000, evm::OP_CALLER), 20'000);
    check(Program{}.repeat(10'000, evm::OP_SWAP1), 30'000);
    check(Program{}.repeat(10'000, evm::OP_GAS), 20'000);
    check(Program{}.repeat(10'000, evm::OP_JUMPDEST), 10'000);
    Program pushes;
    for (int i = 0; i < 1000; ++i)
        pushes.push(~Word{}).op(evm::OP_POP);
    check(pushes, 5000);
    // A push whose data are cut by where a decoding ends.
    Program shifted = Program{}.repeat(1010, evm::OP_CALLER).push(~Word{});
    check(shifted.repeat(3000, evm::OP_SWAP1), 1010 * 2 + 3 + 9000);
}

TEST("analysis: runs of JUMPDESTs share what follows them") {
    constexpr size_t size = 24 * 1024;
    std::vector<uint8_t> code(size, evm::OP_JUMPDEST);
    code.push_back(evm::OP_CALLER);
    const auto gas_from = [](Decoded& decoded, const Cell* cell) {
        size_t gas = 0;
        size_t blocks = 0;
        for (; cell->handler != Handler::STOP;) {
            if (cell->handler == Handler::BLOCK) {
                gas += block_at(cell).gas;
                ++blocks;
            }
            cell = cell->handler == Handler::JUMP_TO ? decoded.follow(cell + 1) : cell + 1;
        }
        CHECK(blocks < 200);
        return gas;
    };
    {
        Decoded once{code};
        CHECK_EQ(gas_from(once, once.start()), size + 2);
        CHECK(once.analysis.memory_size() < size / 2);
        CHECK_EQ(gas_from(once, once.jump(0)), size + 2);
    }
    Random random{3};
    for (int order = 0; order < 3; ++order) {
        Decoded decoded{code};
        for (size_t i = 0; i < size; ++i) {
            const size_t position = order == 0 ? i : order == 1 ? size - 1 - i : random.below(size);
            const Cell* block = decoded.jump(position);
            CHECK(block_at(block).gas >= 1);
            if (i % 97 == 0)
                CHECK_EQ(gas_from(decoded, block), size - position + 2);
        }
        CHECK(decoded.analysis.memory_size() < size * 160);
    }
    // A run that ends where a decoding or the code does, and one that is all there is.
    for (const size_t length : {1u, 2u, 7u, 8u, 9u, 10u, 511u, 512u, 513u, 1023u, 1024u, 1025u}) {
        Decoded all{std::vector<uint8_t>(length, evm::OP_JUMPDEST)};
        CHECK_EQ(gas_from(all, all.start()), length);
        for (size_t position = 0; position < length; position += 3)
            CHECK_EQ(gas_from(all, all.jump(position)), length - position);
    }
}

TEST("analysis: no code decodes to more cells than there is room for") {
    // Every pair of instructions, and every triple of those that grow most, again and again. The
    // room is three cells per byte and a little; a sanitizer sees where a write goes beyond it.
    const auto check = [](Translator& translator, const std::vector<uint8_t>& code) {
        const Analysis analysis{EVMC_OSAKA};
        CHECK(translator.translate(analysis, code, 0).size() <= code.size() * 3 + 64);
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
            check(translator, repeat({a, b}, 600));
    const unsigned growing[] = {0x01, 0x03, 0x04, 0x0a, 0x10, 0x15, 0x16, 0x19, 0x1b,
                                0x34, 0x50, 0x51, 0x52, 0x54, 0x55, 0x57, 0x58, 0x5a,
                                0x5b, 0x5f, 0x60, 0x80, 0x81, 0x90, 0x91, 0xa0};
    for (const unsigned a : growing)
        for (const unsigned b : growing)
            for (const unsigned c : growing) {
                check(translator, repeat({a, b, c}, 400));
            }
}

TEST("analysis: powers that take long are not folded") {
    check_operations(Program{}.push(~Word{}).push(3).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_WIDE, Handler::PUSH_IMM, Handler::EXP});
    check_operations(Program{}.push(32).push(3).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_IMM, Handler::PUSH_IMM, Handler::EXP});
    check_operations(Program{}.push(31).push(10).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_WIDE, Handler::STOP});
    // Powers of two are shifts.
    check_operations(Program{}.push(~Word{}).push(2).op(evm::OP_EXP),
                     {Handler::BLOCK, Handler::PUSH_IMM, Handler::STOP});
}

} // namespace braid::test
