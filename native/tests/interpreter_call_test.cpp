/// Calls and creations: gas, flags, return data, depth.
#include "tests/evm/fixture.hpp"

#include <pthread.h>

namespace braid::test {
namespace {

using reference::Word;

const Address callee = Word{0xca11ee}.to_address();

int status_of(const Execution& execution) { return execution.outcome.status; }

/// A call of `callee` without input and output.
Program call_of(uint8_t op, const Word& gas, uint64_t value = 0) {
    Program program = Program{}.push(0).push(0).push(0).push(0);
    if (op == evm::OP_CALL || op == evm::OP_CALLCODE)
        program.push(value);
    return program.push(Word{callee}).push(gas).op(op);
}
int64_t pushes_gas(uint8_t op) { return op == evm::OP_CALL || op == evm::OP_CALLCODE ? 21 : 18; }

Setup setup_with(const Program& code, evmc_revision revision = EVMC_OSAKA) {
    Setup setup;
    setup.revision = revision;
    setup.state.account(callee).code = make_code(code.bytes());
    setup.state.account(callee).nonce = 1;
    setup.state.account(contract).balance = 100;
    return setup;
}

constexpr uint8_t call_instructions[] = {evm::OP_CALL, evm::OP_CALLCODE, evm::OP_DELEGATECALL,
                                         evm::OP_STATICCALL};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr bool stack_frames_are_natural = false;
#else
constexpr bool stack_frames_are_natural = true;
#endif

/// Runs something on a thread with a stack that holds 1024 calls even of a sanitized build.
template <typename Work>
void with_large_stack(Work& work) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size_t{256} << 20);
    pthread_t thread;
    const auto run = [](void* argument) -> void* {
        (*static_cast<Work*>(argument))();
        return nullptr;
    };
    const bool is_started = pthread_create(&thread, &attributes, run, &work) == 0;
    CHECK(is_started);
    if (is_started)
        pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

} // namespace

TEST("interpreter: what a call's message says") {
    Setup setup = setup_with(Program{}.op(evm::OP_STOP));
    setup.value = 6;
    for (const uint8_t op : call_instructions) {
        const uint64_t value = op == evm::OP_CALL || op == evm::OP_CALLCODE ? 5 : 0;
        const Execution execution = execute(setup, call_of(op, 1000, value).return_top());
        CHECK_EQ(execution.output(), hex(1));
        CHECK_EQ(execution.messages.size(), size_t{1});
        const evmc_message& message = execution.messages.at(0);
        const bool is_own = op == evm::OP_CALLCODE || op == evm::OP_DELEGATECALL;
        CHECK_EQ(message.kind, op == evm::OP_CALLCODE       ? EVMC_CALLCODE
                               : op == evm::OP_DELEGATECALL ? EVMC_DELEGATECALL
                                                            : EVMC_CALL);
        CHECK_EQ(message.flags, op == evm::OP_STATICCALL ? uint32_t{EVMC_STATIC} : 0u);
        CHECK_EQ(message.depth, 1);
        CHECK_EQ(message.gas, 1000 + (value != 0 ? 2300 : 0));
        CHECK(message.recipient == (is_own ? contract : callee));
        CHECK(message.code_address == callee);
        CHECK(message.sender == (op == evm::OP_DELEGATECALL ? caller : contract));
        CHECK(message.value == Word{op == evm::OP_DELEGATECALL ? 6 : value}.to_bytes());
    }
}

