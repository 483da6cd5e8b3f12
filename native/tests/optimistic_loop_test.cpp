/// Transactions executed ahead of their turn: the result is that of one after another.
#include "parallel/optimistic_loop.hpp"

#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/random_runs.hpp"

#include <string>

namespace braid::test {
namespace {

using block::CommitStatus;

constexpr evmc_revision revisions[] = {
    EVMC_FRONTIER, EVMC_SPURIOUS_DRAGON, EVMC_CONSTANTINOPLE, EVMC_ISTANBUL,
    EVMC_LONDON,   EVMC_SHANGHAI,        EVMC_CANCUN,         EVMC_OSAKA};

/// One thread that decides by a seed what happens next: some transaction runs ahead on what is
/// published so far, or the head is committed. The same seed gives the same interleaving.
class SeededLoop final : public block::TransactionLoop {
  public:
    explicit SeededLoop(uint64_t seed) : random_{seed} {}

    bool run(block::BlockExecutor& block) override {
        const auto count = static_cast<uint32_t>(block.environment().block.transactions.size());
        parallel::VersionStore store;
        store.begin(count, count);
        parallel::SpeculativeView view{store};
        view.begin_block(block.base());
        parallel::VersionArena arena;
        transaction::Machine machine;
        transaction::TransactionExecutor ahead{machine};
        ahead.begin_block(block.environment());

        std::vector<transaction::TransactionOutcome> outcomes(count);
        std::vector<transaction::TransactionReads> reads(count);
        std::vector<bool> executed(count);
        std::vector<uint32_t> waiting;
        for (uint32_t i = 0; i < count; ++i)
            waiting.push_back(i);
        const auto speculate = [&](size_t place) {
            const uint32_t index = waiting[place];
            waiting.erase(waiting.begin() + static_cast<ptrdiff_t>(place));
            const transaction::TransactionInput input = block.input(index);
            view.begin(index, input.sender.address, input.record->nonce);
            ahead.execute(view, input, outcomes[index], reads[index]);
            if (outcomes[index].failure.code == wire::ErrorCode::ok)
                store.publish(index, 0, outcomes[index], arena);
            executed[index] = true;
        };
        for (uint32_t head = 0; head < count;) {
            if (!waiting.empty() && (!executed[head] || random_.chance(60))) {
                speculate(random_.below(std::min<size_t>(waiting.size(), 1 + random_.below(5))));
                continue;
            }
            const CommitStatus status = block.commit(head, outcomes[head], reads[head]);
            if (status == CommitStatus::failed)
                return false;
            if (status == CommitStatus::stale) {
                ++stale;
                if (!block.run_transaction(head))
                    return false;
                store.publish(head, 1, block.latest_outcome(), arena);
            } else {
                ++committed;
            }
            ++head;
        }
        return true;
    }

    uint64_t stale = 0;
    uint64_t committed = 0;

  private:
    Random random_;
};

} // namespace

TEST("parallel: any interleaving gives the sequential result") {
    uint64_t stale = 0;
    uint64_t committed = 0;
    uint64_t failed = 0;
    for (uint64_t seed = 0; seed < random_runs(2000); ++seed) {
        ConflictingBlock block{revisions[seed % std::size(revisions)], seed, 2 + seed % 11};
        const wire::BlockRecords expected = block.run_sequentially();
        for (uint64_t interleaving = 0; interleaving < 3; ++interleaving) {
            SeededLoop loop{seed * 3 + interleaving};
            if (!same_records(expected, block.run_with(loop)))
                fail(__FILE__, __LINE__, "same_records", "seed " + std::to_string(seed));
            stale += loop.stale;
            committed += loop.committed;
        }
        failed += expected.error != wire::ErrorCode::ok;
    }
    // The blocks are such that much goes wrong, and much goes well.
    CHECK(stale > 100 && committed > 100 && failed > 10);
}

TEST("parallel: threads give the sequential result") {
    parallel::WorkerPool& pool = *new parallel::WorkerPool{8}; // lives as long as its threads
    for (const size_t workers : {1, 2, 3, 8}) {
        parallel::OptimisticLoop loop{pool,
                                      [] { return std::make_unique<transaction::Machine>(); }};
        loop.set_workers(workers);
        for (uint64_t seed = 0; seed < random_runs(1000); ++seed) {
            ConflictingBlock block{revisions[seed % std::size(revisions)], seed, 1 + seed % 40};
            const wire::BlockRecords expected = block.run_sequentially();
            if (!same_records(expected, block.run_with(loop)))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", workers " + std::to_string(workers));
            if (workers == 1)
                CHECK_EQ(loop.reexecutions(), size_t{0});
        }
    }
}

