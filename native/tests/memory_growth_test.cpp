/// Memory grows only for what its instruction has paid for.
#include "evm/operations.hpp"
#include "evm/vm_state.hpp"
#include "tests/harness.hpp"

namespace braid::test {
namespace {

/// An MCOPY of `size` bytes with so much gas: its status, and the memory's size after it.
struct Copy {
    evmc_status_code status;
    uint64_t memory_size;
    int64_t gas;

    Copy(uint64_t target, uint64_t source, uint64_t size, int64_t given) {
        evm::VmState vm;
        evm::Frame frame;
        frame.vm = &vm;
        frame.gas = given;
        uint256 stack[] = {uint256{size}, uint256{source}, uint256{target}};
        status = evm::mcopy(frame, &stack[2]);
        memory_size = frame.memory_size;
        gas = frame.gas;
    }
};

} // namespace

TEST("memory: an MCOPY that cannot be paid leaves memory as it was") {
    // 3 gas for the word copied; 32 words cost 96 + 2, 1024 words 3072 + 2048.
    constexpr int64_t near_end = 98;
    constexpr int64_t far_end = 5120;
    for (const auto& [target, source] : {std::pair{992u, 32736u}, {32736u, 992u}}) {
        const Copy paid{target, source, 32, far_end + 3};
        CHECK_EQ(paid.status, EVMC_SUCCESS);
        CHECK_EQ(paid.memory_size, uint64_t{32768});
        CHECK_EQ(paid.gas, 0);
        // For one end, for both but not for the copy, for the copy alone, for nothing.
        for (const int64_t gas : {near_end + 3, far_end + 2, int64_t{3}, int64_t{0}}) {
            const Copy unpaid{target, source, 32, gas};
            CHECK_EQ(unpaid.status, EVMC_OUT_OF_GAS);
            CHECK_EQ(unpaid.memory_size, uint64_t{0});
        }
    }
    const Copy nothing{UINT64_MAX, UINT64_MAX, 0, 0};
    CHECK_EQ(nothing.status, EVMC_SUCCESS);
    CHECK_EQ(nothing.memory_size, uint64_t{0});
    for (const auto& [target, source, size] :
         {std::tuple<uint64_t, uint64_t, uint64_t>{0, 0, UINT64_MAX},
          {UINT64_MAX, 0, 1},
          {0, UINT64_MAX, 1}}) {
        const Copy absurd{target, source, size, 1'000'000};
        CHECK_EQ(absurd.status, EVMC_OUT_OF_GAS);
        CHECK_EQ(absurd.memory_size, uint64_t{0});
    }
}

} // namespace braid::test
