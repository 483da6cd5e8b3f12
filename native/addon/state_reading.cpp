#include "addon/state_reading.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "wire/layout.hpp"

#include <cstring>

namespace braid::addon {

namespace {

template <typename Value>
Value value_from(BytesView bytes) noexcept {
    Value value;
    std::memcpy(value.bytes, bytes.data(), sizeof(value));
    return value;
}

template <typename Record>
Napi::Value bytes_value(Napi::Env env, const Record& record) noexcept {
    return {env,
            copy_to_uint8_array(env, {reinterpret_cast<const uint8_t*>(&record), sizeof(record)})};
}

/// Throws what a read failed with.
void throw_unread(Napi::Env env, state::ReadStatus status) {
    const bool is_code = status == state::ReadStatus::missing_code;
    throw_error(env, is_code ? "STATE_MISSING_CODE" : "STATE_UNAVAILABLE", "the state lacks it");
}

} // namespace

Napi::Value read_account(const Napi::CallbackInfo& info, state::StateView& view) {
    const auto address = fixed_argument(info, 0, "address", sizeof(Address));
    if (!address)
        return {};
    wire::StateAccount record{};
    record.address = value_from<Address>(*address);
    state::AccountState account;
    bool exists = false;
    const state::ReadStatus status = view.load_account(record.address, account, exists);
    if (status != state::ReadStatus::ok) {
        throw_unread(info.Env(), status);
        return {};
    }
    if (!exists)
        return info.Env().Null();
    record.nonce = account.nonce;
    record.balance = to_bytes32(account.balance);
    record.code_hash = account.code_hash;
    return bytes_value(info.Env(), record);
}

Napi::Value read_storage(const Napi::CallbackInfo& info, state::StateView& view) {
    const auto address = fixed_argument(info, 0, "address", sizeof(Address));
    if (!address)
        return {};
    const auto key = fixed_argument(info, 1, "key", sizeof(Bytes32));
    if (!key)
        return {};
    Bytes32 value;
    const state::ReadStatus status =
        view.load_storage(value_from<Address>(*address), value_from<Bytes32>(*key), value);
    if (status != state::ReadStatus::ok) {
        throw_unread(info.Env(), status);
        return {};
    }
    return bytes_value(info.Env(), value);
}

Napi::Value read_code(const Napi::CallbackInfo& info, state::StateView& view) {
    const auto address = fixed_argument(info, 0, "address", sizeof(Address));
    if (!address)
        return {};
    const auto argument = fixed_argument(info, 1, "codeHash", sizeof(Bytes32));
    if (!argument)
        return {};
    const auto hash = value_from<Bytes32>(*argument);
    if (hash == empty_code_hash)
        return {info.Env(), copy_to_uint8_array(info.Env(), {})};
    const Code* code = nullptr;
    const state::ReadStatus status = view.load_code(value_from<Address>(*address), hash, code);
    if (status == state::ReadStatus::missing_code)
        return info.Env().Null();
    if (status != state::ReadStatus::ok) {
        throw_unread(info.Env(), status);
        return {};
    }
    return {info.Env(), copy_to_uint8_array(info.Env(), code->bytes())};
}

} // namespace braid::addon
