/// The thread of one store: what reads and writes its disk, one piece of work after another.
#pragma once

#include "parallel/worker_pool.hpp"

#include <memory>

namespace braid::addon {

/// Runs jobs in the order in which they are posted, on a thread of its own that is started for the
/// first one and ends some time after the object. Jobs that are posted are run in any case.
class StoreThread {
  public:
    StoreThread();
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Queues a job and takes it over. False, with the job left to the caller, where the system
    /// gives no thread.
    [[nodiscard]] bool post(std::unique_ptr<parallel::Job>& job) noexcept;

  private:
    struct Queue;
    /// Shared with the thread.
    const std::shared_ptr<Queue> queue_;
    bool is_started_ = false; ///< only the owner looks at it
};

} // namespace braid::addon
