#include "transaction/foreign_vm.hpp"

#include "evmc/convert18.hpp"
#include "transaction/host_interface.hpp"

#include <cstddef>
#include <cstring>

namespace braid::transaction {
namespace {

static_assert(offsetof(VmHead, abi_version) == offsetof(evmc_vm, abi_version));
static_assert(offsetof(VmHead, name) == offsetof(evmc_vm, name));
static_assert(offsetof(VmHead, version) == offsetof(evmc_vm, version));
static_assert(offsetof(VmHead, abi_version) == offsetof(evmc18_vm, abi_version));
static_assert(offsetof(VmHead, name) == offsetof(evmc18_vm, name));
static_assert(offsetof(VmHead, version) == offsetof(evmc18_vm, version));

evmc_result failure(evmc_status_code status) noexcept {
    evmc_result result{};
    result.status_code = status;
    return result;
}

/// Whether a frame with so much gas can end so: a status that the ABI knows, no more gas left
/// than it was given, an output with its bytes.
bool is_possible(const evmc_result& result, int64_t gas) noexcept {
    // Read as a number: an enumeration may not even be looked at beyond its values.
    int32_t status;
    static_assert(sizeof(status) == sizeof(result.status_code));
    std::memcpy(&status, &result.status_code, sizeof(status));
    return status >= EVMC_OUT_OF_MEMORY && status <= EVMC_INSUFFICIENT_BALANCE &&
           result.gas_left >= 0 && result.gas_left <= gas &&
           (result.output_size == 0 || result.output_data != nullptr);
}

/// A VM that speaks EVMC 12, which is what the executor itself is written in.
class Evmc12Vm final : public ForeignVm {
  public:
    Evmc12Vm(const VmHead& head, evmc_vm* vm) noexcept : ForeignVm{head}, vm_{vm} {}
    ~Evmc12Vm() override { vm_->destroy(vm_); }

  private:
    evmc_result execute(evmc_host_context* context, evmc_revision revision,
                        const evmc_message& message, BytesView code) noexcept override {
        return vm_->execute(vm_, &host_interface, context, revision, &message, code.data(),
                            code.size());
    }

    evmc_vm* const vm_;
};

/// A VM that speaks EVMC 18.
class Evmc18Vm final : public ForeignVm {
  public:
    Evmc18Vm(const VmHead& head, evmc18_vm* vm) noexcept : ForeignVm{head}, vm_{vm} {}
    ~Evmc18Vm() override { vm_->destroy(vm_); }

  private:
    evmc_result execute(evmc_host_context* context, evmc_revision revision,
                        const evmc_message& message, BytesView code) noexcept override {
        evmc18_revision its_revision{};
        if (!evmc::to_18(revision, its_revision))
            return failure(EVMC_REJECTED);
        const evmc18_message its_message = evmc::to_18(message);
        return evmc::to_12(vm_->execute(vm_, &host_interface_18, context, its_revision,
                                        &its_message, code.data(), code.size()));
    }

    evmc18_vm* const vm_;
};

/// Whether the fields that every version has are filled in.
template <class Vm>
bool is_complete(const Vm& vm) noexcept {
    return vm.name != nullptr && vm.version != nullptr && vm.destroy != nullptr &&
           vm.execute != nullptr;
}

} // namespace

evmc_result ForeignVm::run(evmc_host_context* context, evmc_revision revision,
                           const evmc_message& message, BytesView code) noexcept {
    const evmc_result result = execute(context, revision, message, code);
    if (is_possible(result, message.gas))
        return result;
    if (result.release != nullptr)
        result.release(&result);
    return failure(EVMC_INTERNAL_ERROR);
}

std::unique_ptr<ForeignVm> ForeignVm::adopt(VmHead* head, LoadStatus& status, std::string& detail) {
    status = LoadStatus::create_failed;
    if (head == nullptr) {
        detail = "the create function returned no VM";
        return nullptr;
    }
    // A VM of another ABI version has another layout: nothing behind the head may be read.
    if (head->abi_version == EVMC_ABI_VERSION) {
        auto* const vm = reinterpret_cast<evmc_vm*>(head);
        if (is_complete(*vm) && vm->get_capabilities != nullptr) {
            auto adopted = std::make_unique<Evmc12Vm>(*head, vm);
            const bool runs_evm = (vm->get_capabilities(vm) & EVMC_CAPABILITY_EVM1) != 0;
            status = runs_evm ? LoadStatus::ok : LoadStatus::no_evm;
            if (runs_evm)
                return adopted;
            detail = std::string(vm->name) + " has no EVM1 capability";
            return nullptr;
        }
    } else if (head->abi_version == EVMC18_ABI_VERSION) {
        auto* const vm = reinterpret_cast<evmc18_vm*>(head);
        if (is_complete(*vm)) {
            status = LoadStatus::ok;
            return std::make_unique<Evmc18Vm>(*head, vm);
        }
    } else {
        status = LoadStatus::wrong_abi_version;
        detail = "ABI version " + std::to_string(head->abi_version) + ", expected " +
                 std::to_string(static_cast<int>(EVMC_ABI_VERSION)) + " or " +
                 std::to_string(static_cast<int>(EVMC18_ABI_VERSION));
        return nullptr;
    }
    detail = "the VM lacks a part of the ABI";
    return nullptr;
}

} // namespace braid::transaction
