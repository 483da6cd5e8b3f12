#include "addon/native_store_import.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/store_task.hpp"
#include "wire/state_dump.hpp"

#include <cstring>

namespace braid::addon {

namespace {

using store::Status;
using store::StoreCode;

Status add_records(store::Importer& importer, const wire::StateDumpView& dump) {
    for (const wire::StateAccount& account : dump.accounts) {
        Status status;
        if (account.code_size != 0) {
            Bytes32 hash;
            status =
                importer.add_code(dump.pool.subspan(account.code_offset, account.code_size), hash);
            if (!status.failed() && !(hash == account.code_hash))
                status = StoreCode::wrong_code;
        }
        // Of an account whose storage comes in several records, all but one are slots alone.
        if (!status.failed() && (account.flags & wire::state_account_flag::slots_only) == 0)
            status = importer.add_account(account.address, account.nonce,
                                          to_uint256(account.balance), account.code_hash);
        const auto slots = dump.slots.subspan(account.slot_start, account.slot_count);
        for (size_t i = 0; i < slots.size() && !status.failed(); ++i)
            status = importer.add_slot(account.address, slots[i].key, slots[i].value);
        if (status.failed())
            return status;
    }
    return {};
}

} // namespace

Napi::Function NativeStoreImport::define(Napi::Env env) {
    return DefineClass(env, "NativeStoreImport",
                       {
                           InstanceMethod<&NativeStoreImport::begin>("begin"),
                           InstanceMethod<&NativeStoreImport::add>("add"),
                           InstanceMethod<&NativeStoreImport::finish>("finish"),
                           InstanceMethod<&NativeStoreImport::abandon>("abandon"),
                           InstanceMethod<&NativeStoreImport::progress>("progress"),
                       });
}

NativeStoreImport::NativeStoreImport(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, shared_{std::make_shared<Shared>()} {}

Napi::Value NativeStoreImport::begin(const Napi::CallbackInfo& info) {
    if (!info[0].IsString() || !info[1].IsObject()) {
        throw_type_error(info.Env(), "an import begins with a path and options");
        return {};
    }
    const auto object = info[1].As<Napi::Object>();
    store::ImportOptions options;
    options.preimages = object.Get("preimages").ToBoolean().Value();
    if (const Napi::Value limit = object.Get("sizeLimit"); limit.IsNumber())
        options.size_limit = static_cast<uint64_t>(limit.As<Napi::Number>().Int64Value());
    if (const Napi::Value memory = object.Get("memory"); memory.IsNumber())
        options.memory = static_cast<size_t>(memory.As<Napi::Number>().Int64Value());
    const auto chain = bytes_value(info.Env(), object.Get("chain"), "chain");
    if (!chain)
        return {};
    if (chain->size() != sizeof(Bytes32)) {
        throw_type_error(info.Env(), "chain must be 32 bytes long");
        return {};
    }
    std::memcpy(options.chain.bytes, chain->data(), sizeof(Bytes32));
    options.progress = progress_;
    return run_on_store(info.Env(), thread_,
                        [folder = info[0].As<Napi::String>().Utf8Value(), options,
                         shared = shared_](const Cancellation&) {
                            return store::Importer::begin(folder, options, shared->importer);
                        });
}

Napi::Value NativeStoreImport::add(const Napi::CallbackInfo& info) {
    const auto argument = bytes_argument(info, 0, "stateDump");
    if (!argument)
        return {};
    auto bytes = std::make_shared<AlignedBytes>(AlignedBytes::copy_of(*argument));
    return run_on_store(info.Env(), thread_, [bytes, shared = shared_](const Cancellation&) {
        const auto dump = wire::read_state_dump(bytes->view());
        if (!dump || shared->importer == nullptr)
            return Status{dump ? StoreCode::misuse : StoreCode::malformed};
        return add_records(*shared->importer, *dump);
    });
}

Napi::Value NativeStoreImport::finish(const Napi::CallbackInfo& info) {
    const auto hash = fixed_argument(info, 1, "hash", sizeof(Bytes32));
    if (!hash)
        return {};
    const auto number = uint64_argument(info, 0, "number");
    if (!number)
        return {};
    store::Head head;
    head.number = *number;
    std::memcpy(head.hash.bytes, hash->data(), sizeof(Bytes32));
    std::optional<Bytes32> expected;
    if (!info[2].IsUndefined()) {
        const auto root = fixed_argument(info, 2, "root", sizeof(Bytes32));
        if (!root)
            return {};
        std::memcpy(expected.emplace().bytes, root->data(), sizeof(Bytes32));
    }
    auto root = std::make_shared<Bytes32>();
    return run_on_store(
        info.Env(), thread_,
        [head, expected, root, shared = shared_](const Cancellation&) {
            if (shared->importer == nullptr)
                return Status{StoreCode::misuse};
            const Status status =
                shared->importer->finish(head, expected ? &*expected : nullptr, *root);
            shared->importer.reset();
            return status;
        },
        [root](napi_env env) {
            return copy_to_uint8_array(env, {root->bytes, sizeof(root->bytes)});
        });
}

Napi::Value NativeStoreImport::abandon(const Napi::CallbackInfo& info) {
    return run_on_store(info.Env(), thread_, [shared = shared_](const Cancellation&) {
        shared->importer.reset();
        return Status{};
    });
}

Napi::Value NativeStoreImport::progress(const Napi::CallbackInfo& info) {
    const auto number = [&](const std::atomic<uint64_t>& count) {
        return Napi::Number::New(
            info.Env(), static_cast<double>(count.load(std::memory_order_relaxed))); // to look at
    };
    auto progress = Napi::Object::New(info.Env());
    progress.Set("added", number(progress_->added));
    progress.Set("written", number(progress_->written));
    return progress;
}

} // namespace braid::addon