TEST("interpreter: what calls cost, revision by revision") {
    const struct {
        evmc_revision revision;
        uint8_t op;
        int64_t gas;
    } cases[] = {
        {EVMC_FRONTIER, evm::OP_CALL, 40},
        {EVMC_FRONTIER, evm::OP_CALLCODE, 40},
        {EVMC_HOMESTEAD, evm::OP_DELEGATECALL, 40},
        {EVMC_TANGERINE_WHISTLE, evm::OP_CALL, 700},
        {EVMC_TANGERINE_WHISTLE, evm::OP_DELEGATECALL, 700},
        {EVMC_BYZANTIUM, evm::OP_STATICCALL, 700},
        {EVMC_BERLIN, evm::OP_CALL, 2600},
        {EVMC_BERLIN, evm::OP_CALLCODE, 2600},
        {EVMC_OSAKA, evm::OP_DELEGATECALL, 2600},
        {EVMC_OSAKA, evm::OP_STATICCALL, 2600},
    };
    for (const auto& [revision, op, gas] : cases) {
        const Setup setup = setup_with(Program{}.op(evm::OP_STOP), revision);
        CHECK_EQ(execute(setup, call_of(op, 0)).gas_used, pushes_gas(op) + gas);
        // All the gas that is forwarded, and no more, is gone with a failing callee.
        const Setup failing = setup_with(Program{}.op(evm::OP_INVALID), revision);
        const Execution failed = execute(failing, call_of(op, 5000).return_top());
        CHECK_EQ(failed.output(), hex(0));
        CHECK_EQ(failed.gas_used - 3 - 3 - 3 - 3 - 3, pushes_gas(op) + gas + 5000);
        if (op != evm::OP_CALL && op != evm::OP_CALLCODE)
            continue;
        // With value: 9000 more, of which the callee leaves 2300.
        CHECK_EQ(execute(setup, call_of(op, 0, 1)).gas_used, pushes_gas(op) + gas + 9000 - 2300);
    }
    // A new account: always before EIP-161, with value after it.
    for (const auto& [revision, value, gas] :
         {std::tuple{EVMC_FRONTIER, uint64_t{0}, 40 + 25000},
          {EVMC_TANGERINE_WHISTLE, uint64_t{0}, 700 + 25000},
          {EVMC_SPURIOUS_DRAGON, uint64_t{0}, 700},
          {EVMC_SPURIOUS_DRAGON, uint64_t{1}, 700 + 9000 + 25000 - 2300},
          {EVMC_OSAKA, uint64_t{1}, 2600 + 9000 + 25000 - 2300}}) {
        Setup setup;
        setup.revision = revision;
        setup.state.account(contract).balance = 100;
        CHECK_EQ(execute(setup, call_of(evm::OP_CALL, 0, value)).gas_used, 21 + gas);
    }
}

TEST("interpreter: a call keeps one 64th of the gas from EIP-150 on") {
    const Program spend = Program{}.op(evm::OP_INVALID);
    Setup setup = setup_with(spend, EVMC_TANGERINE_WHISTLE);
    setup.gas = 21 + 700 + 6400;
    CHECK_EQ(execute(setup, call_of(evm::OP_CALL, ~Word{})).outcome.gas_left, 100);
    CHECK_EQ(execute(setup, call_of(evm::OP_CALL, 6300)).outcome.gas_left, 100);
    CHECK_EQ(execute(setup, call_of(evm::OP_CALL, 6299)).outcome.gas_left, 101);
    // Before, asking for more than there is was a failure.
    setup.revision = EVMC_HOMESTEAD;
    setup.gas = 21 + 40 + 6400;
    CHECK_EQ(execute(setup, call_of(evm::OP_CALL, 6400)).outcome.gas_left, 0);
    CHECK_EQ(status_of(execute(setup, call_of(evm::OP_CALL, 6400))), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute(setup, call_of(evm::OP_CALL, 6401))), EVMC_OUT_OF_GAS);
    CHECK_EQ(status_of(execute(setup, call_of(evm::OP_CALL, ~Word{}))), EVMC_OUT_OF_GAS);
}

TEST("interpreter: calls that cannot be made cost their price and push 0") {
    Setup poor = setup_with(Program{}.op(evm::OP_STOP));
    const Execution unaffordable = execute(poor, call_of(evm::OP_CALL, 5000, 101).return_top());
    CHECK_EQ(unaffordable.output(), hex(0));
    CHECK_EQ(unaffordable.gas_used, 21 + 2600 + 9000 - 2300 + 15);
    CHECK(unaffordable.messages.empty());
    Setup deep = setup_with(Program{}.op(evm::OP_STOP));
    deep.depth = 1024;
    for (const uint8_t op : call_instructions) {
        const Execution execution = execute(deep, call_of(op, 5000).return_top());
        CHECK_EQ(execution.output(), hex(0));
        CHECK_EQ(execution.gas_used, pushes_gas(op) + 2600 + 15);
        CHECK_EQ(execution.deepest_call, 1024);
    }
    const Program create = Program{}.push(0).push(0).push(0).op(evm::OP_CREATE).return_top();
    const Execution refused = execute(deep, create);
    CHECK_EQ(refused.output(), hex(0));
    CHECK_EQ(refused.deepest_call, 1024);
    CHECK_EQ(refused.gas_used, 9 + 32000 + 15);
}

