#include "addon/failpoint_exports.hpp"

#include "store/failpoints.hpp"

#include <string>

namespace braid::addon {

#ifdef BRAID_FAILPOINTS

namespace {

Napi::Value arm(const Napi::CallbackInfo& info) {
    store::arm_failpoint(info[0].IsString() ? info[0].As<Napi::String>().Utf8Value().c_str()
                                            : nullptr);
    return info.Env().Undefined();
}

} // namespace

void export_failpoints(Napi::Env env, Napi::Object exports) {
    Napi::Array names = Napi::Array::New(env);
    for (const std::string_view name : store::failpoint_names)
        names.Set(names.Length(), std::string{name});
    exports.Set("failpoints", names);
    exports.Set("armFailpoint", Napi::Function::New<arm>(env, "armFailpoint"));
}

#else

void export_failpoints(Napi::Env /*env*/, Napi::Object /*exports*/) {}

#endif

} // namespace braid::addon
