/// Work on a store, as a promise.
#pragma once

#include "addon/completion_queue.hpp"
#include "addon/store_thread.hpp"
#include "store/status.hpp"

#include <functional>
#include <napi.h>

namespace braid::addon {

/// Throws what a call on a store ended with, as an Error with one of the package's codes.
void throw_status(Napi::Env env, store::Status status);

/// Does work on a store's thread and gives a promise of it.
///
/// @param work runs there; may ask whether it is to end early
/// @param result what the promise gives, made on the JavaScript thread; undefined where empty
[[nodiscard]] Napi::Value
run_on_store(Napi::Env env, StoreThread& thread,
             std::function<store::Status(const Cancellation& cancellation)> work,
             std::function<napi_value(napi_env env)> result = {});

} // namespace braid::addon
