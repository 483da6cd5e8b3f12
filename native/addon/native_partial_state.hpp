/// A state that lies elsewhere, as JavaScript objects: what is known of it, and a look at that.
#pragma once

#include "state/layer_stack.hpp"
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

    /// Looks at a state from now on, through layers of differences.
    void open(std::shared_ptr<const state::PartialState> known, state::LayerStack layers) {
        known_ = std::make_shared<state::PartialView>(std::move(known));
        view_ = layers.empty() ? std::shared_ptr<state::StateView>{known_}
                               : std::make_shared<state::LayeredView>(known_, std::move(layers));
    }

    /// What executes; null where the view was closed, or never opened.
    [[nodiscard]] std::shared_ptr<state::StateView> view() const { return view_; }

  private:
    Napi::Value account(const Napi::CallbackInfo& info);
    Napi::Value storage(const Napi::CallbackInfo& info);
    Napi::Value code(const Napi::CallbackInfo& info);
    Napi::Value take_missing(const Napi::CallbackInfo& info);

    /// What is read; null, with an exception pending, where the view was closed.
    [[nodiscard]] state::StateView* open(Napi::Env env) const;

    std::shared_ptr<state::PartialView> known_; ///< what tells what is missing
    std::shared_ptr<state::StateView> view_;    ///< it, or the layers over it
};

} // namespace braid::addon
