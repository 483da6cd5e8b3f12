/// Random programs on the built-in VM and on the reference interpreter.
///
/// BRAID_DIFFERENTIAL_PROGRAMS sets how many programs there are, BRAID_DIFFERENTIAL_SEED where
/// they start; a failure prints the seed of its program.
#include "tests/evm/mock_host.hpp"
#include "tests/evm/program_generator.hpp"
#include "tests/harness.hpp"

#include <string>

extern "C" evmc_vm* evmc_create_braidvm() noexcept;

namespace braid::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t default_program_count = 10'000;
#else
constexpr uint64_t default_program_count = 100'000;
#endif

uint64_t read_environment(const char* name, uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

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

Address account_address(uint64_t index) {
    return reference::Word{ProgramGenerator::first_account + index}.to_address();
}

Scenario make_scenario(Random& random) {
    Scenario scenario;
    scenario.revision = random.chance(50)
                            ? random.pick({EVMC_CANCUN, EVMC_PRAGUE, EVMC_OSAKA})
                            : static_cast<evmc_revision>(random.below(EVMC_MAX_REVISION + 1));
    const auto program = [&](size_t fragments) {
        return make_code(ProgramGenerator{random, scenario.revision}.generate(fragments));
    };
    MockState& state = scenario.state;
    // 0 is the caller, 1 the program, 2 and 3 are called, 4 delegates (EIP-7702), 5 has balance
    // only, 6 does not exist.
    for (uint64_t i = 0; i < 6; ++i) {
        MockAccount& account = state.account(account_address(i));
        account.nonce = i % 3;
        account.balance = i == 2 ? 0 : 1000;
    }
    state.account(account_address(1)).code = program(1 + random.below(16));
    state.account(account_address(2)).code = program(random.below(8));
    state.account(account_address(3)).code = program(random.below(8));
    std::vector<uint8_t> delegation{0xef, 0x01, 0x00};
    const Address delegate = account_address(random.below(7));
    delegation.insert(delegation.end(), delegate.bytes, delegate.bytes + 20);
    state.account(account_address(4)).code = make_code(std::move(delegation));
    for (uint64_t key = 0; key < 3; ++key) {
        MockSlot& slot = state.slot(account_address(1), reference::Word{key}.to_bytes());
        slot.original = reference::Word{key}.to_bytes();
        slot.current = reference::Word{random.below(3)}.to_bytes();
    }
    if (scenario.revision >= EVMC_BERLIN) {
        state.warm(account_address(0));
        state.warm(account_address(1));
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

Observation observe(Machine& machine, const Scenario& scenario) {
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

bool is_failure(evmc_status_code status) { return status != EVMC_SUCCESS && status != EVMC_REVERT; }

/// What is different between the two, or null. A block of instructions is checked as a whole for
/// its static gas and its stack bounds, so a frame that fails may report one of those where the
/// reference meets another failure first; which one it is, no contract and no caller can see.
const char* find_difference(const Observation& actual, const Observation& expected) {
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

void report(const char* difference, uint64_t seed, const Scenario& scenario,
            const Observation& actual, const Observation& expected) {
    const MockAccount* program = scenario.state.find(account_address(1));
    const BytesView code = program->code_bytes();
    std::string text = std::string("differs in ") + difference;
    text += "; seed " + std::to_string(seed) + " revision " + std::to_string(scenario.revision);
    text += " gas " + std::to_string(scenario.gas) + " flags " + std::to_string(scenario.flags);
    for (const Observation* run : {&actual, &expected}) {
        const Outcome& outcome = run->outcome;
        text += "\n  status " + std::to_string(outcome.status) + " gas left " +
                std::to_string(outcome.gas_left) + " refund " + std::to_string(outcome.gas_refund) +
                " output " + to_hex(outcome.output);
    }
    text += "\n  code " + to_hex(code.data(), code.size());
    text += "\n  input " + to_hex(scenario.input);
    fail(__FILE__, __LINE__, "the VM and the reference agree", text);
}

/// The machines under test and how they fared.
class Differential {
  public:
    /// Runs the program of a seed: as it is, and with its gas around what it used.
    void run(uint64_t seed) {
        Random random{mix64(seed)};
        Scenario scenario = make_scenario(random);
        const Outcome outcome = compare(seed, scenario);
        if (is_failure(outcome.status) || !random.chance(15))
            return;
        const int64_t used = scenario.gas - outcome.gas_left;
        for (const int64_t gas :
             {used, used - 1, used + 1,
              static_cast<int64_t>(random.below(static_cast<uint64_t>(used) + 1))}) {
            scenario.gas = gas < 0 ? 0 : gas;
            compare(seed, scenario);
        }
    }

    [[nodiscard]] uint64_t runs() const { return runs_; }
    [[nodiscard]] uint64_t successes() const { return successes_; }
    [[nodiscard]] int failures() const { return failures_; }

  private:
    Outcome compare(uint64_t seed, const Scenario& scenario) {
        const Observation expected = observe(reference_, scenario);
        Machine& machine = seed % 4 == 0 ? static_cast<Machine&>(evmc_) : built_in_;
        const Observation actual = observe(machine, scenario);
        ++runs_;
        successes_ += !is_failure(expected.outcome.status);
        if (const char* difference = find_difference(actual, expected)) {
            ++failures_;
            report(difference, seed, scenario, actual, expected);
        }
        return expected.outcome;
    }

    BuiltInMachine built_in_;
    EvmcMachine evmc_{evmc_create_braidvm()};
    ReferenceMachine reference_;
    uint64_t runs_ = 0;
    uint64_t successes_ = 0;
    int failures_ = 0;
};

} // namespace

TEST("random programs run as on the reference interpreter") {
    const uint64_t count = read_environment("BRAID_DIFFERENTIAL_PROGRAMS", default_program_count);
    const uint64_t first = read_environment("BRAID_DIFFERENTIAL_SEED", 1);
    Differential differential;
    for (uint64_t seed = first; seed < first + count && differential.failures() < 5; ++seed)
        differential.run(seed);
    // The generator is of use only while its programs mostly get somewhere.
    if (count >= 1000)
        CHECK(differential.successes() * 3 > differential.runs());
    if (std::getenv("BRAID_DIFFERENTIAL_PROGRAMS") != nullptr)
        std::printf("%llu runs, %llu of them without failure\n",
                    static_cast<unsigned long long>(differential.runs()),
                    static_cast<unsigned long long>(differential.successes()));
}

} // namespace braid::test
