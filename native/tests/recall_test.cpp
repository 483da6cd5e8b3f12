/// A run that has become stale while it is under way: how soon it ends, and that nothing of it is
/// left.
#include "evm/frame.hpp"
#include "tests/hard_case_block.hpp"

namespace braid::test {
namespace {

constexpr uint64_t first_looked_at = 0x7000'0000;
constexpr uint64_t cold_access_gas = 2600; // EIP-2929
constexpr uint64_t heavy_gas = 30'000'000;

/// How far apart the accounts are that runs look at which have read different values.
constexpr unsigned value_shift = 24;

/// Without call data writes slot 0, after a look at slot 1. Else reads slot 0, looks at one account
/// after another, from one on that the value decides, until its gas is nearly gone, and writes what
/// it read into slot 2.
Program writer_and_heavy_reader() {
    using namespace evm;
    Program program = Program{}.op(OP_CALLDATASIZE).push(14).op(OP_JUMPI);
    program.push(1).op(OP_SLOAD, OP_POP).push(9).push(0).op(OP_SSTORE, OP_STOP);
    CHECK_EQ(program.size(), size_t{14});
    program.op(OP_JUMPDEST).push(0).op(OP_SLOAD, OP_DUP1).push(value_shift).op(OP_SHL);
    program.push(first_looked_at).op(OP_ADD);
    const uint64_t loop = program.size();
    program.op(OP_JUMPDEST, OP_DUP1, OP_BALANCE, OP_POP).push(1).op(OP_ADD);
    program.push(200'000).op(OP_GAS, OP_GT).push(loop).op(OP_JUMPI);
    return program.op(OP_POP).append(store_in(2));
}

/// A writer, and a heavy reader behind it.
class HeavyBlock : public HardBlock {
  public:
    HeavyBlock() : HardBlock{EVMC_CANCUN} {
        header.gas_limit = 100'000'000;
        contract = deploy_program(0xc0de, writer_and_heavy_reader());
        call(contract).gas_limit = 1'000'000;
        call(contract, {word(1)}).gas_limit = heavy_gas;
    }
    Address contract{};
};

/// Lets the first worker go on to its transaction's first look at the state, then the second until
/// it has looked at so many accounts, then the first to its end.
class Script final : public Scheduler {
  public:
    explicit Script(size_t accounts) noexcept : accounts_{accounts} {}
    size_t looked_at = 0;
    bool writer_reads = false;

  protected:
    size_t choose(const std::vector<size_t>& ready, size_t /*running*/) noexcept override {
        const size_t wanted = writer_reads && looked_at < accounts_ ? 1 : 0;
        return std::ranges::count(ready, wanted) != 0 ? wanted : ready[0];
    }

  private:
    const size_t accounts_;
};

/// Notes how far the runs that began ahead have come, which are those that have read a zero (or
/// what `value` says): the check at commit looks at nothing that is new.
class WatchedState final : public state::StateView {
  public:
    WatchedState(state::StateView& base, Script& script, uint64_t value = 0) noexcept
        : base_{base}, script_{script}, first_{first_looked_at + (value << value_shift)} {}

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        const uint64_t number = to_uint256(address).word[0];
        if (number == first_ + script_.looked_at) {
            ++script_.looked_at;
            Scheduler::step_here();
        }
        return base_.load_account(address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        if (key == word(1)) {
            script_.writer_reads = true;
            Scheduler::step_here();
        }
        return base_.load_storage(address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return base_.load_code(address, code_hash, code);
    }

  private:
    state::StateView& base_;
    Script& script_;
    const uint64_t first_;
};

std::unique_ptr<transaction::Machine> make_machine() {
    return std::make_unique<transaction::Machine>();
}

} // namespace

TEST("recall: a heavy stale run ends within a stretch of gas from when its turn has come") {
    const HeavyBlock block;
    state::MemoryState base;
    base.assign(block.state);
    const wire::BlockRecords expected = run_block(block, base);
    CHECK_EQ(slot_after(expected, block.contract, 2), uint64_t{9});

    constexpr size_t before_its_turn = 500;
    Script script{before_its_turn};
    WatchedState watched{base, script};
    parallel::OptimisticLoop loop{ordered_pool(), make_machine};
    loop.set_workers(2);
    loop.set_interleaving(&script);
    const wire::BlockRecords records = run_block(block, watched, &loop);

    CHECK(same_records(expected, records));
    CHECK_EQ(loop.reexecutions(), size_t{1});
    CHECK(script.looked_at >= before_its_turn);
    const uint64_t gas = (script.looked_at - before_its_turn) * cold_access_gas;
    CHECK(gas <= static_cast<uint64_t>(evm::cancellable_gas));
    // What it ended for is in the report, as that of any run that was thrown away.
    CHECK_EQ(records.conflicts.size(), size_t{1});
    if (!records.conflicts.empty()) {
        CHECK_EQ(records.conflicts[0].transaction, 1u);
        CHECK_EQ(records.conflicts[0].writer, 0);
        CHECK(records.conflicts[0].kind == static_cast<uint32_t>(wire::LocationKind::storage));
    }
    CHECK_EQ(records.runs.size(), size_t{3});
}

TEST("recall: a heavy run that holds is doubted and goes on") {
    HeavyBlock block;
    block.transactions[0].value = word(0);
    block.state.set_storage(block.contract, word(0), word(9)); // the writer changes nothing
    state::MemoryState base;
    base.assign(block.state);
    const wire::BlockRecords expected = run_block(block, base);
    Script script{500};
    WatchedState watched{base, script, 9};
    parallel::OptimisticLoop loop{ordered_pool(), make_machine};
    loop.set_workers(2);
    loop.set_interleaving(&script);
    const wire::BlockRecords records = run_block(block, watched, &loop);
    CHECK(same_records(expected, records));
    CHECK_EQ(loop.reexecutions(), size_t{0});
    CHECK(script.looked_at > 10'000); // in the one run
    // Doubting is no dependency: each is counted once.
    for (const wire::HotLocation& location : records.hot_locations)
        CHECK_EQ(location.dependents, 1u);
}

TEST("recall: heavy readers behind writers, on threads, have the sequential result") {
    parallel::WorkerPool& pool = *new parallel::WorkerPool{4}; // lives as long as its threads
    HardBlock block{EVMC_CANCUN};
    block.header.gas_limit = 1'000'000'000;
    const Address contract = block.deploy_program(0xc0de, writer_and_heavy_reader());
    for (uint64_t i = 0; i < 12; ++i) {
        const Address other = block.fund(0x07e400 + i, 1'000'000'000'000);
        if (i % 3 == 0)
            block.call(contract).gas_limit = 1'000'000;
        else
            block.call_from(other, 0, contract, {word(1)}).gas_limit = 3'000'000;
    }
    const wire::BlockRecords expected = run_block(block, block.state);
    for (const size_t workers : {2, 3, 4}) {
        parallel::OptimisticLoop loop{pool, [] {
                                          auto machine = make_machine();
                                          machine->set_gas_slice(2000);
                                          return machine;
                                      }};
        loop.set_workers(workers);
        for (int round = 0; round < 10; ++round)
            CHECK(same_records(expected, run_block(block, block.state, &loop)));
    }
}

TEST("recall: where the block ends with an error, heavy runs ahead end as well") {
    HeavyBlock block;
    block.transactions[0].nonce = 7; // not its turn: the block is invalid
    state::MemoryState base;
    base.assign(block.state);
    Script script{500};
    script.writer_reads = true; // there is no writer: the second worker begins
    WatchedState watched{base, script};
    parallel::OptimisticLoop loop{ordered_pool(), make_machine};
    loop.set_workers(2);
    loop.set_interleaving(&script);
    const wire::BlockRecords records = run_block(block, watched, &loop);
    CHECK(records.error == wire::ErrorCode::tx_nonce_too_high);
    CHECK(script.looked_at < 600);
}

} // namespace braid::test
