/// Code that is met for the first time takes no longer than looking at each of its instructions
/// once, as any EVM must that wants to know where it may be jumped to.
#include "evm/vm.hpp"

#include "tests/evm/mock_host.hpp"
#include "tests/evm/program.hpp"
#include "tests/harness.hpp"

#include <algorithm>
#include <ctime>

namespace braid::test {
namespace {

constexpr size_t size = 48 * 1024;

double cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Body>
double least_nanoseconds(const Body& body) {
    double least = 1e18;
    for (int i = 0; i < 25; ++i) {
        const double start = cpu_nanoseconds();
        body(i);
        least = std::min(least, cpu_nanoseconds() - start);
    }
    return least;
}

/// Jumps over as much of a filler as there is room for.
std::vector<uint8_t> jump_over(const std::vector<uint8_t>& filler) {
    constexpr size_t end = size - 16;
    std::vector<uint8_t> code = Program{}.push(1).push(end, 2).op(evm::OP_JUMPI).bytes();
    while (code.size() + filler.size() <= end)
        code.insert(code.end(), filler.begin(), filler.end());
    code.resize(end, evm::OP_STOP);
    code.push_back(evm::OP_JUMPDEST);
    code.resize(size, evm::OP_STOP);
    return code;
}

/// The plain way to find the JUMPDESTs.
size_t count_destinations(const std::vector<uint8_t>& code, std::vector<bool>& is_destination) {
    size_t count = 0;
    for (size_t i = 0; i < code.size(); ++i) {
        if (code[i] == evm::OP_JUMPDEST) {
            is_destination[i] = true;
            ++count;
        } else if (code[i] >= evm::OP_PUSH1 && code[i] <= evm::OP_PUSH32) {
            i += static_cast<size_t>(code[i] - evm::OP_PUSH1 + 1);
        }
    }
    return count;
}

} // namespace

TEST("first sight: no filler takes longer than a look at each instruction") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr double allowed = 6; // what is watched is not what is measured
#else
    constexpr double allowed = 2;
#endif
    constexpr double call = 5000;
    const std::vector<std::vector<uint8_t>> fillers{
        {evm::OP_STOP},
        {evm::OP_JUMPDEST},
        {evm::OP_PUSH1, 255, evm::OP_PUSH1, 255, evm::OP_EXP, evm::OP_POP},
        {evm::OP_SWAP1},
        {evm::OP_PUSH1, 0, evm::OP_POP},
        {evm::OP_PUSH1},
        std::vector<uint8_t>(33, evm::OP_PUSH32),
        {evm::OP_DUP1},
        {evm::OP_ISZERO},
        {evm::OP_SLOAD},
        {evm::OP_PUSH0, evm::OP_NOT},
        {evm::OP_JUMPDEST, evm::OP_PUSH0, evm::OP_DUP1, evm::OP_JUMPI},
    };
    MockState state;
    ReferenceMachine unused;
    MockHost host{unused, EVMC_OSAKA, state};
    evm::Vm vm;
    size_t sink = 0;
    for (const std::vector<uint8_t>& filler : fillers) {
        std::vector<uint8_t> code = jump_over(filler);
        std::vector<bool> is_destination(code.size());
        const double look =
            least_nanoseconds([&](int) { sink += count_destinations(code, is_destination); });
        evmc_message message{};
        const double run = least_nanoseconds([&](int round) {
            code.back() = static_cast<uint8_t>(round); // another code each time
            message.gas = 17;
            const evmc_result result =
                vm.execute_bytes(MockHost::interface(), host.context(), EVMC_OSAKA, message, code);
            CHECK_EQ(result.status_code, EVMC_SUCCESS);
            CHECK_EQ(result.gas_left, 0);
        });
        if (run > look * allowed + call)
            fail(__FILE__, __LINE__, "run <= look * allowed + call",
                 "filler " + std::to_string(filler[0]) + ": " + std::to_string(run) +
                     " ns, the look " + std::to_string(look) + " ns");
    }
    CHECK(sink > 0);
}

} // namespace braid::test
