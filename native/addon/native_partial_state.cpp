#include "addon/native_partial_state.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/environment.hpp"
#include "addon/layers_argument.hpp"
#include "addon/state_reading.hpp"
#include "state/packed_partial_state.hpp"

#include <atomic>
#include <cstring>

namespace braid::addon {

namespace {

/// Tells a NativePartialView from other wrapped objects; a random number.
constexpr napi_type_tag view_tag{0x2f6a90d1c73b4e58, 0xb1475e0a6d92c83f};

/// What a record of an account and one of a slot take, with their places in the tables.
constexpr int64_t account_bytes = 160;
constexpr int64_t slot_bytes = 104;

} // namespace

Napi::Function NativePartialState::define(Napi::Env env) {
    return DefineClass(env, "NativePartialState",
                       {
                           InstanceMethod<&NativePartialState::learn>("learn"),
                           InstanceMethod<&NativePartialState::learn_code>("learnCode"),
                           InstanceMethod<&NativePartialState::commit>("commit"),
                           InstanceMethod<&NativePartialState::view>("view"),
                           InstanceMethod<&NativePartialState::clone>("clone"),
                           InstanceMethod<&NativePartialState::addresses>("addresses"),
                           InstanceMethod<&NativePartialState::knows_account>("knowsAccount"),
                           InstanceMethod<&NativePartialState::knows_slot>("knowsSlot"),
                       });
}

NativePartialState::NativePartialState(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, state_{std::make_shared<state::PartialState>()} {}

void NativePartialState::Finalize(Napi::BasicEnv env) {
    int64_t total = 0;
    napi_adjust_external_memory(env, -held_bytes_, &total);
}

void NativePartialState::learn(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "stateDump");
    if (!argument)
        return;
    const AlignedBytes packed{*argument};
    const auto dump = wire::read_state_dump(packed.view());
    if (!dump) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not a packed state");
        return;
    }
    state::learn_dump(writable(), *dump);
    update_held_bytes(info.Env(), static_cast<int64_t>(dump->pool.size()));
}

void NativePartialState::learn_code(const Napi::CallbackInfo& info) {
    const auto hash = fixed_argument(info, 0, "codeHash", sizeof(Bytes32));
    if (!hash)
        return;
    const auto code = bytes_argument(info, 1, "code");
    if (!code)
        return;
    Bytes32 code_hash;
    std::memcpy(code_hash.bytes, hash->data(), sizeof(code_hash));
    writable().learn_code(*code, code_hash);
    update_held_bytes(info.Env(), static_cast<int64_t>(code->size()));
}

void NativePartialState::commit(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "blockOutput");
    if (!argument)
        return;
    const AlignedBytes packed{*argument};
    const auto output = wire::read_output(packed.view());
    if (!output || output->header->error != static_cast<uint32_t>(wire::ErrorCode::ok)) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not the packed output of a valid block");
        return;
    }
    if (!state::follows_from(*state_, *output)) {
        throw_error(info.Env(), "STATE_RESULT_STALE", "the block was executed on another state");
        return;
    }
    state::apply_output(writable(), *output);
    update_held_bytes(info.Env(), 0);
}

Napi::Value NativePartialState::view(const Napi::CallbackInfo& info) {
    auto layers = layers_argument(info, 0);
    if (!layers)
        return {};
    const Napi::Object view = Environment::of(info.Env()).partial_view_class().New({});
    if (view.IsEmpty())
        return {};
    NativePartialView::Unwrap(view)->open(state_, std::move(*layers));
    return view;
}

Napi::Value NativePartialState::clone(const Napi::CallbackInfo& info) {
    const Napi::Object copy = Environment::of(info.Env()).partial_state_class().New({});
    if (copy.IsEmpty())
        return {};
    Unwrap(copy)->state_ = state_;
    return copy;
}

Napi::Value NativePartialState::addresses(const Napi::CallbackInfo& info) {
    wire::PackedBuffer buffer = wire::allocate_buffer(state_->account_count() * sizeof(Address));
    if (buffer.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the addresses");
        return {};
    }
    size_t size = 0;
    state_->for_each_address([&](const Address& address) {
        std::memcpy(buffer.data.get() + size, address.bytes, sizeof(address));
        size += sizeof(address);
    });
    return {info.Env(), copy_to_uint8_array(info.Env(), buffer.view().first(size))};
}

