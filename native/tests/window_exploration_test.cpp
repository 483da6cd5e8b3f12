/// Chains of three tiny blocks in all interleavings of a thread that executes them and one that
/// runs ahead, as far as they take no more than so many preemptions.
#include "tests/explorer.hpp"
#include "tests/tiny_chains.hpp"

#include <cstdio>

namespace braid::test {
namespace {

struct Explored {
    size_t count = 0;     ///< interleavings
    size_t ran_ahead = 0; ///< runs ahead that were committed
};

Explored explore(const TinyChain& tiny, size_t preemptions) {
    Explorer explorer{preemptions};
    WindowPair pair{explorer};
    Explored explored;
    explorer.begin_block();
    do {
        const size_t wrong = pair.run(tiny.chain);
        ++explored.count;
        explored.ran_ahead += pair.ran_ahead;
        if (wrong != SIZE_MAX || explorer.diverged()) {
            fail(__FILE__, __LINE__, "explored",
                 std::string{tiny.name} + ", block " + std::to_string(wrong) + ", decisions " +
                     text_of(explorer.decisions()));
            break;
        }
    } while (explorer.next());
    return explored;
}

} // namespace

TEST("window: the chains to explore are of three blocks, but for the one that ends before") {
    for (const TinyChain& tiny : tiny_chains()) {
        const bool ends_early = std::string{tiny.name} == "broke in the middle";
        CHECK_EQ(tiny.chain.inputs.size(), size_t{ends_early ? 2U : 3U});
        CHECK_EQ(tiny.chain.states.size(), size_t{ends_early ? 2U : 4U});
    }
}

TEST("window: all interleavings of one who executes three blocks and one who runs ahead") {
    Explored total;
    for (const TinyChain& tiny : tiny_chains()) {
        const Explored explored = explore(tiny, preemptions_or(1));
        CHECK(explored.count > 10);
        total.count += explored.count;
        total.ran_ahead += explored.ran_ahead;
    }
    CHECK(total.ran_ahead > 40);
    std::printf("%zu interleavings of three blocks, %zu runs ahead were committed\n", total.count,
                total.ran_ahead);
}

} // namespace braid::test
