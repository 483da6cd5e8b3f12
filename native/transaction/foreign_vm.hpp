/// VMs from elsewhere, whatever version of the EVMC ABI they speak.
#pragma once

#include "base/bytes.hpp"
#include "evmc/evmc18.h"

#include <memory>
#include <string>

namespace braid::transaction {

/// How getting a VM ended.
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
    /// It speaks another version of the ABI than 12 and 18.
    wrong_abi_version,
    /// It cannot run EVM code (EVMC 12: no EVM1 capability).
    no_evm
};

/// What all versions of the ABI have in the same place: all that may be read of a VM before its
/// version is known.
struct VmHead {
    int abi_version;
    const char* name;
    const char* version;
};

/// One VM instance from elsewhere, behind an adapter for its version of the ABI. It serves one
/// thread at a time and may be re-entered from a host call. It owns the instance.
class ForeignVm {
  public:
    ForeignVm(const ForeignVm&) = delete;
    ForeignVm& operator=(const ForeignVm&) = delete;
    virtual ~ForeignVm() = default;

    /// Runs a frame; `context` is a Host (see host_interface.hpp). The revision is EVMC 12's; one
    /// that the VM's ABI has no number for is EVMC_REJECTED. A result that no frame can have is
    /// EVMC_INTERNAL_ERROR.
    [[nodiscard]] evmc_result run(evmc_host_context* context, evmc_revision revision,
                                  const evmc_message& message, BytesView code) noexcept;

    /// The VM's own name and version.
    [[nodiscard]] const char* name() const noexcept { return head_.name; }
    [[nodiscard]] const char* version() const noexcept { return head_.version; }

    /// Takes over an instance, as a create function returns it. Null where it cannot be used, with
    /// the status and in `detail` why; an instance whose layout is known is destroyed then.
    [[nodiscard]] static std::unique_ptr<ForeignVm> adopt(VmHead* vm, LoadStatus& status,
                                                          std::string& detail);

  protected:
    explicit ForeignVm(const VmHead& head) noexcept : head_{head} {}

  private:
    virtual evmc_result execute(evmc_host_context* context, evmc_revision revision,
                                const evmc_message& message, BytesView code) noexcept = 0;

    const VmHead& head_;
};

} // namespace braid::transaction
