/// Reading of accounts, slots and code for JavaScript.
#pragma once

#include "state/state_view.hpp"

#include <napi.h>

namespace braid::addon {

/// The account at the address that is the first argument, as a StateAccount record without ranges,
/// or null. Empty, with an exception pending, where the argument is wrong or the read failed.
[[nodiscard]] Napi::Value read_account(const Napi::CallbackInfo& info, state::StateView& view);

/// The value of the slot that address and key name, 32 bytes; empty as above.
[[nodiscard]] Napi::Value read_storage(const Napi::CallbackInfo& info, state::StateView& view);

/// The code that address and hash name, or null where it is not there; empty as above.
[[nodiscard]] Napi::Value read_code(const Napi::CallbackInfo& info, state::StateView& view);

} // namespace braid::addon
