/// What a hostile transaction leaves behind, and how much memory it can have.
#include "parallel/stack_room.hpp"
#include "parallel/version_arena.hpp"
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

constexpr size_t mebibyte = size_t{1} << 20;

/// Gas for 1024 nested calls; under a sanitizer, whose frames the thread's stack could not hold,
/// for some fifty.
constexpr uint64_t deep_gas = parallel::has_large_frames ? 500'000 : uint64_t{1} << 40;

/// Calls itself as deep as it gets with a stack of 900 items, 24 KiB of memory, and returns as
/// much.
Program deep_and_wide() {
    using namespace evm;
    Program program;
    for (int i = 0; i < 900; ++i)
        program.push(1);
    program.push(0).push(24'544).op(OP_MSTORE);
    program.push(0).push(0).push(0).push(0).push(0).op(OP_ADDRESS, OP_GAS, OP_CALL);
    return program.finish(0, 24'576);
}

/// Writes one new transient slot after another until its gas ends.
Program transient_flood() {
    using namespace evm;
    return Program{}
        .push(0)
        .op(OP_JUMPDEST)
        .push(1)
        .op(OP_ADD, OP_DUP1, OP_DUP1, OP_TSTORE)
        .push(2)
        .op(OP_JUMP);
}

/// Logs 64 KiB of memory again and again.
Program log_flood() {
    using namespace evm;
    return Program{}.op(OP_JUMPDEST).push(65'536).push(0).op(OP_LOG0).push(0).op(OP_JUMP);
}

/// A block of one call with so much gas.
class FloodBlock : public HardBlock {
  public:
    FloodBlock(const Program& program, uint64_t gas) : HardBlock{EVMC_CANCUN} {
        header.gas_limit = uint64_t{1} << 60;
        state.set_account({sender, 0, uint256{0, 0, 1, 0}});
        call(deploy_program(0xf100d, program)).gas_limit = gas;
    }

    [[nodiscard]] transaction::TransactionInput input() const {
        return {transactions.data(), {sender, true}, {}};
    }
};

wire::ErrorCode failure_with_budget(const FloodBlock& block, size_t bytes, size_t& held) {
    state::MemoryState base;
    base.assign(block.state);
    transaction::Machine machine;
    transaction::TransactionExecutor executor{machine};
    const wire::BlockView view = block.view();
    const transaction::BlockEnvironment environment{view};
    executor.begin_block(environment);
    executor.journal().set_memory_budget(bytes);
    transaction::TransactionOutcome outcome;
    executor.execute(base, block.input(), outcome);
    held = outcome.logs.data.capacity();
    return outcome.failure.code;
}

} // namespace

TEST("memory budget: deep calls with full stacks leave no more than the budget behind") {
    const FloodBlock block{deep_and_wide(), deep_gas};
    state::MemoryState base;
    base.assign(block.state);
    transaction::Machine machine;
    transaction::TransactionExecutor executor{machine};
    const wire::BlockView view = block.view();
    const transaction::BlockEnvironment environment{view};
    transaction::TransactionOutcome outcome;
    uint64_t gas_used = 0;
    for (int round = 0; round < 2; ++round) {
        executor.begin_block(environment);
        executor.execute(base, block.input(), outcome);
        CHECK(outcome.failure.code == wire::ErrorCode::ok);
        CHECK(outcome.status == EVMC_SUCCESS);
        CHECK_EQ(outcome.output.size(), size_t{24'576});
        CHECK(machine.held() > 50 * mebibyte || parallel::has_large_frames);
        executor.end_block();
        CHECK(machine.held() <= 14 * mebibyte);
        CHECK(gas_used == 0 || gas_used == outcome.gas_used);
        gas_used = outcome.gas_used;
    }
}

TEST("memory budget: a block gives back what its transactions took, its workers' too") {
    FloodBlock block{deep_and_wide(), deep_gas};
    for (int i = 0; i < 4; ++i)
        block.call(block.transactions[0].to).gas_limit = deep_gas;
    state::MemoryState base;
    base.assign(block.state);
    std::vector<transaction::Machine*> machines;
    parallel::OptimisticLoop loop{ordered_pool(), [&] {
                                      auto machine = std::make_unique<transaction::Machine>();
                                      machines.push_back(machine.get());
                                      return machine;
                                  }};
    loop.set_workers(2);
    block.header.flags |= wire::block_flag::always_run_ahead;
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(block.view());
    wire::BlockRecords records;
    records.clear();
    executor.execute(base, block.view(), senders, records, loop);
    CHECK(records.error == wire::ErrorCode::ok);
    machines.push_back(&machine);
    for (const transaction::Machine* used : machines)
        CHECK(used->held() <= 14 * mebibyte);
}

TEST("memory budget: as a library's VM it gives back after each transaction") {
    evm::Vm vm;
    CHECK_EQ(vm.held(), size_t{0});
    const FloodBlock block{deep_and_wide(), deep_gas};
    state::MemoryState base;
    base.assign(block.state);
    // An executor's machine drives the same object through the ABI alone when it is handed one.
    struct Borrowed : evmc_vm {
        explicit Borrowed(evm::Vm& own) : evmc_vm{own}, vm{own} {
            destroy = [](evmc_vm*) {};
            execute = [](evmc_vm* self, const evmc_host_interface* host, evmc_host_context* context,
                         evmc_revision revision, const evmc_message* message, const uint8_t* code,
                         size_t size) {
                evm::Vm& target = static_cast<Borrowed*>(self)->vm;
                return target.execute(&target, host, context, revision, message, code, size);
            };
        }
        evm::Vm& vm;
    } borrowed{vm};
    transaction::Machine machine{adopt<evmc_vm>(borrowed)};
    transaction::TransactionExecutor executor{machine};
    const wire::BlockView view = block.view();
    const transaction::BlockEnvironment environment{view};
    executor.begin_block(environment);
    transaction::TransactionOutcome outcome;
    executor.execute(base, block.input(), outcome);
    CHECK(outcome.status == EVMC_SUCCESS);
    CHECK(vm.held() > 0);
    CHECK(vm.held() <= 14 * mebibyte);
}

TEST("memory budget: more records and logs than there is memory for end the run with an error") {
    size_t held = 0;
    // Gas for a long life: it ends by its budget.
    for (const Program& flood : {transient_flood(), log_flood()}) {
        const FloodBlock block{flood, uint64_t{1} << 50};
        CHECK(failure_with_budget(block, 8 * mebibyte, held) == wire::ErrorCode::out_of_memory);
        CHECK(held <= 16 * mebibyte); // a vector grows to twice what is in it
    }
    // The same with gas that ends first.
    for (const Program& flood : {transient_flood(), log_flood()})
        CHECK(failure_with_budget(FloodBlock{flood, 3'000'000}, 8 * mebibyte, held) ==
              wire::ErrorCode::ok);
}

TEST("memory budget: a frame that keeps calls and creations going ends soon as well") {
    using namespace evm;
    const Program calls = Program{}
                              .op(OP_JUMPDEST)
                              .push(0)
                              .push(0)
                              .push(0)
                              .push(0)
                              .push(1)
                              .op(OP_GAS, OP_GAS, OP_CALL, OP_POP) // a new account each time
                              .push(0)
                              .op(OP_JUMP);
    const Program creations =
        Program{}.op(OP_JUMPDEST).push(0).push(0).push(0).op(OP_CREATE, OP_POP).push(0).op(OP_JUMP);
    size_t held = 0;
    for (const Program& program : {calls, creations}) {
        FloodBlock block{program, uint64_t{1} << 50};
        block.state.set_account({block.transactions[0].to, 1, uint256{uint64_t{1} << 60},
                                 crypto::keccak256(program.bytes())});
        CHECK(failure_with_budget(block, mebibyte, held) == wire::ErrorCode::out_of_memory);
    }
}

TEST("memory budget: the memory of a block's outcomes is given back beyond the budget") {
    parallel::VersionArena arena;
    const std::vector<uint8_t> bytes(mebibyte);
    for (int i = 0; i < 40; ++i)
        CHECK(arena.copy(std::span<const uint8_t>{bytes}).size() == bytes.size());
    CHECK(arena.held() >= 40 * mebibyte);
    arena.reset();
    CHECK(arena.held() <= 16 * mebibyte);
    CHECK(arena.copy(std::span<const uint8_t>{bytes}).size() == bytes.size());
}

} // namespace braid::test
