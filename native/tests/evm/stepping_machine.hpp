/// The built-in VM, watched instruction by instruction.
#pragma once

#include "tests/evm/mock_host.hpp"

#include <optional>
#include <vector>

namespace braid::test {

/// What a VM that is watched asks a mock host. It leaves no note there.
class MockStepHost final : public evm::StepHost {
  public:
    explicit MockStepHost(evmc_host_context* context) : host_{MockHost::of(context)} {}

    bool is_warm(const Address& address) noexcept override {
        for (const Address& known : host_.state.warm_accounts)
            if (known == address)
                return true;
        return false;
    }
    bool is_warm(const Address& address, const Bytes32& key) noexcept override {
        return slot(address, key).is_warm;
    }
    evmc_storage_status status_of_store(const Address& address, const Bytes32& key,
                                        const Bytes32& value) noexcept override {
        return MockHost::status_of(slot(address, key), value);
    }
    Bytes32 value_of(const Address& address, const Bytes32& key) noexcept override {
        return slot(address, key).current;
    }
    bool is_destroyed(const Address& address) noexcept override {
        const MockAccount* account = host_.state.find(address);
        return account != nullptr && account->is_destroyed;
    }
    bool has_account(const Address& address) noexcept override {
        const MockAccount* account = host_.state.find(address);
        return account != nullptr && (!host_.since(EVMC_SPURIOUS_DRAGON) || !account->is_empty());
    }
    bool has_balance(const Address& address) noexcept override {
        const MockAccount* account = host_.state.find(address);
        return account != nullptr && !account->balance.is_zero();
    }
    BytesView code_of(const Address& address) noexcept override {
        const MockAccount* account = host_.state.find(address);
        return account == nullptr ? BytesView{} : account->code_bytes();
    }

  private:
    /// A copy: asking makes no slot.
    [[nodiscard]] MockSlot slot(const Address& address, const Bytes32& key) const {
        for (const MockSlot& slot : host_.state.slots)
            if (slot.key == key && slot.address == address)
                return slot;
        return {address, key, {}, {}, false};
    }

    MockHost& host_;
};

/// A step as it is kept.
struct SeenStep {
    uint64_t position;
    uint8_t op;
    evm::StepFailure failure;
    int32_t depth;
    int64_t gas;
    uint64_t cost;
    int64_t refund;
    size_t stack_size;
    size_t memory_size;
    bool is_fault;
};

/// Keeps what it is told, and checks that every instruction costs what was told before.
class StepList final : public evm::StepObserver {
  public:
    void on_step(const evm::Step& step) noexcept override {
        const auto depth = static_cast<size_t>(step.depth);
        if (latest_.size() <= depth)
            latest_.resize(depth + 1);
        // Deeper frames have ended. One of the same depth may be another: then its code starts.
        latest_.resize(depth + 1);
        std::optional<SeenStep>& before = latest_[depth];
        if (before && step.position != 0 && !calls(before->op) &&
            before->gas - static_cast<int64_t>(before->cost) != step.gas)
            ++wrong_costs;
        before = seen(step, false);
        if (keeps)
            steps.push_back(*before);
    }
    void on_fault(const evm::Step& step) noexcept override {
        if (keeps)
            steps.push_back(seen(step, true));
    }

    std::vector<SeenStep> steps;
    bool keeps = false;
    size_t wrong_costs = 0;

  private:
    /// Whether what comes back is not known before.
    static bool calls(uint8_t op) {
        return (op >= evm::OP_CREATE && op <= evm::OP_CREATE2 && op != evm::OP_RETURN) ||
               op == evm::OP_STATICCALL;
    }
    static SeenStep seen(const evm::Step& step, bool is_fault) {
        return {step.position, step.op,     step.failure.failure, step.depth,         step.gas,
                step.cost,     step.refund, step.stack.size(),    step.memory.size(), is_fault};
    }

    std::vector<std::optional<SeenStep>> latest_;
};

/// The built-in VM as a tracer runs it.
class SteppingMachine final : public Machine {
  public:
    evmc_result run_code(const FrameCall& call, const Code& code) override {
        return run(call, [&] {
            return vm_.execute_code(call.host, call.context, call.revision, call.message, code);
        });
    }
    evmc_result run_initcode(const FrameCall& call, BytesView code) override {
        return run(call, [&] {
            return vm_.execute_bytes(call.host, call.context, call.revision, call.message, code);
        });
    }

    [[nodiscard]] const evm::FrameFailure& frame_failure() const { return vm_.frame_failure(); }

    StepList list;

  private:
    template <typename Frame>
    evmc_result run(const FrameCall& call, Frame frame) {
        if (is_running_)
            return frame();
        MockStepHost host{call.context};
        is_running_ = true;
        vm_.watch(host, &list, 0);
        const evmc_result result = frame();
        vm_.unwatch();
        is_running_ = false;
        return result;
    }

    evm::Vm vm_{evm::HostKind::executor};
    bool is_running_ = false;
};

} // namespace braid::test
