/// Blocks of a chain that are prepared and run ahead: the outputs are those of one after another.
#include "tests/block_chain.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/random_runs.hpp"

#include <string>

namespace braid::test {
namespace {

/// A random chain among a few accounts and contracts, which the blocks share: each sender goes on
/// where the block before has left it. With withdrawals or rewards to accounts that transactions
/// look at, and at times with an invalid transaction, where it ends.
BlockChain random_chain(uint64_t seed, size_t length, size_t transactions) {
    Random random{seed};
    const evmc_revision revision = conflict_revisions[seed % std::size(conflict_revisions)];
    BlockChain chain;
    for (size_t i = 0; i < length; ++i) {
        ConflictingBlock block{revision, seed * 1000 + i, 1 + random.below(transactions)};
        if (chain.states.empty())
            chain.states.push_back(layered(block.state));
        follow(block, *chain.states.back());
        block.header.number += i;
        block.header.timestamp += 12 * i;
        block.header.block_reward = word(1'000'000'000);
        if (revision >= EVMC_SHANGHAI)
            for (const uint64_t number : {0x5e0000, 0xe0, 0xc0ffee, 0xc004})
                if (random.chance(50))
                    block.withdrawals.push_back({1 + random.below(3), address_of(number), 0});
        const auto workers = static_cast<uint32_t>(1 + random.below(2));
        if (!chain.add(packed(block, workers)))
            break;
    }
    return chain;
}

std::string how(uint64_t seed, size_t block) {
    return "seed " + std::to_string(seed) + ", block " + std::to_string(block);
}

} // namespace

TEST("window: random chains, executed and run ahead in any order that a seed gives") {
    SeededScheduler scheduler;
    WindowPair pair{scheduler};
    size_t ran_ahead = 0;
    for (uint64_t seed = 0; seed < random_runs(300); ++seed) {
        const BlockChain chain = random_chain(seed, 4, 6);
        scheduler.seed(seed);
        const size_t wrong = pair.run(chain);
        if (wrong != SIZE_MAX)
            fail(__FILE__, __LINE__, "same_output", how(seed, wrong));
        ran_ahead += pair.ran_ahead;
    }
    std::printf("%zu runs ahead were committed\n", ran_ahead);
    CHECK(ran_ahead > 100 || random_runs(300) < 300);
}

TEST("window: random chains on a pool") {
    static auto* const pool = new parallel::WorkerPool{3}; // is never freed, as every pool
    size_t ran_ahead = 0;
    for (const size_t threads : {1, 2, 3}) {
        const auto runner = parallel::BlockRunner::create(nullptr, threads, *pool);
        for (uint64_t seed = 0; seed < random_runs(200); ++seed) {
            const BlockChain chain = random_chain(seed, 6, 30);
            parallel::Window window{runner};
            std::vector<std::shared_ptr<parallel::WindowBlock>> blocks;
            const size_t ahead = 1 + seed % 3;
            for (size_t i = 0; i < chain.inputs.size(); ++i) {
                while (blocks.size() < std::min(chain.inputs.size(), i + 1 + ahead))
                    blocks.push_back(window.add(chain.input(blocks.size())));
                const wire::PackedBuffer output = blocks[i]->run(chain.states[i]);
                blocks[i] = nullptr;
                ran_ahead += committed_by(output, 2);
                if (!same_output(chain.expected[i], output))
                    fail(__FILE__, __LINE__, "same_output",
                         how(seed, i) + ", threads " + std::to_string(threads));
            }
            window.drop();
            for (const auto& state : chain.states)
                CHECK_EQ(state.use_count(), long{1}); // nobody keeps it
        }
    }
    std::printf("%zu runs ahead were committed\n", ran_ahead);
}

} // namespace braid::test
