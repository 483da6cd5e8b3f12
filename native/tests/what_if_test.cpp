/// Gas costs that are not the protocol's, and blocks under other rules than their own.
#include "what_if/other_rules_loop.hpp"

#include "parallel/block_runner.hpp"
#include "precompiles/precompiles.hpp"
#include "precompiles/prices.hpp"
#include "tests/packed_blocks.hpp"
#include "tests/traced_blocks.hpp"

namespace braid::test {
namespace {

using namespace evm;
using transaction::GasCosts;
using wire::GasCost;
using wire::GasCostChange;

GasCostChange change(GasCost cost, uint32_t value) { return {static_cast<uint32_t>(cost), value}; }

/// What a call of a precompile uses; nothing where it fails.
std::optional<int64_t> cost_of(evmc_revision revision, const Address& address, BytesView input) {
    constexpr int64_t gas = int64_t{1} << 40;
    const auto index = precompiles::find(revision, address);
    std::vector<uint8_t> output;
    if (!index)
        return std::nullopt;
    const precompiles::Output result = precompiles::execute(revision, *index, input, gas, output);
    if (result.status != EVMC_SUCCESS)
        return std::nullopt;
    return gas - result.gas_left;
}

bool is_multiplied(const Address& address) { // what has no price that could be changed
    return address == address_of(0x0c) || address == address_of(0x0e);
}

/// What one of the runs of a block under other rules says.
wire::RunUnderRules run_of(const std::string& bytes) {
    wire::RunUnderRules run{};
    std::memcpy(&run, bytes.data(), sizeof(run));
    return run;
}

/// What the transactions of a block do under gas costs of one's own.
std::vector<std::string> runs_of(BlockFixture& block, std::vector<GasCostChange> changes,
                                 std::vector<wire::GasSearch> searches = {}) {
    wire::BlockInput header = block.header;
    header.other_revision = header.revision;
    wire::BlockView view = block.view();
    view.header = &header;
    view.gas_costs = changes;
    view.gas_searches = searches;
    transaction::Machine machine;
    transaction::Machine beside;
    block::BlockExecutor executor{machine};
    what_if::OtherRulesLoop loop{beside, view};
    CHECK(loop.is_valid());
    block::SenderTable senders;
    senders.begin(view);
    senders.recover(0, senders.job_count());
    wire::BlockRecords records;
    records.clear();
    executor.execute(block.state, view, senders, records, loop);
    CHECK(records.error == wire::ErrorCode::ok);
    return loop.take();
}

} // namespace

TEST("what if: a precompile that is free costs nothing, whatever its input") {
    precompiles::Prices free;
    for (auto& price : free.contracts)
        price = {0, 0};
    size_t compared = 0;
    for (int revision = EVMC_FRONTIER; revision <= EVMC_MAX_REVISION; ++revision) {
        const auto rules = static_cast<evmc_revision>(revision);
        for (const Address& address : precompiles::active(rules)) {
            if (is_multiplied(address) || address == address_of(5)) // MODEXP is divided
                continue;
            for (const size_t size :
                 {0, 1, 31, 32, 33, 64, 96, 128, 192, 213, 256, 384, 768, 1000}) {
                const std::vector<uint8_t> input(size);
                const auto cost = cost_of(rules, address, input);
                if (!cost)
                    continue;
                CHECK_EQ(precompiles::surcharge(free, rules, address, input), -*cost);
                ++compared;
            }
        }
    }
    CHECK(compared > 500);
}

TEST("what if: MODEXP with its own rates costs what it costs, with others more") {
    std::vector<uint8_t> input(96 + 3 * 40, 0xff);
    std::fill_n(input.begin(), 96, uint8_t{0});
    input[31] = input[63] = input[95] = 40;
    for (const auto& [revision, least, divisor] :
         {std::tuple{EVMC_BYZANTIUM, 0, 20}, {EVMC_BERLIN, 200, 3}, {EVMC_OSAKA, 500, 1}}) {
        precompiles::Prices prices;
        prices.contracts[4] = {least, divisor};
        CHECK_EQ(precompiles::surcharge(prices, revision, address_of(5), input), int64_t{0});
        const auto cost = cost_of(revision, address_of(5), input);
        CHECK(cost.has_value());
        prices.contracts[4] = {*cost + 7, divisor};
        CHECK_EQ(precompiles::surcharge(prices, revision, address_of(5), input), int64_t{7});
        prices.contracts[4] = {0, 0}; // no divisor
        CHECK(precompiles::surcharge(prices, revision, address_of(5), input) > 0 ||
              revision == EVMC_OSAKA);
    }
}

TEST("what if: costs that there are none of are refused") {
    const auto makes = [](GasCostChange one) {
        return GasCosts::make(EVMC_CANCUN, std::span{&one, 1}).has_value();
    };
    CHECK(makes(change(GasCost::cold_sload, 3000)));
    CHECK(makes(change(GasCost::p256_verify, 1)));
    CHECK(makes({OP_ADD, 4}));
    CHECK(!makes({OP_CLZ, 4}));       // Osaka's
    CHECK(!makes({0x0c, 4}));         // no instruction
    CHECK(!makes({280, 4}));          // no parameter
    CHECK(!makes({300, 4}));          // none either
    CHECK(!makes({UINT32_MAX, 4}));   // no precompile
    CHECK(!makes({512 + 2 * 18, 4})); // none either
    CHECK(!makes(change(GasCost::cold_sload, evm::largest_price + 1)));
}

TEST("what if: a transaction runs on what the block has left, and leaves nothing itself") {
    HardBlock block{EVMC_CANCUN};
    // SSTORE(0, SLOAD(0) + 1)
    const Program count = Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).push(0).op(OP_SSTORE);
    const Address counter = block.deploy_program(0xa000, count);
    block.call(counter);
    block.call(counter);
    const auto plain = runs_of(block, {});
    const auto dear = runs_of(block, {change(GasCost::storage_set, 30'000)});
    CHECK_EQ(plain.size(), size_t{2});
    CHECK_EQ(run_of(dear[0]).gas_used, run_of(plain[0]).gas_used + 10'000);
    CHECK_EQ(run_of(dear[1]).gas_used, run_of(plain[1]).gas_used);
    CHECK_EQ(run_of(plain[0]).frame_count, 1u);
    CHECK(run_of(plain[0]).effects_hash == run_of(dear[0]).effects_hash);
    CHECK(!(run_of(plain[0]).effects_hash == run_of(plain[1]).effects_hash));
}

TEST("what if: the gas that is missing is found") {
    HardBlock block{EVMC_CANCUN};
    const Address reader = block.deploy_program(0xa000, Program{}.push(1).op(OP_SLOAD).op(OP_POP));
    block.call(reader);
    const uint64_t limit = block.transactions[0].gas_limit;
    const auto cost = static_cast<uint32_t>(limit); // more than the transaction has
    const auto runs = runs_of(block, {change(GasCost::cold_sload, cost)}, {{0}, {77}});
    const wire::RunUnderRules run = run_of(runs[0]);
    CHECK_EQ(run.evm_status, static_cast<int32_t>(EVMC_OUT_OF_GAS));
    const uint64_t least = 21'000 + 3 + 2 + limit;
    CHECK(run.needed_gas >= least && run.needed_gas <= least + limit / 1024 + 1);
}

TEST("what if: rules that there are none of are malformed input") {
    HardBlock block{EVMC_CANCUN};
    block.call(block.deploy_program(0xa000, Program{}.push(1)));
    trace_with(block, wire::Tracer::other_rules);
    block.header.other_revision = EVMC_MAX_REVISION + 1;
    const auto runner = parallel::BlockRunner::create(nullptr, 1);
    const wire::PackedBuffer input = packed(block, 1);
    const wire::PackedBuffer output =
        runner->run({input.data.get(), input.size}, block.state, nullptr);
    CHECK(static_cast<wire::ErrorCode>(header_of(output).error) ==
          wire::ErrorCode::input_malformed);
}

} // namespace braid::test
