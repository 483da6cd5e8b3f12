#include "parallel/worker_pool.hpp"

#include "parallel/pause.hpp"
#include "parallel/processor_count.hpp"
#include "parallel/stack_room.hpp"

#include <algorithm>
#include <pthread.h>

namespace braid::parallel {

namespace {

/// Room for 1024 nested frames of any VM that recurses on the native stack. Only touched pages
/// count.
constexpr size_t stack_size = size_t{has_large_frames ? 256 : 32} << 20;

/// Has the system start a detached thread.
bool start_thread(void* (*run)(void*), void* argument) noexcept {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, stack_size);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    const bool started = pthread_create(&thread, &attributes, run, argument) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

} // namespace

WorkerPool& WorkerPool::shared() {
    // Never freed: its threads may wait in it while the process ends.
    static auto* const pool = new WorkerPool{processor_count()};
    return *pool;
}

WorkerPool::WorkerPool(size_t size, StartThread start) noexcept
    : size_{std::max<size_t>(1, size)}, start_{start == nullptr ? start_thread : start} {}

bool WorkerPool::post(std::unique_ptr<Job>& job) noexcept {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        start_threads(jobs_.size() + regions_.size() + 1);
        if (started_ == 0)
            return false;
        jobs_.push_back(std::move(job));
        // relaxed: whoever sees it takes the mutex before looking for the work.
        arrivals_.fetch_add(1, std::memory_order_relaxed);
        wake = sleeping_ > 0;
    }
    if (wake)
        work_arrived_.notify_one();
    return true;
}

void WorkerPool::offer(std::shared_ptr<Background> work, size_t most) noexcept {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        const auto known = std::ranges::find(offers_, work, &Offer::work);
        if (known == offers_.end()) {
            offers_.push_back({std::move(work), most});
        } else {
            ++known->times;
            known->is_open = true;
        }
        start_threads(jobs_.size() + regions_.size() + 1);
        // relaxed: as in post().
        arrivals_.fetch_add(1, std::memory_order_relaxed);
        wake = sleeping_ > 0;
    }
    if (wake)
        work_arrived_.notify_one();
}

WorkerPool::Offer* WorkerPool::open_offer() noexcept {
    const auto open = std::ranges::find_if(
        offers_, [](const Offer& offer) { return offer.is_open && offer.inside < offer.most; });
    return open == offers_.end() ? nullptr : &*open;
}

void WorkerPool::do_piece(Offer& offer, std::unique_lock<std::mutex>& lock) noexcept {
    std::shared_ptr<Background> work = offer.work;
    const size_t times = offer.times;
    ++offer.inside;
    lock.unlock();
    const bool is_done = !work->step();
    lock.lock();
    // Others may have moved it; but it stays as long as somebody is at it.
    const auto place = std::ranges::find(offers_, work, &Offer::work);
    if (is_done && place->times == times)
        place->is_open = false;
    if (--place->inside == 0 && !place->is_open)
        offers_.erase(place);
    lock.unlock();
    work.reset(); // maybe the last to have it
    lock.lock();
}

void WorkerPool::work_on(Region& region) noexcept {
    for (;;) {
        // relaxed: the counter only deals out ranges. What the ranges work on was published by the
        // pool's mutex when the helper joined, and is handed back by it when the helper leaves.
        const size_t begin = region.next.fetch_add(region.chunk, std::memory_order_relaxed);
        if (begin >= region.count)
            return;
        region.call(region.context, begin, begin + std::min(region.chunk, region.count - begin));
    }
}

void WorkerPool::run_region(Region& region, size_t threads) noexcept {
    const size_t ranges = region.count / region.chunk + (region.count % region.chunk != 0);
    const size_t participants = std::min(ranges, threads);
    const size_t helpers = participants > 1 ? std::min(participants - 1, size_) : 0;
    if (helpers == 0) {
        work_on(region);
        return;
    }
    size_t wake = 0;
    {
        const std::lock_guard lock{mutex_};
        region.open_places = helpers;
        regions_.push_back(&region);
        start_threads(jobs_.size() + regions_.size() + helpers - 1);
        // relaxed: as in post().
        arrivals_.fetch_add(1, std::memory_order_relaxed);
        wake = std::min(helpers, sleeping_);
    }
    for (size_t i = 0; i < wake; ++i)
        work_arrived_.notify_one();
    work_on(region);
    close(region);
}

void WorkerPool::close(Region& region) noexcept {
    {
        const std::lock_guard lock{mutex_};
        if (region.open_places > 0) {
            region.open_places = 0;
            std::erase(regions_, &region);
        }
    }
    // relaxed: only to see when it is worth taking the mutex again.
    spin_until([&] { return region.helpers.load(std::memory_order_relaxed) == 0; });
    std::unique_lock lock{mutex_};
    region.left.wait(lock, [&] { return region.helpers.load(std::memory_order_relaxed) == 0; });
}

void WorkerPool::help(Region& region, std::unique_lock<std::mutex>& lock) noexcept {
    // relaxed, here and below: the mutex orders the changes.
    region.helpers.fetch_add(1, std::memory_order_relaxed);
    if (--region.open_places == 0)
        std::erase(regions_, &region);
    lock.unlock();
    work_on(region);
    lock.lock();
    // Under the lock: the caller cannot return, and take the region with it, before it is released.
    if (region.helpers.fetch_sub(1, std::memory_order_relaxed) == 1)
        region.left.notify_one();
}

void WorkerPool::linger() const noexcept {
    // relaxed: a hint; the mutex is taken before anything is looked at.
    const uint64_t seen = arrivals_.load(std::memory_order_relaxed);
    spin_until([&] { return arrivals_.load(std::memory_order_relaxed) != seen; });
}

void WorkerPool::start_threads(size_t wanted) noexcept {
    // A thread that was just started, or woken, does not count as asleep or still does: at worst a
    // thread is started early, never more than size_.
    if (wanted <= sleeping_ || started_ == size_)
        return;
    const auto run = [](void* pool) -> void* {
        static_cast<WorkerPool*>(pool)->work();
        return nullptr;
    };
    for (size_t missing = wanted - sleeping_; missing > 0 && started_ < size_; --missing) {
        if (!start_(run, this))
            break;
        ++started_;
    }
}

void WorkerPool::work() noexcept {
#if defined(__linux__)
    pthread_setname_np(pthread_self(), "braid-worker");
#endif
    std::unique_lock lock{mutex_};
    for (bool has_worked = false;; has_worked = true) {
        if (regions_.empty() && jobs_.empty() && open_offer() == nullptr && has_worked) {
            lock.unlock();
            linger();
            lock.lock();
        }
        ++sleeping_;
        work_arrived_.wait(
            lock, [&] { return !regions_.empty() || !jobs_.empty() || open_offer() != nullptr; });
        --sleeping_;
        // Regions first: they are blocks already begun.
        if (!regions_.empty()) {
            help(*regions_.front(), lock);
            continue;
        }
        if (jobs_.empty()) {
            do_piece(*open_offer(), lock);
            continue;
        }
        std::unique_ptr<Job> job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job->run();
        job.reset();
        lock.lock();
    }
}

} // namespace braid::parallel
