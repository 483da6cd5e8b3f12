#include "transaction/vm_loader.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

namespace braid::transaction {
namespace {

#ifdef __APPLE__
constexpr const char* evmone_library = "libevmone.dylib";
#else
constexpr const char* evmone_library = "libevmone.so";
#endif

std::string resolve(const std::string& path) {
    if (path != "evmone")
        return path;
    const char* named = std::getenv("BRAID_EVMONE");
    return named != nullptr && *named != '\0' ? named : evmone_library;
}

std::string last_error() {
    const char* error = dlerror();
    return error == nullptr ? "unknown error" : error;
}

/// Whether what dlopen said means that the file itself is missing, not one that it needs.
bool is_missing(const std::string& file, const std::string& detail) {
    if (file.find('/') != std::string::npos)
        return access(file.c_str(), F_OK) != 0;
    // A name is looked for in many places: the system's words are all there is to tell.
    return detail.find(file) != std::string::npos &&
           detail.find("o such file") != std::string::npos &&
           detail.find("needed by") == std::string::npos;
}

} // namespace

std::string create_function_name(const std::string& path) {
    std::string name = path.substr(path.find_last_of('/') + 1);
    if (name.starts_with("lib"))
        name.erase(0, 3);
    name = name.substr(0, name.find('.'));
    std::replace(name.begin(), name.end(), '-', '_');
    return "evmc_create_" + name;
}

std::unique_ptr<ForeignVm> VmLibrary::create() const {
    LoadStatus status{};
    std::string detail;
    return ForeignVm::adopt(create_(), status, detail);
}

std::unique_ptr<VmLibrary> VmLibrary::load(const std::string& path, LoadStatus& status,
                                           std::string& detail) {
    const std::string file = resolve(path);
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        detail = last_error();
        status = is_missing(file, detail) ? LoadStatus::not_found : LoadStatus::cannot_open;
        return nullptr;
    }
    const std::string name = create_function_name(file);
    void* symbol = dlsym(library, name.c_str());
    if (symbol == nullptr)
        symbol = dlsym(library, "evmc_create");
    if (symbol == nullptr) {
        status = LoadStatus::no_create_function;
        detail = file + " exports neither " + name + " nor evmc_create";
        dlclose(library);
        return nullptr;
    }
    const auto create = reinterpret_cast<CreateFunction>(symbol);
    if (ForeignVm::adopt(create(), status, detail) == nullptr)
        return nullptr;
    return std::unique_ptr<VmLibrary>(new VmLibrary(create));
}

} // namespace braid::transaction
