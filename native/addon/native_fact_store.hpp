/// What others have answered, kept on disk, as a JavaScript object.
#pragma once

#include "addon/store_thread.hpp"
#include "store/fact_store.hpp"

#include <memory>
#include <napi.h>

namespace braid::addon {

/// A handle to a FactStore, used by the JavaScript thread that made it. Its file is read on one
/// thread and written on another: nothing that is read waits for a disk to be written.
///
/// Keys are packed as the size of each (2 bytes, little-endian) and its bytes; values as size (4
/// bytes; all ones: not found) and bytes; facts as both sizes, key and value.
class NativeFactStore final : public Napi::ObjectWrap<NativeFactStore> {
  public:
    /// Makes the class and adds it to the exports.
    static Napi::Function define(Napi::Env env);

    explicit NativeFactStore(const Napi::CallbackInfo& info);

  private:
    /// What results of work are told to. Only the JavaScript thread looks at it.
    struct Shared {
        std::shared_ptr<store::FactStore> store; ///< null: not open. Work under way has it, too
    };

    Napi::Value open(const Napi::CallbackInfo& info);
    Napi::Value read(const Napi::CallbackInfo& info);
    Napi::Value scan(const Napi::CallbackInfo& info);
    Napi::Value read_codes(const Napi::CallbackInfo& info);
    Napi::Value write(const Napi::CallbackInfo& info);
    Napi::Value write_codes(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);

    /// The store; where it isn't open null, and an exception is pending.
    [[nodiscard]] std::shared_ptr<store::FactStore> opened(Napi::Env env) const;

    StoreThread reads_;
    StoreThread writes_;
    std::shared_ptr<Shared> shared_;
};

} // namespace braid::addon
