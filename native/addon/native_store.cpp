#include "addon/native_store.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/environment.hpp"
#include "addon/native_snapshot.hpp"
#include "addon/native_store_export.hpp"
#include "addon/store_task.hpp"
#include "parallel/processor_count.hpp"
#include "state/layer_stack.hpp"
#include "state/packed_layer.hpp"

#include <cstring>

namespace braid::addon {

namespace {

using store::Status;
using store::StoreCode;

/// Roots are calculated on the threads that blocks are executed on.
void run_on_pool(void* pool, size_t count, store::JobRunner::Call call, void* job) {
    auto& workers = *static_cast<parallel::WorkerPool*>(pool);
    workers.parallel_for(count, 1, workers.size(), [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            call(job, i);
    });
}

/// A number that TypeScript has checked.
template <typename Number>
void read_number(const Napi::Object& object, const char* name, Number& number) {
    const Napi::Value value = object.Get(name);
    if (value.IsNumber())
        number = static_cast<Number>(value.As<Napi::Number>().Int64Value());
}

store::StoreOptions options_of(const Napi::Object& object) {
    store::StoreOptions options;
    options.check = object.Get("check").ToBoolean().Value();
    options.read_only = object.Get("readOnly").ToBoolean().Value();
    read_number(object, "sizeLimit", options.size_limit);
    read_number(object, "cacheBytes", options.cache_bytes);
    read_number(object, "codeCacheBytes", options.code_cache_bytes);
    read_number(object, "mappedBytes", options.mapped_bytes);
    read_number(object, "history", options.history);
    auto& pool = parallel::WorkerPool::shared();
    options.threads = static_cast<unsigned>(pool.size());
    options.jobs = {run_on_pool, &pool};
    return options;
}

napi_value hash_value(napi_env env, const Bytes32& hash) {
    return copy_to_uint8_array(env, {hash.bytes, sizeof(hash.bytes)});
}

} // namespace

Napi::Function NativeStore::define(Napi::Env env) {
    return DefineClass(env, "NativeStore",
                       {
                           InstanceMethod<&NativeStore::open>("open"),
                           InstanceMethod<&NativeStore::begin>("begin"),
                           InstanceMethod<&NativeStore::calculate_root>("calculateRoot"),
                           InstanceMethod<&NativeStore::keep>("keep"),
                           InstanceMethod<&NativeStore::set_aside>("setAside"),
                           InstanceMethod<&NativeStore::take_up>("takeUp"),
                           InstanceMethod<&NativeStore::drop>("drop"),
                           InstanceMethod<&NativeStore::flush>("flush"),
                           InstanceMethod<&NativeStore::revert>("revert"),
                           InstanceMethod<&NativeStore::forget>("forget"),
                           InstanceMethod<&NativeStore::hash_at>("hashAt"),
                           InstanceMethod<&NativeStore::copy_to>("copyTo"),
                           InstanceMethod<&NativeStore::check>("check"),
                           InstanceMethod<&NativeStore::close>("close"),
                           InstanceMethod<&NativeStore::head>("head"),
                           InstanceMethod<&NativeStore::view>("view"),
                           InstanceMethod<&NativeStore::export_state>("exportState"),
                       });
}

NativeStore::NativeStore(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, shared_{std::make_shared<Shared>()} {}

bool NativeStore::is_open(Napi::Env env) const {
    if (shared_->store == nullptr)
        throw_error(env, "STATE_CLOSED", "the store is not open");
    return shared_->store != nullptr;
}

Napi::Value NativeStore::open(const Napi::CallbackInfo& info) {
    if (!info[0].IsString() || !info[1].IsObject() || shared_->store != nullptr) {
        throw_type_error(info.Env(), "a store is opened once, by a path and options");
        return {};
    }
    // The store comes into the handle on the JavaScript thread: nothing else looks at it before.
    auto opened = std::make_shared<std::unique_ptr<store::Store>>();
    return run_on_store(
        info.Env(), thread_,
        [opened, folder = info[0].As<Napi::String>().Utf8Value(),
         options = options_of(info[1].As<Napi::Object>())](const Cancellation&) {
            return store::Store::open(folder, options, *opened);
        },
        [opened, shared = shared_](napi_env env) {
            shared->store = std::move(*opened);
            return napi_value{Napi::Env{env}.Undefined()};
        });
}

Napi::Value NativeStore::begin(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "blockOutput");
    if (!argument || !is_open(info.Env()))
        return {};
    struct Begun {
        explicit Begun(BytesView given) : bytes{AlignedBytes::copy_of(given)} {}
        AlignedBytes bytes;
        std::optional<wire::OutputView> output;
        std::shared_ptr<state::Layer> layer;
    };
    auto begun = std::make_shared<Begun>(*argument);
    begun->output = wire::read_output(begun->bytes.view());
    if (!begun->output ||
        begun->output->header->error != static_cast<uint32_t>(wire::ErrorCode::ok)) {
        throw_error(info.Env(), "INPUT_MALFORMED", "not the packed output of a valid block");
        return {};
    }
    return run_on_store(
        info.Env(), thread_,
        [begun, store = shared_->store](const Cancellation&) {
            std::vector<store::SlotCount> counts;
            const Status status = store->begin(*begun->output, counts);
            if (status.failed())
                return status;
            begun->layer = state::make_layer(*begun->output);
            for (const store::SlotCount& count : counts)
                begun->layer->count_slots(count.address, count.count);
            return status;
        },
        [begun, shared = shared_](napi_env env) {
            shared->begun = begun->layer;
            return napi_value{Napi::Env{env}.Undefined()};
        });
}

Napi::Value NativeStore::calculate_root(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    auto root = std::make_shared<Bytes32>();
    return run_on_store(
        info.Env(), thread_,
        [root, store = shared_->store](const Cancellation&) {
            return store->calculate_root(*root);
        },
        [root](napi_env env) { return hash_value(env, *root); });
}

Napi::Value NativeStore::keep(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    const auto hash = fixed_argument(info, 1, "hash", sizeof(Bytes32));
    if (!hash)
        return {};
    const auto number = uint64_argument(info, 0, "number");
    if (!number)
        return {};
    const bool with_flush = info[2].ToBoolean().Value();
    Bytes32 block;
    std::memcpy(block.bytes, hash->data(), sizeof(block.bytes));
    return run_on_store(
        info.Env(), thread_,
        [number = *number, block, with_flush, store = shared_->store](const Cancellation&) {
            Bytes32 root;
            Status status = store->calculate_root(root);
            if (!status.failed())
                status = store->keep(number, block);
            if (status.failed() || !with_flush)
                return status;
            status = store->flush();
            // A commit that cannot be written has not happened.
            if (status.failed())
                (void)store->forget(1);
            return status;
        },
        [shared = shared_](napi_env env) {
            shared->begun.reset();
            return napi_value{Napi::Env{env}.Undefined()};
        });
}

Napi::Value NativeStore::set_aside(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    shared_->aside = std::move(shared_->begun);
    shared_->begun.reset();
    return run_on_store(info.Env(), thread_, [store = shared_->store](const Cancellation&) {
        return store->set_aside();
    });
}

Napi::Value NativeStore::take_up(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    return run_on_store(
        info.Env(), thread_,
        [store = shared_->store](const Cancellation&) { return store->take_up(); },
        [shared = shared_](napi_env env) {
            shared->begun = std::move(shared->aside);
            return napi_value{Napi::Env{env}.Undefined()};
        });
}

Napi::Value NativeStore::drop(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    shared_->begun.reset();
    return run_on_store(info.Env(), thread_, [store = shared_->store](const Cancellation&) {
        store->drop();
        return Status{};
    });
}

Napi::Value NativeStore::flush(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    return run_on_store(info.Env(), thread_, [store = shared_->store](const Cancellation&) {
        const Status status = store->flush();
        return status.failed() ? status : store->sync();
    });
}

Napi::Value NativeStore::revert(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    return run_on_store(info.Env(), thread_,
                        [store = shared_->store](const Cancellation&) { return store->revert(); });
}

Napi::Value NativeStore::forget(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    if (!info[0].IsNumber()) {
        throw_type_error(info.Env(), "count must be a number");
        return {};
    }
    shared_->begun.reset();
    const uint32_t count = info[0].As<Napi::Number>().Uint32Value();
    return run_on_store(info.Env(), thread_, [count, store = shared_->store](const Cancellation&) {
        store->drop();
        return store->forget(count);
    });
}

Napi::Value NativeStore::hash_at(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    const auto number = uint64_argument(info, 0, "number");
    if (!number)
        return {};
    auto head = std::make_shared<store::Head>();
    return run_on_store(
        info.Env(), thread_,
        [head, number = *number, store = shared_->store](const Cancellation&) {
            return store->head_at(number, *head);
        },
        [head](napi_env env) { return hash_value(env, head->hash); });
}

Napi::Value NativeStore::copy_to(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    if (!info[0].IsString()) {
        throw_type_error(info.Env(), "folder must be a string");
        return {};
    }
    return run_on_store(info.Env(), thread_,
                        [folder = info[0].As<Napi::String>().Utf8Value(),
                         store = shared_->store](const Cancellation&) {
                            const Status status = store->flush();
                            return status.failed() ? status : store->copy_to(folder);
                        });
}

Napi::Value NativeStore::check(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    auto report = std::make_shared<store::CheckReport>();
    return run_on_store(
        info.Env(), thread_,
        [report, store = shared_->store](const Cancellation& cancellation) {
            std::atomic<uint64_t> done{0};
            const Status status = store->check(done, &cancellation, *report);
            // What is wrong is in the report.
            return status.code == StoreCode::corrupt && !report->problem.empty() ? Status{}
                                                                                 : status;
        },
        [report](napi_env env) -> napi_value {
            Napi::Object result = Napi::Object::New(env);
            const auto set = [&](const char* name, uint64_t value) {
                result.Set(name, Napi::Number::New(env, static_cast<double>(value)));
            };
            set("accounts", report->accounts);
            set("slots", report->slots);
            set("codes", report->codes);
            set("codeBytes", report->code_bytes);
            result.Set("root", hash_value(env, report->root));
            result.Set("problem", report->problem);
            return result;
        });
}

Napi::Value NativeStore::close(const Napi::CallbackInfo& info) {
    // Work that was asked for before ends before: it is in the queue of the same thread.
    shared_->begun.reset();
    shared_->aside.reset();
    auto closing = std::make_shared<std::shared_ptr<store::Store>>(std::move(shared_->store));
    shared_->store = nullptr;
    return run_on_store(info.Env(), thread_, [closing](const Cancellation&) {
        Status status;
        if (*closing != nullptr) {
            (*closing)->drop();
            if (!(*closing)->options().read_only)
                status = (*closing)->flush();
            if (!status.failed() && !(*closing)->options().read_only)
                status = (*closing)->sync();
            closing->reset();
        }
        return status;
    });
}

Napi::Value NativeStore::head(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    const store::SnapshotRef snapshot = shared_->store->snapshot();
    const store::Meta& meta = snapshot->meta();
    Napi::Object result = Napi::Object::New(info.Env());
    const auto set = [&](const char* name, uint64_t value) {
        result.Set(name, Napi::Number::New(info.Env(), static_cast<double>(value)));
    };
    result.Set("number", Napi::BigInt::New(info.Env(), meta.head.number));
    result.Set("hash", hash_value(info.Env(), meta.head.hash));
    result.Set("root", hash_value(info.Env(), meta.head.root));
    result.Set("chain", hash_value(info.Env(), meta.chain));
    set("undoable", meta.undo_count);
    set("accounts", meta.accounts);
    set("slots", meta.slots);
    set("fileBytes", shared_->store->file_bytes());
    return result;
}

Napi::Value NativeStore::view(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    std::shared_ptr<state::StateView> view = shared_->store->view();
    if (shared_->begun != nullptr) {
        state::LayerStack layers;
        layers.push(shared_->begun);
        view = std::make_shared<state::LayeredView>(std::move(view), std::move(layers));
    }
    return NativeSnapshot::make(info.Env(), std::move(view));
}

Napi::Value NativeStore::export_state(const Napi::CallbackInfo& info) {
    if (!is_open(info.Env()))
        return {};
    return NativeStoreExport::make(info.Env(), shared_->store->snapshot());
}

} // namespace braid::addon
