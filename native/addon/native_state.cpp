#include "addon/native_state.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/environment.hpp"
#include "addon/native_snapshot.hpp"
#include "addon/state_reading.hpp"
#include "state/delayed_state.hpp"
#include "state/packed_state.hpp"

#include <atomic>

namespace braid::addon {

namespace {

/// Tells a NativeState from other wrapped objects; a random number.
constexpr napi_type_tag state_tag{0x5b1d7c42f0a94e63, 0x9e0c28a1d4b7356f};

/// The output of a block, and the bytes that it is read from.
struct PackedOutput {
    AlignedBytes bytes;
    wire::OutputView output;
};

/// The first argument as the output of a valid block; where it is none, an exception is pending.
std::optional<PackedOutput> output_argument(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "blockOutput");
    if (!argument)
        return std::nullopt;
    AlignedBytes bytes{*argument};
    const auto output = wire::read_output(bytes.view());
    if (!output || output->header->error != static_cast<uint32_t>(wire::ErrorCode::ok)) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not the packed output of a valid block");
        return std::nullopt;
    }
    return PackedOutput{std::move(bytes), *output};
}

/// Records as a packed StateDump; where there is no memory for it, an exception is pending.
Napi::Value dump_value(const Napi::CallbackInfo& info, const wire::StateDumpRecords& records) {
    wire::PackedBuffer buffer = wire::write_state_dump(records);
    if (buffer.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the packed state, or over 4 GiB");
        return {};
    }
    return {info.Env(), to_uint8_array(info.Env(), std::move(buffer))};
}

} // namespace

Napi::Function NativeState::define(Napi::Env env) {
    // Methods are called on instances of their class only; accessors on anything, so this one
    // looks.
    napi_property_descriptor account_count_descriptor{};
    account_count_descriptor.utf8name = "accountCount";
    account_count_descriptor.getter = account_count;
    return DefineClass(env, "NativeState",
                       {
                           PropertyDescriptor{account_count_descriptor},
                           InstanceMethod<&NativeState::load>("load"),
                           InstanceMethod<&NativeState::commit>("commit"),
                           InstanceMethod<&NativeState::storage_to_clear>("storageToClear"),
                           InstanceMethod<&NativeState::revert>("revert"),
                           InstanceMethod<&NativeState::dump>("dump"),
                           InstanceMethod<&NativeState::clone>("clone"),
                           InstanceMethod<&NativeState::snapshot>("snapshot"),
                           InstanceMethod<&NativeState::account>("getAccount"),
                           InstanceMethod<&NativeState::storage>("getStorage"),
                           InstanceMethod<&NativeState::code>("getCode"),
                           InstanceMethod<&NativeState::set_read_delay>("setReadDelay"),
                       });
}

NativeState* NativeState::from(Napi::Env env, Napi::Value value) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&state_tag)) {
        throw_type_error(env, "state must be a NativeState");
        return nullptr;
    }
    return Unwrap(value.As<Napi::Object>());
}

NativeState::NativeState(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, state_{std::make_shared<state::LayeredMemory>()} {
    Value().TypeTag(&state_tag);
}

void NativeState::Finalize(Napi::BasicEnv env) { add_held_bytes(env, -held_bytes_); }

napi_value NativeState::account_count(napi_env env, napi_callback_info callback) {
    const Napi::CallbackInfo info{env, callback};
    const NativeState* const self = from(env, info.This());
    if (self == nullptr)
        return nullptr;
    return Napi::Number::New(env, static_cast<double>(self->state_->account_count()));
}

void NativeState::load(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "stateDump");
    if (!argument)
        return;
    const AlignedBytes packed{*argument};
    const auto dump = wire::read_state_dump(packed.view());
    if (!dump) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not a packed state");
        return;
    }
    state::load_dump(writable(), *dump);
    add_held_bytes(info.Env(), 2 * static_cast<int64_t>(argument->size()));
}

