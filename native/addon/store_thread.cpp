#include "addon/store_thread.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <pthread.h>

namespace braid::addon {

struct StoreThread::Queue {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::unique_ptr<parallel::Job>> jobs; ///< under mutex
    bool is_over = false;                            ///< under mutex: no more will come

    void work() {
        for (;;) {
            std::unique_ptr<parallel::Job> job;
            {
                std::unique_lock lock{mutex};
                arrived.wait(lock, [this] { return !jobs.empty() || is_over; });
                if (jobs.empty())
                    return;
                job = std::move(jobs.front());
                jobs.pop_front();
            }
            job->run();
        }
    }
};

StoreThread::StoreThread() : queue_{std::make_shared<Queue>()} {}

StoreThread::~StoreThread() {
    const std::lock_guard lock{queue_->mutex};
    queue_->is_over = true;
    queue_->arrived.notify_one();
}

bool StoreThread::post(std::unique_ptr<parallel::Job>& job) noexcept {
    if (!is_started_) {
        auto argument = std::make_unique<std::shared_ptr<Queue>>(queue_);
        pthread_t thread;
        const auto run = [](void* handed) -> void* {
            const std::unique_ptr<std::shared_ptr<Queue>> queue{
                static_cast<std::shared_ptr<Queue>*>(handed)};
            (*queue)->work();
            return nullptr;
        };
        if (pthread_create(&thread, nullptr, run, argument.get()) != 0)
            return false;
        (void)argument.release();
        pthread_detach(thread);
        is_started_ = true;
    }
    const std::lock_guard lock{queue_->mutex};
    queue_->jobs.push_back(std::move(job));
    queue_->arrived.notify_one();
    return true;
}

} // namespace braid::addon