TEST("interpreter: input, output and return data") {
    // The callee returns its input after "ab".
    const Program echo = Program{}
                             .push(0xab)
                             .push(0)
                             .op(evm::OP_MSTORE8, evm::OP_CALLDATASIZE)
                             .push(0)
                             .push(1)
                             .op(evm::OP_CALLDATACOPY, evm::OP_CALLDATASIZE)
                             .push(1)
                             .op(evm::OP_ADD)
                             .push(0)
                             .op(evm::OP_RETURN);
    const Setup setup = setup_with(echo);
    const auto call = [](uint64_t output_offset, uint64_t output_size) {
        return Program{}
            .push(word("c1c2c3"))
            .store(0)
            .push(output_size)
            .push(output_offset)
            .push(3)
            .push(29)
            .push(Word{callee})
            .push(100'000)
            .op(evm::OP_STATICCALL, evm::OP_POP);
    };
    // Less, as much and more room than there is output.
    CHECK_EQ(execute(setup, call(32, 2).finish(32, 6)).output(), "abc100000000");
    CHECK_EQ(execute(setup, call(32, 4).finish(32, 6)).output(), "abc1c2c30000");
    CHECK_EQ(execute(setup, call(0, 32).finish(0, 32)).output(),
             "abc1c2c3" + std::string(50, '0') + "c1c2c3");
    const auto copy = [&](const Word& offset, const Word& size) {
        return call(32, 0).push(size).push(offset).push(0).op(evm::OP_RETURNDATACOPY).finish(0, 4);
    };
    CHECK_EQ(execute(setup, copy(0, 4)).output(), "abc1c2c3");
    CHECK_EQ(execute(setup, copy(3, 1)).output(), "c3000000");
    CHECK_EQ(status_of(execute(setup, copy(4, 0))), EVMC_SUCCESS);
    for (const auto& [offset, size] : {std::pair{Word{0}, Word{5}},
                                       {Word{4}, Word{1}},
                                       {Word{5}, Word{0}},
                                       {~Word{}, Word{0}},
                                       {~Word{}, Word{1}},
                                       {Word{0}, ~Word{}},
                                       {Word{1}, ~Word{}},
                                       {word("ffffffffffffffff"), Word{2}},
                                       {word("10000000000000000"), Word{0}}})
        CHECK_EQ(status_of(execute(setup, copy(offset, size))), EVMC_INVALID_MEMORY_ACCESS);
    CHECK_EQ(execute(setup, call(0, 0).op(evm::OP_RETURNDATASIZE).return_top()).output(), hex(4));
    // A call that does not happen clears it; so does one without output.
    CHECK_EQ(execute(setup, call(0, 0)
                                .append(call_of(evm::OP_CALL, 0, 101))
                                .op(evm::OP_RETURNDATASIZE)
                                .return_top())
                 .output(),
             hex(0));
}

TEST("interpreter: EIP-7702 delegations cost a second access and are followed once") {
    Setup setup;
    const Address delegate = Word{0xde1e}.to_address();
    std::vector<uint8_t> designator = from_hex("ef0100");
    designator.insert(designator.end(), delegate.bytes, delegate.bytes + 20);
    setup.state.account(callee).code = make_code(designator);
    setup.state.account(delegate).code = make_code(from_hex("00"));
    for (const uint8_t op : call_instructions) {
        const Execution execution = execute(setup, call_of(op, 0));
        CHECK_EQ(execution.gas_used, pushes_gas(op) + 2600 + 2600);
        CHECK(execution.messages.at(0).code_address == delegate);
        CHECK((execution.messages.at(0).flags & EVMC_DELEGATED) != 0);
    }
    Setup warm = setup;
    warm.state.warm(callee);
    warm.state.warm(delegate);
    CHECK_EQ(execute(warm, call_of(evm::OP_CALL, 0)).gas_used, 21 + 100 + 100);
    Setup cancun = setup;
    cancun.revision = EVMC_CANCUN;
    const Execution execution = execute(cancun, call_of(evm::OP_CALL, 0));
    CHECK(execution.messages.at(0).code_address == callee);
    // One byte more is not a delegation.
    designator.push_back(0);
    setup.state.account(callee).code = make_code(designator);
    CHECK(execute(setup, call_of(evm::OP_CALL, 0)).messages.at(0).code_address == callee);
}

TEST("interpreter: creations") {
    // Initcode that returns the byte fe: PUSH1 fe PUSH0 MSTORE8 PUSH1 1 PUSH0 RETURN.
    const std::vector<uint8_t> initcode = from_hex("60fe5f5360015ff3");
    const auto create = [&](uint8_t op) {
        Program program =
            Program{}.push(Word::from_bytes(initcode.data(), initcode.size())).store(0);
        if (op == evm::OP_CREATE2)
            program.push(0x5a17);
        return program.push(initcode.size()).push(32 - initcode.size()).push(7).op(op);
    };
    Setup setup;
    setup.state.account(contract).balance = 100;
    for (const uint8_t op : {uint8_t{evm::OP_CREATE}, uint8_t{evm::OP_CREATE2}}) {
        const Execution execution =
            execute(setup, create(op).op(evm::OP_RETURNDATASIZE, evm::OP_ADD).return_top());
        const evmc_message& message = execution.messages.at(0);
        CHECK_EQ(message.kind, op == evm::OP_CREATE ? EVMC_CREATE : EVMC_CREATE2);
        CHECK_EQ(message.input_size, initcode.size());
        CHECK(message.sender == contract);
        CHECK(message.value == Word{7}.to_bytes());
        CHECK(message.create2_salt == Word{op == evm::OP_CREATE ? 0u : 0x5a17u}.to_bytes());
        const Address created = Word::from_bytes(execution.outcome.output.data(), 32).to_address();
        const MockAccount* account = execution.state.find(created);
        CHECK(account != nullptr && account->balance == Word{7});
        CHECK_EQ(to_hex(account->code_bytes().data(), account->code_bytes().size()), "fe");
        // Shanghai's initcode gas (EIP-3860), CREATE2's hashing (EIP-1014), the initcode itself.
        const int64_t pushes = op == evm::OP_CREATE ? 3 + 6 + 3 + 9 : 3 + 6 + 3 + 12;
        const int64_t hashing = op == evm::OP_CREATE ? 0 : 6;
        CHECK_EQ(execute(setup, create(op)).gas_used,
                 pushes + 32000 + 2 + hashing + (3 + 2 + 3 + 3 + 3 + 2) + 200);
    }
    // Initcode that reverts leaves its output as return data, and pushes 0.
    const Program reverting = Program{}
                                  .push(word("6003601dfd"))
                                  .store(0)
                                  .push(5)
                                  .push(27)
                                  .push(0)
                                  .op(evm::OP_CREATE, evm::OP_RETURNDATASIZE, evm::OP_ADD)
                                  .return_top();
    CHECK_EQ(execute(setup, reverting).output(), hex(3));
}

TEST("interpreter: initcode is limited from Shanghai on") {
    const auto create = [](uint64_t size) {
        return Program{}.push(size).push(0).push(0).op(evm::OP_CREATE);
    };
    Setup setup;
    setup.gas = 10'000'000;
    CHECK_EQ(status_of(execute(setup, create(49152))), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute(setup, create(49153))), EVMC_OUT_OF_GAS);
    setup.revision = EVMC_PARIS;
    CHECK_EQ(status_of(execute(setup, create(49153))), EVMC_SUCCESS);
}

