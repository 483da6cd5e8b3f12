#include "addon/native_window.hpp"

#include "addon/arguments.hpp"
#include "addon/environment.hpp"
#include "addon/state_argument.hpp"

namespace braid::addon {

Napi::Function NativeWindow::define(Napi::Env env) {
    return DefineClass(env, "NativeWindow",
                       {
                           InstanceMethod<&NativeWindow::add>("add"),
                           InstanceMethod<&NativeWindow::execute>("execute"),
                           InstanceMethod<&NativeWindow::close>("close"),
                       });
}

Napi::Value NativeWindow::make(Napi::Env env, std::shared_ptr<parallel::BlockRunner> runner) {
    const Napi::Object made = Environment::of(env).window_class().New({});
    if (made.IsEmpty())
        return {};
    Unwrap(made)->window_ = std::make_unique<parallel::Window>(std::move(runner));
    return made;
}

NativeWindow::NativeWindow(const Napi::CallbackInfo& info) : ObjectWrap{info}, env_{info.Env()} {
    napi_add_env_cleanup_hook(env_, drop_all, this);
}

NativeWindow::~NativeWindow() { napi_remove_env_cleanup_hook(env_, drop_all, this); }

void NativeWindow::drop_all(void* window) {
    auto* const self = static_cast<NativeWindow*>(window);
    if (self->window_ != nullptr)
        self->window_->drop();
    self->blocks_.clear();
}

Napi::Value NativeWindow::add(const Napi::CallbackInfo& info) {
    auto input = copied_argument(info, 0, "blockInput");
    if (!input)
        return {};
    if (window_ == nullptr) {
        throw_type_error(info.Env(), "the window is closed");
        return {};
    }
    const uint32_t number = next_++;
    blocks_[number] = window_->add(std::move(*input).release());
    return Napi::Number::New(info.Env(), number);
}

Napi::Value NativeWindow::execute(const Napi::CallbackInfo& info) {
    const auto place =
        blocks_.find(info[0].IsNumber() ? info[0].As<Napi::Number>().Uint32Value() : UINT32_MAX);
    if (place == blocks_.end()) {
        throw_type_error(info.Env(), "no such block is to come");
        return {};
    }
    std::shared_ptr<state::StateView> state = state_argument(info, 1);
    if (state == nullptr)
        return {};
    std::shared_ptr<parallel::WindowBlock> block = std::move(place->second);
    blocks_.erase(place);
    napi_value promise = nullptr;
    const auto execution =
        BlockExecution::run_next(info.Env(), promise, std::move(block), std::move(state),
                                 Environment::of(info.Env()).completions());
    return BlockExecution::cancellable(info.Env(), promise, execution);
}

void NativeWindow::close(const Napi::CallbackInfo& /*info*/) {
    drop_all(this);
    window_.reset();
}

} // namespace braid::addon
