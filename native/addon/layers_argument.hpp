/// Layers of differences out of arguments.
#pragma once

#include "state/layer_stack.hpp"

#include <napi.h>
#include <optional>

namespace braid::addon {

/// Puts the layer that a packed StateDump describes on a stack; false, with an exception pending,
/// where the value is none.
[[nodiscard]] bool push_layer(const Napi::CallbackInfo& info, Napi::Value value,
                              state::LayerStack& layers);

/// The layers that an array of packed StateDumps describes, the lowest first; none where the
/// argument is undefined. Nothing, with an exception pending, where it is something else.
[[nodiscard]] std::optional<state::LayerStack> layers_argument(const Napi::CallbackInfo& info,
                                                               size_t index);

} // namespace braid::addon
