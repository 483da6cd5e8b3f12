#include "addon/native_fact_store.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "addon/store_task.hpp"

#include <cstring>

namespace braid::addon {

namespace {

using store::Fact;
using store::FactStore;
using store::Status;
using store::StoreCode;

constexpr uint32_t not_found = ~uint32_t{0};
constexpr size_t key_size_bytes = 2;
constexpr size_t value_size_bytes = 4;

/// A number at the start of bytes, which it is taken from; false where they are too few.
template <typename Number>
bool take(BytesView& bytes, Number& number) noexcept {
    if (bytes.size() < sizeof(number))
        return false;
    std::memcpy(&number, bytes.data(), sizeof(number));
    bytes = bytes.subspan(sizeof(number));
    return true;
}

bool take(BytesView& bytes, size_t size, BytesView& taken) noexcept {
    if (bytes.size() < size)
        return false;
    taken = bytes.first(size);
    bytes = bytes.subspan(size);
    return true;
}

bool unpack_keys(BytesView bytes, std::vector<BytesView>& keys) {
    while (!bytes.empty()) {
        uint16_t size = 0;
        if (!take(bytes, size) || !take(bytes, size, keys.emplace_back()))
            return false;
    }
    return true;
}

bool unpack_facts(BytesView bytes, std::vector<Fact>& facts) {
    while (!bytes.empty()) {
        uint16_t key_size = 0;
        uint32_t value_size = 0;
        Fact& fact = facts.emplace_back();
        if (!take(bytes, key_size) || !take(bytes, value_size) ||
            !take(bytes, key_size, fact.key) || !take(bytes, value_size, fact.value))
            return false;
    }
    return true;
}

template <typename Number>
void append(std::vector<uint8_t>& bytes, Number number) {
    const auto* data = reinterpret_cast<const uint8_t*>(&number);
    bytes.insert(bytes.end(), data, data + sizeof(number));
}

void append(std::vector<uint8_t>& bytes, BytesView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

/// What a piece of work was given and gives.
struct Work {
    Bytes32 scope{};
    std::vector<uint8_t> given;
    std::vector<uint8_t> result;

    /// Takes values as they are found, in the order of their places.
    FactStore::Found found(size_t& next) {
        return [this, &next](size_t place, BytesView value) {
            skip(place, next);
            append(result, static_cast<uint32_t>(value.size()));
            append(result, value);
            ++next;
        };
    }
    /// Says that the values up to a place were not found.
    void skip(size_t place, size_t& next) {
        for (; next < place; ++next)
            append(result, not_found);
    }
};

std::shared_ptr<Work> work_of(BytesView given) {
    auto work = std::make_shared<Work>();
    work->given.assign(given.begin(), given.end());
    return work;
}

/// Work whose first argument is a scope and whose second one is packed.
std::shared_ptr<Work> scoped_work(const Napi::CallbackInfo& info, const char* name) {
    const auto scope = fixed_argument(info, 0, "scope", sizeof(Bytes32));
    if (!scope)
        return nullptr;
    const auto bytes = bytes_argument(info, 1, name);
    if (!bytes)
        return nullptr;
    auto work = work_of(*bytes);
    std::memcpy(work->scope.bytes, scope->data(), sizeof(Bytes32));
    return work;
}

std::function<napi_value(napi_env)> result_of(std::shared_ptr<Work> work) {
    return [work](napi_env env) { return copy_to_uint8_array(env, work->result); };
}

} // namespace

Napi::Function NativeFactStore::define(Napi::Env env) {
    return DefineClass(env, "NativeFactStore",
                       {
                           InstanceMethod<&NativeFactStore::open>("open"),
                           InstanceMethod<&NativeFactStore::read>("read"),
                           InstanceMethod<&NativeFactStore::scan>("scan"),
                           InstanceMethod<&NativeFactStore::read_codes>("readCodes"),
                           InstanceMethod<&NativeFactStore::write>("write"),
                           InstanceMethod<&NativeFactStore::write_codes>("writeCodes"),
                           InstanceMethod<&NativeFactStore::close>("close"),
                       });
}

NativeFactStore::NativeFactStore(const Napi::CallbackInfo& info)
    : ObjectWrap{info}, shared_{std::make_shared<Shared>()} {}

std::shared_ptr<FactStore> NativeFactStore::opened(Napi::Env env) const {
    if (shared_->store == nullptr)
        throw_error(env, "STATE_CLOSED", "the store is not open");
    return shared_->store;
}

Napi::Value NativeFactStore::open(const Napi::CallbackInfo& info) {
    if (!info[0].IsString() || !info[1].IsNumber() || shared_->store != nullptr) {
        throw_type_error(info.Env(), "a store is opened once, by a path and its most bytes");
        return {};
    }
    auto opened = std::make_shared<std::unique_ptr<FactStore>>();
    return run_on_store(
        info.Env(), writes_,
        [opened, folder = info[0].As<Napi::String>().Utf8Value(),
         bytes = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value())](
            const Cancellation&) { return FactStore::open(folder, bytes, *opened); },
        [opened, shared = shared_](napi_env env) {
            shared->store = std::move(*opened);
            return napi_value{Napi::Env{env}.Undefined()};
        });
}

Napi::Value NativeFactStore::read(const Napi::CallbackInfo& info) {
    auto work = scoped_work(info, "keys");
    auto store = work == nullptr ? nullptr : opened(info.Env());
    if (store == nullptr)
        return {};
    return run_on_store(
        info.Env(), reads_,
        [work, store](const Cancellation&) {
            std::vector<BytesView> keys;
            if (!unpack_keys(work->given, keys))
                return Status{StoreCode::malformed};
            size_t next = 0;
            const Status status = store->read(work->scope, keys, work->found(next));
            work->skip(keys.size(), next);
            return status;
        },
        result_of(work));
}

Napi::Value NativeFactStore::scan(const Napi::CallbackInfo& info) {
    auto work = scoped_work(info, "from");
    if (work == nullptr)
        return {};
    if (!info[2].IsNumber()) {
        throw_type_error(info.Env(), "bytes must be a number");
        return {};
    }
    auto store = opened(info.Env());
    if (store == nullptr)
        return {};
    return run_on_store(
        info.Env(), reads_,
        [work, store, most = info[2].As<Napi::Number>().Uint32Value()](const Cancellation&) {
            return store->scan(work->scope, work->given, [&](Fact fact) {
                append(work->result, static_cast<uint16_t>(fact.key.size()));
                append(work->result, static_cast<uint32_t>(fact.value.size()));
                append(work->result, fact.key);
                append(work->result, fact.value);
                return work->result.size() < most;
            });
        },
        result_of(work));
}

Napi::Value NativeFactStore::read_codes(const Napi::CallbackInfo& info) {
    const auto bytes = bytes_argument(info, 0, "hashes");
    auto store = bytes ? opened(info.Env()) : nullptr;
    if (store == nullptr)
        return {};
    auto work = work_of(*bytes);
    return run_on_store(
        info.Env(), reads_,
        [work, store](const Cancellation&) {
            std::vector<BytesView> hashes;
            if (!unpack_keys(work->given, hashes))
                return Status{StoreCode::malformed};
            size_t next = 0;
            const Status status = store->read_codes(hashes, work->found(next));
            work->skip(hashes.size(), next);
            return status;
        },
        result_of(work));
}

Napi::Value NativeFactStore::write(const Napi::CallbackInfo& info) {
    auto work = scoped_work(info, "facts");
    auto store = work == nullptr ? nullptr : opened(info.Env());
    if (store == nullptr)
        return {};
    return run_on_store(info.Env(), writes_, [work, store](const Cancellation&) {
        std::vector<Fact> facts;
        if (!unpack_facts(work->given, facts))
            return Status{StoreCode::malformed};
        return store->write(work->scope, facts);
    });
}

Napi::Value NativeFactStore::write_codes(const Napi::CallbackInfo& info) {
    const auto bytes = bytes_argument(info, 0, "codes");
    auto store = bytes ? opened(info.Env()) : nullptr;
    if (store == nullptr)
        return {};
    auto work = work_of(*bytes);
    return run_on_store(info.Env(), writes_, [work, store](const Cancellation&) {
        std::vector<Fact> codes;
        if (!unpack_facts(work->given, codes))
            return Status{StoreCode::malformed};
        return store->write_codes(codes);
    });
}

Napi::Value NativeFactStore::close(const Napi::CallbackInfo& info) {
    auto closing = std::make_shared<std::shared_ptr<FactStore>>(std::move(shared_->store));
    shared_->store = nullptr;
    // Whoever reads still has it for as long as that takes.
    return run_on_store(info.Env(), writes_, [closing](const Cancellation&) {
        Status status;
        if (*closing != nullptr)
            status = (*closing)->write_uses();
        closing->reset();
        return status;
    });
}

} // namespace braid::addon
