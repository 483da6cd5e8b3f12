/// Finds and loads EVMC VMs in shared objects.
#pragma once

#include "transaction/foreign_vm.hpp"

#include <memory>
#include <string>

namespace braid::transaction {

/// A loaded shared object that makes VMs. It must outlive them.
class VmLibrary {
  public:
    /// Makes a VM; null where the library refuses or gives one that cannot be used. Each worker
    /// needs one of its own.
    [[nodiscard]] std::unique_ptr<ForeignVm> create() const;

    /// Loads `path`, and makes and destroys one VM to see whether it can be used. 'evmone' means
    /// the file named by the environment variable BRAID_EVMONE or, without it, libevmone.so on the
    /// library path. On failure null, the status, and in `detail` what the system or the library
    /// said. The library stays mapped until the process ends: a VM's threads or thread-local data
    /// may outlive the last user.
    [[nodiscard]] static std::unique_ptr<VmLibrary> load(const std::string& path,
                                                         LoadStatus& status, std::string& detail);

  private:
    using CreateFunction = VmHead* (*)();
    explicit VmLibrary(CreateFunction create) noexcept : create_{create} {}
    CreateFunction create_;
};

/// The function a VM in this file must export, by the ABI's rule: the file name without folder and
/// a leading "lib", up to the first '.', with '-' read as '_', after "evmc_create_".
[[nodiscard]] std::string create_function_name(const std::string& path);

} // namespace braid::transaction
