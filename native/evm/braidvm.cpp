/// The entry point of libbraidvm: the built-in EVM for any EVMC 12 host.
#include "evm/vm.hpp"

#include <new>

/// Makes a VM instance; NULL where memory is short. The caller destroys it with evmc_vm::destroy.
extern "C" __attribute__((visibility("default"))) evmc_vm* evmc_create_braidvm() noexcept {
    return new (std::nothrow) braid::evm::Vm;
}
