/// The EVM as the executor drives it: the built-in one, or any other behind the EVMC ABI.
#pragma once

#include "base/code.hpp"
#include "evm/vm.hpp"
#include "evmc/evmc.h"

#include <cstring>
#include <memory>

namespace braid::executor {

/// One VM instance. It serves one thread at a time and may be re-entered from a host call.
class Machine {
  public:
    /// The built-in EVM.
    Machine() : built_in_{std::make_unique<evm::Vm>()}, vm_{built_in_.get()} {}

    /// A VM from elsewhere; it is destroyed with the machine. Never null.
    explicit Machine(evmc_vm* vm) noexcept : vm_{vm} {}

    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine() {
        if (built_in_ == nullptr)
            vm_->destroy(vm_);
    }

    /// Runs a frame of code that the state keeps.
    evmc_result run(const evmc_host_interface& host, evmc_host_context* context,
                    evmc_revision revision, const evmc_message& message,
                    const Code& code) noexcept {
        if (built_in_ != nullptr)
            return built_in_->execute_code(host, context, revision, message, code);
        return run_foreign(host, context, revision, message, code.bytes());
    }

    /// Runs a frame of code seen once (initcode).
    evmc_result run_once(const evmc_host_interface& host, evmc_host_context* context,
                         evmc_revision revision, const evmc_message& message,
                         BytesView code) noexcept {
        if (built_in_ != nullptr)
            return built_in_->execute_bytes(host, context, revision, message, code);
        return run_foreign(host, context, revision, message, code);
    }

    /// Sets what can stop the frames that run from now on, null for nothing; it must stay while
    /// they run. A VM from elsewhere hears of it only from the host, which refuses its calls.
    void set_cancellation(const Cancellation* cancellation) noexcept {
        if (built_in_ != nullptr)
            built_in_->set_cancellation(cancellation);
    }

    /// Sets how much gas the built-in EVM uses before it looks whether it is to stop.
    void set_gas_slice(int64_t gas) noexcept {
        if (built_in_ != nullptr)
            built_in_->set_gas_slice(gas);
    }

    /// Gives back what the built-in EVM holds beyond its budget; nothing may be running.
    void trim() noexcept {
        if (built_in_ != nullptr)
            built_in_->trim();
    }

    /// The bytes that the built-in EVM holds for its frames.
    [[nodiscard]] size_t held() const noexcept {
        return built_in_ == nullptr ? 0 : built_in_->held();
    }

    /// Whether a result's output must own its bytes. The built-in EVM reads an output before it
    /// runs anything else, so the executor's buffer serves it; the ABI promises nothing of the
    /// kind.
    [[nodiscard]] bool outputs_must_own() const noexcept { return built_in_ == nullptr; }

    /// The VM's own name and version.
    [[nodiscard]] const char* name() const noexcept { return vm_->name; }
    [[nodiscard]] const char* version() const noexcept { return vm_->version; }

  private:
    /// Runs a frame on a VM from elsewhere. A result that no frame can have becomes an internal
    /// error.
    evmc_result run_foreign(const evmc_host_interface& host, evmc_host_context* context,
                            evmc_revision revision, const evmc_message& message,
                            BytesView code) noexcept {
        const evmc_result result =
            vm_->execute(vm_, &host, context, revision, &message, code.data(), code.size());
        if (is_possible(result, message.gas))
            return result;
        if (result.release != nullptr)
            result.release(&result);
        evmc_result failure{};
        failure.status_code = EVMC_INTERNAL_ERROR;
        return failure;
    }

    /// Whether a frame with so much gas can end so: a status that the ABI knows, no more gas left
    /// than it was given, an output with its bytes.
    static bool is_possible(const evmc_result& result, int64_t gas) noexcept {
        // Read as a number: an enumeration may not even be looked at beyond its values.
        int32_t status;
        static_assert(sizeof(status) == sizeof(result.status_code));
        std::memcpy(&status, &result.status_code, sizeof(status));
        return status >= EVMC_OUT_OF_MEMORY && status <= EVMC_INSUFFICIENT_BALANCE &&
               result.gas_left >= 0 && result.gas_left <= gas &&
               (result.output_size == 0 || result.output_data != nullptr);
    }

    std::unique_ptr<evm::Vm> built_in_;
    evmc_vm* vm_;
};

/// Gives back what a result owns.
inline void release(const evmc_result& result) noexcept {
    if (result.release != nullptr)
        result.release(&result);
}

} // namespace braid::executor
