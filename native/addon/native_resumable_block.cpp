#include "addon/native_resumable_block.hpp"

#include "addon/arguments.hpp"
#include "addon/environment.hpp"
#include "addon/state_argument.hpp"

namespace braid::addon {

Napi::Function NativeResumableBlock::define(Napi::Env env) {
    return DefineClass(env, "NativeResumableBlock",
                       {
                           InstanceMethod<&NativeResumableBlock::advance>("advance"),
                           InstanceMethod<&NativeResumableBlock::missing>("missing"),
                           InstanceMethod<&NativeResumableBlock::needed>("needed"),
                           InstanceMethod<&NativeResumableBlock::run_count>("runCount"),
                           InstanceMethod<&NativeResumableBlock::release>("release"),
                       });
}

Napi::Value NativeResumableBlock::make(Napi::Env env, std::shared_ptr<ResumableInput> resumable) {
    const Napi::Object made = Environment::of(env).resumable_block_class().New({});
    if (made.IsEmpty())
        return {};
    Unwrap(made)->resumable_ = std::move(resumable);
    return made;
}

NativeResumableBlock::NativeResumableBlock(const Napi::CallbackInfo& info) : ObjectWrap{info} {}

ResumableInput* NativeResumableBlock::idle(Napi::Env env) const {
    if (resumable_ != nullptr && !resumable_->is_advancing)
        return resumable_.get();
    throw_type_error(env, "the block is under way, or was released");
    return nullptr;
}

Napi::Value NativeResumableBlock::advance(const Napi::CallbackInfo& info) {
    if (idle(info.Env()) == nullptr)
        return {};
    std::shared_ptr<state::StateView> state = state_argument(info, 0);
    if (state == nullptr)
        return {};
    napi_value promise = nullptr;
    const auto execution =
        BlockExecution::advance(info.Env(), promise, resumable_, std::move(state),
                                Environment::of(info.Env()).completions());
    return BlockExecution::cancellable(info.Env(), promise, execution);
}

Napi::Value NativeResumableBlock::missing(const Napi::CallbackInfo& info) {
    const ResumableInput* const resumable = idle(info.Env());
    if (resumable == nullptr)
        return {};
    wire::PackedBuffer buffer = wire::copy_buffer<wire::MissingKey>(resumable->block.missing());
    if (buffer.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the missing keys");
        return {};
    }
    return {info.Env(), to_uint8_array(info.Env(), std::move(buffer))};
}

Napi::Value NativeResumableBlock::needed(const Napi::CallbackInfo& info) {
    const ResumableInput* const resumable = idle(info.Env());
    return resumable == nullptr
               ? Napi::Value{}
               : Napi::Number::New(info.Env(), static_cast<double>(resumable->block.needed()));
}

Napi::Value NativeResumableBlock::run_count(const Napi::CallbackInfo& info) {
    const ResumableInput* const resumable = idle(info.Env());
    return resumable == nullptr
               ? Napi::Value{}
               : Napi::Number::New(info.Env(), static_cast<double>(resumable->block.run_count()));
}

void NativeResumableBlock::release(const Napi::CallbackInfo& /*info*/) { resumable_.reset(); }

} // namespace braid::addon
