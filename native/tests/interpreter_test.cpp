/// Control flow, the stack's limits, memory, copies and the environment.
#include "tests/evm/fixture.hpp"

namespace braid::test {
namespace {

using reference::Word;

int status_of(const Execution& execution) { return execution.outcome.status; }

/// The gas that code needs to end well.
int64_t gas_of(const Setup& setup, const Program& program) {
    const Execution execution = execute(setup, program);
    CHECK_EQ(status_of(execution), EVMC_SUCCESS);
    return execution.gas_used;
}

/// Checks that a program ends well with exactly this gas and fails with one less.
void check_exact_gas(Setup setup, const Program& program, int64_t gas) {
    setup.gas = gas;
    const Execution enough = execute(setup, program);
    CHECK_EQ(status_of(enough), EVMC_SUCCESS);
    CHECK_EQ(enough.outcome.gas_left, 0);
    setup.gas = gas - 1;
    CHECK_EQ(status_of(execute(setup, program)), EVMC_OUT_OF_GAS);
}

constexpr int64_t memory_gas(int64_t words) { return 3 * words + words * words / 512; }

} // namespace

TEST("interpreter: code ends in STOP") {
    const Execution empty = execute({}, Program{});
    CHECK_EQ(status_of(empty), EVMC_SUCCESS);
    CHECK_EQ(empty.gas_used, 0);
    CHECK_EQ(gas_of({}, Program{}.push(1).push(2)), 6);
    CHECK_EQ(gas_of({}, Program{}.push(1).op(evm::OP_STOP, evm::OP_INVALID)), 3);
    Setup nothing;
    nothing.gas = 0;
    CHECK_EQ(status_of(execute(nothing, Program{}.op(evm::OP_STOP))), EVMC_SUCCESS);
}

TEST("interpreter: a PUSH that the code's end cuts off is filled with zeros") {
    for (unsigned size = 1; size <= 32; ++size) {
        for (unsigned present = 0; present < size; ++present) {
            std::vector<uint8_t> code(1 + present, 0xff);
            code[0] = static_cast<uint8_t>(evm::OP_PUSH1 + size - 1);
            const Execution execution = execute({}, code);
            CHECK_EQ(status_of(execution), EVMC_SUCCESS);
            CHECK_EQ(execution.gas_used, 3);
        }
    }
}

TEST("interpreter: every size of PUSH") {
    const Word pattern = word("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    for (unsigned size = 1; size <= 32; ++size) {
        const Word value = shift_right(pattern, 256 - 8 * size);
        CHECK_EQ(execute({}, Program{}.push(value, size).return_top()).output(), hex(value));
        CHECK_EQ(execute({}, Program{}.push(0, size).return_top()).output(), hex(0));
    }
    CHECK_EQ(gas_of({}, Program{}.op(evm::OP_PUSH0)), 2);
    Setup paris;
    paris.revision = EVMC_PARIS;
    CHECK_EQ(status_of(execute(paris, Program{}.op(evm::OP_PUSH0))), EVMC_UNDEFINED_INSTRUCTION);
}

TEST("interpreter: DUP and SWAP reach 16 and 17 deep") {
    for (int depth = 1; depth <= 16; ++depth) {
        Program numbers;
        for (uint64_t i = 17; i > 0; --i)
            numbers.push(i); // the top is 1
        Program loaded;      // the same, not known beforehand
        for (uint64_t i = 17; i > 0; --i)
            loaded.push(i).op(evm::OP_CALLVALUE, evm::OP_ADD);
        for (const Program& start : {numbers, loaded}) {
            Program duplicated = start;
            duplicated.op(evm::OP_DUP1 + depth - 1).return_top();
            CHECK_EQ(execute({}, duplicated).output(), hex(static_cast<uint64_t>(depth)));
            Program swapped = start;
            swapped.op(evm::OP_SWAP1 + depth - 1).return_top();
            CHECK_EQ(execute({}, swapped).output(), hex(static_cast<uint64_t>(depth) + 1));
            Program popped = start; // SWAPn POP, then what is now n deep
            popped.op(evm::OP_SWAP1 + depth - 1, evm::OP_POP)
                .op(evm::OP_DUP1 + depth - 1)
                .return_top();
            CHECK_EQ(execute({}, popped).output(), hex(1));
        }
    }
}

TEST("interpreter: the stack holds 1024 items") {
    const auto stack_of = [](size_t items) {
        return Program{}.push(1).repeat(items - 1, evm::OP_DUP1);
    };
    CHECK_EQ(status_of(execute({}, stack_of(1024))), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute({}, stack_of(1025))), EVMC_STACK_OVERFLOW);
    CHECK_EQ(status_of(execute({}, stack_of(1024).op(evm::OP_POP, evm::OP_GAS))), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute({}, stack_of(1024).op(evm::OP_GAS))), EVMC_STACK_OVERFLOW);
    // Over the limit in a later block, coming from a jump.
    Program jump = stack_of(1023);
    jump.push(jump.size() + 4, 2).op(evm::OP_JUMP, evm::OP_JUMPDEST, evm::OP_PC);
    CHECK_EQ(status_of(execute({}, jump)), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute({}, jump.op(evm::OP_PC))), EVMC_STACK_OVERFLOW);
    // 100,000 items in one block.
    CHECK_EQ(status_of(execute({}, stack_of(100'000))), EVMC_STACK_OVERFLOW);
    CHECK_EQ(status_of(execute({}, Program{}.repeat(100'000, evm::OP_POP))), EVMC_STACK_UNDERFLOW);
}

TEST("interpreter: every instruction checks for its operands") {
    const reference::InstructionTable& table = reference::instructions(EVMC_OSAKA);
    for (size_t op = 0; op < 256; ++op) {
        if (!table[op].defined || table[op].inputs == 0)
            continue;
        Program program;
        for (int i = 0; i + 1 < table[op].inputs; ++i)
            program.op(evm::OP_PUSH0);
        program.op(op);
        CHECK_EQ(status_of(execute({}, program)), EVMC_STACK_UNDERFLOW);
    }
}

TEST("interpreter: undefined and invalid instructions") {
    for (int revision = 0; revision <= EVMC_MAX_REVISION; ++revision) {
        Setup setup;
        setup.revision = static_cast<evmc_revision>(revision);
        const auto& table = reference::instructions(setup.revision);
        for (size_t op = 0; op < 256; ++op) {
            Program program;
            for (int i = 0; i < 17; ++i)
                program.push(0);
            const bool is_undefined =
                status_of(execute(setup, program.op(op))) == EVMC_UNDEFINED_INSTRUCTION;
            CHECK_EQ(is_undefined, !table[op].defined);
        }
    }
    CHECK_EQ(status_of(execute({}, Program{}.op(evm::OP_INVALID))), EVMC_INVALID_INSTRUCTION);
}

TEST("interpreter: jumps lead to JUMPDESTs alone") {
    const auto jump_to = [](const Word& target) {
        // 0: PUSH32 target, 33: JUMP, 34: PUSH1 0x5b, 36: JUMPDEST
        return Program{}.push(target, 32).op(evm::OP_JUMP).push(0x5b).op(evm::OP_JUMPDEST);
    };
    const auto computed_jump_to = [](const Word& target) {
        // 0: PUSH32 target, CALLVALUE, ADD, 35: JUMP, 36: PUSH1 0x5b, 38: JUMPDEST
        return Program{}
            .push(target, 32)
            .op(evm::OP_CALLVALUE, evm::OP_ADD, evm::OP_JUMP)
            .push(0x5b)
            .op(evm::OP_JUMPDEST);
    };
    CHECK_EQ(gas_of({}, jump_to(36)), 3 + 8 + 1);
    CHECK_EQ(gas_of({}, computed_jump_to(38)), 3 + 2 + 3 + 8 + 1);
    for (const Word& target :
         {Word{0}, Word{33}, Word{34}, Word{35}, Word{37}, Word{39}, Word{1000}, Word{UINT32_MAX},
          word("100000024"), word("10000000000000024"), ~Word{}}) {
        CHECK_EQ(status_of(execute({}, jump_to(target))), EVMC_BAD_JUMP_DESTINATION);
        if (!(target == Word{37}))
            CHECK_EQ(status_of(execute({}, computed_jump_to(target + Word{2}))),
                     EVMC_BAD_JUMP_DESTINATION);
    }
    // A JUMPI that is not taken may lead anywhere.
    CHECK_EQ(gas_of({}, Program{}.push(0).push(~Word{}).op(evm::OP_JUMPI)), 3 + 3 + 10);
    CHECK_EQ(status_of(execute({}, Program{}.push(1).push(~Word{}).op(evm::OP_JUMPI))),
             EVMC_BAD_JUMP_DESTINATION);
    CHECK_EQ(gas_of({}, Program{}.op(evm::OP_CALLVALUE).push(~Word{}).op(evm::OP_JUMPI)), 15);
}

TEST("interpreter: a loop, and gas to the last unit") {
    // 100 turns: JUMPDEST PUSH1 1 SWAP1 SUB DUP1 PUSH1 2 JUMPI
    const Program loop = Program{}
                             .push(100)
                             .op(evm::OP_JUMPDEST)
                             .push(1)
                             .op(evm::OP_SWAP1, evm::OP_SUB, evm::OP_DUP1)
                             .push(2)
                             .op(evm::OP_JUMPI);
    check_exact_gas({}, loop, 3 + 100 * (1 + 3 + 3 + 3 + 3 + 3 + 10));
    // GAS sees what is left after itself, wherever it stands.
    Setup setup;
    setup.gas = 1000;
    const Program gas = Program{}.push(1).op(evm::OP_POP, evm::OP_GAS).push(1).op(evm::OP_POP);
    CHECK_EQ(execute(setup, Program{}.append(gas).return_top()).output(), hex(1000 - 3 - 2 - 2));
    // PC is the position of the instruction itself.
    CHECK_EQ(execute({}, Program{}.push(7).op(evm::OP_POP, evm::OP_PC).return_top()).output(),
             hex(3));
}

TEST("interpreter: more than two million gas in one block") {
    // No EXP may overflow the block's gas field: 2000 times 3 + 3 + 10 + 1600 + 2.
    Program program;
    for (int i = 0; i < 2000; ++i)
        program.push(~Word{}).push(2).op(evm::OP_EXP, evm::OP_POP);
    Setup setup;
    setup.gas = 10'000'000;
    check_exact_gas(setup, program, 2000 * (3 + 3 + 10 + 1600 + 2));
}

TEST("interpreter: memory costs 3 gas per word and words squared over 512") {
    const auto store_at = [](const Word& offset) {
        return Program{}.push(1).push(offset).op(evm::OP_MSTORE);
    };
    check_exact_gas({}, store_at(0), 9 + memory_gas(1));
    check_exact_gas({}, store_at(1), 9 + memory_gas(2));
    check_exact_gas({}, store_at(32), 9 + memory_gas(2));
    Setup rich;
    rich.gas = 1'000'000'000;
    check_exact_gas(rich, store_at(31 * 1024), 9 + memory_gas(31 * 32 + 1));
    check_exact_gas(rich, store_at(1'000'000), 9 + memory_gas(31'251));
    check_exact_gas({}, Program{}.push(1).push(64).op(evm::OP_MSTORE8), 9 + memory_gas(3));
    check_exact_gas({}, Program{}.push(63).op(evm::OP_MLOAD), 6 + memory_gas(3));
    for (const Word& offset : {Word{UINT32_MAX}, word("100000000"), word("ffffffffffffffff"),
                               word("10000000000000000"), ~Word{}}) {
        CHECK_EQ(status_of(execute({}, store_at(offset))), EVMC_OUT_OF_GAS);
        CHECK_EQ(status_of(execute({}, Program{}.push(offset).op(evm::OP_MLOAD))), EVMC_OUT_OF_GAS);
        CHECK_EQ(status_of(execute({}, Program{}.push(0).push(offset).op(evm::OP_MSTORE8))),
                 EVMC_OUT_OF_GAS);
        CHECK_EQ(status_of(execute({}, Program{}.push(1).push(offset).op(evm::OP_RETURN))),
                 EVMC_OUT_OF_GAS);
        // Nothing is touched where the size is zero.
        CHECK_EQ(gas_of({}, Program{}.push(0).push(offset).op(evm::OP_RETURN)), 6);
        CHECK_EQ(gas_of({}, Program{}.push(0).push(offset).op(evm::OP_KECCAK256)), 36);
    }
    const Program size = Program{}.push(0x40).op(evm::OP_MLOAD, evm::OP_POP, evm::OP_MSIZE);
    CHECK_EQ(execute({}, Program{}.append(size).return_top()).output(), hex(96));
}

TEST("interpreter: memory grows with zeros, frame after frame") {
    BuiltInMachine machine;
    Setup setup;
    setup.gas = 1'000'000'000;
    // The first frame writes all over; the second one must not see it. The last is so large that
    // its memory is given back.
    for (const uint64_t size : {uint64_t{1000}, uint64_t{300'000}, uint64_t{20'000'000}}) {
        Program write;
        for (uint64_t i = 0; i < 8; ++i)
            write.push(~Word{}).push(size / 8 * i).op(evm::OP_MSTORE);
        execute_on(machine, setup, write.bytes());
        Program read = Program{}.push(0);
        for (uint64_t i = 0; i < 8; ++i)
            read.push(size / 8 * i).op(evm::OP_MLOAD, evm::OP_OR);
        const Execution execution = execute_on(machine, setup, read.return_top().bytes());
        CHECK_EQ(execution.output(), hex(0));
    }
}

TEST("interpreter: MSTORE, MSTORE8 and MLOAD overlap") {
    const Word value = word("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    Program program;
    program.push(value).push(5).op(evm::OP_MSTORE).push(0xabff).push(6).op(evm::OP_MSTORE8);
    const std::string expected = "000000000001ff030405060708090a0b0c0d0e0f101112131415161718191a1b";
    CHECK_EQ(execute({}, Program{}.append(program).finish(0, 32)).output(), expected);
    CHECK_EQ(execute({}, Program{}.append(program).push(0).op(evm::OP_MLOAD).return_top()).output(),
             expected);
    // The offset a copy of the value itself, and of a deeper item.
    CHECK_EQ(execute({}, Program{}.push(3).op(evm::OP_DUP1, evm::OP_MSTORE).finish(0, 35)).output(),
             std::string(68, '0') + "03");
    CHECK_EQ(execute({}, Program{}
                             .op(evm::OP_CALLDATASIZE, evm::OP_CALLER, evm::OP_DUP1 + 1)
                             .op(evm::OP_MSTORE)
                             .finish(0, 32))
                 .output(),
             hex(Word{caller}));
}

TEST("interpreter: MCOPY as in EIP-5656") {
    const std::string zeros(64, '0');
    const std::string counted = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const std::string ones = "0101010101010101010101010101010101010101010101010101010101010101";
    const struct {
        uint64_t target;
        uint64_t source;
        uint64_t size;
        std::string before;
        std::string after;
        int64_t gas;
    } cases[] = {
        {0, 32, 32, zeros + counted, counted + counted, 6},
        {0, 0, 32, ones, ones, 6},
        {0, 1, 8, "0001020304050607080" + std::string(45, '0'),
         "0102030405060708080" + std::string(45, '0'), 6},
        {1, 0, 8, "0001020304050607080" + std::string(45, '0'),
         "0000010203040506070" + std::string(45, '0'), 6},
        {7, 5, 0, counted, counted, 3},
    };
    for (const auto& [target, source, size, before, after, gas] : cases) {
        Program program;
        for (size_t i = 0; i < before.size() / 64; ++i)
            program.push(word(std::string_view{before}.substr(64 * i, 64)), 32).store(32 * i);
        const int64_t gas_before = gas_of({}, program);
        program.push(size).push(source).push(target).op(evm::OP_MCOPY);
        CHECK_EQ(gas_of({}, program), gas_before + 9 + gas);
        CHECK_EQ(execute({}, program.finish(0, before.size() / 2)).output(), after);
    }
    // Memory grows to the end of the range that ends last.
    const auto copy = [](const Word& target, const Word& source, const Word& size) {
        return Program{}.push(size).push(source).push(target).op(evm::OP_MCOPY);
    };
    CHECK_EQ(gas_of({}, copy(0, 100, 1)), 9 + 3 + 3 + memory_gas(4));
    CHECK_EQ(gas_of({}, copy(100, 0, 1)), 9 + 3 + 3 + memory_gas(4));
    CHECK_EQ(gas_of({}, copy(~Word{}, ~Word{}, 0)), 12);
    CHECK_EQ(status_of(execute({}, copy(0, ~Word{}, 1))), EVMC_OUT_OF_GAS);
    CHECK_EQ(status_of(execute({}, copy(~Word{}, 0, 1))), EVMC_OUT_OF_GAS);
    CHECK_EQ(status_of(execute({}, copy(0, 0, word("ffffffff")))), EVMC_OUT_OF_GAS);
}

TEST("interpreter: copies fill with zeros beyond their source") {
    Setup setup;
    setup.input = from_hex("a1a2a3a4a5");
    const auto dirty = [] { return Program{}.push(~Word{}).store(0); };
    const auto copied = [&](uint8_t op, const Word& offset) {
        const Program program = dirty().push(8).push(offset).push(1).op(op).finish(0, 10);
        return execute(setup, program).output();
    };
    CHECK_EQ(copied(evm::OP_CALLDATACOPY, 0), "ffa1a2a3a4a5000000ff");
    CHECK_EQ(copied(evm::OP_CALLDATACOPY, 3), "ffa4a5000000000000ff");
    for (const Word& beyond : {Word{5}, word("100000000"), word("10000000000000000"), ~Word{}}) {
        CHECK_EQ(copied(evm::OP_CALLDATACOPY, beyond), "ff0000000000000000ff");
        CHECK_EQ(
            execute(setup, Program{}.push(beyond).op(evm::OP_CALLDATALOAD).return_top()).output(),
            hex(0));
    }
    CHECK_EQ(copied(evm::OP_CODECOPY, 0), "ff" + std::string(14, 'f').replace(0, 2, "7f") + "ffff");
    CHECK_EQ(execute(setup, Program{}.push(3).op(evm::OP_CALLDATALOAD).return_top()).output(),
             "a4a5" + std::string(60, '0'));
    check_exact_gas({}, Program{}.push(33).push(0).push(0).op(evm::OP_CALLDATACOPY),
                    9 + 3 + 2 * 3 + memory_gas(2));
}

TEST("interpreter: CALLDATALOAD at known and unknown offsets") {
    Setup setup;
    for (unsigned i = 0; i < 40; ++i)
        setup.input.push_back(static_cast<uint8_t>(i + 1));
    for (uint64_t offset = 0; offset < 45; ++offset) {
        std::vector<uint8_t> expected(32);
        for (uint64_t i = 0; i < 32 && offset + i < 40; ++i)
            expected[i] = static_cast<uint8_t>(offset + i + 1);
        const Program known = Program{}.push(offset);
        const Program unknown = Program{}.push(offset).op(evm::OP_CALLVALUE, evm::OP_ADD);
        for (const Program& start : {known, unknown})
            CHECK_EQ(execute(setup, Program{start}.op(evm::OP_CALLDATALOAD).return_top()).output(),
                     to_hex(expected));
    }
}

TEST("interpreter: KECCAK256") {
    const Execution empty =
        execute({}, Program{}.push(0).push(0).op(evm::OP_KECCAK256).return_top());
    CHECK_EQ(empty.output(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    const Execution zeros =
        execute({}, Program{}.push(32).push(0).op(evm::OP_KECCAK256).return_top());
    CHECK_EQ(zeros.output(), "290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563");
    check_exact_gas({}, Program{}.push(33).push(0).op(evm::OP_KECCAK256),
                    6 + 30 + 2 * 6 + memory_gas(2));
}

TEST("interpreter: what a frame can ask about its surroundings") {
    Setup setup;
    setup.input.assign(70, 1);
    setup.value = 9;
    const auto ask = [&](uint8_t op) {
        return execute(setup, Program{}.op(op).return_top()).output();
    };
    CHECK_EQ(ask(evm::OP_ADDRESS), hex(0xc0de));
    CHECK_EQ(ask(evm::OP_CALLER), hex(0xca11));
    CHECK_EQ(ask(evm::OP_CALLVALUE), hex(9));
    CHECK_EQ(ask(evm::OP_CALLDATASIZE), hex(70));
    CHECK_EQ(ask(evm::OP_CODESIZE), hex(9));
    CHECK_EQ(ask(evm::OP_RETURNDATASIZE), hex(0));
    CHECK_EQ(ask(evm::OP_ORIGIN), hex(0x0419));
    CHECK_EQ(ask(evm::OP_GASPRICE), hex(0x600d));
    CHECK_EQ(ask(evm::OP_COINBASE), hex(0xc01b));
    CHECK_EQ(ask(evm::OP_TIMESTAMP), hex(1'700'000'000));
    CHECK_EQ(ask(evm::OP_NUMBER), hex(1000));
    CHECK_EQ(ask(evm::OP_PREVRANDAO), hex(~Word{0x4a4d}));
    CHECK_EQ(ask(evm::OP_GASLIMIT), hex(30'000'000));
    CHECK_EQ(ask(evm::OP_CHAINID), hex(1));
    CHECK_EQ(ask(evm::OP_SELFBALANCE), hex(9));
    CHECK_EQ(ask(evm::OP_BASEFEE), hex(7));
    CHECK_EQ(ask(evm::OP_BLOBBASEFEE), hex(3));
}

TEST("interpreter: BLOCKHASH and BLOBHASH know their range") {
    const auto ask = [&](uint8_t op, const Word& index) {
        return execute({}, Program{}.push(index).op(op).return_top()).output();
    };
    CHECK_EQ(ask(evm::OP_BLOCKHASH, 999), hex(~Word{999}));
    CHECK_EQ(ask(evm::OP_BLOCKHASH, 744), hex(~Word{744}));
    CHECK_EQ(ask(evm::OP_BLOCKHASH, 743), hex(0));
    CHECK_EQ(ask(evm::OP_BLOCKHASH, 1000), hex(0));
    CHECK_EQ(ask(evm::OP_BLOCKHASH, 1001), hex(0));
    CHECK_EQ(ask(evm::OP_BLOCKHASH, word("100000000000003e7")), hex(0));
    CHECK_EQ(ask(evm::OP_BLOBHASH, 0), "01" + std::string(60, '0') + "b0");
    CHECK_EQ(ask(evm::OP_BLOBHASH, 1), "01" + std::string(60, '0') + "b1");
    CHECK_EQ(ask(evm::OP_BLOBHASH, 2), hex(0));
    CHECK_EQ(ask(evm::OP_BLOBHASH, word("10000000000000000")), hex(0));
}

TEST("interpreter: REVERT keeps gas and output, a failure neither") {
    const Program revert = Program{}.push(0xee).store(0).push(1).push(31).op(evm::OP_REVERT);
    const Execution reverted = execute({}, revert);
    CHECK_EQ(status_of(reverted), EVMC_REVERT);
    CHECK_EQ(reverted.output(), "ee");
    CHECK_EQ(reverted.gas_used, 3 + 3 + 3 + 3 + 6);
    const Execution failed = execute({}, Program{}.op(evm::OP_INVALID));
    CHECK_EQ(failed.outcome.gas_left, 0);
    CHECK_EQ(failed.output(), "");
    Setup homestead;
    homestead.revision = EVMC_HOMESTEAD;
    CHECK_EQ(status_of(execute(homestead, revert)), EVMC_UNDEFINED_INSTRUCTION);
}

} // namespace braid::test
