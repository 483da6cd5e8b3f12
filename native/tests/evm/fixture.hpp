/// Runs a test's program on the built-in VM, and checks on the way that the reference interpreter
/// comes to the same end.
#pragma once

#include "tests/evm/mock_host.hpp"
#include "tests/evm/program.hpp"
#include "tests/evm/stepping_machine.hpp"
#include "tests/harness.hpp"

namespace braid::test {

/// The account that a test's program runs in.
inline const Address contract = reference::Word{0xc0de}.to_address();
/// Its caller.
inline const Address caller = reference::Word{0xca11}.to_address();

/// What a program runs with.
struct Setup {
    evmc_revision revision = EVMC_OSAKA;
    int64_t gas = 1'000'000;
    uint32_t flags = 0;
    int32_t depth = 0;
    std::vector<uint8_t> input{};
    uint64_t value = 0;
    MockState state{};
};

/// A program's end, and the host as it left it.
struct Execution {
    Outcome outcome;
    int64_t gas_used = 0;
    MockState state;
    std::vector<MockLog> logs;
    std::vector<evmc_message> messages;
    size_t native_stack_used = 0;
    int32_t deepest_call = 0;

    [[nodiscard]] std::string output() const { return to_hex(outcome.output); }
};

inline Execution execute_on(Machine& machine, const Setup& setup,
                            const std::vector<uint8_t>& code) {
    MockHost host{machine, setup.revision, setup.state};
    host.records_messages = true;
    host.state.account(caller).balance = 1'000'000;
    host.state.account(contract).code = make_code(code);
    evmc_message message{};
    message.gas = setup.gas;
    message.flags = setup.flags;
    message.depth = setup.depth;
    message.sender = caller;
    message.recipient = contract;
    message.code_address = contract;
    message.value = reference::Word{setup.value}.to_bytes();
    message.input_data = setup.input.data();
    message.input_size = setup.input.size();
    const char here = 0;
    Execution execution;
    execution.outcome = host.transact(message);
    execution.gas_used = setup.gas - execution.outcome.gas_left;
    execution.native_stack_used = reinterpret_cast<uintptr_t>(&here) - host.lowest_stack_address;
    execution.deepest_call = host.deepest_call;
    execution.state = std::move(host.state);
    execution.logs = std::move(host.logs);
    execution.messages = std::move(host.messages);
    return execution;
}

/// Runs code in the contract account.
inline Execution execute(const Setup& setup, const std::vector<uint8_t>& code) {
    BuiltInMachine machine;
    ReferenceMachine reference;
    Execution actual = execute_on(machine, setup, code);
    const Execution expected = execute_on(reference, setup, code);
    CHECK_EQ(static_cast<int>(actual.outcome.status), static_cast<int>(expected.outcome.status));
    CHECK_EQ(actual.gas_used, expected.gas_used);
    CHECK_EQ(actual.outcome.gas_refund, expected.outcome.gas_refund);
    CHECK_EQ(actual.output(), to_hex(expected.outcome.output));
    CHECK_EQ(actual.state.digest(), expected.state.digest());
    SteppingMachine stepping;
    const Execution stepped = execute_on(stepping, setup, code);
    CHECK_EQ(stepped.gas_used, expected.gas_used);
    CHECK_EQ(stepped.outcome.gas_refund, expected.outcome.gas_refund);
    CHECK_EQ(stepped.output(), to_hex(expected.outcome.output));
    CHECK_EQ(stepping.list.wrong_costs, size_t{0});
    return actual;
}
inline Execution execute(const Setup& setup, const Program& program) {
    return execute(setup, program.bytes());
}

/// A 256-bit number written in hex, leading zeros left out.
inline reference::Word word(std::string_view text) {
    std::string padded(text.size() % 2, '0');
    padded += text;
    const std::vector<uint8_t> bytes = from_hex(padded);
    return reference::Word::from_bytes(bytes.data(), bytes.size());
}
inline std::string hex(const reference::Word& value) { return to_hex(value.to_bytes().bytes, 32); }

} // namespace braid::test
