#include "parallel/in_order_loop.hpp"
#include "parallel/optimistic_loop.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/scheduler.hpp"
#include "tests/signed_senders.hpp"

#include <ctime>
#include <thread>

namespace braid::test {
namespace {

/// A block of several chunks of signatures.
class SignedBlock : public ConflictingBlock {
  public:
    explicit SignedBlock(uint64_t seed)
        : ConflictingBlock{seed % 2 == 0 ? EVMC_OSAKA : EVMC_LONDON, seed, 33 + seed % 100} {
        header.gas_limit = 1'000'000'000;
        sign_transactions(*this);
    }

    /// Has the senders recovered before anything runs.
    wire::BlockRecords run_recovered() {
        block::SenderTable senders;
        senders.begin(view());
        senders.recover(0, senders.job_count());
        return run_on(senders, [&](block::BlockExecutor& block, wire::BlockRecords& result) {
            block.execute(state, view(), senders, result);
        });
    }

    wire::BlockRecords run_in_order(parallel::WorkerPool& pool, size_t threads,
                                    const Cancellation* cancellation = nullptr) {
        block::SenderTable senders;
        senders.begin(view());
        parallel::InOrderLoop loop{pool, threads, senders};
        return run_on(senders, [&](block::BlockExecutor& block, wire::BlockRecords& result) {
            block.execute(state, view(), senders, result, loop, cancellation);
        });
    }

    wire::BlockRecords run_ahead(parallel::OptimisticLoop& loop) {
        block::SenderTable senders;
        senders.begin(view());
        loop.set_recovery(&senders);
        return run_on(senders, [&](block::BlockExecutor& block, wire::BlockRecords& result) {
            block.execute(state, view(), senders, result, loop);
        });
    }

  private:
    template <typename Body>
    static wire::BlockRecords run_on(const block::SenderTable& senders, Body&& body) {
        CHECK(senders.chunk_count() > 1);
        transaction::Machine machine;
        block::BlockExecutor block{machine};
        wire::BlockRecords result;
        result.clear();
        body(block, result);
        return result;
    }
};

parallel::WorkerPool& pool() {
    static auto* const pool = new parallel::WorkerPool{3}; // lives as long as its threads
    return *pool;
}

} // namespace

TEST("senders: one thread executes while others recover, with the same result") {
    for (uint64_t seed = 0; seed < 120; ++seed) {
        SignedBlock block{seed};
        const wire::BlockRecords expected = block.run_recovered();
        for (const size_t threads : {1, 2, 4})
            if (!same_records(expected, block.run_in_order(pool(), threads)))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", threads " + std::to_string(threads));
    }
}

TEST("senders: workers that recover and run ahead, in any order, have the same result") {
    SeededScheduler scheduler;
    for (const size_t workers : {1, 2, 3}) {
        parallel::OptimisticLoop loop{pool(),
                                      [] { return std::make_unique<transaction::Machine>(); }};
        loop.set_workers(workers);
        for (uint64_t seed = 0; seed < 60; ++seed) {
            SignedBlock block{seed};
            const wire::BlockRecords expected = block.run_recovered();
            loop.set_interleaving(nullptr);
            const bool is_same = same_records(expected, block.run_ahead(loop));
            scheduler.seed(seed);
            loop.set_interleaving(&scheduler);
            if (!is_same || !same_records(expected, block.run_ahead(loop)))
                fail(__FILE__, __LINE__, "same_records",
                     "seed " + std::to_string(seed) + ", workers " + std::to_string(workers));
            CHECK_EQ(loop.left_over(), size_t{0});
        }
    }
}

TEST("senders: a signature of nobody ends the block where it stands") {
    for (const size_t bad : {0, 31, 32, 60, 99}) {
        SignedBlock block{68};
        CHECK(block.transactions.size() > bad);
        block.transactions[bad].r = word(0);
        const wire::BlockRecords expected = block.run_recovered();
        CHECK(expected.error != wire::ErrorCode::ok);
        CHECK(expected.error_transaction <= static_cast<int32_t>(bad));
        for (const size_t threads : {1, 2, 4})
            CHECK(same_records(expected, block.run_in_order(pool(), threads)));
    }
}

TEST("senders: a block may be cancelled while they are being recovered") {
    SignedBlock block{98};
    Cancellation early;
    early.request();
    for (const size_t threads : {1, 2, 4})
        CHECK(block.run_in_order(pool(), threads, &early).error == wire::ErrorCode::cancelled);
    const wire::BlockRecords expected = block.run_recovered();
    for (int delay = 0; delay < 600; delay += 20) {
        Cancellation cancellation;
        std::thread other{[&] {
            std::this_thread::sleep_for(std::chrono::microseconds{delay});
            cancellation.request();
        }};
        const wire::BlockRecords result = block.run_in_order(pool(), 2, &cancellation);
        other.join();
        CHECK(result.error == wire::ErrorCode::cancelled || same_records(expected, result));
    }
}

TEST("senders: who waits for another thread's chunk sleeps") {
    SignedBlock block{68};
    block::SenderTable senders;
    senders.begin(block.view());
    const size_t chunks = senders.chunk_count();
    CHECK(chunks > 1);
    parallel::SenderRecovery recovery;
    recovery.begin(&senders);
    for (size_t i = 0; i + 1 < chunks; ++i)
        CHECK(recovery.recover_next());
    // The last one is taken by a thread that the system lets wait.
    const size_t late = recovery.take();
    CHECK_EQ(late, chunks - 1);
    uint64_t nanoseconds = UINT64_MAX;
    bool is_known = false;
    std::thread waiting{[&] {
        const auto used = [] {
            timespec time{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
            return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
                   static_cast<uint64_t>(time.tv_nsec);
        };
        const uint64_t before = used();
        is_known = recovery.wait_for(block.transactions.size() - 1, [] { return false; });
        nanoseconds = used() - before;
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    senders.recover_chunk(late);
    waiting.join();
    CHECK(is_known);
    CHECK(nanoseconds < 20'000'000);
}

} // namespace braid::test
