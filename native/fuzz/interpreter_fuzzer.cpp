/// The built-in VM against the tests' straightforward interpreter.
///
/// The first byte says what the others are. Bit 0: bytecode of two accounts and call data as they
/// stand, or else the decisions of the generator of programs. Bit 1: the VM through the EVMC ABI.
#include "fuzz/target.hpp"
#include "tests/evm/scenario.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

extern "C" evmc_vm* evmc_create_braidvm() noexcept;

namespace braid::fuzz {
namespace {

using namespace test;

constexpr uint8_t is_bytecode = 1;
constexpr uint8_t is_through_evmc = 2;

/// What precedes bytecode: revision, flags, value, gas (three bytes), and the sizes of the first
/// two codes (two bytes each).
constexpr size_t head_size = 10;

struct Machines {
    BuiltInMachine built_in;
    EvmcMachine evmc{evmc_create_braidvm()};
    ReferenceMachine reference;
};

std::vector<uint8_t> take(BytesView& bytes, size_t size) {
    const BytesView taken = bytes.first(std::min(size, bytes.size()));
    bytes = bytes.subspan(taken.size());
    return {taken.begin(), taken.end()};
}

std::optional<Scenario> bytecode_scenario(BytesView bytes) {
    if (bytes.size() < head_size)
        return std::nullopt;
    const BytesView head = bytes.first(head_size);
    bytes = bytes.subspan(head_size);
    Scenario scenario =
        scenario_without_code(static_cast<evmc_revision>(head[0] % (EVMC_MAX_REVISION + 1)));
    if (scenario.revision >= EVMC_BYZANTIUM && (head[1] & 1) != 0)
        scenario.flags = EVMC_STATIC;
    scenario.value = scenario.flags == 0 ? head[2] : 0;
    scenario.gas = (head[3] << 16 | head[4] << 8 | head[5]) % 300'000;
    MockState& state = scenario.state;
    state.account(account_address(1)).code = make_code(take(bytes, head[6] << 8 | head[7]));
    state.account(account_address(2)).code = make_code(take(bytes, head[8] << 8 | head[9]));
    state.account(account_address(4)).code = delegation_to(2);
    scenario.input = take(bytes, bytes.size());
    return scenario;
}

std::optional<Scenario> scenario_of(uint8_t kind, BytesView bytes) {
    if ((kind & is_bytecode) != 0)
        return bytecode_scenario(bytes);
    Random random{bytes};
    return make_scenario(random);
}

Outcome compare(Machine& machine, Machine& reference, const Scenario& scenario) {
    const Observation expected = observe(reference, scenario);
    const Observation actual = observe(machine, scenario);
    if (const char* difference = find_difference(actual, expected))
        finding(describe(difference, scenario, actual, expected));
    return expected.outcome;
}

} // namespace
} // namespace braid::fuzz

using namespace braid::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0)
        return -1;
    const uint8_t kind = data[0];
    std::optional<Scenario> scenario = scenario_of(kind, {data + 1, size - 1});
    if (!scenario)
        return -1;
    Machines machines;
    Machine& machine =
        (kind & is_through_evmc) != 0 ? static_cast<Machine&>(machines.evmc) : machines.built_in;
    const Outcome outcome = compare(machine, machines.reference, *scenario);
    if (is_failure(outcome.status))
        return 0;
    // With just what it takes, and with just not.
    const int64_t used = scenario->gas - outcome.gas_left;
    for (const int64_t gas : {used, used - 1}) {
        scenario->gas = std::max<int64_t>(gas, 0);
        compare(machine, machines.reference, *scenario);
    }
    return 0;
}

/// Now and then puts a piece of a program that makes sense into the bytecode.
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    braid::test::Random random{seed};
    if (size <= 1 + head_size || (data[0] & is_bytecode) == 0 || !random.chance(30))
        return LLVMFuzzerMutate(data, size, max_size);
    const auto revision = static_cast<evmc_revision>(data[1] % (EVMC_MAX_REVISION + 1));
    const std::vector<uint8_t> piece =
        braid::test::ProgramGenerator{random, revision}.generate(1 + random.below(3));
    const size_t at = 1 + head_size + random.below(size - head_size);
    const size_t new_size = std::min(size + piece.size(), max_size);
    if (piece.empty() || at + piece.size() > new_size)
        return LLVMFuzzerMutate(data, size, max_size);
    std::memmove(data + at + piece.size(), data + at, new_size - at - piece.size());
    std::memcpy(data + at, piece.data(), piece.size());
    return new_size;
}
