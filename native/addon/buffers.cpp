#include "addon/buffers.hpp"

namespace braid::addon {

namespace {

/// Below this size a copy is cheaper than an external buffer with its finalizer.
constexpr size_t external_threshold = 32 * 1024;

void free_buffer(napi_env /*env*/, void* data, void* /*hint*/) {
    delete[] static_cast<uint8_t*>(data);
}

napi_value view_of(napi_env env, napi_value array_buffer, size_t size) noexcept {
    napi_value view = nullptr;
    if (napi_create_typedarray(env, napi_uint8_array, size, array_buffer, 0, &view) != napi_ok)
        return nullptr;
    return view;
}

} // namespace

napi_value to_uint8_array(napi_env env, wire::PackedBuffer buffer) noexcept {
    if (buffer.size >= external_threshold) {
        napi_value array_buffer = nullptr;
        const napi_status status = napi_create_external_arraybuffer(
            env, buffer.data.get(), buffer.size, free_buffer, nullptr, &array_buffer);
        if (status == napi_ok) {
            // The runtime owns it from here on.
            (void)buffer.data.release();
            return view_of(env, array_buffer, buffer.size);
        }
        // Electron refuses external buffers: napi_no_external_buffers_allowed.
    }
    return copy_to_uint8_array(env, buffer.view());
}

napi_value copy_to_uint8_array(napi_env env, BytesView bytes) noexcept {
    void* data = nullptr;
    napi_value array_buffer = nullptr;
    if (napi_create_arraybuffer(env, bytes.size(), &data, &array_buffer) != napi_ok)
        return nullptr;
    if (!bytes.empty())
        std::memcpy(data, bytes.data(), bytes.size());
    return view_of(env, array_buffer, bytes.size());
}

} // namespace braid::addon