TEST("interpreter: 1024 nested calls take little of the native stack") {
    // Returns one more than what the same code returns one level deeper.
    const Program nest = Program{}
                             .push(32)
                             .push(0)
                             .push(0)
                             .push(0)
                             .push(0)
                             .op(evm::OP_ADDRESS, evm::OP_GAS, evm::OP_CALL, evm::OP_POP)
                             .push(0)
                             .op(evm::OP_MLOAD)
                             .push(1)
                             .op(evm::OP_ADD)
                             .return_top();
    Setup setup;
    setup.gas = 1'000'000'000'000'000;
    Execution execution;
    auto run = [&] { execution = execute(setup, nest); };
    with_large_stack(run);
    CHECK_EQ(execution.output(), hex(1025));
    CHECK_EQ(execution.deepest_call, 1024);
    if (stack_frames_are_natural) {
        CHECK(execution.native_stack_used > 0);
        CHECK(execution.native_stack_used < 2'000'000);
    }
    if (std::getenv("BRAID_VERBOSE") != nullptr)
        std::printf("1024 nested calls: %zu bytes of native stack\n", execution.native_stack_used);
}

TEST("interpreter: nested frames keep their stacks and memories apart") {
    // Every frame fills its stack and 40 kB of memory with its gas, calls itself with half of it,
    // and then looks whether all is as it was: 24 levels, several chunks of either.
    Program program;
    program.op(evm::OP_GAS);
    for (uint64_t i = 0; i < 8; ++i)
        program.op(evm::OP_DUP1).push(5000 * i).op(evm::OP_MSTORE);
    program.repeat(1000, evm::OP_DUP1);
    program.push(0).push(0).push(0).push(0).push(0).op(evm::OP_ADDRESS);
    program.push(2).op(evm::OP_GAS, evm::OP_DIV, evm::OP_CALL, evm::OP_POP);
    // XOR pairs of equal items away: 1001 are left, so one remains.
    program.repeat(500, evm::OP_XOR);
    for (int i = 0; i < 500; ++i)
        program.op(evm::OP_OR);
    // OR of items equal or zero is the item, and so is every word of memory.
    for (uint64_t i = 0; i < 8; ++i)
        program.op(evm::OP_DUP1)
            .push(5000 * i)
            .op(evm::OP_MLOAD, evm::OP_EQ, evm::OP_ISZERO)
            .push(0xffff, 2)
            .op(evm::OP_JUMPI);
    // Growing after the callee has used the same place finds zeros.
    program.push(60'000).op(evm::OP_MLOAD).push(0xffff, 2).op(evm::OP_JUMPI);
    Setup setup;
    setup.gas = 1'000'000'000'000;
    const Execution execution = execute(setup, program);
    CHECK_EQ(status_of(execution), EVMC_SUCCESS);
    CHECK(execution.deepest_call > 20);
}

} // namespace braid::test
