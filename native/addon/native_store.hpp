/// A state that lasts, as a JavaScript object.
#pragma once

#include "addon/store_thread.hpp"
#include "state/layer.hpp"
#include "store/store.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a Store, used by the JavaScript thread that made it; the store itself is used by its
/// own thread, but for views.
///
/// A block that was begun is seen by the views that are made from then on, though its root is not
/// known yet: as a layer over the head.
class NativeStore final : public Napi::ObjectWrap<NativeStore> {
  public:
    /// Makes the class and adds it to the exports.
    static Napi::Function define(Napi::Env env);

    explicit NativeStore(const Napi::CallbackInfo& info);

  private:
    /// What results of work are told to. Only the JavaScript thread looks at it.
    struct Shared {
        std::shared_ptr<store::Store> store; ///< null: not open. Work under way has it, too
        std::shared_ptr<state::Layer> begun;
        std::shared_ptr<state::Layer> aside; ///< of the block that was put by
    };

    Napi::Value open(const Napi::CallbackInfo& info);
    Napi::Value begin(const Napi::CallbackInfo& info);
    Napi::Value calculate_root(const Napi::CallbackInfo& info);
    Napi::Value keep(const Napi::CallbackInfo& info);
    Napi::Value set_aside(const Napi::CallbackInfo& info);
    Napi::Value take_up(const Napi::CallbackInfo& info);
    Napi::Value drop(const Napi::CallbackInfo& info);
    Napi::Value flush(const Napi::CallbackInfo& info);
    Napi::Value revert(const Napi::CallbackInfo& info);
    Napi::Value forget(const Napi::CallbackInfo& info);
    Napi::Value hash_at(const Napi::CallbackInfo& info);
    Napi::Value copy_to(const Napi::CallbackInfo& info);
    Napi::Value check(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);
    Napi::Value head(const Napi::CallbackInfo& info);
    Napi::Value view(const Napi::CallbackInfo& info);
    Napi::Value export_state(const Napi::CallbackInfo& info);

    /// Whether the store is open; where not, an exception is pending.
    [[nodiscard]] bool is_open(Napi::Env env) const;

    StoreThread thread_;
    std::shared_ptr<Shared> shared_;
};

} // namespace braid::addon
