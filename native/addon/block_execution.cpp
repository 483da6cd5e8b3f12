#include "addon/block_execution.hpp"

#include "parallel/worker_pool.hpp"

namespace braid::addon {

namespace {

/// An error with one of the package's codes; null where not even that can be made.
napi_value make_error(napi_env env, const char* code_text, const char* message_text) noexcept {
    napi_value code = nullptr;
    napi_value message = nullptr;
    napi_value error = nullptr;
    napi_create_string_utf8(env, code_text, NAPI_AUTO_LENGTH, &code);
    napi_create_string_utf8(env, message_text, NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, code, message, &error);
    return error;
}

/// A block's output, or the lack of memory for one, on its way to a promise.
class OutputCompletion final : public Completion {
  public:
    OutputCompletion(napi_deferred deferred, wire::PackedBuffer output)
        : deferred_{deferred}, output_{std::move(output)} {}

    void deliver(napi_env env) noexcept override {
        napi_value result = nullptr;
        if (output_.data != nullptr)
            result = to_uint8_array(env, std::move(output_));
        if (result != nullptr)
            napi_resolve_deferred(env, deferred_, result);
        else
            napi_reject_deferred(env, deferred_, out_of_memory(env));
    }

  private:
    static napi_value out_of_memory(napi_env env) noexcept {
        // A failed conversion may have left an exception of its own: it becomes the reason.
        napi_value error = nullptr;
        if (napi_get_and_clear_last_exception(env, &error) == napi_ok && error != nullptr)
            return error;
        return make_error(env, "OUT_OF_MEMORY", "no memory for the block's output");
    }

    napi_deferred deferred_;
    wire::PackedBuffer output_;
};

/// A piece of a resumable block on its way to a promise.
class PieceCompletion final : public Completion {
  public:
    PieceCompletion(std::shared_ptr<ResumableInput> resumable, bool has_ended,
                    napi_deferred deferred)
        : resumable_{std::move(resumable)}, has_ended_{has_ended}, deferred_{deferred} {}

    void deliver(napi_env env) noexcept override {
        resumable_->is_advancing = false;
        if (has_ended_) {
            OutputCompletion{deferred_, resumable_->block.take_output()}.deliver(env);
            return;
        }
        napi_value null = nullptr;
        napi_get_null(env, &null);
        napi_resolve_deferred(env, deferred_, null);
    }

  private:
    const std::shared_ptr<ResumableInput> resumable_;
    const bool has_ended_;
    napi_deferred deferred_;
};

/// The end of a block that was dropped: its promise is settled already.
class DroppedCompletion final : public Completion {
  public:
    void deliver(napi_env /*env*/) noexcept override {}
};

} // namespace

std::shared_ptr<BlockExecution>
BlockExecution::start(napi_env env, napi_value& promise,
                      std::shared_ptr<parallel::BlockRunner> runner,
                      std::shared_ptr<state::StateView> state, AlignedBytes input,
                      std::shared_ptr<CompletionQueue> completions) {
    return post(
        env, promise,
        std::shared_ptr<BlockExecution>{new BlockExecution{
            std::move(runner), std::move(state), std::move(input), std::move(completions)}});
}

std::shared_ptr<BlockExecution> BlockExecution::advance(
    napi_env env, napi_value& promise, std::shared_ptr<ResumableInput> resumable,
    std::shared_ptr<state::StateView> state, std::shared_ptr<CompletionQueue> completions) {
    std::shared_ptr<BlockExecution> execution{
        new BlockExecution{std::move(state), std::move(completions)}};
    execution->resumable_ = resumable;
    resumable->is_advancing = true;
    execution = post(env, promise, std::move(execution));
    if (execution == nullptr)
        resumable->is_advancing = false;
    return execution;
}

std::shared_ptr<BlockExecution> BlockExecution::run_next(
    napi_env env, napi_value& promise, std::shared_ptr<parallel::WindowBlock> block,
    std::shared_ptr<state::StateView> state, std::shared_ptr<CompletionQueue> completions) {
    std::shared_ptr<BlockExecution> execution{
        new BlockExecution{std::move(state), std::move(completions)}};
    execution->window_block_ = std::move(block);
    return post(env, promise, std::move(execution));
}

std::shared_ptr<BlockExecution> BlockExecution::ask(napi_env env, napi_value& promise,
                                                    Question question,
                                                    std::shared_ptr<state::StateView> state,
                                                    AlignedBytes input,
                                                    std::shared_ptr<CompletionQueue> completions) {
    std::shared_ptr<BlockExecution> execution{
        new BlockExecution{nullptr, std::move(state), std::move(input), std::move(completions)}};
    execution->question_ = std::move(question);
    return post(env, promise, std::move(execution));
}

Napi::Value BlockExecution::cancellable(Napi::Env env, napi_value promise,
                                        const std::shared_ptr<BlockExecution>& execution) {
    if (execution == nullptr)
        return {};
    const auto cancel = [weak = std::weak_ptr{execution}](const Napi::CallbackInfo& call) {
        if (const std::shared_ptr<BlockExecution> running = weak.lock())
            running->cancel(call.Env());
    };
    Napi::Object result = Napi::Object::New(env);
    result.Set("output", promise);
    result.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
    return result;
}

std::shared_ptr<BlockExecution> BlockExecution::post(napi_env env, napi_value& promise,
                                                     std::shared_ptr<BlockExecution> execution) {
    if (napi_create_promise(env, &execution->deferred_, &promise) != napi_ok)
        return nullptr;
    execution->completions_->begin(env, execution->cancellation());
    auto job = parallel::make_job([execution]() noexcept { execution->run(); });
    // Without any thread the block is run here, if the stack is large enough: see BlockRunner::run.
    if (!parallel::WorkerPool::shared().post(job))
        job->run();
    return execution;
}

BlockExecution::BlockExecution(std::shared_ptr<parallel::BlockRunner> runner,
                               std::shared_ptr<state::StateView> state, AlignedBytes input,
                               std::shared_ptr<CompletionQueue> completions) noexcept
    : runner_{std::move(runner)},
      completions_{std::move(completions)}, state_{std::move(state)}, input_{std::move(input)} {}

void BlockExecution::cancel(napi_env env) noexcept {
    cancellation().request();
    if (!claim())
        return;
    state_.reset();
    input_ = AlignedBytes{BytesView{}};
    if (resumable_ != nullptr)
        resumable_->is_advancing = false;
    napi_reject_deferred(env, deferred_, make_error(env, "CANCELLED", "it had not begun to run"));
}

void BlockExecution::run() noexcept {
    std::unique_ptr<Completion> completion;
    const bool is_wanted = claim();
    if (is_wanted && resumable_ != nullptr) {
        const bool has_ended = resumable_->block.advance(*state_, &cancellation_);
        state_.reset();
        completion = std::make_unique<PieceCompletion>(std::move(resumable_), has_ended, deferred_);
    } else if (is_wanted) {
        wire::PackedBuffer output;
        if (window_block_ != nullptr)
            output = window_block_->run(std::move(state_));
        else if (question_)
            output = question_(input_.view(), *state_, &cancellation_);
        else
            output = runner_->run(input_.view(), *state_, &cancellation_);
        // Before JavaScript hears of it, so that it finds the state its own again.
        state_.reset();
        completion = std::make_unique<OutputCompletion>(deferred_, std::move(output));
    } else {
        completion = std::make_unique<DroppedCompletion>();
    }
    completions_->finish(cancellation(), std::move(completion));
}

} // namespace braid::addon
