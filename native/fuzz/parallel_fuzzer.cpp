/// Blocks full of conflicts on several workers against one transaction after another.
///
/// The input is a list of decisions: what the block is, which hints its transactions carry, and who
/// of the workers goes on at each step. So an input gives the same interleaving again.
#include "base/keyed_hash.hpp"
#include "fuzz/target.hpp"
#include "tests/forced_orders.hpp"

namespace braid::fuzz {
namespace {

using namespace test;

constexpr size_t most_transactions = 24;

/// The workers go on as the input decides, then by what it leaves to chance.
class DecidedScheduler final : public Scheduler {
  public:
    explicit DecidedScheduler(Random random) : random_{random} {}

  protected:
    size_t choose(const std::vector<size_t>& ready, size_t running) noexcept override {
        if (running != nobody && random_.chance(50))
            return running;
        return ready[random_.below(ready.size())];
    }

  private:
    Random random_;
};

/// Lets some transactions wait for earlier ones.
void add_hints(BlockFixture& block, Random& random) {
    for (size_t i = 1; i < block.transactions.size(); ++i)
        if (random.chance(30))
            block.transactions[i].predecessor = static_cast<uint32_t>(1 + random.below(i));
}

std::vector<uint32_t> shuffled(size_t count, Random& random) {
    std::vector<uint32_t> order = in_order(count);
    for (size_t place = count; place > 1; --place)
        std::swap(order[place - 1], order[random.below(place)]);
    return order;
}

void check(bool holds, const char* how) {
    if (!holds)
        finding(std::string("another result ") + how);
}

} // namespace
} // namespace braid::fuzz

using namespace braid::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace braid;
    if (size < 8)
        return -1;
    set_hash_key(hash_key_of(0)); // an input goes the same way each time
    // The block, and how it is run, each from a part of the input: a change of one leaves the
    // other.
    const BytesView decisions{data + 1, size - 1};
    const size_t part = data[0] * decisions.size() / 256;
    test::Random ways{decisions.first(part)};
    test::Random choices{decisions.subspan(part)};
    const auto revision = static_cast<evmc_revision>(choices.below(EVMC_MAX_REVISION + 1));
    const size_t count = 1 + choices.below(most_transactions);
    test::ConflictingBlock block{revision, choices, count};
    const wire::BlockRecords expected = test::run_block(block, block.state);

    test::AheadLoop ahead{shuffled(count, ways)};
    check(test::same_records(expected, test::run_block(block, block.state, &ahead)),
          "where all runs ahead");

    if (ways.chance(50))
        add_hints(block, ways);
    if (ways.chance(30))
        block.header.flags |= wire::block_flag::always_run_ahead;
    parallel::OptimisticLoop loop{test::ordered_pool(),
                                  [] { return std::make_unique<transaction::Machine>(); }};
    loop.set_workers(2 + ways.below(2));
    DecidedScheduler scheduler{ways};
    loop.set_interleaving(&scheduler);
    test::SteppingState stepping{block.state};
    check(test::same_records(expected, test::run_block(block, stepping, &loop)), "with workers");
    return 0;
}
