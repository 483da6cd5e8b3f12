/// Cancelling: where a block stops, that nothing half done gets out, and that being cancellable
/// changes nothing else.
#include "parallel/optimistic_loop.hpp"
#include "tests/block_fixture.hpp"
#include "tests/evm/program.hpp"
#include "tests/harness.hpp"

#include <chrono>
#include <thread>

namespace braid::test {
namespace {

using wire::ErrorCode;

/// So much gas that nobody lives to see its end.
constexpr uint64_t endless_gas = uint64_t{1} << 52;

/// A block of one sender who can pay for endless gas, run on the built-in VM unless told otherwise.
class CancellableBlock : public BlockFixture {
  public:
    CancellableBlock() : BlockFixture{EVMC_CANCUN} {
        header.gas_limit = uint64_t{1} << 60;
        state.set_account({sender, 0, uint256{0, 0, 1, 0}});
    }

    Address deploy_program(uint64_t number, const Program& program) {
        const Bytes32 hash = crypto::keccak256(program.bytes());
        state.add_code(program.bytes(), hash);
        state.set_account({address_of(number), 1, uint256{}, hash});
        return address_of(number);
    }

    void add_call_with(const Address& to, uint64_t gas) { add_call(to).gas_limit = gas; }

    const wire::BlockRecords& run_on(transaction::Machine& machine,
                                     const Cancellation* cancellation) {
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        records.clear();
        block.execute(state, view(), senders, records, cancellation);
        return records;
    }

    const wire::BlockRecords& run_built_in(const Cancellation* cancellation) {
        transaction::Machine machine;
        return run_on(machine, cancellation);
    }

