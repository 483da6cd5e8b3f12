/// What the addon keeps for each JavaScript environment (main thread or worker_thread).
#pragma once

#include "addon/completion_queue.hpp"

#include <napi.h>

namespace braid::addon {

/// The classes whose objects the addon makes itself.
struct Classes {
    Napi::Function state;
    Napi::Function partial_state;
    Napi::Function partial_view;
    Napi::Function snapshot;
    Napi::Function store_export;
    Napi::Function resumable_block;
    Napi::Function window;
};

/// The instance data of one environment; used by its thread alone.
class Environment {
  public:
    Environment(std::shared_ptr<CompletionQueue> completions, const Classes& classes)
        : completions_{std::move(completions)}, state_class_{Napi::Persistent(classes.state)},
          partial_state_class_{Napi::Persistent(classes.partial_state)},
          partial_view_class_{Napi::Persistent(classes.partial_view)},
          snapshot_class_{Napi::Persistent(classes.snapshot)}, store_export_class_{Napi::Persistent(
                                                                   classes.store_export)},
          resumable_block_class_{Napi::Persistent(classes.resumable_block)},
          window_class_{Napi::Persistent(classes.window)} {}

    /// The environment's data, set when the addon was loaded into it.
    [[nodiscard]] static Environment& of(Napi::Env env) {
        return *env.GetInstanceData<Environment>();
    }

    /// The way back for work done on other threads.
    [[nodiscard]] const std::shared_ptr<CompletionQueue>& completions() const {
        return completions_;
    }

    /// The class NativeState.
    [[nodiscard]] Napi::Function state_class() const { return state_class_.Value(); }

    /// The class NativePartialState.
    [[nodiscard]] Napi::Function partial_state_class() const {
        return partial_state_class_.Value();
    }

    /// The class NativePartialView.
    [[nodiscard]] Napi::Function partial_view_class() const { return partial_view_class_.Value(); }

    /// The class NativeSnapshot.
    [[nodiscard]] Napi::Function snapshot_class() const { return snapshot_class_.Value(); }

    /// The class NativeStoreExport.
    [[nodiscard]] Napi::Function store_export_class() const { return store_export_class_.Value(); }

    /// The class NativeResumableBlock.
    [[nodiscard]] Napi::Function resumable_block_class() const {
        return resumable_block_class_.Value();
    }

    /// The class NativeWindow.
    [[nodiscard]] Napi::Function window_class() const { return window_class_.Value(); }

  private:
    std::shared_ptr<CompletionQueue> completions_;
    Napi::FunctionReference state_class_;
    Napi::FunctionReference partial_state_class_;
    Napi::FunctionReference partial_view_class_;
    Napi::FunctionReference snapshot_class_;
    Napi::FunctionReference store_export_class_;
    Napi::FunctionReference resumable_block_class_;
    Napi::FunctionReference window_class_;
};

} // namespace braid::addon