TEST("parallel: one sender's chain and one recipient's credits commit as they were run ahead") {
    // All of it runs before anything is committed, latest first: nothing is published in time.
    BlockFixture block{EVMC_OSAKA};
    for (uint64_t i = 0; i < 200; ++i) {
        wire::Transaction& transaction = block.add_call(address_of(0xabc));
        transaction.value = word(3);
        transaction.gas_limit = 21'000;
    }
    class BackwardLoop final : public block::TransactionLoop {
      public:
        bool run(block::BlockExecutor& block) override {
            const auto count = static_cast<uint32_t>(block.environment().block.transactions.size());
            parallel::VersionStore store;
            store.begin(count, count);
            parallel::SpeculativeView view{store};
            view.begin_block(block.base());
            transaction::Machine machine;
            transaction::TransactionExecutor ahead{machine};
            ahead.begin_block(block.environment());
            std::vector<transaction::TransactionOutcome> outcomes(count);
            std::vector<transaction::TransactionReads> reads(count);
            for (uint32_t i = count; i-- > 0;) {
                const transaction::TransactionInput input = block.input(i);
                view.begin(i, input.sender.address, input.record->nonce);
                ahead.execute(view, input, outcomes[i], reads[i]);
            }
            for (uint32_t i = 0; i < count; ++i)
                if (block.commit(i, outcomes[i], reads[i]) != CommitStatus::committed)
                    return false;
            return true;
        }
    } loop;
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(block.view());
    wire::BlockRecords records;
    records.clear();
    executor.execute(block.state, block.view(), senders, records, loop);
    CHECK_EQ(records.receipts.size(), size_t{200});
    CHECK(!records.accounts.empty());
    block.records = records;
    const wire::AccountChange* recipient = block.change_of(address_of(0xabc));
    CHECK(recipient != nullptr && recipient->balance_after == word(600));
}

TEST("parallel: versions are seen by later transactions only, and only those of the latest run") {
    parallel::VersionStore store;
    store.begin(10, 10);
    parallel::VersionArena arena;
    const auto outcome_of = [](uint64_t value) {
        transaction::TransactionOutcome outcome;
        transaction::AccountWrite& write = outcome.accounts.emplace_back();
        write.address = address_of(1);
        write.slot_count = 1;
        outcome.slots.push_back({word(7), word(0), word(value)});
        return outcome;
    };
    const auto seen_by = [&](uint32_t transaction) -> uint64_t {
        const parallel::AccountLocation* account = store.find(address_of(1));
        const parallel::SlotLocation* slot =
            account == nullptr ? nullptr : store.find(*account, word(7));
        const Bytes32* value = slot == nullptr ? nullptr : store.latest_before(*slot, transaction);
        return value == nullptr ? 0 : to_uint256(*value).word[0];
    };
    CHECK_EQ(seen_by(9), uint64_t{0});
    store.publish(5, 0, outcome_of(50), arena);
    store.publish(2, 0, outcome_of(20), arena);
    store.publish(7, 0, outcome_of(70), arena);
    CHECK_EQ(seen_by(2), uint64_t{0});
    CHECK_EQ(seen_by(3), uint64_t{20});
    CHECK_EQ(seen_by(5), uint64_t{20});
    CHECK_EQ(seen_by(6), uint64_t{50});
    CHECK_EQ(seen_by(9), uint64_t{70});
    store.publish(5, 1, transaction::TransactionOutcome{}, arena); // writes nothing this time
    CHECK_EQ(seen_by(6), uint64_t{20});
    store.publish(2, 1, outcome_of(21), arena);
    CHECK_EQ(seen_by(6), uint64_t{21});
    CHECK(store.find(address_of(2)) == nullptr);
    store.begin(10, 10);
    CHECK_EQ(seen_by(9), uint64_t{0});
}

} // namespace braid::test
