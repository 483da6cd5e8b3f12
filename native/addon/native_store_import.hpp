/// A state on its way into a folder, as a JavaScript object.
#pragma once

#include "addon/store_thread.hpp"
#include "store/importer.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to an Importer, used by the JavaScript thread that made it; the work is done on a
/// thread of its own, in the order of the calls.
class NativeStoreImport final : public Napi::ObjectWrap<NativeStoreImport> {
  public:
    /// Makes the class and adds it to the exports.
    static Napi::Function define(Napi::Env env);

    explicit NativeStoreImport(const Napi::CallbackInfo& info);

  private:
    /// Only the thread looks at the importer.
    struct Shared {
        std::unique_ptr<store::Importer> importer;
    };

    Napi::Value begin(const Napi::CallbackInfo& info);
    Napi::Value add(const Napi::CallbackInfo& info);
    Napi::Value finish(const Napi::CallbackInfo& info);
    Napi::Value abandon(const Napi::CallbackInfo& info);
    Napi::Value progress(const Napi::CallbackInfo& info);

    StoreThread thread_;
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<store::ImportProgress> progress_ = std::make_shared<store::ImportProgress>();
};

} // namespace braid::addon
