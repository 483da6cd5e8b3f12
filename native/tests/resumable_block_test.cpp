/// Blocks on facts that come bit by bit: the result is that of the whole state.
#include "parallel/resumable_block.hpp"

#include "state/partial_view.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/packed_blocks.hpp"
#include "tests/tiny_blocks.hpp"

#include <string>
#include <utility>

namespace braid::test {
namespace {

using state::PartialState;
using state::StorageFacts;

/// Learns what a key stands for in a whole state.
void learn(PartialState& known, const state::MemoryState& whole, const wire::MissingKey& key) {
    state::AccountState account;
    if (key.kind == static_cast<uint32_t>(wire::MissingKind::slot))
        known.learn_slot(key.address, key.key, whole.storage(key.address, key.key));
    else if (key.kind == static_cast<uint32_t>(wire::MissingKind::code))
        known.learn_code(whole.find_code(key.key)->bytes(), key.key);
    else if (whole.find_account(key.address, account))
        known.learn_account({key.address, account.nonce, account.balance, account.code_hash},
                            account.has_storage ? StorageFacts::set : StorageFacts::complete);
    else
        known.learn_absence(key.address);
}

/// What came of a block, and in how many pieces and runs.
struct Resumed {
    wire::PackedBuffer output;
    size_t pieces;
    size_t runs;
};

/// Executes a block of which nothing is known at first. When it is parked, each of the missing
/// keys comes with this chance in percent; where none does, the one that is needed first.
Resumed resume(const std::shared_ptr<parallel::BlockRunner>& runner, const BlockFixture& block,
               uint32_t workers, Random& random, unsigned percent) {
    const wire::PackedBuffer input = packed(block, workers);
    const auto known = std::make_shared<PartialState>();
    parallel::ResumableBlock resumable{runner, input.view()};
    for (size_t pieces = 1;; ++pieces) {
        {
            state::PartialView view{known};
            if (resumable.advance(view))
                return {resumable.take_output(), pieces, resumable.run_count()};
            CHECK(view.take_missing().empty());
        }
        CHECK(resumable.needed() > 0 && resumable.needed() <= resumable.missing().size());
        bool any = false;
        for (const wire::MissingKey& key : resumable.missing())
            if (random.chance(percent)) {
                learn(*known, block.state, key);
                any = true;
            }
        if (!any)
            learn(*known, block.state, resumable.missing()[0]);
    }
}

TEST("resumable block: random blocks come out as on the whole state, whatever is known when") {
    for (const size_t threads : {1, 2, 4}) {
        const auto runner = parallel::BlockRunner::create(nullptr, threads);
        for (uint64_t seed = 0; seed < 150; ++seed) {
            constexpr evmc_revision revisions[] = {EVMC_HOMESTEAD, EVMC_CONSTANTINOPLE, EVMC_LONDON,
                                                   EVMC_OSAKA};
            ConflictingBlock block{revisions[seed % 4], seed, 1 + seed % 30};
            // Accounts that get something without being looked at: a guess would forget what they
            // had.
            if (seed % 2 == 0)
                block.state.set_account({block.header.coinbase, 2, uint256{1000}});
            if (seed % 3 == 0) {
                block.withdrawals.push_back({5, address_of(0x3172), 0});
                block.state.set_account({address_of(0x3172), 1, uint256{7}});
            }
            Random random{seed};
            const auto expected = runner->run(packed(block, 1).view(), block.state);
            const auto percent = static_cast<unsigned>(random.below(101));
            const Resumed resumed =
                resume(runner, block, static_cast<uint32_t>(threads), random, percent);
            if (!same_output(expected, resumed.output))
                fail(__FILE__, __LINE__, "same_output",
                     "seed " + std::to_string(seed) + ", threads " + std::to_string(threads));
        }
    }
}

TEST("resumable block: tiny blocks come out as on the whole state, key by key") {
    for (const size_t threads : {1, 2}) {
        const auto runner = parallel::BlockRunner::create(nullptr, threads);
        for (const TinyBlock& tiny : tiny_blocks()) {
            const auto expected = runner->run(packed(*tiny.block, 1).view(), tiny.block->state);
            for (const unsigned percent : {0U, 20U, 50U, 80U, 100U}) {
                Random random{percent};
                const Resumed resumed =
                    resume(runner, *tiny.block, static_cast<uint32_t>(threads), random, percent);
                if (!same_output(expected, resumed.output))
                    fail(__FILE__, __LINE__, "same_output",
                         std::string{tiny.name} + ", " + std::to_string(percent));
            }
        }
    }
}

/// Calls of a contract that reads a slot, and one that follows a chain of them: each slot holds the
/// number of the next.
class ChainBlock : public HardBlock {
  public:
    static constexpr uint64_t length = 12;
    static constexpr size_t calls = 40;

