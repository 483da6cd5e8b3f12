/// A block that is executed in pieces, as a JavaScript object.
#pragma once

#include "addon/block_execution.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a ResumableBlock, used by the JavaScript thread that made it. Made by
/// NativeEngine.resumable().
class NativeResumableBlock final : public Napi::ObjectWrap<NativeResumableBlock> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// A handle to a block; an empty value, with an exception pending, where that fails.
    static Napi::Value make(Napi::Env env, std::shared_ptr<ResumableInput> resumable);

    explicit NativeResumableBlock(const Napi::CallbackInfo& info);

  private:
    Napi::Value advance(const Napi::CallbackInfo& info);
    Napi::Value missing(const Napi::CallbackInfo& info);
    Napi::Value needed(const Napi::CallbackInfo& info);
    Napi::Value run_count(const Napi::CallbackInfo& info);
    void release(const Napi::CallbackInfo& info);

    /// The block; null, with an exception pending, where it was released or is under way.
    [[nodiscard]] ResumableInput* idle(Napi::Env env) const;

    std::shared_ptr<ResumableInput> resumable_;
};

} // namespace braid::addon
