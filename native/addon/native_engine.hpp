/// The engine as a JavaScript object.
#pragma once

#include "addon/block_execution.hpp"
#include "parallel/admission_runner.hpp"
#include "parallel/call_runner.hpp"

#include <napi.h>

namespace braid::addon {

/// A handle to a BlockRunner, which lives on while blocks run on it.
class NativeEngine final : public Napi::ObjectWrap<NativeEngine> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// Takes the options of NativeEngineOptions (lib/native/addon.ts). Throws an error with code
    /// VM_NOT_FOUND, VM_LOAD_FAILED or VM_ABI_MISMATCH where the VM cannot be loaded.
    explicit NativeEngine(const Napi::CallbackInfo& info);

  private:
    /// Queues the block of the arguments; null, with an exception pending, where they are wrong.
    std::shared_ptr<BlockExecution> start(const Napi::CallbackInfo& info, napi_value& promise);
    Napi::Value execute(const Napi::CallbackInfo& info);
    Napi::Value execute_cancellable(const Napi::CallbackInfo& info);
    Napi::Value resumable(const Napi::CallbackInfo& info);
    Napi::Value window(const Napi::CallbackInfo& info);
    Napi::Value execute_sync(const Napi::CallbackInfo& info);
    /// Has a question about a packed input answered off the JavaScript thread.
    static Napi::Value ask(const Napi::CallbackInfo& info, Question question);
    Napi::Value call(const Napi::CallbackInfo& info);
    Napi::Value admit(const Napi::CallbackInfo& info);

    std::shared_ptr<parallel::BlockRunner> runner_;
    std::shared_ptr<parallel::CallRunner> calls_;
    std::shared_ptr<parallel::AdmissionRunner> admissions_;
};

} // namespace braid::addon
