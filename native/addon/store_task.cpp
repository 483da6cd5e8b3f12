#include "addon/store_task.hpp"

#include "addon/arguments.hpp"
#include "addon/environment.hpp"

#include <cstring>

namespace braid::addon {

namespace {

using store::StoreCode;

const char* code_of(StoreCode code) noexcept {
    switch (code) {
    case StoreCode::not_found:
        return "STORE_NOT_FOUND";
    case StoreCode::not_imported:
        return "STORE_EMPTY";
    case StoreCode::already_exists:
        return "STORE_EXISTS";
    case StoreCode::locked:
        return "STORE_LOCKED";
    case StoreCode::version_mismatch:
        return "STORE_VERSION";
    case StoreCode::corrupt:
        return "STORE_CORRUPT";
    case StoreCode::disk_full:
        return "STORE_DISK_FULL";
    case StoreCode::map_full:
        return "STORE_SIZE_LIMIT";
    case StoreCode::read_only:
        return "STORE_READ_ONLY";
    case StoreCode::out_of_memory:
        return "OUT_OF_MEMORY";
    case StoreCode::too_many_readers:
        return "STORE_TOO_MANY_SNAPSHOTS";
    case StoreCode::stale:
        return "STATE_RESULT_STALE";
    case StoreCode::wrong_root:
        return "STORE_WRONG_ROOT";
    case StoreCode::no_undo:
        return "STATE_UNAVAILABLE";
    case StoreCode::no_preimages:
        return "STORE_NO_PREIMAGES";
    case StoreCode::duplicate:
    case StoreCode::wrong_code:
    case StoreCode::malformed:
        return "STATE_MALFORMED";
    case StoreCode::cancelled:
        return "CANCELLED";
    default:
        return "STORE_IO";
    }
}

std::string message_of(store::Status status) {
    if (status.code == StoreCode::duplicate)
        return "an account or a slot comes twice";
    if (status.code == StoreCode::wrong_code)
        return "code that was not given, or has another hash";
    if (status.code == StoreCode::misuse)
        return "not at this moment";
    if (status.error > 0)
        return std::strerror(status.error);
    return status.error == 0 ? "the store" : "LMDB answers " + std::to_string(status.error);
}

class StoreCompletion final : public Completion {
  public:
    StoreCompletion(napi_deferred deferred, store::Status status,
                    std::function<napi_value(napi_env)> result)
        : deferred_{deferred}, status_{status}, result_{std::move(result)} {}

    void deliver(napi_env env) noexcept override {
        napi_value value = nullptr;
        napi_value error = nullptr;
        if (status_.failed())
            throw_status(env, status_);
        else if (result_)
            value = result_(env);
        else
            napi_get_undefined(env, &value);
        bool is_pending = false;
        napi_is_exception_pending(env, &is_pending);
        if (is_pending)
            napi_get_and_clear_last_exception(env, &error);
        if (error != nullptr || value == nullptr)
            napi_reject_deferred(env, deferred_, error);
        else
            napi_resolve_deferred(env, deferred_, value);
    }

  private:
    napi_deferred deferred_;
    store::Status status_;
    std::function<napi_value(napi_env)> result_;
};

/// One piece of work, from JavaScript and back.
struct Task {
    napi_deferred deferred = nullptr;
    Cancellation cancellation;
    std::function<store::Status(const Cancellation&)> work;
    std::function<napi_value(napi_env)> result;
    std::shared_ptr<CompletionQueue> completions;

    void run() noexcept {
        const store::Status status = work(cancellation);
        // Before JavaScript hears of it: what the work held is let go of here.
        work = {};
        completions->finish(cancellation,
                            std::make_unique<StoreCompletion>(deferred, status, std::move(result)));
    }
};

} // namespace

void throw_status(Napi::Env env, store::Status status) {
    throw_error(env, code_of(status.code), message_of(status));
}

Napi::Value run_on_store(Napi::Env env, StoreThread& thread,
                         std::function<store::Status(const Cancellation& cancellation)> work,
                         std::function<napi_value(napi_env env)> result) {
    auto task = std::make_shared<Task>();
    napi_value promise = nullptr;
    if (napi_create_promise(env, &task->deferred, &promise) != napi_ok)
        return {};
    task->work = std::move(work);
    task->result = std::move(result);
    task->completions = Environment::of(env).completions();
    task->completions->begin(env, task->cancellation);
    auto job = parallel::make_job([task]() noexcept { task->run(); });
    // Without any thread it is done here.
    if (!thread.post(job))
        job->run();
    return {env, promise};
}

} // namespace braid::addon
