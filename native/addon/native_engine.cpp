#include "addon/native_engine.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/environment.hpp"
#include "addon/native_state.hpp"
#include "state/delayed_state.hpp"

namespace braid::addon {

namespace {

/// A block's output, or the lack of memory for one, on its way to a promise.
class BlockCompletion final : public Completion {
  public:
    BlockCompletion(napi_deferred deferred, wire::PackedBuffer output)
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
        napi_value code = nullptr;
        napi_value message = nullptr;
        napi_create_string_utf8(env, "OUT_OF_MEMORY", NAPI_AUTO_LENGTH, &code);
        napi_create_string_utf8(env, "no memory for the block's output", NAPI_AUTO_LENGTH,
                                &message);
        napi_create_error(env, code, message, &error);
        return error;
    }

    napi_deferred deferred_;
    wire::PackedBuffer output_;
};

/// A state as blocks that run are to see it.
struct Source {
    explicit Source(const NativeState& handle)
        : state{handle.snapshot()}, read_delay{handle.read_delay()} {}

    std::shared_ptr<state::MemoryState> state;
    std::chrono::nanoseconds read_delay;
};

wire::PackedBuffer run_block(parallel::BlockRunner& runner, BytesView input, const Source& source) {
    if (source.read_delay.count() == 0)
        return runner.run(input, *source.state);
    state::DelayedState delayed{*source.state, source.read_delay};
    return runner.run(input, delayed);
}

/// Runs one block on a worker.
class BlockJob final : public parallel::Job {
  public:
    BlockJob(std::shared_ptr<parallel::BlockRunner> runner, Source source, AlignedBytes input,
             std::shared_ptr<CompletionQueue> completions, napi_deferred deferred)
        : runner_{std::move(runner)}, source_{std::move(source)}, input_{std::move(input)},
          completions_{std::move(completions)}, deferred_{deferred} {}

    void run() noexcept override {
        wire::PackedBuffer output;
        if (!completions_->is_closing())
            output = run_block(*runner_, input_.view(), source_);
        // Before JavaScript hears of it, so that it finds the state its own again.
        source_.state.reset();
        completions_->finish(std::make_unique<BlockCompletion>(deferred_, std::move(output)));
    }

  private:
    std::shared_ptr<parallel::BlockRunner> runner_;
    Source source_;
    AlignedBytes input_;
    std::shared_ptr<CompletionQueue> completions_;
    napi_deferred deferred_;
};

const char* error_code_of(executor::LoadStatus status) {
    switch (status) {
    case executor::LoadStatus::not_found:
        return "VM_NOT_FOUND";
    case executor::LoadStatus::wrong_abi_version:
        return "VM_ABI_MISMATCH";
    default:
        return "VM_LOAD_FAILED";
    }
}

/// The options of the constructor; nothing, with an exception pending, where one is wrong.
struct Options {
    std::string vm;
    size_t threads = 0;
};

std::optional<Options> read_options(const Napi::CallbackInfo& info) {
    Options options;
    if (info[0].IsUndefined())
        return options;
    if (!info[0].IsObject()) {
        throw_type_error(info.Env(), "options must be an object");
        return std::nullopt;
    }
    const auto object = info[0].As<Napi::Object>();
    const Napi::Value vm = object.Get("vm");
    const Napi::Value threads = object.Get("threads");
    if (info.Env().IsExceptionPending())
        return std::nullopt;
    if (!vm.IsUndefined() && !vm.IsString()) {
        throw_type_error(info.Env(), "vm must be a string");
        return std::nullopt;
    }
    constexpr double most_threads = 1024;
    const double count = threads.IsNumber() ? threads.As<Napi::Number>().DoubleValue() : 0;
    if ((!threads.IsUndefined() && !threads.IsNumber()) || !(count >= 0 && count <= most_threads)) {
        throw_type_error(info.Env(), "threads must be a number from 0 to 1024");
        return std::nullopt;
    }
    if (vm.IsString())
        options.vm = vm.As<Napi::String>().Utf8Value();
    options.threads = static_cast<size_t>(count);
    return options;
}

} // namespace

Napi::Function NativeEngine::define(Napi::Env env) {
    return DefineClass(env, "NativeEngine",
                       {
                           InstanceMethod<&NativeEngine::execute>("execute"),
                           InstanceMethod<&NativeEngine::execute_sync>("executeSync"),
                       });
}

NativeEngine::NativeEngine(const Napi::CallbackInfo& info) : ObjectWrap{info} {
    const auto options = read_options(info);
    if (!options)
        return;
    std::unique_ptr<executor::VmLibrary> library;
    if (!options->vm.empty()) {
        executor::LoadStatus status{};
        std::string detail;
        library = executor::VmLibrary::load(options->vm, status, detail);
        if (library == nullptr) {
            throw_error(info.Env(), error_code_of(status), detail);
            return;
        }
    }
    runner_ = parallel::BlockRunner::create(std::move(library), options->threads);
    if (runner_ == nullptr) {
        throw_error(info.Env(), "VM_LOAD_FAILED", options->vm + " makes no virtual machine");
        return;
    }
    // Plain properties: unlike methods, accessors can be called on any object.
    const auto text = [&](const std::string& value) {
        return Napi::String::New(info.Env(), value);
    };
    Value().DefineProperties({
        Napi::PropertyDescriptor::Value("vmName", text(runner_->vm_name()), napi_enumerable),
        Napi::PropertyDescriptor::Value("vmVersion", text(runner_->vm_version()), napi_enumerable),
    });
}

Napi::Value NativeEngine::execute(const Napi::CallbackInfo& info) {
    const NativeState* const state = NativeState::from(info.Env(), info[0]);
    if (state == nullptr)
        return {};
    const auto argument = bytes_argument(info, 1, "blockInput");
    if (!argument)
        return {};
    // JavaScript may write to its buffer, or give it away, while the block runs: work on a copy.
    AlignedBytes input = AlignedBytes::copy_of(*argument);
    if (input.view().size() != argument->size()) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for a copy of the block");
        return {};
    }
    napi_deferred deferred = nullptr;
    napi_value promise = nullptr;
    if (napi_create_promise(info.Env(), &deferred, &promise) != napi_ok)
        return {};
    const auto& completions = Environment::of(info.Env()).completions();
    completions->begin(info.Env());
    parallel::WorkerPool::shared().post(std::make_unique<BlockJob>(
        runner_, Source{*state}, std::move(input), completions, deferred));
    return {info.Env(), promise};
}

Napi::Value NativeEngine::execute_sync(const Napi::CallbackInfo& info) {
    const NativeState* const state = NativeState::from(info.Env(), info[0]);
    if (state == nullptr)
        return {};
    const auto argument = bytes_argument(info, 1, "blockInput");
    if (!argument)
        return {};
    const AlignedBytes input{*argument};
    wire::PackedBuffer output = run_block(*runner_, input.view(), Source{*state});
    if (output.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the block's output");
        return {};
    }
    return {info.Env(), to_uint8_array(info.Env(), std::move(output))};
}

} // namespace braid::addon
