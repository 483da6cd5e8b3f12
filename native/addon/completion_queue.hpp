/// The way back from worker threads to one JavaScript environment.
#pragma once

#include "base/cancellation.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <node_api.h>
#include <vector>

namespace braid::addon {

/// Work done for JavaScript, on its way back.
class Completion {
  public:
    Completion() = default;
    Completion(const Completion&) = delete;
    Completion& operator=(const Completion&) = delete;
    virtual ~Completion() = default;

    /// Hands the result to JavaScript, on its thread. Not called where the environment has ended.
    virtual void deliver(napi_env env) noexcept = 0;
};

/// Carries completions to the thread of one environment through one thread-safe function. The
/// environment cancels at its end all work that is under way and waits for it, so that no worker
/// speaks to an environment that is gone.
class CompletionQueue {
  public:
    /// Makes the queue of an environment; null, with an exception pending, where that fails.
    [[nodiscard]] static std::shared_ptr<CompletionQueue> create(napi_env env);

    /// JavaScript thread: announces a piece of work, with what the environment's end stops it by.
    /// Exactly one `finish` must follow; until then `cancellation` must stay. Node stays alive
    /// until the work is delivered.
    void begin(napi_env env, Cancellation& cancellation) noexcept;

    /// Any thread: the work with this cancellation is done. The caller touches nothing of the
    /// environment afterwards.
    void finish(const Cancellation& cancellation, std::unique_ptr<Completion> completion) noexcept;

  private:
    CompletionQueue() = default;
    static void deliver(napi_env env, napi_value callback, void* context, void* data);
    static void close(void* queue);

    napi_threadsafe_function function_ = nullptr;
    size_t undelivered_ = 0; ///< JavaScript thread only
    std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<Cancellation*> in_flight_; ///< under mutex_: begun and not finished
};

} // namespace braid::addon
