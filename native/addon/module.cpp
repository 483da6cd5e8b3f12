/// The addon's entry point.
#include "addon/environment.hpp"
#include "addon/failpoint_exports.hpp"
#include "addon/hashing.hpp"
#include "addon/native_engine.hpp"
#include "addon/native_fact_store.hpp"
#include "addon/native_partial_state.hpp"
#include "addon/native_resumable_block.hpp"
#include "addon/native_snapshot.hpp"
#include "addon/native_state.hpp"
#include "addon/native_store.hpp"
#include "addon/native_store_export.hpp"
#include "addon/native_store_import.hpp"
#include "addon/native_window.hpp"
#include "addon/trie_nodes.hpp"
#include "parallel/processor_count.hpp"

#include <napi.h>

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
    using namespace braid::addon;
    auto completions = CompletionQueue::create(env);
    if (completions == nullptr)
        return exports;
    const Classes classes{NativeState::define(env),       NativePartialState::define(env),
                          NativePartialView::define(env), NativeSnapshot::define(env),
                          NativeStoreExport::define(env), NativeResumableBlock::define(env),
                          NativeWindow::define(env)};
    exports.Set("NativeState", classes.state);
    exports.Set("NativePartialState", classes.partial_state);
    exports.Set("NativeStore", NativeStore::define(env));
    exports.Set("NativeStoreImport", NativeStoreImport::define(env));
    exports.Set("NativeFactStore", NativeFactStore::define(env));
    exports.Set("NativeEngine", NativeEngine::define(env));
    export_hashing(env, exports);
    export_trie_nodes(env, exports);
    export_failpoints(env, exports);
    exports.Set("processorCount", static_cast<double>(braid::parallel::processor_count()));
    env.SetInstanceData(new Environment{std::move(completions), classes});
    return exports;
}

NODE_API_MODULE(braid, initialize)
