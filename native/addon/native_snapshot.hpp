/// A state that stays what it is, as a JavaScript object.
#pragma once

#include "state/state_view.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a state that nobody changes any more, used by the JavaScript thread that made it.
/// Made by NativeState.snapshot() and by override().
class NativeSnapshot final : public Napi::ObjectWrap<NativeSnapshot> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// A handle to a state; empty, with an exception pending, where that fails.
    [[nodiscard]] static Napi::Value make(Napi::Env env, std::shared_ptr<state::StateView> view);

    /// Whether a value is such a handle.
    [[nodiscard]] static bool is(Napi::Value value);

    explicit NativeSnapshot(const Napi::CallbackInfo& info);

    /// What executes; null where the snapshot was released.
    [[nodiscard]] const std::shared_ptr<state::StateView>& view() const { return view_; }

  private:
    Napi::Value share(const Napi::CallbackInfo& info);
    Napi::Value override_with(const Napi::CallbackInfo& info);
    Napi::Value after(const Napi::CallbackInfo& info);
    Napi::Value account(const Napi::CallbackInfo& info);
    Napi::Value storage(const Napi::CallbackInfo& info);
    Napi::Value code(const Napi::CallbackInfo& info);
    void release(const Napi::CallbackInfo& info);
    /// The state; null, with an exception pending, where the snapshot was released.
    [[nodiscard]] state::StateView* open(Napi::Env env) const;

    std::shared_ptr<state::StateView> view_;
};

} // namespace braid::addon