Napi::Value NativePartialState::knows_account(const Napi::CallbackInfo& info) {
    const auto argument = fixed_argument(info, 0, "address", sizeof(Address));
    if (!argument)
        return {};
    Address address;
    std::memcpy(address.bytes, argument->data(), sizeof(address.bytes));
    state::AccountState account;
    bool exists = false;
    return Napi::Boolean::New(info.Env(), state_->find_account(address, account, exists));
}

Napi::Value NativePartialState::knows_slot(const Napi::CallbackInfo& info) {
    const auto address_argument = fixed_argument(info, 0, "address", sizeof(Address));
    if (!address_argument)
        return {};
    const auto key_argument = fixed_argument(info, 1, "key", sizeof(Bytes32));
    if (!key_argument)
        return {};
    Address address;
    std::memcpy(address.bytes, address_argument->data(), sizeof(address.bytes));
    Bytes32 key;
    std::memcpy(key.bytes, key_argument->data(), sizeof(key.bytes));
    Bytes32 value;
    return Napi::Boolean::New(info.Env(), state_->find_storage(address, key, value));
}

state::PartialState& NativePartialState::writable() {
    if (state_.use_count() > 1) {
        auto copy = std::make_shared<state::PartialState>();
        copy->assign(*state_);
        state_ = std::move(copy);
    }
    // acquire: pairs with the release in the last other owner's decrement of the count, so its
    // reads happened before this handle's writes. Nobody can become an owner meanwhile: only this
    // thread hands the state out.
    std::atomic_thread_fence(std::memory_order_acquire);
    return *state_;
}

void NativePartialState::update_held_bytes(Napi::BasicEnv env, int64_t code_bytes) {
    code_bytes_ += code_bytes;
    const int64_t held = account_bytes * static_cast<int64_t>(state_->account_count()) +
                         slot_bytes * static_cast<int64_t>(state_->slot_count()) + code_bytes_;
    int64_t total = 0;
    napi_adjust_external_memory(env, held - held_bytes_, &total);
    held_bytes_ = held;
}

Napi::Function NativePartialView::define(Napi::Env env) {
    return DefineClass(env, "NativePartialView",
                       {
                           InstanceMethod<&NativePartialView::account>("getAccount"),
                           InstanceMethod<&NativePartialView::storage>("getStorage"),
                           InstanceMethod<&NativePartialView::code>("getCode"),
                           InstanceMethod<&NativePartialView::take_missing>("takeMissing"),
                       });
}

bool NativePartialView::is(Napi::Value value) {
    return value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&view_tag);
}

NativePartialView::NativePartialView(const Napi::CallbackInfo& info) : ObjectWrap{info} {
    Value().TypeTag(&view_tag);
}

state::StateView* NativePartialView::open(Napi::Env env) const {
    if (view_ == nullptr)
        throw_error(env, "STATE_CLOSED", "the view was closed");
    return view_.get();
}

Napi::Value NativePartialView::account(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_account(info, *view);
}

Napi::Value NativePartialView::storage(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_storage(info, *view);
}

Napi::Value NativePartialView::code(const Napi::CallbackInfo& info) {
    state::StateView* const view = open(info.Env());
    return view == nullptr ? Napi::Value{} : read_code(info, *view);
}

Napi::Value NativePartialView::take_missing(const Napi::CallbackInfo& info) {
    // Lets the state go: nobody else having it, it can be changed in place.
    view_.reset();
    const auto known = std::exchange(known_, nullptr);
    wire::PackedBuffer buffer = wire::copy_buffer<wire::MissingKey>(
        known == nullptr ? std::vector<wire::MissingKey>{} : known->take_missing());
    if (buffer.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the missing keys");
        return {};
    }
    return {info.Env(), to_uint8_array(info.Env(), std::move(buffer))};
}

} // namespace braid::addon
