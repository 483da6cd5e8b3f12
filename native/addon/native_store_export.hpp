/// A lasting state on its way out, as a JavaScript object.
#pragma once

#include "addon/store_thread.hpp"
#include "store/exporter.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to the export of a store's state as it was when the export began, used by the
/// JavaScript thread that made it. Made by NativeStore.exportState().
class NativeStoreExport final : public Napi::ObjectWrap<NativeStoreExport> {
  public:
    /// Makes the class.
    static Napi::Function define(Napi::Env env);

    /// A handle to the export of a snapshot; empty, with an exception pending, where that fails.
    [[nodiscard]] static Napi::Value make(Napi::Env env, store::SnapshotRef snapshot);

    explicit NativeStoreExport(const Napi::CallbackInfo& info);

  private:
    /// Only the thread looks at it.
    struct Shared {
        store::SnapshotRef snapshot;
        store::ExportPosition position;
    };

    Napi::Value next(const Napi::CallbackInfo& info);
    Napi::Value end(const Napi::CallbackInfo& info);

    StoreThread thread_;
    std::shared_ptr<Shared> shared_;
};

} // namespace braid::addon