    /// Runs on the built-in VM, and cancels from another thread after a moment.
    const wire::BlockRecords& run_and_cancel(block::TransactionLoop* loop = nullptr) {
        transaction::Machine machine;
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        records.clear();
        Cancellation cancellation;
        std::thread other{[&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
            cancellation.request();
        }};
        if (loop == nullptr)
            block.execute(state, view(), senders, records, &cancellation);
        else
            block.execute(state, view(), senders, records, *loop, &cancellation);
        other.join();
        return records;
    }
};

/// Does something again and again.
Program endless_loop(const Program& body = {}) {
    using namespace evm;
    return Program{}.op(OP_JUMPDEST).append(body).push(0).op(OP_JUMP);
}

} // namespace

TEST("cancellation: a request stays") {
    Cancellation cancellation;
    CHECK(!cancellation.requested());
    CHECK(!is_cancelled(&cancellation));
    CHECK(!is_cancelled(nullptr));
    cancellation.request();
    cancellation.request();
    CHECK(cancellation.requested());
    CHECK(is_cancelled(&cancellation));
}

TEST("cancellation: asked for before, nothing runs") {
    CancellableBlock block;
    bool ran = false;
    const Address target = block.deploy(500, [&](const ScriptedVm::Frame& frame) {
        ran = true;
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(target);
    Cancellation cancellation;
    cancellation.request();
    transaction::Machine machine{adopt<evmc_vm>(block.vm)};
    CHECK(block.run_on(machine, &cancellation).error == ErrorCode::cancelled);
    CHECK_EQ(block.records.error_transaction, -1);
    CHECK(!ran);
    CHECK(block.records.receipts.empty());
    CHECK(block.records.accounts.empty());
}

TEST("cancellation: a transaction that ends in spite of it counts, the next does not run") {
    CancellableBlock block;
    Cancellation cancellation;
    int runs = 0;
    const Address target = block.deploy(500, [&](const ScriptedVm::Frame& frame) {
        ++runs;
        cancellation.request();
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(target);
    block.add_call(target);
    transaction::Machine machine{adopt<evmc_vm>(block.vm)};
    CHECK(block.run_on(machine, &cancellation).error == ErrorCode::cancelled);
    CHECK_EQ(runs, 1);
    CHECK_EQ(block.records.receipts.size(), size_t{1});
    CHECK(block.records.accounts.empty()); // no changes of half a block
}

TEST("cancellation: a foreign VM's calls are refused, and what it says then is no result") {
    CancellableBlock block;
    Cancellation cancellation;
    int callee_runs = 0;
    const Address callee = block.deploy(501, [&](const ScriptedVm::Frame& frame) {
        ++callee_runs;
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    evmc_status_code seen = EVMC_SUCCESS;
    const Address caller = block.deploy(500, [&](const ScriptedVm::Frame& frame) {
        cancellation.request();
        evmc_message message{};
        message.kind = EVMC_CALL;
        message.gas = 1000;
        message.depth = 1;
        message.sender = frame.message->recipient;
        message.recipient = callee;
        message.code_address = callee;
        seen = frame.host->call(frame.context, &message).status_code;
        return result_of(EVMC_SUCCESS, frame.message->gas);
    });
    block.add_call(caller);
    transaction::Machine machine{adopt<evmc_vm>(block.vm)};
    CHECK(block.run_on(machine, &cancellation).error == ErrorCode::cancelled);
    CHECK(seen == EVMC_INTERNAL_ERROR);
    CHECK_EQ(callee_runs, 0);
    CHECK(block.records.receipts.empty());
    CHECK(block.records.accounts.empty());
}

TEST("cancellation: endless loops of every kind stop") {
    using namespace evm;
    const Program call_self = Program{} // with a little gas each time, so that depth is not the end
                                  .push(0)
                                  .push(0)
                                  .push(0)
                                  .push(0)
                                  .push(0)
                                  .op(OP_ADDRESS)
                                  .push(5000)
                                  .op(OP_CALL, OP_POP);
    const Program bodies[] = {
        Program{},
        Program{}.push(1).load_input(0).op(OP_DIV, OP_POP),
        Program{}.push(32768).push(0).op(OP_KECCAK256, OP_POP),
        Program{}.push(0).op(OP_SLOAD, OP_POP),
        Program{}.op(OP_GAS, OP_POP),
        call_self,
    };
    for (const Program& body : bodies) {
        CancellableBlock block;
        const Address target = block.deploy_program(500, endless_loop(body));
        block.add_call(address_of(77));
        block.add_call_with(target, endless_gas);
        CHECK(block.run_and_cancel().error == ErrorCode::cancelled);
        CHECK_EQ(block.records.receipts.size(), size_t{1});
        CHECK(block.records.accounts.empty());
    }
}

TEST("cancellation: expensive instructions without a jump between them stop") {
    using namespace evm;
    Program hashes; // 2.5 GB in one block of code: five seconds and more
    for (int i = 0; i < 2500; ++i)
        hashes.push(1'000'000).push(0).op(OP_KECCAK256, OP_POP);
    CancellableBlock block;
    block.add_call_with(block.deploy_program(500, hashes), endless_gas);
    const auto start = std::chrono::steady_clock::now();
    CHECK(block.run_and_cancel().error == ErrorCode::cancelled);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{1});
}

TEST("cancellation: an endless init code and nested frames stop") {
    using namespace evm;
    CancellableBlock block;
    const Address loop = block.deploy_program(500, endless_loop());
    Program nested; // passes all gas on to the loop, and would go on after it
    nested.push(0).push(0).push(0).push(0).push(0).push(500).op(OP_GAS, OP_CALL);
    const Address caller = block.deploy_program(501, endless_loop(nested));
    (void)loop;
    block.add_call_with(caller, endless_gas);
    CHECK(block.run_and_cancel().error == ErrorCode::cancelled);
    CHECK(block.records.receipts.empty());

    CancellableBlock creation;
    const Program initcode = endless_loop();
    creation.pool.assign(initcode.bytes().begin(), initcode.bytes().end());
    wire::Transaction& transaction = creation.add_call({});
    transaction.flags &= ~wire::transaction_flag::has_to;
    transaction.data_size = static_cast<uint32_t>(initcode.size());
    transaction.gas_limit = endless_gas;
    CHECK(creation.run_and_cancel().error == ErrorCode::cancelled);
    CHECK(creation.records.receipts.empty());
}

TEST("cancellation: a cancelled machine runs the next block as if nothing had been") {
    using namespace evm;
    CancellableBlock block;
    const Address target = block.deploy_program(
        500, Program{}.push(1).push(2).op(OP_ADD).push(0).op(OP_SSTORE).append(endless_loop()));
    block.add_call_with(target, 1'000'000);
    transaction::Machine machine;
    Cancellation cancelled;
    cancelled.request();
    const Cancellation quiet;
    CHECK(block.run_on(machine, &cancelled).error == ErrorCode::cancelled);
    for (const Cancellation* next : {&quiet, static_cast<const Cancellation*>(nullptr)}) {
        CHECK(block.run_on(machine, next).error == ErrorCode::ok);
        CHECK_EQ(block.records.gas_used, uint64_t{1'000'000});
    }
}

TEST("cancellation: gas in slices is the same gas") {
    using namespace evm;
    // Writes the gas left into memory again and again, between instructions of all prices; then
    // stores it, and goes on.
    Program program = Program{}.op(OP_JUMPDEST, OP_GAS).store(0).op(OP_GAS).store(64);
    program.push(4096).push(0).op(OP_KECCAK256).store(32); // grows memory first
    program.push(7).push(3).op(OP_EXP, OP_POP);
    program.push(0).push(0).push(0).push(0).push(0).push(501).op(OP_GAS, OP_CALL, OP_POP);
    program.op(OP_GAS, OP_DUP1, OP_SSTORE).push(0).op(OP_JUMP);
    // One block that costs more than a slice: 4000 EXPs of 10 gas, as many DIVs, and what feeds
    // them.
    Program costly = Program{}.op(OP_JUMPDEST);
    for (int i = 0; i < 4000; ++i)
        costly.op(OP_CALLER, OP_CALLER, OP_DIV, OP_POP);
    for (int i = 0; i < 4000; ++i)
        costly.push(0).op(OP_CALLER, OP_EXP, OP_POP);
    costly.op(OP_GAS).push(0).op(OP_SSTORE).push(0).op(OP_JUMP);

    const Cancellation quiet;
    for (const Program& code : {program, costly}) {
        for (uint64_t gas = 100'000; gas < 3'000'000; gas += 33'331) {
            CancellableBlock block;
            const Address target = block.deploy_program(500, code);
            block.deploy_program(501, Program{}.op(OP_GAS, OP_DUP1, OP_SSTORE));
            block.add_call_with(target, gas);
            block.add_call_with(address_of(501), gas);
            const wire::BlockRecords plain = block.run_built_in(nullptr);
            const wire::BlockRecords& sliced = block.run_built_in(&quiet);
            CHECK(plain.error == ErrorCode::ok);
            CHECK(sliced.error == ErrorCode::ok);
            CHECK_EQ(sliced.gas_used, plain.gas_used);
            CHECK_EQ(sliced.slots.size(), plain.slots.size());
            if (sliced.slots.size() == plain.slots.size())
                for (size_t i = 0; i < plain.slots.size(); ++i)
                    CHECK(sliced.slots[i].after == plain.slots[i].after);
        }
    }
}

TEST("cancellation: blocks that end on their last gas do so in slices too") {
    using namespace evm;
    // Counts down and stops: the gas it needs is known to the last unit.
    const Program countdown = Program{}
                                  .push(20'000)
                                  .op(OP_JUMPDEST)
                                  .push(1)
                                  .op(OP_SWAP1, OP_SUB, OP_DUP1)
                                  .push(3)
                                  .op(OP_JUMPI);
    const Cancellation quiet;
    const auto status_with = [&](uint64_t gas) {
        CancellableBlock block;
        block.add_call_with(block.deploy_program(500, countdown), gas);
        CHECK(block.run_built_in(&quiet).error == ErrorCode::ok);
        return std::pair{block.records.receipts[0].status, block.records.gas_used};
    };
    const auto [status, needed] = status_with(10'000'000);
    CHECK_EQ(status, uint8_t{1});
    CHECK(needed > 3 * (uint64_t{1} << 17)); // several slices
    CHECK(status_with(needed) == std::pair(uint8_t{1}, needed));
    CHECK(status_with(needed - 1) == std::pair(uint8_t{0}, needed - 1));
}

TEST("cancellation: the parallel loop stops") {
    using namespace evm;
    parallel::WorkerPool& pool = *new parallel::WorkerPool{4}; // lives as long as its threads
    for (const size_t workers : {1, 2, 4}) {
        parallel::OptimisticLoop loop{pool,
                                      [] { return std::make_unique<transaction::Machine>(); }};
        loop.set_workers(workers);
        CancellableBlock block;
        const Address target = block.deploy_program(500, endless_loop());
        for (int i = 0; i < 10; ++i)
            block.add_call_with(target, endless_gas);
        CHECK(block.run_and_cancel(&loop).error == ErrorCode::cancelled);
        CHECK(block.records.receipts.empty());
        CHECK(block.records.accounts.empty());
    }
}

} // namespace braid::test
