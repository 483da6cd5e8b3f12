/// What a block may be executed on, out of an argument.
#pragma once

#include "state/state_view.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// The state behind a NativeState, a NativeSnapshot or an open NativePartialView, as it is now;
/// null, with a TypeError pending, where the argument is something else.
[[nodiscard]] std::shared_ptr<state::StateView> state_argument(const Napi::CallbackInfo& info,
                                                               size_t index);

} // namespace braid::addon
