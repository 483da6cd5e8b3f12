#include "addon/completion_queue.hpp"

#include <algorithm>

namespace braid::addon {

std::shared_ptr<CompletionQueue> CompletionQueue::create(napi_env env) {
    std::shared_ptr<CompletionQueue> queue{new CompletionQueue};
    napi_value name = nullptr;
    if (napi_create_string_utf8(env, "braid-evm", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                        queue.get(), deliver, &queue->function_) != napi_ok)
        return nullptr;
    // Idle, it keeps no process alive.
    napi_unref_threadsafe_function(env, queue->function_);
    // Hooks run last added first: this one before the function's own, which was added by making it.
    napi_add_env_cleanup_hook(env, close, new std::shared_ptr<CompletionQueue>{queue});
    return queue;
}

void CompletionQueue::begin(napi_env env, Cancellation& cancellation) noexcept {
    if (undelivered_++ == 0)
        napi_ref_threadsafe_function(env, function_);
    const std::lock_guard lock{mutex_};
    in_flight_.push_back(&cancellation);
}

void CompletionQueue::finish(const Cancellation& cancellation,
                             std::unique_ptr<Completion> completion) noexcept {
    // The function is alive: `close` waits for the list below before it lets go of it.
    if (napi_call_threadsafe_function(function_, completion.get(), napi_tsfn_nonblocking) ==
        napi_ok)
        (void)completion.release();
    const std::lock_guard lock{mutex_};
    in_flight_.erase(std::ranges::find(in_flight_, &cancellation));
    if (in_flight_.empty())
        idle_.notify_all();
}

void CompletionQueue::deliver(napi_env env, napi_value /*callback*/, void* context, void* data) {
    const std::unique_ptr<Completion> completion{static_cast<Completion*>(data)};
    // Without an environment the queue is being emptied at the end, and may be gone itself.
    if (env == nullptr)
        return;
    auto* const queue = static_cast<CompletionQueue*>(context);
    if (--queue->undelivered_ == 0)
        napi_unref_threadsafe_function(env, queue->function_);
    completion->deliver(env);
}

void CompletionQueue::close(void* data) {
    const std::unique_ptr<std::shared_ptr<CompletionQueue>> holder{
        static_cast<std::shared_ptr<CompletionQueue>*>(data)};
    CompletionQueue& queue = **holder;
    {
        std::unique_lock lock{queue.mutex_};
        for (Cancellation* cancellation : queue.in_flight_)
            cancellation->request();
        queue.idle_.wait(lock, [&] { return queue.in_flight_.empty(); });
    }
    napi_release_threadsafe_function(queue.function_, napi_tsfn_abort);
}

} // namespace braid::addon
