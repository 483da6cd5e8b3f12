/// Hash functions and signature recovery for JavaScript.
#pragma once

#include <napi.h>

namespace braid::addon {

/// Adds keccak256, keccak256Batch, sha256, recoverAddresses and addressOfSecretKey.
void export_hashing(Napi::Env env, Napi::Object exports);

} // namespace braid::addon
