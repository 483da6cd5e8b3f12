/// The way back from worker threads to one JavaScript environment.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <node_api.h>

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
/// environment waits at its end for the work that is under way, so that no worker speaks to an
/// environment that is gone; work that has not begun by then should look at `is_closing` and stop.
class CompletionQueue {
  public:
    /// Makes the queue of an environment; null, with an exception pending, where that fails.
    [[nodiscard]] static std::shared_ptr<CompletionQueue> create(napi_env env);

    /// JavaScript thread: announces a piece of work. Exactly one `finish` must follow. Node stays
    /// alive until it is delivered.
    void begin(napi_env env) noexcept;

    /// Any thread: the work is done. The caller touches nothing of the environment afterwards.
    void finish(std::unique_ptr<Completion> completion) noexcept;

    /// Any thread: whether the environment is ending, so that nobody wants results any more.
    [[nodiscard]] bool is_closing() const noexcept {
        // relaxed: a hint; who misses it does work that is thrown away.
        return closing_.load(std::memory_order_relaxed);
    }

  private:
    CompletionQueue() = default;
    static void deliver(napi_env env, napi_value callback, void* context, void* data);
    static void close(void* queue);

    napi_threadsafe_function function_ = nullptr;
    std::atomic<bool> closing_{false};
    size_t undelivered_ = 0; ///< JavaScript thread only
    std::mutex mutex_;
    std::condition_variable idle_;
    size_t in_flight_ = 0; ///< under mutex_: begun and not finished
};

} // namespace braid::addon
