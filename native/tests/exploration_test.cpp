/// Tiny blocks in all interleavings there are, as far as they take no more than so many preemptions
/// (Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded
/// programs", 2007: few suffice to find most errors).
#include "tests/explorer.hpp"
#include "tests/tiny_blocks.hpp"

#include <cstdio>

namespace braid::test {
namespace {

/// Explores a block; how many interleavings there were.
size_t explore(const TinyBlock& tiny, state::StateView& base, size_t workers, size_t preemptions) {
    const wire::BlockRecords expected = run_block(*tiny.block, base);
    parallel::OptimisticLoop loop{ordered_pool(), impatient_machine};
    loop.set_workers(workers);
    Explorer explorer{preemptions};
    loop.set_interleaving(&explorer);
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(tiny.block->view());
    wire::BlockRecords records;
    size_t count = 0;
    do {
        records.clear();
        executor.execute(base, tiny.block->view(), senders, records, loop);
        ++count;
        if (!same_records(expected, records) || loop.left_over() != 0 || explorer.diverged()) {
            fail(__FILE__, __LINE__, "explored",
                 std::string{tiny.name} + ", workers " + std::to_string(workers) + ", decisions " +
                     text_of(explorer.decisions()));
            break;
        }
    } while (explorer.next());
    return count;
}

/// Explores all tiny blocks and says how many interleavings there were.
void explore_all(size_t workers, size_t preemptions, bool at_reads) {
    size_t total = 0;
    for (const TinyBlock& tiny : tiny_blocks()) {
        SteppingState stepping{tiny.block->state};
        state::StateView& base = at_reads ? static_cast<state::StateView&>(stepping)
                                          : static_cast<state::StateView&>(tiny.block->state);
        const size_t count = explore(tiny, base, workers, preemptions);
        CHECK(count > 10);
        total += count;
    }
    std::printf("%zu interleavings of %zu workers with up to %zu preemptions%s\n", total, workers,
                preemptions, at_reads ? ", at reads of the state too" : "");
}

} // namespace

TEST("exploration: all interleavings of two workers on tiny blocks") {
    explore_all(2, preemptions_or(2), false);
}

TEST("exploration: all interleavings of three workers on tiny blocks") {
    explore_all(3, preemptions_or(1), false);
}

TEST("exploration: all interleavings of two workers that are interrupted at reads") {
    explore_all(2, preemptions_or(2), true);
}

} // namespace braid::test
