/// Random programs on the built-in VM and on the reference interpreter.
///
/// BRAID_DIFFERENTIAL_PROGRAMS sets how many programs there are, BRAID_DIFFERENTIAL_SEED where
/// they start; a failure prints the seed of its program.
#include "tests/evm/scenario.hpp"
#include "tests/evm/stepping_machine.hpp"
#include "tests/harness.hpp"

#include <string>

extern "C" evmc_vm* evmc_create_braidvm() noexcept;
extern "C" evmc18_vm* evmc_create_braidvm18() noexcept;

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

void report(const char* difference, uint64_t seed, const Scenario& scenario,
            const Observation& actual, const Observation& expected) {
    fail(__FILE__, __LINE__, "the VM and the reference agree",
         "seed " + std::to_string(seed) + ": " + describe(difference, scenario, actual, expected));
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
        Machine& machine = seed % 4 == 0   ? static_cast<Machine&>(evmc_)
                           : seed % 4 == 1 ? static_cast<Machine&>(evmc18_)
                                           : built_in_;
        const Observation actual = observe(machine, scenario);
        compare_stepping(seed, scenario, expected);
        ++runs_;
        successes_ += !is_failure(expected.outcome.status);
        if (const char* difference = find_difference(actual, expected)) {
            ++failures_;
            report(difference, seed, scenario, actual, expected);
        }
        return expected.outcome;
    }

    /// The same, instruction by instruction. It asks for nothing that an instruction lacks the gas
    /// for, and says why a frame failed as it is, not as it shows in its block of instructions.
    void compare_stepping(uint64_t seed, const Scenario& scenario, const Observation& expected) {
        Observation actual = observe(stepping_, scenario);
        actual.trace = expected.trace;
        if (is_failure(actual.outcome.status) && is_failure(expected.outcome.status))
            actual.outcome.status = expected.outcome.status;
        const char* difference = find_difference(actual, expected);
        if (difference == nullptr && std::exchange(stepping_.list.wrong_costs, 0) != 0)
            difference = "costs";
        if (difference == nullptr)
            return;
        ++failures_;
        report(difference, seed, scenario, actual, expected);
    }

    BuiltInMachine built_in_;
    SteppingMachine stepping_;
    EvmcMachine evmc_{evmc_create_braidvm()};
    Evmc18Machine evmc18_{evmc_create_braidvm18()};
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
