/// What the addon keeps for each JavaScript environment (main thread or worker_thread).
#pragma once

#include "addon/completion_queue.hpp"

#include <napi.h>

namespace braid::addon {

/// The instance data of one environment; used by its thread alone.
class Environment {
  public:
    Environment(std::shared_ptr<CompletionQueue> completions, Napi::Function state_class)
        : completions_{std::move(completions)}, state_class_{Napi::Persistent(state_class)} {}

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

  private:
    std::shared_ptr<CompletionQueue> completions_;
    Napi::FunctionReference state_class_;
};

} // namespace braid::addon
