/// Finds and loads EVMC VMs in shared objects.
#pragma once

#include "evmc/evmc.h"

#include <memory>
#include <string>

namespace braid::executor {

/// How loading a VM ended.
enum class LoadStatus : uint8_t {
    ok,
    /// There is no such file.
    not_found,
    /// The file is no shared object for this machine, or needs another one that is missing.
    cannot_open,
    /// It exports neither `evmc_create_<name>` nor `evmc_create`.
    no_create_function,
    /// The create function gave nothing, or a VM that lacks a part of the ABI.
    create_failed,
    /// It speaks another version of the ABI than 12.
    wrong_abi_version,
    /// It cannot run EVM code (no EVM1 capability).
    no_evm
};

/// A loaded shared object that makes VMs. It must outlive them.
class VmLibrary {
  public:
    /// Makes a VM that answers the ABI checks made when the library was loaded; null where the
    /// library refuses. Each worker needs one of its own.
    [[nodiscard]] evmc_vm* create() const noexcept;

    /// Loads `path`. 'evmone' means the file named by the environment variable BRAID_EVMONE or,
    /// without it, libevmone.so on the library path. On failure null, the status, and in `detail`
    /// what the system or the library said. The library stays mapped until the process ends: a VM's
    /// threads or thread-local data may outlive the last user.
    [[nodiscard]] static std::unique_ptr<VmLibrary> load(const std::string& path,
                                                         LoadStatus& status, std::string& detail);

  private:
    using CreateFunction = evmc_vm* (*)();
    explicit VmLibrary(CreateFunction create) noexcept : create_{create} {}
    CreateFunction create_;
};

/// The function a VM in this file must export, by the ABI's rule: the file name without folder and
/// a leading "lib", up to the first '.', with '-' read as '_', after "evmc_create_".
[[nodiscard]] std::string create_function_name(const std::string& path);

} // namespace braid::executor
