/// A state that lies elsewhere, as JavaScript objects: what is known of it, and a look at that.
#pragma once

#include "state/partial_view.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a PartialState, used by the JavaScript thread that made it.
///
/// The state behind it is shared with views and clones of the handle, and copied before a change
/// whenever anybody else still has it.
class NativePartialState final : public Napi::ObjectWrap<NativePartialState> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    explicit NativePartialState(const Napi::CallbackInfo& info);
    void Finalize(Napi::BasicEnv env) override;

  private:
    void learn(const Napi::CallbackInfo& info);
    void learn_code(const Napi::CallbackInfo& info);
    void commit(const Napi::CallbackInfo& info);
    Napi::Value view(const Napi::CallbackInfo& info);
    Napi::Value clone(const Napi::CallbackInfo& info);
    Napi::Value addresses(const Napi::CallbackInfo& info);
    Napi::Value knows_account(const Napi::CallbackInfo& info);
    Napi::Value knows_slot(const Napi::CallbackInfo& info);

    /// The state for a change: this handle's alone.
    [[nodiscard]] state::PartialState& writable();
    /// Tells the garbage collector how much this handle keeps.
    void update_held_bytes(Napi::BasicEnv env, int64_t code_bytes);

    std::shared_ptr<state::PartialState> state_;
    int64_t held_bytes_ = 0;
    int64_t code_bytes_ = 0;
};

/// A handle to a PartialView: what one execution reads. Made by NativePartialState.view().
class NativePartialView final : public Napi::ObjectWrap<NativePartialView> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// Whether a value is such a handle.
    [[nodiscard]] static bool is(Napi::Value value);

    explicit NativePartialView(const Napi::CallbackInfo& info);

    /// Looks at a state from now on.
    void open(std::shared_ptr<const state::PartialState> known) {
        view_ = std::make_shared<state::PartialView>(std::move(known));
    }

    /// What executes; null where the view was closed, or never opened.
    [[nodiscard]] std::shared_ptr<state::PartialView> view() const { return view_; }

  private:
    Napi::Value take_missing(const Napi::CallbackInfo& info);

    std::shared_ptr<state::PartialView> view_;
};

} // namespace braid::addon
