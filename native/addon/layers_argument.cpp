#include "addon/layers_argument.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "state/packed_layer.hpp"

namespace braid::addon {

bool push_layer(const Napi::CallbackInfo& info, Napi::Value value, state::LayerStack& layers) {
    if (!value.IsTypedArray() ||
        value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        throw_type_error(info.Env(), "overrides must be a Uint8Array");
        return false;
    }
    const auto bytes = value.As<Napi::Uint8Array>();
    const AlignedBytes packed{BytesView{bytes.Data(), bytes.ByteLength()}};
    const auto dump = wire::read_state_dump(packed.view());
    if (!dump) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not packed overrides");
        return false;
    }
    layers.push(state::make_layer(*dump));
    return true;
}

std::optional<state::LayerStack> layers_argument(const Napi::CallbackInfo& info, size_t index) {
    state::LayerStack layers;
    if (info[index].IsUndefined())
        return layers;
    if (!info[index].IsArray()) {
        throw_type_error(info.Env(), "layers must be an array");
        return std::nullopt;
    }
    const auto array = info[index].As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); ++i) {
        const Napi::Value item = array.Get(i);
        if (info.Env().IsExceptionPending() || !push_layer(info, item, layers))
            return std::nullopt;
    }
    return layers;
}

} // namespace braid::addon
