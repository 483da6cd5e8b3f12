/// Blocks that are traced while they are executed in parallel: every trace is that of one
/// transaction after another.
#include "parallel/block_runner.hpp"
#include "tests/packed_blocks.hpp"
#include "tests/traced_blocks.hpp"

namespace braid::test {
namespace {

struct Traced {
    const char* name;
    wire::Tracer tracer;
    uint32_t flags;
};

constexpr Traced tracers[] = {
    {"call", wire::Tracer::call, wire::trace_flag::with_log},
    {"flat", wire::Tracer::flat_call, wire::trace_flag::include_precompiles},
    {"prestate", wire::Tracer::prestate, 0},
    {"difference", wire::Tracer::prestate, wire::trace_flag::diff_mode},
    {"4byte", wire::Tracer::four_byte, 0},
    {"parity", wire::Tracer::parity,
     wire::trace_flag::parity_trace | wire::trace_flag::parity_state_diff},
};

/// The most transactions that all are valid of a block that may have some that are not.
void keep_valid(ConflictingBlock& block) {
    const wire::BlockRecords records = block.run_sequentially();
    if (records.error != wire::ErrorCode::ok && records.error_transaction >= 0)
        block.transactions.resize(static_cast<size_t>(records.error_transaction));
}

} // namespace

TEST("traces: the same whatever ran ahead of its turn") {
    size_t told = 0;
    for (const evmc_revision revision : conflict_revisions) {
        for (uint64_t seed = 0; seed < 6; ++seed) {
            ConflictingBlock block{revision, seed, 12};
            keep_valid(block);
            for (const Traced& traced : tracers) {
                trace_with(block, traced.tracer, traced.flags);
                const std::vector<std::string> expected = traces_of(block, block.state);
                CHECK_EQ(expected.size(), block.transactions.size());
                told += expected.size();
                AheadLoop backward{latest_first(block.transactions.size())};
                if (traces_of(block, block.state, &backward) != expected)
                    fail(__FILE__, __LINE__, "latest first", traced.name);
            }
        }
    }
    CHECK(told > 100);
}

TEST("traces: the same however two and three workers take turns") {
    SeededScheduler scheduler;
    for (const evmc_revision revision : conflict_revisions) {
        ConflictingBlock block{revision, 42, 10};
        keep_valid(block);
        SteppingState stepping{block.state};
        for (const Traced& traced : tracers) {
            trace_with(block, traced.tracer, traced.flags);
            const std::vector<std::string> expected = traces_of(block, block.state);
            for (const size_t workers : {2, 3}) {
                parallel::OptimisticLoop loop{ordered_pool(), impatient_machine};
                loop.set_workers(workers);
                loop.set_interleaving(&scheduler);
                for (uint64_t seed = 0; seed < 6; ++seed) {
                    scheduler.seed(seed);
                    if (traces_of(block, stepping, &loop) != expected)
                        fail(__FILE__, __LINE__, traced.name,
                             std::to_string(workers) + " workers, seed " + std::to_string(seed));
                }
            }
        }
    }
}

TEST("traces: the same on a pool's threads, as the addon runs blocks") {
    const std::shared_ptr<parallel::BlockRunner> runner = parallel::BlockRunner::create(nullptr, 4);
    for (uint64_t seed = 0; seed < 4; ++seed) {
        ConflictingBlock block{EVMC_OSAKA, seed, 40};
        keep_valid(block);
        for (const Traced& traced : tracers) {
            trace_with(block, traced.tracer, traced.flags);
            const wire::PackedBuffer one = packed(block, 1);
            const wire::PackedBuffer several = packed(block, 4);
            const wire::PackedBuffer expected = runner->run(one.view(), block.state);
            const wire::BlockOutput& output = header_of(expected);
            CHECK_EQ(output.traces.count, block.transactions.size());
            CHECK(output.trace_text.count > 0);
            for (int repeat = 0; repeat < 3; ++repeat) {
                const wire::PackedBuffer actual = runner->run(several.view(), block.state);
                if (!same_output(expected, actual) ||
                    !same_section<wire::TraceText>(expected, output.traces, actual,
                                                   header_of(actual).traces) ||
                    !same_section<uint8_t>(expected, output.trace_text, actual,
                                           header_of(actual).trace_text))
                    fail(__FILE__, __LINE__, "in parallel", traced.name);
            }
        }
    }
}

} // namespace braid::test
