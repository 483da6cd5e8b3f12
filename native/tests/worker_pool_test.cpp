#include "parallel/worker_pool.hpp"
#include "tests/harness.hpp"

#include <atomic>
#include <climits>
#include <thread>
#include <vector>

namespace {

using braid::parallel::WorkerPool;

/// A pool of three threads for all tests here; it lives as long as the process.
WorkerPool& pool() {
    static auto* const pool = new WorkerPool{3};
    return *pool;
}

/// Counts down, and lets a thread wait for zero.
class Latch {
  public:
    explicit Latch(int count) : count_{count} {}
    void count_down() {
        const std::lock_guard lock{mutex_};
        if (--count_ == 0)
            zero_.notify_all();
    }
    void wait() {
        std::unique_lock lock{mutex_};
        zero_.wait(lock, [&] { return count_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable zero_;
    int count_;
};

template <typename Body>
void post(Body body) {
    auto job = braid::parallel::make_job(std::move(body));
    CHECK(pool().post(job));
}

/// How often parallel_for visited each of `count` items.
std::vector<int> visits(size_t count, size_t chunk, size_t threads) {
    std::vector<std::atomic<int>> counters(count);
    pool().parallel_for(count, chunk, threads, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i)
            counters[i].fetch_add(1, std::memory_order_relaxed);
    });
    return {counters.begin(), counters.end()};
}

} // namespace

TEST("parallel_for visits every item exactly once") {
    for (const size_t count : {0, 1, 2, 7, 64, 1000})
        for (const size_t chunk : {1, 3, 64, 2000})
            for (const size_t threads : {0, 1, 2, 8})
                CHECK(visits(count, chunk, threads) == std::vector<int>(count, 1));
}

TEST("parallel_for hands out ranges no longer than the chunk") {
    std::atomic<bool> in_bounds{true};
    pool().parallel_for(100, 7, 4, [&](size_t begin, size_t end) {
        if (begin >= end || end - begin > 7 || end > 100)
            in_bounds.store(false, std::memory_order_relaxed);
    });
    CHECK(in_bounds.load());
}

TEST("parallel_for returns while every worker is busy") {
    Latch busy{3};
    Latch release{1};
    Latch ended{3};
    for (int i = 0; i < 3; ++i)
        post([&] {
            busy.count_down();
            release.wait();
            ended.count_down();
        });
    busy.wait();
    CHECK(visits(50, 1, 4) == std::vector<int>(50, 1));
    release.count_down();
    ended.wait();
}

TEST("jobs may use parallel_for themselves, many at once") {
    constexpr int jobs = 200;
    std::atomic<int> total{0};
    Latch ended{jobs};
    for (int job = 0; job < jobs; ++job)
        post([&] {
            pool().parallel_for(20, 1, 4, [&](size_t begin, size_t end) {
                total.fetch_add(static_cast<int>(end - begin), std::memory_order_relaxed);
            });
            ended.count_down();
        });
    ended.wait();
    CHECK_EQ(total.load(), jobs * 20);
}

TEST("a region's items may need each other as long as there are threads for all") {
    Latch met{3};
    pool().parallel_for(3, 1, 3, [&](size_t, size_t) {
        met.count_down();
        met.wait();
    });
    CHECK(true);
}

TEST("where the system gives no thread, a job is not run at all, and a loop by its caller") {
    static auto* const pool = // is never freed, as every pool
        new WorkerPool{3, [](void* (*)(void*), void*) noexcept { return false; }};
    WorkerPool& none = *pool;
    bool ran = false;
    auto job = braid::parallel::make_job([&] { ran = true; });
    CHECK(!none.post(job));
    CHECK(job != nullptr);
    CHECK(!ran);
    std::vector<int> counters(20);
    none.parallel_for(counters.size(), 3, 4, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i)
            ++counters[i];
    });
    CHECK(counters == std::vector<int>(20, 1));
}

TEST("callers on many threads share the pool") {
    std::vector<std::thread> callers;
    std::atomic<int> right{0};
    for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
            for (int round = 0; round < 50; ++round)
                if (visits(30, 2, 4) == std::vector<int>(30, 1))
                    right.fetch_add(1, std::memory_order_relaxed);
        });
    for (std::thread& caller : callers)
        caller.join();
    CHECK_EQ(right.load(), 200);
}

namespace {

/// So many pieces, which are to be done by few threads at a time.
class Pieces final : public braid::parallel::Background {
  public:
    explicit Pieces(int left) : left_{left} {}

    bool step() noexcept override {
        const int now = inside_.fetch_add(1) + 1;
        int most = most_.load();
        while (now > most && !most_.compare_exchange_weak(most, now)) {
        }
        std::this_thread::yield();
        inside_.fetch_sub(1);
        const int before = left_.fetch_sub(1);
        if (before <= 0)
            left_.fetch_add(1);
        return before > 0;
    }

    void add(int more) { left_.fetch_add(more); }
    [[nodiscard]] int left() const { return left_.load(); }
    [[nodiscard]] int most() const { return most_.load(); }

  private:
    std::atomic<int> left_;
    std::atomic<int> inside_{0};
    std::atomic<int> most_{0};
};

void wait_until_done(const Pieces& pieces) {
    while (pieces.left() > 0)
        std::this_thread::yield();
}

} // namespace

TEST("what was offered is done by idle threads, by so many at once, and again when offered again") {
    auto pieces = std::make_shared<Pieces>(500);
    pool().offer(pieces, 2);
    wait_until_done(*pieces);
    CHECK(pieces->most() <= 2);
    for (int round = 0; round < 200; ++round) {
        pieces->add(3);
        pool().offer(pieces, 2); // in time for a thread that has just found nothing
        wait_until_done(*pieces);
    }
    CHECK(pieces->most() <= 2);
    while (pieces.use_count() > 1) // nobody keeps what is done
        std::this_thread::yield();
}

TEST("jobs and loops come before what was offered, which does not end") {
    auto endless = std::make_shared<Pieces>(INT_MAX);
    pool().offer(endless, 8);
    for (int round = 0; round < 20; ++round) {
        CHECK(visits(30, 2, 4) == std::vector<int>(30, 1));
        Latch done{1};
        auto job = braid::parallel::make_job([&]() noexcept { done.count_down(); });
        CHECK(pool().post(job));
        done.wait();
    }
    endless->add(-endless->left());
}
