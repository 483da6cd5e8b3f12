#include "addon/native_snapshot.hpp"

#include "addon/arguments.hpp"
#include "addon/environment.hpp"
#include "addon/layers_argument.hpp"
#include "addon/state_reading.hpp"
#include "state/packed_layer.hpp"

namespace braid::addon {

namespace {

/// Tells a NativeSnapshot from other wrapped objects; a random number.
constexpr napi_type_tag snapshot_tag{0x7ac3e815d29f4b06, 0xd41b6f0792ce58a3};

} // namespace

Napi::Function NativeSnapshot::define(Napi::Env env) {
    return DefineClass(env, "NativeSnapshot",
                       {
                           InstanceMethod<&NativeSnapshot::share>("share"),
                           InstanceMethod<&NativeSnapshot::override_with>("override"),
                           InstanceMethod<&NativeSnapshot::after>("after"),
                           InstanceMethod<&NativeSnapshot::account>("getAccount"),
                           InstanceMethod<&NativeSnapshot::storage>("getStorage"),
                           InstanceMethod<&NativeSnapshot::code>("getCode"),
                           InstanceMethod<&NativeSnapshot::release>("release"),
                       });
}

Napi::Value NativeSnapshot::make(Napi::Env env, std::shared_ptr<state::StateView> view) {
    const Napi::Object made = Environment::of(env).snapshot_class().New({});
    if (made.IsEmpty())
        return {};
    Unwrap(made)->view_ = std::move(view);
    return made;
}

bool NativeSnapshot::is(Napi::Value value) {
    return value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&snapshot_tag);
}

NativeSnapshot::NativeSnapshot(const Napi::CallbackInfo& info) : ObjectWrap{info} {
    Value().TypeTag(&snapshot_tag);
}

state::StateView* NativeSnapshot::open(Napi::Env env) const {
    if (view_ == nullptr)
        throw_error(env, "STATE_CLOSED", "the snapshot was closed");
    return view_.get();
}

Napi::Value NativeSnapshot::share(const Napi::CallbackInfo& info) {
    return open(info.Env()) == nullptr ? Napi::Value{} : make(info.Env(), view_);
}

Napi::Value NativeSnapshot::override_with(const Napi::CallbackInfo& info) {
    if (open(info.Env()) == nullptr)
        return {};
    state::LayerStack layers;
    if (!push_layer(info, info[0], layers))
        return {};
    return make(info.Env(), std::make_shared<state::LayeredView>(view_, std::move(layers)));
}

Napi::Value NativeSnapshot::after(const Napi::CallbackInfo& info) {
    if (open(info.Env()) == nullptr)
        return {};
    const auto bytes = bytes_argument(info, 0, "blockOutput");
    if (!bytes)
        return {};
    const AlignedBytes packed{*bytes};
    const auto output = wire::read_output(packed.view());
    if (!output || output->header->error != 0) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not the output of a block");
        return {};
    }
    state::LayerStack layers;
    layers.push(state::make_layer(*output));
    return make(info.Env(), std::make_shared<state::LayeredView>(view_, std::move(layers)));
}

Napi::Value NativeSnapshot::account(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_account(info, *view);
}

Napi::Value NativeSnapshot::storage(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_storage(info, *view);
}

Napi::Value NativeSnapshot::code(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_code(info, *view);
}

void NativeSnapshot::release(const Napi::CallbackInfo& /*info*/) { view_.reset(); }

} // namespace braid::addon