void NativeState::commit(const Napi::CallbackInfo& info) {
    const auto packed = output_argument(info);
    if (!packed)
        return;
    const wire::OutputView& output = packed->output;
    if (!state::follows_from(*state_, output)) {
        throw_error(info.Env(), "STATE_RESULT_STALE", "the block was executed on another state");
        return;
    }
    const size_t before = state_->record_bytes();
    state::apply_output(writable(), output);
    // Most of what a block changes was there before. The runtime collects garbage the more often,
    // the more memory it is told of.
    add_held_bytes(info.Env(), static_cast<int64_t>(state_->record_bytes() - before));
}

Napi::Value NativeState::storage_to_clear(const Napi::CallbackInfo& info) {
    const auto packed = output_argument(info);
    if (!packed)
        return {};
    return dump_value(info, state::storage_to_clear(*state_, packed->output));
}

void NativeState::revert(const Napi::CallbackInfo& info) {
    const auto packed = output_argument(info);
    if (!packed)
        return;
    const auto argument = bytes_argument(info, 1, "cleared");
    if (!argument)
        return;
    const AlignedBytes cleared_bytes{*argument};
    const auto cleared = wire::read_state_dump(cleared_bytes.view());
    if (!cleared) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not the storage that a commit cleared");
        return;
    }
    if (!state::leads_to(*state_, packed->output)) {
        throw_error(info.Env(), "STATE_RESULT_STALE", "the state is not the one after the block");
        return;
    }
    state::revert_output(writable(), packed->output, *cleared);
}

Napi::Value NativeState::dump(const Napi::CallbackInfo& info) {
    return dump_value(info, state::make_dump(*state_));
}

Napi::Value NativeState::clone(const Napi::CallbackInfo& info) {
    const Napi::Object copy = Environment::of(info.Env()).state_class().New({});
    if (copy.IsEmpty())
        return {};
    Unwrap(copy)->state_ = state_;
    Unwrap(copy)->read_delay_ = read_delay_;
    return copy;
}

std::shared_ptr<state::StateView> NativeState::view() const {
    if (read_delay_.count() == 0)
        return state_;
    struct Delayed {
        Delayed(std::shared_ptr<state::LayeredMemory> slowed, std::chrono::nanoseconds delay)
            : state{std::move(slowed)}, view{*state, delay} {}
        std::shared_ptr<state::LayeredMemory> state;
        state::DelayedState view;
    };
    const auto delayed = std::make_shared<Delayed>(state_, read_delay_);
    return {delayed, &delayed->view};
}

Napi::Value NativeState::snapshot(const Napi::CallbackInfo& info) {
    return NativeSnapshot::make(info.Env(), view());
}

Napi::Value NativeState::account(const Napi::CallbackInfo& info) {
    return read_account(info, *state_);
}

Napi::Value NativeState::storage(const Napi::CallbackInfo& info) {
    return read_storage(info, *state_);
}

Napi::Value NativeState::code(const Napi::CallbackInfo& info) { return read_code(info, *state_); }

void NativeState::set_read_delay(const Napi::CallbackInfo& info) {
    constexpr double longest = 1e9;
    const double delay = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (!(delay >= 0 && delay <= longest)) {
        throw_type_error(info.Env(), "delay must be a number from 0 to 1e9");
        return;
    }
    read_delay_ = std::chrono::nanoseconds{static_cast<int64_t>(delay)};
}

state::LayeredMemory& NativeState::writable() {
    if (state_.use_count() > 1)
        state_ = std::make_shared<state::LayeredMemory>(*state_);
    // acquire: pairs with the release in the last other owner's decrement of the count, so its
    // reads happened before this handle's writes. Nobody can become an owner meanwhile: only this
    // thread hands the state out.
    std::atomic_thread_fence(std::memory_order_acquire);
    return *state_;
}

void NativeState::add_held_bytes(Napi::BasicEnv env, int64_t bytes) {
    held_bytes_ += bytes;
    int64_t total = 0;
    napi_adjust_external_memory(env, bytes, &total);
}

} // namespace braid::addon
