/// The EVMs that a mock host can run its frames on.
#pragma once

#include "base/code.hpp"
#include "evm/vm.hpp"
#include "tests/evm/reference_interpreter.hpp"

namespace braid::test {

/// Where a frame runs: its host, its rules and what it was called with.
struct FrameCall {
    const evmc_host_interface& host;
    evmc_host_context* context;
    evmc_revision revision;
    const evmc_message& message;
};

/// An EVM. The result's output may lie in the machine until its next frame runs.
class Machine {
  public:
    Machine() = default;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    virtual ~Machine() = default;

    /// Runs code that an account has.
    virtual evmc_result run_code(const FrameCall& call, const Code& code) = 0;
    /// Runs initcode.
    virtual evmc_result run_initcode(const FrameCall& call, BytesView code) = 0;
};

/// The built-in VM by the way that the executor takes.
class BuiltInMachine final : public Machine {
  public:
    evmc_result run_code(const FrameCall& call, const Code& code) override {
        return vm_.execute_code(call.host, call.context, call.revision, call.message, code);
    }
    evmc_result run_initcode(const FrameCall& call, BytesView code) override {
        return vm_.execute_bytes(call.host, call.context, call.revision, call.message, code);
    }

  private:
    evm::Vm vm_{evm::HostKind::executor};
};

/// Any VM through the EVMC ABI. Destroys the VM.
class EvmcMachine final : public Machine {
  public:
    explicit EvmcMachine(evmc_vm* vm) : vm_{vm} {}
    ~EvmcMachine() override { vm_->destroy(vm_); }

    evmc_result run_code(const FrameCall& call, const Code& code) override {
        return run_initcode(call, code.bytes());
    }
    evmc_result run_initcode(const FrameCall& call, BytesView code) override {
        return vm_->execute(vm_, &call.host, call.context, call.revision, &call.message,
                            code.data(), code.size());
    }

  private:
    evmc_vm* vm_;
};

/// The tests' own interpreter.
class ReferenceMachine final : public Machine {
  public:
    evmc_result run_code(const FrameCall& call, const Code& code) override {
        return run_initcode(call, code.bytes());
    }
    evmc_result run_initcode(const FrameCall& call, BytesView code) override {
        return reference::execute(call.host, call.context, call.revision, call.message, code);
    }
};

} // namespace braid::test
