/// Why calls fail, in geth's words.
#include "tests/traced_blocks.hpp"

#include "trace/failure_text.hpp"
#include "trace/revert_reason.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// What the call tracer says of a call of `program` with so much gas, by a contract that itself
/// succeeds.
std::string failed_call(const Program& program, uint8_t op = OP_CALL, uint64_t gas = 200'000,
                        evmc_revision revision = EVMC_CANCUN) {
    HardBlock block{revision};
    const Address callee = block.deploy_program(0xb000, program);
    Program caller;
    caller.push(0).push(0).push(0).push(0);
    if (op == OP_CALL)
        caller.push(0);
    block.call(block.deploy_program(0xa000,
                                    caller.push(reference::Word{callee}).push(gas).op(op, OP_POP)));
    trace_with(block, wire::Tracer::call);
    return first_trace_of(block);
}

std::string error_of(const Program& program, uint8_t op = OP_CALL, uint64_t gas = 200'000,
                     evmc_revision revision = EVMC_CANCUN) {
    return text_of(failed_call(program, op, gas, revision), "error");
}

/// Initcode of a creation whose code is `size` bytes of memory.
Program leaving(uint64_t size) { return Program{}.push(size).push(0).op(OP_RETURN); }

/// What the call tracer says of a creation by a transaction.
std::string error_of_creation(const Program& initcode) {
    HardBlock block{EVMC_CANCUN};
    block.create(initcode).gas_limit = 10'000'000;
    trace_with(block, wire::Tracer::call);
    return text_of(first_trace_of(block), "error");
}

} // namespace

TEST("failures: instructions that fail before they are executed") {
    CHECK_EQ(error_of(Program{}.op(OP_POP)), "stack underflow (0 <=> 1)");
    CHECK_EQ(error_of(Program{}.push(1).op(OP_ADD)), "stack underflow (1 <=> 2)");
    Program full;
    for (int i = 0; i < 1025; ++i)
        full.push(1);
    CHECK_EQ(error_of(full), "stack limit reached 1024 (1023)");
    CHECK_EQ(error_of(Program{}.op(OP_JUMPDEST).push(0).op(OP_JUMP)), "out of gas");
    CHECK_EQ(error_of(Program{}.push(reference::Word{UINT64_MAX}).op(OP_MLOAD)),
             "gas uint64 overflow");
    CHECK_EQ(error_of(Program{}.push(1).push(0).op(OP_SSTORE), OP_CALL, 2'300),
             "out of gas: not enough gas for reentrancy sentry");
    CHECK_EQ(error_of(Program{}.push(1).push(0).op(OP_SSTORE), OP_STATICCALL),
             "out of gas: write protection");
}

TEST("failures: instructions that fail while they are executed") {
    CHECK_EQ(error_of(Program{}.op(OP_INVALID)), "invalid opcode: INVALID");
    CHECK_EQ(error_of(Program{}.op(0x0c)), "invalid opcode: opcode 0xc not defined");
    CHECK_EQ(error_of(Program{}.push(0).op(OP_JUMP)), "invalid jump destination");
    CHECK_EQ(error_of(Program{}.push(1).push(0).push(0).op(OP_RETURNDATACOPY)),
             "return data out of bounds");
    CHECK_EQ(error_of(Program{}.push(0).push(0).op(OP_LOG0), OP_STATICCALL), "write protection");
    // Named as in the newest fork, though the block's does not have it.
    CHECK_EQ(error_of(Program{}.push(0).push(0).op(OP_REVERT), OP_CALL, 50'000, EVMC_HOMESTEAD),
             "invalid opcode: REVERT");
}

TEST("failures: calls and creations that are refused") {
    const std::string poor = failed_call(call_program(address_of(0xdead), 1));
    CHECK_EQ(text_of(poor, "error"), "insufficient balance for transfer");
    CHECK(poor.find("\"to\":" + json_of(address_of(0xdead))) != std::string::npos);
    CHECK_EQ(error_of_creation(Program{}.push(0xef).push(0).op(OP_MSTORE8).append(leaving(1))),
             "invalid code: must not begin with 0xef");
    CHECK_EQ(error_of_creation(leaving(24'577)), "max code size exceeded");
}

TEST("failures: a creation without the gas for its code has neither an address nor an output") {
    HardBlock block{EVMC_CANCUN};
    block.create(leaving(10'000)).gas_limit = 100'000; // 200 gas a byte
    trace_with(block, wire::Tracer::call);
    const std::string trace = first_trace_of(block);
    CHECK_EQ(text_of(trace, "error"), "contract creation code storage out of gas");
    CHECK_EQ(text_of(trace, "to"), "");
    CHECK_EQ(text_of(trace, "output"), "");
}

TEST("failures: a revert keeps its data and says its reason") {
    // Error("no"): the selector, an offset, a size and the text.
    const std::vector<uint8_t> data =
        from_hex("08c379a0"
                 "0000000000000000000000000000000000000000000000000000000000000020"
                 "0000000000000000000000000000000000000000000000000000000000000002"
                 "6e6f000000000000000000000000000000000000000000000000000000000000");
    CHECK_EQ(trace::revert_reason(data), "no");
    Program program;
    for (size_t i = 0; i < data.size(); ++i)
        program.push(data[i]).push(i).op(OP_MSTORE8);
    const std::string trace = failed_call(program.push(data.size()).push(0).op(OP_REVERT));
    CHECK_EQ(text_of(trace, "error"), "execution reverted");
    CHECK_EQ(text_of(trace, "revertReason"), "no");
    CHECK_EQ(text_of(trace, "output"), "0x" + to_hex(data));
}

TEST("failures: what a revert says, where it says something") {
    const auto panic = [](const char* code) {
        return trace::revert_reason(
            from_hex(std::string{"4e487b71"} + std::string(62, '0') + code));
    };
    CHECK_EQ(panic("01"), "assert(false)");
    CHECK_EQ(panic("11"), "arithmetic underflow or overflow");
    CHECK_EQ(panic("12"), "division or modulo by zero");
    CHECK_EQ(panic("77"), "unknown panic code: 0x77");
    CHECK_EQ(trace::revert_reason({}), "");
    CHECK_EQ(trace::revert_reason(from_hex("08c379a0")), "");
    CHECK_EQ(trace::revert_reason(from_hex("4e487b7101")), "");
    CHECK_EQ(trace::revert_reason(from_hex("01020304")), "");
    // The size of the text is beyond the data.
    CHECK_EQ(trace::revert_reason(
                 from_hex("08c379a0" + std::string(62, '0') + "20" + std::string(64, 'f'))),
             "");
}

TEST("failures: names of instructions do not depend on the fork") {
    CHECK_EQ(trace::instruction_name(0x20), "KECCAK256");
    CHECK_EQ(trace::instruction_name(0x44), "DIFFICULTY");
    CHECK_EQ(trace::instruction_name(0x5f), "PUSH0");
    CHECK_EQ(trace::instruction_name(0x7f), "PUSH32");
    CHECK_EQ(trace::instruction_name(0x8f), "DUP16");
    CHECK_EQ(trace::instruction_name(0x90), "SWAP1");
    CHECK_EQ(trace::instruction_name(0xa4), "LOG4");
    CHECK_EQ(trace::instruction_name(0xfe), "INVALID");
    CHECK_EQ(trace::instruction_name(0x21), "opcode 0x21 not defined");
}

} // namespace braid::test
