#include "addon/native_store_export.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/environment.hpp"
#include "addon/store_task.hpp"
#include "wire/state_dump.hpp"

namespace braid::addon {

namespace {

/// Collects records until there are so many, or so many bytes of code.
class Collector final : public store::ExportSink {
  public:
    Collector(const store::Snapshot& snapshot, const store::ExportPosition& from, size_t limit)
        : snapshot_{snapshot}, limit_{limit} {
        if (from.is_inside)
            begin({}, wire::state_account_flag::slots_only);
    }

    void account(const store::Account& account) override {
        begin(account.address, 0);
        wire::StateAccount& record = records.accounts.back();
        record.nonce = account.nonce;
        record.balance = to_bytes32(account.balance);
        record.code_hash = account.code_hash;
        if (account.code_hash == empty_code_hash)
            return;
        CodeRef code;
        status = snapshot_.read_code(account.code_hash, code);
        if (!status.failed() && code == nullptr)
            status = store::StoreCode::corrupt;
        if (status.failed())
            return;
        record.code_offset = static_cast<uint32_t>(records.pool.size());
        record.code_size = static_cast<uint32_t>(code->bytes().size());
        records.pool.insert(records.pool.end(), code->bytes().begin(), code->bytes().end());
    }

    void slot(const Bytes32& number, const Bytes32& value) override {
        records.slots.push_back({number, value});
        ++records.accounts.back().slot_count;
    }

    [[nodiscard]] bool wants_more() const noexcept override {
        return !status.failed() && records.accounts.size() + records.slots.size() < limit_ &&
               records.pool.size() < most_code;
    }

    wire::StateDumpRecords records;
    store::Status status;

  private:
    static constexpr size_t most_code = size_t{8} << 20;

    void begin(const Address& address, uint32_t flags) {
        wire::StateAccount record{};
        record.address = address;
        record.flags = flags;
        record.slot_start = static_cast<uint32_t>(records.slots.size());
        records.accounts.push_back(record);
    }

    const store::Snapshot& snapshot_;
    const size_t limit_;
};

} // namespace

Napi::Function NativeStoreExport::define(Napi::Env env) {
    return DefineClass(env, "NativeStoreExport",
                       {
                           InstanceMethod<&NativeStoreExport::next>("next"),
                           InstanceMethod<&NativeStoreExport::end>("end"),
                       });
}

Napi::Value NativeStoreExport::make(Napi::Env env, store::SnapshotRef snapshot) {
    const Napi::Object made = Environment::of(env).store_export_class().New({});
    if (made.IsEmpty())
        return {};
    Unwrap(made)->shared_->snapshot = std::move(snapshot);
    return made;
}

NativeStoreExport::NativeStoreExport(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, shared_{std::make_shared<Shared>()} {}

Napi::Value NativeStoreExport::next(const Napi::CallbackInfo& info) {
    if (!info[0].IsNumber()) {
        throw_type_error(info.Env(), "limit must be a number");
        return {};
    }
    auto packed = std::make_shared<wire::PackedBuffer>();
    return run_on_store(
        info.Env(), thread_,
        [packed, limit = size_t{info[0].As<Napi::Number>().Uint32Value()},
         shared = shared_](const Cancellation&) {
            if (shared->snapshot == nullptr)
                return store::Status{store::StoreCode::misuse};
            if (shared->position.is_done)
                return store::Status{};
            Collector collector{*shared->snapshot, shared->position, limit};
            store::Status status = export_state(*shared->snapshot, shared->position, collector);
            if (!status.failed())
                status = collector.status;
            if (status.failed())
                return status;
            *packed = wire::write_state_dump(collector.records);
            return packed->data == nullptr ? store::Status{store::StoreCode::out_of_memory}
                                           : status;
        },
        [packed](napi_env env) -> napi_value {
            return packed->data == nullptr ? napi_value{Napi::Env{env}.Null()}
                                           : to_uint8_array(env, std::move(*packed));
        });
}

Napi::Value NativeStoreExport::end(const Napi::CallbackInfo& info) {
    return run_on_store(info.Env(), thread_, [shared = shared_](const Cancellation&) {
        shared->snapshot.reset();
        return store::Status{};
    });
}

} // namespace braid::addon
