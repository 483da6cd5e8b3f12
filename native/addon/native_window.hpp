/// The next blocks of a chain, as a JavaScript object.
#pragma once

#include "addon/block_execution.hpp"
#include "parallel/window.hpp"

#include <map>
#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a Window, used by the JavaScript thread that made it. Made by NativeEngine.window().
/// At the end of the environment nobody is at its blocks any more.
class NativeWindow final : public Napi::ObjectWrap<NativeWindow> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// A handle to a window; an empty value, with an exception pending, where that fails.
    static Napi::Value make(Napi::Env env, std::shared_ptr<parallel::BlockRunner> runner);

    explicit NativeWindow(const Napi::CallbackInfo& info);
    ~NativeWindow() override;

  private:
    static void drop_all(void* window);
    Napi::Value add(const Napi::CallbackInfo& info);
    Napi::Value execute(const Napi::CallbackInfo& info);
    void close(const Napi::CallbackInfo& info);

    const napi_env env_;
    std::unique_ptr<parallel::Window> window_;
    /// By the numbers that JavaScript knows them by: those whose turn has not come.
    std::map<uint32_t, std::shared_ptr<parallel::WindowBlock>> blocks_;
    uint32_t next_ = 0;
};

} // namespace braid::addon
