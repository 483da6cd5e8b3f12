/// A block on its way from JavaScript to a worker and back.
#pragma once

#include "addon/buffers.hpp"
#include "addon/completion_queue.hpp"
#include "parallel/block_runner.hpp"
#include "parallel/resumable_block.hpp"
#include "parallel/window_block.hpp"

#include <atomic>
#include <functional>

namespace braid::addon {

/// A resumable block with its input. While a piece of it is executed, it is that execution's.
struct ResumableInput {
    ResumableInput(std::shared_ptr<parallel::BlockRunner> runner, AlignedBytes bytes) noexcept
        : input{std::move(bytes)}, block{std::move(runner), input.view()} {}
    AlignedBytes input;
    parallel::ResumableBlock block;
    /// Whether a piece of it is under way. JavaScript thread only.
    bool is_advancing = false;
};

/// What is done with a packed input on a state, other than to execute it as a block: gives a packed
/// output.
using Question = std::function<wire::PackedBuffer(BytesView input, state::StateView& state,
                                                  const Cancellation* cancellation)>;

/// One execution of a block, or of a piece of a resumable one, off the JavaScript thread, which
/// settles one promise. It lives as long as the worker needs it.
class BlockExecution {
  public:
    /// JavaScript thread: queues a block, and makes the promise of its output; null, with an
    /// exception pending, where that fails. The state must not change while others hold it.
    static std::shared_ptr<BlockExecution> start(napi_env env, napi_value& promise,
                                                 std::shared_ptr<parallel::BlockRunner> runner,
                                                 std::shared_ptr<state::StateView> state,
                                                 AlignedBytes input,
                                                 std::shared_ptr<CompletionQueue> completions);

    /// As above, for the next piece of a resumable block. The promise is resolved with null where
    /// the block is parked.
    static std::shared_ptr<BlockExecution> advance(napi_env env, napi_value& promise,
                                                   std::shared_ptr<ResumableInput> resumable,
                                                   std::shared_ptr<state::StateView> state,
                                                   std::shared_ptr<CompletionQueue> completions);

    /// As above, for a block of a window whose turn has come.
    static std::shared_ptr<BlockExecution> run_next(napi_env env, napi_value& promise,
                                                    std::shared_ptr<parallel::WindowBlock> block,
                                                    std::shared_ptr<state::StateView> state,
                                                    std::shared_ptr<CompletionQueue> completions);

    /// As above, for a question: the promise is resolved with its output.
    static std::shared_ptr<BlockExecution> ask(napi_env env, napi_value& promise, Question question,
                                               std::shared_ptr<state::StateView> state,
                                               AlignedBytes input,
                                               std::shared_ptr<CompletionQueue> completions);

    /// JavaScript thread: a CancellableExecution (lib/native/addon.ts) of an execution and its
    /// promise; an empty value for null.
    static Napi::Value cancellable(Napi::Env env, napi_value promise,
                                   const std::shared_ptr<BlockExecution>& execution);

    BlockExecution(const BlockExecution&) = delete;
    BlockExecution& operator=(const BlockExecution&) = delete;

    /// JavaScript thread: asks for the end. A block that no worker has begun is dropped, and the
    /// promise rejected at once with code CANCELLED. One that runs stops soon, and its output says
    /// ErrorCode::cancelled, unless it had ended already.
    void cancel(napi_env env) noexcept;

  private:
    BlockExecution(std::shared_ptr<parallel::BlockRunner> runner,
                   std::shared_ptr<state::StateView> state, AlignedBytes input,
                   std::shared_ptr<CompletionQueue> completions) noexcept;
    /// Of a block that has its runner and its input by itself.
    BlockExecution(std::shared_ptr<state::StateView> state,
                   std::shared_ptr<CompletionQueue> completions) noexcept
        : BlockExecution{nullptr, std::move(state), AlignedBytes{BytesView{}},
                         std::move(completions)} {}

    static std::shared_ptr<BlockExecution> post(napi_env env, napi_value& promise,
                                                std::shared_ptr<BlockExecution> execution);

    /// Worker: runs the block, unless it was dropped.
    void run() noexcept;

    /// Whether the caller is the first to ask; who is has the state, the input and the promise.
    [[nodiscard]] bool claim() noexcept {
        // relaxed: all that is claimed was handed to the worker by the pool's queue; the one who
        // comes second touches none of it.
        return !claimed_.exchange(true, std::memory_order_relaxed);
    }

    [[nodiscard]] Cancellation& cancellation() noexcept {
        return window_block_ == nullptr ? cancellation_ : window_block_->cancellation();
    }

    Cancellation cancellation_; ///< where it is not the block's own
    std::atomic<bool> claimed_{false};
    napi_deferred deferred_ = nullptr; ///< set once, before anybody else has it
    const std::shared_ptr<parallel::BlockRunner> runner_;
    const std::shared_ptr<CompletionQueue> completions_;
    std::shared_ptr<state::StateView> state_;
    AlignedBytes input_;
    Question question_;                         ///< empty: the input is a block
    std::shared_ptr<ResumableInput> resumable_; ///< null: executed in one piece
    /// Null: the input is executed. Stays as long as this: it has the cancellation.
    std::shared_ptr<parallel::WindowBlock> window_block_;
};

} // namespace braid::addon
