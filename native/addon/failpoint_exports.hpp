/// What a build with failpoints offers to the program that kills it at each of them.
#pragma once

#include <napi.h>

namespace braid::addon {

/// Adds `failpoints`, the names of all of them, and `armFailpoint(description)` to the exports of a
/// build with failpoints; nothing to those of others.
void export_failpoints(Napi::Env env, Napi::Object exports);

} // namespace braid::addon