    ChainBlock() : HardBlock{EVMC_SHANGHAI} {
        using namespace evm;
        Program follow = Program{}.load_input(0);
        for (uint64_t i = 0; i < length; ++i)
            follow.op(OP_SLOAD);
        const Address chain = deploy_program(0xc4a1, follow.op(OP_POP));
        for (uint64_t i = 1; i < length; ++i)
            state.set_storage(chain, word(i), word(i + 1));
        const Address reader = deploy_program(0x4ead, Program{}.load_input(0).op(OP_SLOAD, OP_POP));
        for (size_t i = 0; i < calls; ++i)
            call(i == 3 ? chain : reader, {word(i == 3 ? 1 : 100 + i)});
    }
};

TEST("resumable block: what misses nothing is not run again because something else does") {
    for (const size_t threads : {1, 2}) {
        const auto runner = parallel::BlockRunner::create(nullptr, threads);
        ChainBlock block;
        Random random{1};
        const auto expected = runner->run(packed(block, 1).view(), block.state);
        const Resumed resumed = resume(runner, block, static_cast<uint32_t>(threads), random, 100);
        CHECK(same_output(expected, resumed.output));
        CHECK(resumed.pieces >= ChainBlock::length);
        // Accounts and code; the slot; all known. Then one transaction follows its chain alone,
        // ahead and in its turn.
        CHECK(resumed.runs <= 5 * ChainBlock::calls + 3 * ChainBlock::length);
        CHECK(resumed.runs < resumed.pieces * ChainBlock::calls / 2);
    }
}

TEST("resumable block: one worker runs nothing twice where all is known") {
    const auto runner = parallel::BlockRunner::create(nullptr, 1);
    ChainBlock block;
    const wire::PackedBuffer input = packed(block, 1);
    parallel::ResumableBlock resumable{runner, input.view()};
    CHECK(resumable.advance(block.state));
    CHECK_EQ(resumable.run_count(), ChainBlock::calls);
    CHECK(same_output(runner->run(input.view(), block.state), resumable.take_output()));
}

TEST("resumable block: a parked block can be dropped, and cancelled") {
    const auto runner = parallel::BlockRunner::create(nullptr, 2);
    ChainBlock block;
    const wire::PackedBuffer input = packed(block, 2);
    const auto known = std::make_shared<PartialState>();
    {
        state::PartialView view{known};
        parallel::ResumableBlock resumable{runner, input.view()};
        CHECK(!resumable.advance(view));
    }
    state::PartialView view{known};
    parallel::ResumableBlock resumable{runner, input.view()};
    CHECK(!resumable.advance(view));
    Cancellation cancellation;
    cancellation.request();
    for (const wire::MissingKey& key : resumable.missing())
        learn(*known, block.state, key);
    CHECK(resumable.advance(view, &cancellation));
    CHECK(header_of(resumable.take_output()).error ==
          static_cast<uint32_t>(wire::ErrorCode::cancelled));
}

TEST("resumable block: bad input is an output") {
    const auto runner = parallel::BlockRunner::create(nullptr, 1);
    state::MemoryState state;
    alignas(8) const uint8_t bytes[16] = {};
    parallel::ResumableBlock malformed{runner, BytesView{bytes}};
    CHECK(malformed.advance(state));
    CHECK(header_of(malformed.take_output()).error ==
          static_cast<uint32_t>(wire::ErrorCode::input_malformed));
    ChainBlock block;
    block.header.revision = 200;
    const wire::PackedBuffer input = packed(block, 1);
    parallel::ResumableBlock unsupported{runner, input.view()};
    const auto known = std::make_shared<PartialState>();
    state::PartialView view{known};
    CHECK(unsupported.advance(view));
    CHECK(header_of(unsupported.take_output()).error ==
          static_cast<uint32_t>(wire::ErrorCode::unsupported_revision));
}

} // namespace
} // namespace braid::test
