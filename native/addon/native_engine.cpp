#include "addon/native_engine.hpp"

#include "addon/arguments.hpp"
#include "addon/environment.hpp"
#include "addon/native_resumable_block.hpp"
#include "addon/native_window.hpp"
#include "addon/state_argument.hpp"
#include "evm/analysis_cache.hpp"

namespace braid::addon {

namespace {

const char* error_code_of(transaction::LoadStatus status) {
    switch (status) {
    case transaction::LoadStatus::not_found:
        return "VM_NOT_FOUND";
    case transaction::LoadStatus::wrong_abi_version:
        return "VM_ABI_MISMATCH";
    default:
        return "VM_LOAD_FAILED";
    }
}

/// The options of the constructor; nothing, with an exception pending, where one is wrong.
struct Options {
    std::string vm;
    size_t threads = 0;
    std::optional<size_t> decoded_code_bytes;
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
    const Napi::Value decoded = object.Get("decodedCodeBytes");
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
    constexpr double most_bytes = 9007199254740991; // 2^53 - 1
    const double bytes = decoded.IsNumber() ? decoded.As<Napi::Number>().DoubleValue() : 0;
    if ((!decoded.IsUndefined() && !decoded.IsNumber()) || !(bytes >= 0 && bytes <= most_bytes)) {
        throw_type_error(info.Env(), "decodedCodeBytes must be a number of bytes");
        return std::nullopt;
    }
    if (decoded.IsNumber())
        options.decoded_code_bytes = static_cast<size_t>(bytes);
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
                           InstanceMethod<&NativeEngine::execute_cancellable>("executeCancellable"),
                           InstanceMethod<&NativeEngine::resumable>("resumable"),
                           InstanceMethod<&NativeEngine::window>("window"),
                           InstanceMethod<&NativeEngine::execute_sync>("executeSync"),
                           InstanceMethod<&NativeEngine::call>("call"),
                           InstanceMethod<&NativeEngine::admit>("admit"),
                       });
}

NativeEngine::NativeEngine(const Napi::CallbackInfo& info) : ObjectWrap{info} {
    const auto options = read_options(info);
    if (!options)
        return;
    std::unique_ptr<transaction::VmLibrary> library;
    if (!options->vm.empty()) {
        transaction::LoadStatus status{};
        std::string detail;
        library = transaction::VmLibrary::load(options->vm, status, detail);
        if (library == nullptr) {
            throw_error(info.Env(), error_code_of(status), detail);
            return;
        }
    }
    if (options->decoded_code_bytes)
        evm::AnalysisCache::instance().set_budget(*options->decoded_code_bytes);
    runner_ = parallel::BlockRunner::create(std::move(library), options->threads);
    if (runner_ == nullptr) {
        throw_error(info.Env(), "VM_LOAD_FAILED", options->vm + " makes no virtual machine");
        return;
    }
    calls_ = std::make_shared<parallel::CallRunner>(runner_);
    admissions_ = std::make_shared<parallel::AdmissionRunner>(runner_);
    // Plain properties: unlike methods, accessors can be called on any object.
    const auto text = [&](const std::string& value) {
        return Napi::String::New(info.Env(), value);
    };
    Value().DefineProperties({
        Napi::PropertyDescriptor::Value("vmName", text(runner_->vm_name()), napi_enumerable),
        Napi::PropertyDescriptor::Value("vmVersion", text(runner_->vm_version()), napi_enumerable),
    });
}

std::shared_ptr<BlockExecution> NativeEngine::start(const Napi::CallbackInfo& info,
                                                    napi_value& promise) {
    std::shared_ptr<state::StateView> state = state_argument(info, 0);
    if (state == nullptr)
        return nullptr;
    auto input = copied_argument(info, 1, "blockInput");
    if (!input)
        return nullptr;
    return BlockExecution::start(info.Env(), promise, runner_, std::move(state), std::move(*input),
                                 Environment::of(info.Env()).completions());
}

Napi::Value NativeEngine::execute(const Napi::CallbackInfo& info) {
    napi_value promise = nullptr;
    start(info, promise);
    return {info.Env(), promise};
}

Napi::Value NativeEngine::execute_cancellable(const Napi::CallbackInfo& info) {
    napi_value promise = nullptr;
    const std::shared_ptr<BlockExecution> execution = start(info, promise);
    return BlockExecution::cancellable(info.Env(), promise, execution);
}

Napi::Value NativeEngine::resumable(const Napi::CallbackInfo& info) {
    auto input = copied_argument(info, 0, "blockInput");
    if (!input)
        return {};
    return NativeResumableBlock::make(info.Env(),
                                      std::make_shared<ResumableInput>(runner_, std::move(*input)));
}

Napi::Value NativeEngine::window(const Napi::CallbackInfo& info) {
    return NativeWindow::make(info.Env(), runner_);
}

Napi::Value NativeEngine::execute_sync(const Napi::CallbackInfo& info) {
    const std::shared_ptr<state::StateView> state = state_argument(info, 0);
    if (state == nullptr)
        return {};
    const auto argument = bytes_argument(info, 1, "blockInput");
    if (!argument)
        return {};
    const AlignedBytes input{*argument};
    wire::PackedBuffer output = runner_->run(input.view(), *state);
    if (output.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the block's output");
        return {};
    }
    return {info.Env(), to_uint8_array(info.Env(), std::move(output))};
}

Napi::Value NativeEngine::ask(const Napi::CallbackInfo& info, Question question) {
    std::shared_ptr<state::StateView> state = state_argument(info, 0);
    if (state == nullptr)
        return {};
    auto input = copied_argument(info, 1, "blockInput");
    if (!input)
        return {};
    napi_value promise = nullptr;
    const std::shared_ptr<BlockExecution> execution =
        BlockExecution::ask(info.Env(), promise, std::move(question), std::move(state),
                            std::move(*input), Environment::of(info.Env()).completions());
    return BlockExecution::cancellable(info.Env(), promise, execution);
}

Napi::Value NativeEngine::call(const Napi::CallbackInfo& info) {
    return ask(info, [calls = calls_](BytesView input, state::StateView& state,
                                      const Cancellation* cancellation) {
        return calls->run(input, state, cancellation);
    });
}

Napi::Value NativeEngine::admit(const Napi::CallbackInfo& info) {
    return ask(info, [admissions = admissions_](BytesView input, state::StateView& state,
                                                const Cancellation* cancellation) {
        return admissions->run(input, state, cancellation);
    });
}

} // namespace braid::addon
