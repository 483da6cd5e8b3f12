/// The process-wide pool of worker threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace braid::parallel {

/// A piece of work for one worker. It is destroyed on that worker after it has run.
class Job {
  public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;

    /// Does the work.
    virtual void run() noexcept = 0;
};

/// Work for threads that have nothing better to do, in pieces.
class Background {
  public:
    Background() = default;
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    virtual ~Background() = default;

    /// Does a piece of it; several threads may at once. False: there is nothing to do for now.
    virtual bool step() noexcept = 0;
};

/// Makes a job that calls `body()`, which must not throw.
template <typename Body>
[[nodiscard]] std::unique_ptr<Job> make_job(Body body) {
    class BodyJob final : public Job {
      public:
        explicit BodyJob(Body body) : body_{std::move(body)} {}
        void run() noexcept override { body_(); }

      private:
        Body body_;
    };
    return std::make_unique<BodyJob>(std::move(body));
}

/// Threads that every engine of the process shares. They are started when there is work for them,
/// stay awake for some 50 microseconds after it, since waking takes as long, then sleep, and end
/// with the process: the pool is never destroyed, so a thread can
/// not outlive it. Any thread may call its functions, workers included.
class WorkerPool {
  public:
    /// Has a thread call `run(argument)` on a stack as large as a block needs; false where there is
    /// none to be had.
    using StartThread = bool (*)(void* (*run)(void*), void* argument) noexcept;

    /// The pool of this process, one thread for each processor the process may use.
    [[nodiscard]] static WorkerPool& shared();

    /// A pool of at most `size` threads, started by the system or as told. Its threads live as long
    /// as the process, and so must it.
    explicit WorkerPool(size_t size, StartThread start = nullptr) noexcept;

    /// Waiting threads refer to the pool until the process ends.
    ~WorkerPool() = delete;
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// How many threads there are at most.
    [[nodiscard]] size_t size() const noexcept { return size_; }

    /// Queues a job and takes it over. Jobs start in the order they were queued. False, with the
    /// job left to the caller, where the pool has no thread and the system gives it none.
    [[nodiscard]] bool post(std::unique_ptr<Job>& job) noexcept;

    /// Has threads that find neither jobs nor a parallel_for do pieces of some work, at most `most`
    /// of them at once, until a piece says that there is nothing to do. It may be offered again
    /// then, and at any time before. Without any thread nobody does it.
    void offer(std::shared_ptr<Background> work, size_t most) noexcept;

    /// Calls `body(begin, end)` for consecutive ranges of at most `chunk` items that together are
    /// [0, count), on the calling thread and on up to `threads - 1` workers at once, and returns
    /// when all calls have ended. Workers that are busy do not delay it: the caller alone would
    /// do all the work. `body` must not throw; `chunk` must not be 0.
    template <typename Body>
    void parallel_for(size_t count, size_t chunk, size_t threads, Body&& body) noexcept {
        using Function = std::remove_reference_t<Body>;
        Region region;
        region.count = count;
        region.chunk = chunk;
        region.context = const_cast<void*>(static_cast<const void*>(&body));
        region.call = [](void* context, size_t begin, size_t end) noexcept {
            (*static_cast<Function*>(context))(begin, end);
        };
        run_region(region, threads);
    }

  private:
    /// A parallel_for in progress. It lives on its caller's stack, who unlinks it and waits for the
    /// helpers before the stack goes. `open_places` belongs to the pool's mutex.
    struct Region {
        void (*call)(void* context, size_t begin, size_t end) noexcept = nullptr;
        void* context = nullptr;
        size_t count = 0;
        size_t chunk = 1;
        std::atomic<size_t> next{0};
        size_t open_places = 0; ///< how many more workers may join
        /// Workers inside. Written under the mutex; read without it by a caller that spins.
        std::atomic<size_t> helpers{0};
        std::condition_variable left;
    };

    /// What was offered.
    struct Offer {
        std::shared_ptr<Background> work;
        size_t most;         ///< how many threads may be at it
        size_t inside = 0;   ///< how many are
        size_t times = 0;    ///< how often it was offered again
        bool is_open = true; ///< whether there may be something to do
    };

    static void work_on(Region& region) noexcept;
    void run_region(Region& region, size_t threads) noexcept;
    void close(Region& region) noexcept;
    void help(Region& region, std::unique_lock<std::mutex>& lock) noexcept;
    /// The first of what was offered that one more thread may do; null: none. Under mutex_.
    [[nodiscard]] Offer* open_offer() noexcept;
    void do_piece(Offer& offer, std::unique_lock<std::mutex>& lock) noexcept;
    /// Sees to it that `wanted` threads are free for work, as far as size_ allows. Under mutex_.
    void start_threads(size_t wanted) noexcept;
    void work() noexcept;
    /// Stays awake for a moment, in case the next piece of work comes at once. Not under mutex_.
    void linger() const noexcept;

    const size_t size_;
    const StartThread start_;
    std::mutex mutex_;
    std::condition_variable work_arrived_;
    std::deque<std::unique_ptr<Job>> jobs_; ///< under mutex_
    std::deque<Region*> regions_;           ///< under mutex_; those with open places
    std::vector<Offer> offers_;             ///< under mutex_; in the order of coming
    size_t started_ = 0;                    ///< under mutex_
    size_t sleeping_ = 0;                   ///< under mutex_
    /// Counts what was queued. Written under mutex_; read without it by threads that linger.
    std::atomic<uint64_t> arrivals_{0};
};

} // namespace braid::parallel
