/// The EVM as the executor drives it: the built-in one, or any other behind the EVMC ABI.
#pragma once

#include "base/code.hpp"
#include "evm/vm.hpp"
#include "transaction/foreign_vm.hpp"
#include "transaction/host_interface.hpp"

#include <memory>

namespace braid::transaction {

/// One VM instance. It serves one thread at a time and may be re-entered from a host call.
class Machine {
  public:
    /// The built-in EVM.
    Machine() : built_in_{std::make_unique<evm::Vm>(evm::HostKind::executor)} {}

    /// A VM from elsewhere. Never null.
    explicit Machine(std::unique_ptr<ForeignVm> vm) noexcept : foreign_{std::move(vm)} {}

    /// Runs a frame of code that the state keeps; `context` is the Host it calls.
    evmc_result run(evmc_host_context* context, evmc_revision revision, const evmc_message& message,
                    const Code& code) noexcept {
        if (built_in_ != nullptr)
            return built_in_->execute_code(host_interface, context, revision, message, code);
        return foreign_->run(context, revision, message, code.bytes());
    }

    /// Runs a frame of code seen once (initcode).
    evmc_result run_once(evmc_host_context* context, evmc_revision revision,
                         const evmc_message& message, BytesView code) noexcept {
        if (built_in_ != nullptr)
            return built_in_->execute_bytes(host_interface, context, revision, message, code);
        return foreign_->run(context, revision, message, code);
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

    /// Makes the built-in EVM run one instruction at a time: see evm::Vm::watch(). False for one
    /// from elsewhere, which nobody can watch.
    bool watch(evm::StepHost& host, evm::StepObserver* observer, int64_t refund) noexcept {
        if (built_in_ == nullptr)
            return false;
        built_in_->watch(host, observer, refund);
        return true;
    }
    void unwatch() noexcept {
        if (built_in_ != nullptr)
            built_in_->unwatch();
    }

    /// Sets what frames of the built-in EVM pay while it is watched: see evm::Vm::set_prices().
    void set_prices(const evm::PricedRules* prices) noexcept {
        if (built_in_ != nullptr)
            built_in_->set_prices(prices);
    }

    /// Sets who is told of what the built-in EVM's instructions look up; null: nobody.
    void set_touch_observer(evm::TouchObserver* observer) noexcept {
        if (built_in_ != nullptr)
            built_in_->set_touch_observer(observer);
    }

    /// Whether it is the built-in EVM, which alone can be traced.
    [[nodiscard]] bool is_built_in() const noexcept { return built_in_ != nullptr; }

    /// Why the latest frame that failed while frames were watched has failed.
    [[nodiscard]] evm::FrameFailure frame_failure() const noexcept {
        return built_in_ == nullptr ? evm::FrameFailure{} : built_in_->frame_failure();
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
    [[nodiscard]] const char* name() const noexcept {
        return built_in_ != nullptr ? built_in_->name : foreign_->name();
    }
    [[nodiscard]] const char* version() const noexcept {
        return built_in_ != nullptr ? built_in_->version : foreign_->version();
    }

  private:
    // One of the two.
    std::unique_ptr<evm::Vm> built_in_;
    std::unique_ptr<ForeignVm> foreign_;
};

/// Gives back what a result owns.
inline void release(const evmc_result& result) noexcept {
    if (result.release != nullptr)
        result.release(&result);
}

} // namespace braid::transaction
