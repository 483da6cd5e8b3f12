/// Reading of arguments and throwing of errors at the boundary to JavaScript.
#pragma once

#include "addon/buffers.hpp"
#include "base/bytes.hpp"

#include <napi.h>
#include <optional>

namespace braid::addon {

/// The bytes of a Uint8Array argument (any subclass); nothing, with a TypeError pending, where the
/// argument is something else. They stay valid while JavaScript cannot run.
[[nodiscard]] std::optional<BytesView> bytes_argument(const Napi::CallbackInfo& info, size_t index,
                                                      const char* name);

/// Like bytes_argument, for a value from anywhere.
[[nodiscard]] std::optional<BytesView> bytes_value(Napi::Env env, Napi::Value value,
                                                   const char* name);

/// A copy of the bytes of a Uint8Array argument, which JavaScript may write to, or give away, while
/// they are worked on; nothing, with an exception pending, where the argument is something else or
/// there is no memory.
[[nodiscard]] std::optional<AlignedBytes> copied_argument(const Napi::CallbackInfo& info,
                                                          size_t index, const char* name);

/// Like bytes_argument, for exactly `size` bytes.
[[nodiscard]] std::optional<BytesView> fixed_argument(const Napi::CallbackInfo& info, size_t index,
                                                      const char* name, size_t size);

/// The writable bytes of a Uint8Array argument with room for `size` bytes; null, with a TypeError
/// pending, where it is something else or too short.
[[nodiscard]] uint8_t* output_argument(const Napi::CallbackInfo& info, size_t index,
                                       const char* name, size_t size);

/// A bigint argument of 64 bits; nothing, with a TypeError pending, where it is something else.
[[nodiscard]] std::optional<uint64_t> uint64_argument(const Napi::CallbackInfo& info, size_t index,
                                                      const char* name);

/// The words of a Uint32Array argument; nothing, with a TypeError pending, where the argument is
/// something else. They stay valid while JavaScript cannot run.
[[nodiscard]] std::optional<std::span<uint32_t>> words_argument(const Napi::CallbackInfo& info,
                                                                size_t index, const char* name);

/// Whether the buffer of a typed array is this thread's alone: what was checked in shared memory
/// may be something else a moment later.
[[nodiscard]] bool is_owned(napi_env env, napi_value buffer) noexcept;

/// Throws a TypeError with the code ERR_INVALID_ARG_TYPE.
void throw_type_error(Napi::Env env, const std::string& message);

/// Throws an Error with one of the package's codes.
void throw_error(Napi::Env env, const char* code, const std::string& message);

} // namespace braid::addon
