#include "addon/arguments.hpp"

namespace braid::addon {

namespace {

/// The elements of a typed array that lies in memory of its own; nothing, without an exception,
/// where the value is none of that type.
template <typename Element>
std::optional<std::span<Element>> typed_array(napi_env env, napi_value value,
                                              napi_typedarray_type wanted) {
    bool is_typed_array = false;
    napi_typedarray_type type = napi_int8_array;
    void* data = nullptr;
    size_t size = 0;
    napi_value buffer = nullptr;
    if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array ||
        napi_get_typedarray_info(env, value, &type, &size, &data, &buffer, nullptr) != napi_ok ||
        type != wanted || !is_owned(env, buffer))
        return std::nullopt;
    return std::span<Element>{static_cast<Element*>(data), data == nullptr ? 0 : size};
}

std::optional<std::span<uint8_t>> uint8_array(Napi::Env env, napi_value value, const char* name) {
    const auto bytes = typed_array<uint8_t>(env, value, napi_uint8_array);
    if (!bytes)
        throw_type_error(env, std::string(name) + " must be a Uint8Array, not of shared memory");
    return bytes;
}

} // namespace

bool is_owned(napi_env env, napi_value buffer) noexcept {
    bool is_array_buffer = false;
    return napi_is_arraybuffer(env, buffer, &is_array_buffer) == napi_ok && is_array_buffer;
}

std::optional<BytesView> bytes_argument(const Napi::CallbackInfo& info, size_t index,
                                        const char* name) {
    return bytes_value(info.Env(), info[index], name);
}

std::optional<BytesView> bytes_value(Napi::Env env, Napi::Value value, const char* name) {
    const auto bytes = uint8_array(env, value, name);
    if (!bytes)
        return std::nullopt;
    return BytesView{*bytes};
}

std::optional<AlignedBytes> copied_argument(const Napi::CallbackInfo& info, size_t index,
                                            const char* name) {
    const auto bytes = bytes_argument(info, index, name);
    if (!bytes)
        return std::nullopt;
    AlignedBytes copy = AlignedBytes::copy_of(*bytes);
    if (copy.view().size() == bytes->size())
        return copy;
    throw_error(info.Env(), "OUT_OF_MEMORY", std::string{"no memory for a copy of "} + name);
    return std::nullopt;
}

std::optional<BytesView> fixed_argument(const Napi::CallbackInfo& info, size_t index,
                                        const char* name, size_t size) {
    const auto bytes = bytes_argument(info, index, name);
    if (!bytes || bytes->size() == size)
        return bytes;
    throw_type_error(info.Env(), std::string(name) + " must be " + std::to_string(size) +
                                     " bytes long, not " + std::to_string(bytes->size()));
    return std::nullopt;
}

uint8_t* output_argument(const Napi::CallbackInfo& info, size_t index, const char* name,
                         size_t size) {
    const auto bytes = uint8_array(info.Env(), info[index], name);
    if (!bytes)
        return nullptr;
    if (bytes->size() >= size && bytes->data() != nullptr)
        return bytes->data();
    throw_type_error(info.Env(),
                     std::string(name) + " must hold " + std::to_string(size) + " bytes");
    return nullptr;
}

std::optional<std::span<uint32_t>> words_argument(const Napi::CallbackInfo& info, size_t index,
                                                  const char* name) {
    const auto words = typed_array<uint32_t>(info.Env(), info[index], napi_uint32_array);
    if (!words)
        throw_type_error(info.Env(),
                         std::string(name) + " must be a Uint32Array, not of shared memory");
    return words;
}

std::optional<uint64_t> uint64_argument(const Napi::CallbackInfo& info, size_t index,
                                        const char* name) {
    bool is_lossless = false;
    const uint64_t number =
        info[index].IsBigInt() ? info[index].As<Napi::BigInt>().Uint64Value(&is_lossless) : 0;
    if (is_lossless)
        return number;
    throw_type_error(info.Env(), std::string(name) + " must be a bigint of 64 bits");
    return std::nullopt;
}

void throw_type_error(Napi::Env env, const std::string& message) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message.c_str());
}

void throw_error(Napi::Env env, const char* code, const std::string& message) {
    napi_throw_error(env, code, message.c_str());
}

} // namespace braid::addon
