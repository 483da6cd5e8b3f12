/// The state store as a JavaScript object.
#pragma once

#include "state/layered_memory.hpp"

#include <chrono>
#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a state in memory, used by the JavaScript thread that made it.
///
/// The state behind it is shared with the blocks that run on it, with snapshots, and with clones of
/// the handle. Whenever anybody else has it, a change is made to a copy, which shares all that does
/// not change: whoever has it sees no change.
class NativeState final : public Napi::ObjectWrap<NativeState> {
  public:
    /// Makes the class and adds it to the exports.
    static Napi::Function define(Napi::Env env);

    /// The handle in a value; null, with a TypeError pending, where the value is something else.
    [[nodiscard]] static NativeState* from(Napi::Env env, Napi::Value value);

    explicit NativeState(const Napi::CallbackInfo& info);
    void Finalize(Napi::BasicEnv env) override;

    /// The state as it is now, slowed down where that was asked for. It does not change while the
    /// pointer is held.
    [[nodiscard]] std::shared_ptr<state::StateView> view() const;

  private:
    static napi_value account_count(napi_env env, napi_callback_info info);
    void load(const Napi::CallbackInfo& info);
    void commit(const Napi::CallbackInfo& info);
    Napi::Value storage_to_clear(const Napi::CallbackInfo& info);
    void revert(const Napi::CallbackInfo& info);
    Napi::Value dump(const Napi::CallbackInfo& info);
    Napi::Value clone(const Napi::CallbackInfo& info);
    Napi::Value snapshot(const Napi::CallbackInfo& info);
    Napi::Value account(const Napi::CallbackInfo& info);
    Napi::Value storage(const Napi::CallbackInfo& info);
    Napi::Value code(const Napi::CallbackInfo& info);
    void set_read_delay(const Napi::CallbackInfo& info);

    /// The state for a change: this handle's alone.
    [[nodiscard]] state::LayeredMemory& writable();

    /// Tells the garbage collector that this handle keeps about so many bytes more.
    void add_held_bytes(Napi::BasicEnv env, int64_t bytes);

    std::shared_ptr<state::LayeredMemory> state_;
    std::chrono::nanoseconds read_delay_{0};
    int64_t held_bytes_ = 0;
};

} // namespace braid::addon
