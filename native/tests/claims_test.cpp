/// Who claims what of a block, and how many go on claiming.
#include "parallel/claims.hpp"

#include "parallel/retirement.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

#include <atomic>
#include <thread>

namespace braid::test {
namespace {

using transaction::BlockEnvironment;

std::vector<uint32_t> items(std::span<const uint32_t> batch) {
    return {batch.begin(), batch.end()};
}

/// Calls with these gas limits, to an account: 21,000 may be a plain transfer.
struct Calls : BlockFixture {
    Calls(std::initializer_list<uint64_t> gas_limits) : BlockFixture{EVMC_OSAKA} {
        for (const uint64_t gas : gas_limits)
            add_call(address_of(0xabc)).gas_limit = gas;
    }
};

} // namespace

TEST("claims: batches in order, by gas, and without plain transfers") {
    const Calls block({400'000, 21'000, 600'000, 1, 5'000'000, 21'000});
    const BlockEnvironment environment{block.view()};
    parallel::Claims claims;
    for (int round = 0; round < 2; ++round) {
        claims.begin(environment, false);
        CHECK_EQ(claims.size(), size_t{4});
        CHECK(claims.is_transfer(1) && claims.is_transfer(5) && !claims.is_transfer(4));
        CHECK(items(claims.take()) == (std::vector<uint32_t>{0, 2})); // a million together
        CHECK(items(claims.take()) == (std::vector<uint32_t>{3}));
        CHECK(items(claims.take()) == (std::vector<uint32_t>{4}));
        CHECK(claims.take().empty());
        CHECK(claims.take().empty());
    }
    claims.begin(environment, true);
    CHECK_EQ(claims.size(), size_t{6});
    CHECK(!claims.is_transfer(1));
    CHECK(items(claims.take()) == (std::vector<uint32_t>{0, 1}));
}

TEST("claims: a batch is no longer than what is read in it stays new") {
    BlockFixture block{EVMC_OSAKA};
    for (int i = 0; i < 40; ++i)
        block.add_call(address_of(0xabc)).gas_limit = 22'000;
    parallel::Claims claims;
    claims.begin(BlockEnvironment{block.view()}, false);
    CHECK_EQ(claims.take().size(), size_t{16});
    CHECK_EQ(claims.take().size(), size_t{16});
    CHECK_EQ(claims.take().size(), size_t{8});
    CHECK(claims.take().empty());
}

TEST("claims: the next batch is at hand once the one before it is committed") {
    const Calls block({900'000, 900'000, 21'000, 900'000});
    parallel::Claims claims;
    claims.begin(BlockEnvironment{block.view()}, false);
    CHECK(items(claims.peek(0)) == (std::vector<uint32_t>{0}));
    CHECK(items(claims.take()) == (std::vector<uint32_t>{0}));
    CHECK(claims.peek(0).empty());
    CHECK(items(claims.peek(1)) == (std::vector<uint32_t>{1}));
    CHECK(items(claims.peek(1)) == (std::vector<uint32_t>{1})); // looking takes nothing
    CHECK(items(claims.take()) == (std::vector<uint32_t>{1}));
    CHECK(claims.peek(1).empty());
    CHECK(items(claims.peek(2)) == (std::vector<uint32_t>{3})); // transfers are not waited for
    CHECK(items(claims.take()) == (std::vector<uint32_t>{3}));
    CHECK(claims.peek(4).empty());
}

TEST("claims: nothing but plain transfers, or nothing at all, is nothing to claim") {
    const Calls transfers({21'000, 21'000});
    const Calls none({});
    for (const Calls* block : {&transfers, &none}) {
        parallel::Claims claims;
        claims.begin(BlockEnvironment{block->view()}, false);
        CHECK_EQ(claims.size(), size_t{0});
        CHECK(claims.peek(0).empty());
        CHECK(claims.take().empty());
        CHECK(claims.take_keys().empty());
    }
}

TEST("claims: each transaction and each key once, by whatever thread") {
    BlockFixture block{EVMC_OSAKA};
    for (int i = 0; i < 500; ++i)
        block.add_call(address_of(0xabc)).gas_limit =
            22'000 + static_cast<uint64_t>(i % 7) * 90'000;
    const std::vector<wire::PrefetchKey> keys(123);
    wire::BlockView view = block.view();
    view.prefetch_keys = keys;
    parallel::Claims claims;
    claims.begin(BlockEnvironment{view}, false);
    std::vector<std::atomic<int>> claimed(500);
    std::vector<std::atomic<int>> fetched(keys.size());
    const auto work = [&] {
        for (auto batch = claims.take(); !batch.empty(); batch = claims.take())
            for (const uint32_t index : batch)
                claimed[index].fetch_add(1, std::memory_order_relaxed);
        for (auto chunk = claims.take_keys(); !chunk.empty(); chunk = claims.take_keys())
            for (const wire::PrefetchKey& key : chunk)
                fetched[static_cast<size_t>(&key - keys.data())].fetch_add(
                    1, std::memory_order_relaxed);
    };
    std::thread other{work};
    work();
    other.join();
    const auto once = [](const std::atomic<int>& count) { return count.load() == 1; };
    CHECK(std::all_of(claimed.begin(), claimed.end(), once));
    CHECK(std::all_of(fetched.begin(), fetched.end(), once));
}

TEST("retirement: where most of the latest runs are stale, all workers but one stop claiming") {
    parallel::Retirement retirement;
    retirement.begin(3);
    for (int i = 0; i < 17; ++i)
        retirement.note_commit(true);
    CHECK(!retirement.in_vain());
    for (int i = 0; i < 32; ++i) // runs of long ago do not count
        retirement.note_commit(false);
    retirement.note_commit(true);
    CHECK(!retirement.in_vain());
    for (int i = 0; i < 17; ++i)
        retirement.note_commit(true);
    CHECK(retirement.in_vain());
    for (int i = 0; i < 40; ++i)
        retirement.note_commit(false);
    CHECK(retirement.in_vain());
    CHECK_EQ(retirement.claimers(), size_t{3});
    CHECK(retirement.retire(3));
    CHECK(retirement.retire(3)); // who saw a number of before
    CHECK_EQ(retirement.claimers(), size_t{1});
    CHECK(!retirement.retire(2));
    CHECK(!retirement.retire(1));
    CHECK_EQ(retirement.claimers(), size_t{1});
    retirement.begin(2);
    CHECK(!retirement.in_vain());
    CHECK_EQ(retirement.claimers(), size_t{2});
}

} // namespace braid::test
