/// The built-in EVM: an EVMC 12 VM with, for its own executor, cached code analysis.
#pragma once

#include "base/cancellation.hpp"
#include "base/code.hpp"
#include "evm/step.hpp"
#include "evm/touch_observer.hpp"
#include "evmc/evmc.h"

#include <memory>

namespace braid::evm {

struct PricedRules;
struct VmState;

/// Who a VM's frames call.
enum class HostKind : uint8_t {
    /// Any host that keeps to the ABI. It answers calls whatever their value, so the VM looks at
    /// the balance first; and a call that ends with EVMC_INTERNAL_ERROR has failed, nothing more.
    any,
    /// This package's executor. It refuses a call whose value the caller does not have, and asks
    /// "at least so much" instead of the balance itself; and a call that ends with
    /// EVMC_INTERNAL_ERROR ends every frame above it.
    executor
};

/// One VM instance. It serves one thread at a time and may be re-entered from a host call (depth
/// goes up by one). It owns the stacks and memories of all its frames and reuses them, so that
/// 1024 nested calls use little of the native stack.
class Vm : public evmc_vm {
  public:
    explicit Vm(HostKind host = HostKind::any) noexcept;
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;
    ~Vm();

    /// Runs a frame of code that the state keeps. Its analysis is made once per rule set,
    /// attached to the code and shared by every VM that runs it.
    ///
    /// Unlike evmc_vm::execute, the result owns nothing: `output_data` points into the VM and is
    /// valid until the next frame is run on it; `release` is null.
    evmc_result execute_code(const evmc_host_interface& host, evmc_host_context* context,
                             evmc_revision revision, const evmc_message& message,
                             const Code& code) noexcept;

    /// Runs a frame of code seen once (initcode). The result's output is as in execute_code.
    evmc_result execute_bytes(const evmc_host_interface& host, evmc_host_context* context,
                              evmc_revision revision, const evmc_message& message,
                              BytesView code) noexcept;

    /// Sets what can stop the frames that run from now on; null: nothing can. It must stay while
    /// they run. A frame that is stopped, and every frame above it, ends with EVMC_INTERNAL_ERROR.
    void set_cancellation(const Cancellation* cancellation) noexcept;

    /// Sets how much gas a frame uses before it looks whether it is to stop, at least 1. Less than
    /// the usual `cancellable_gas` costs time.
    void set_gas_slice(int64_t gas) noexcept;

    /// Makes frames run one instruction at a time from now on: slower, with the same outcome.
    /// `host` is asked what instructions cost; `observer`, null or not, is told of each. `refund`:
    /// what the transaction is refunded already. Both must stay while frames run.
    void watch(StepHost& host, StepObserver* observer, int64_t refund) noexcept;

    /// Ends that.
    void unwatch() noexcept;

    /// Sets what frames pay that run one instruction at a time, in place of what the revision says,
    /// which must be the same; null ends that. It must stay while they run.
    void set_prices(const PricedRules* prices) noexcept;

    /// Why the latest frame that failed while frames were watched has failed.
    [[nodiscard]] const FrameFailure& frame_failure() const noexcept;

    /// Sets who is told of what instructions look up from now on; null: nobody.
    void set_touch_observer(TouchObserver* observer) noexcept;

    /// Gives back the memory of stacks, memories and return data beyond some 14 MiB that are kept
    /// for the next frames (2, 8 and 4). Does nothing while a frame runs; the output of the latest
    /// one goes with it.
    void trim() noexcept;

    /// The bytes that stacks, memories and return data hold.
    [[nodiscard]] size_t held() const noexcept;

  private:
    std::unique_ptr<VmState> state_;
};

} // namespace braid::evm
