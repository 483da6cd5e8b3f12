/// Programs with all that their runs depend on, and what is different between two runs of one.
#pragma once

#include "tests/evm/mock_host.hpp"
#include "tests/evm/program_generator.hpp"
#include "tests/harness.hpp"

#include <string>

namespace braid::test {

/// A program with everything that its run depends on.
struct Scenario {
    evmc_revision revision{};
    int64_t gas = 0;
    uint32_t flags = 0;
    uint64_t value = 0;
    std::vector<uint8_t> input;
    MockState state;
};

/// What a run left behind.
struct Observation {
    Outcome outcome;
    uint64_t state = 0;
    uint64_t logs = 0;
    uint64_t trace = 0;
};

inline Address account_address(uint64_t index) {
    return reference::Word{ProgramGenerator::first_account + index}.to_address();
}

/// Accounts without code: 0 is the caller, 1 the program, 2 and 3 are called, 4 delegates
/// (EIP-7702), 5 has balance only, 6 does not exist.
inline Scenario scenario_without_code(evmc_revision revision) {
    Scenario scenario;
    scenario.revision = revision;
    for (uint64_t i = 0; i < 6; ++i) {
        MockAccount& account = scenario.state.account(account_address(i));
        account.nonce = i % 3;
        account.balance = i == 2 ? 0 : 1000;
    }
    if (revision >= EVMC_BERLIN) {
        scenario.state.warm(account_address(0));
        scenario.state.warm(account_address(1));
    }
    return scenario;
}

/// The code of an account that delegates to another.
inline CodeRef delegation_to(uint64_t index) {
    std::vector<uint8_t> delegation{0xef, 0x01, 0x00};
    const Address delegate = account_address(index);
    delegation.insert(delegation.end(), delegate.bytes, delegate.bytes + 20);
    return make_code(std::move(delegation));
}

/// Random programs that call each other.
inline Scenario make_scenario(Random& random) {
    Scenario scenario = scenario_without_code(
        random.chance(50) ? random.pick({EVMC_CANCUN, EVMC_PRAGUE, EVMC_OSAKA})
                          : static_cast<evmc_revision>(random.below(EVMC_MAX_REVISION + 1)));
    const auto program = [&](size_t fragments) {
        return make_code(ProgramGenerator{random, scenario.revision}.generate(fragments));
    };
    MockState& state = scenario.state;
    state.account(account_address(1)).code = program(1 + random.below(16));
    state.account(account_address(2)).code = program(random.below(8));
    state.account(account_address(3)).code = program(random.below(8));
    state.account(account_address(4)).code = delegation_to(random.below(7));
    for (uint64_t key = 0; key < 3; ++key) {
        MockSlot& slot = state.slot(account_address(1), reference::Word{key}.to_bytes());
        slot.original = reference::Word{key}.to_bytes();
        slot.current = reference::Word{random.below(3)}.to_bytes();
    }
    const CodeRef input = program(random.below(5));
    scenario.input.assign(input->bytes().begin(), input->bytes().end());
    for (int i = 0; i < 2 && random.chance(50); ++i) {
        const Bytes32 word = random.word().to_bytes();
        scenario.input.insert(scenario.input.begin(), word.bytes, word.bytes + 32);
    }
    scenario.gas = static_cast<int64_t>(random.chance(85) ? 60'000 : random.below(300'000));
    if (random.chance(15))
        scenario.gas = static_cast<int64_t>(random.below(3000));
    scenario.flags = scenario.revision >= EVMC_BYZANTIUM && random.chance(6) ? EVMC_STATIC : 0;
    scenario.value = scenario.flags == 0 && random.chance(20) ? 3 : 0;
    return scenario;
}

inline Observation observe(Machine& machine, const Scenario& scenario) {
    MockHost host{machine, scenario.revision, scenario.state};
    evmc_message message{};
    message.gas = scenario.gas;
    message.flags = scenario.flags;
    message.sender = account_address(0);
    message.recipient = account_address(1);
    message.code_address = account_address(1);
    message.value = reference::Word{scenario.value}.to_bytes();
    message.input_data = scenario.input.data();
    message.input_size = scenario.input.size();
    Observation observation;
    observation.outcome = host.transact(message);
    observation.state = host.state.digest();
    observation.logs = host.log_digest();
    observation.trace = host.trace();
    return observation;
}

inline bool is_failure(evmc_status_code status) {
    return status != EVMC_SUCCESS && status != EVMC_REVERT;
}

/// What is different between the two, or null. A block of instructions is checked as a whole for
/// its static gas and its stack bounds, so a frame that fails may report one of those where the
/// reference meets another failure first; which one it is, no contract and no caller can see.
inline const char* find_difference(const Observation& actual, const Observation& expected) {
    const Outcome& a = actual.outcome;
    const Outcome& e = expected.outcome;
    if (is_failure(e.status)) {
        const bool is_block_check = a.status == EVMC_OUT_OF_GAS ||
                                    a.status == EVMC_STACK_OVERFLOW ||
                                    a.status == EVMC_STACK_UNDERFLOW;
        if (a.status != e.status && !is_block_check)
            return "status";
    } else if (a.status != e.status) {
        return "status";
    }
    if (a.gas_left != e.gas_left)
        return "gas_left";
    if (a.gas_refund != e.gas_refund)
        return "gas_refund";
    if (a.output != e.output)
        return "output";
    if (actual.state != expected.state)
        return "state";
    if (actual.logs != expected.logs)
        return "logs";
    if (actual.trace != expected.trace)
        return "trace";
    return nullptr;
}

/// The difference in words, with all that is needed to see it again.
inline std::string describe(const char* difference, const Scenario& scenario,
                            const Observation& actual, const Observation& expected) {
    const BytesView code = scenario.state.find(account_address(1))->code_bytes();
    std::string text = std::string("differs in ") + difference;
    text += "; revision " + std::to_string(scenario.revision);
    text += " gas " + std::to_string(scenario.gas) + " flags " + std::to_string(scenario.flags);
    for (const Observation* run : {&actual, &expected}) {
        const Outcome& outcome = run->outcome;
        text += "\n  status " + std::to_string(outcome.status) + " gas left " +
                std::to_string(outcome.gas_left) + " refund " + std::to_string(outcome.gas_refund) +
                " output " + to_hex(outcome.output);
    }
    text += "\n  code " + to_hex(code.data(), code.size());
    text += "\n  input " + to_hex(scenario.input);
    return text;
}

} // namespace braid::test
