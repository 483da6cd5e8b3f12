/// The entry point of libbraidvm18: the built-in EVM for EVMC 18 hosts.
///
/// The interpreter speaks EVMC 12. Each frame gets a small EVMC 12 host in front of the real one;
/// it does what an EVMC 18 VM does itself: the address of a new contract, and the creator's nonce.
#include "evm/contract_address.hpp"
#include "evm/vm.hpp"
#include "evmc/convert18.hpp"

#include <new>

namespace braid::evm {
namespace {

/// The host of one frame, as the context of `interface_12`.
struct Host {
    const evmc18_host_interface& functions;
    evmc_host_context* context;
    evmc_revision revision;
};

const Host& host_of(evmc_host_context* context) noexcept {
    return *reinterpret_cast<const Host*>(context);
}

evmc_result failure(evmc_status_code status, int64_t gas_left) noexcept {
    evmc_result result{};
    result.status_code = status;
    result.gas_left = gas_left;
    return result;
}

/// The order of what the host is asked is that of evmone: nonce, access, creation.
evmc_result create(const Host& host, const evmc_message& message) noexcept {
    const uint64_t nonce = host.functions.get_nonce(host.context, &message.sender);
    if (nonce == UINT64_MAX) // EIP-2681
        return failure(EVMC_FAILURE, message.gas);
    evmc18_message its_message = evmc::to_18(message);
    its_message.recipient = message.kind == EVMC_CREATE
                                ? create_address(message.sender, nonce)
                                : create2_address(message.sender, message.create2_salt,
                                                  {message.input_data, message.input_size});
    // EIP-2929: warm whether or not the creation succeeds.
    if (host.revision >= EVMC_BERLIN)
        host.functions.access_account(host.context, &its_message.recipient);
    evmc_result result = evmc::to_12(host.functions.call(host.context, &its_message));
    result.create_address = its_message.recipient;
    return result;
}

evmc_access_status to_12(evmc18_access_status status) noexcept {
    return status == EVMC_ACCESS_COLD ? EVMC_ACCESS_COLD : EVMC_ACCESS_WARM;
}

const evmc_host_interface interface_12 = [] {
    evmc_host_interface table{};
    table.account_exists = [](evmc_host_context* context, const evmc_address* address) {
        const Host& host = host_of(context);
        return host.functions.account_exists(host.context, address);
    };
    table.get_storage = [](evmc_host_context* context, const evmc_address* address,
                           const evmc_bytes32* key) {
        const Host& host = host_of(context);
        return host.functions.get_storage(host.context, address, key);
    };
    table.set_storage = [](evmc_host_context* context, const evmc_address* address,
                           const evmc_bytes32* key, const evmc_bytes32* value) {
        const Host& host = host_of(context);
        return host.functions.set_storage(host.context, address, key, value);
    };
    table.get_balance = [](evmc_host_context* context, const evmc_address* address) {
        const Host& host = host_of(context);
        return host.functions.get_balance(host.context, address);
    };
    table.get_code_size = [](evmc_host_context* context, const evmc_address* address) {
        const Host& host = host_of(context);
        return host.functions.get_code_size(host.context, address);
    };
    table.get_code_hash = [](evmc_host_context* context, const evmc_address* address) {
        const Host& host = host_of(context);
        return host.functions.get_code_hash(host.context, address);
    };
    table.copy_code = [](evmc_host_context* context, const evmc_address* address, size_t offset,
                         uint8_t* buffer, size_t size) {
        const Host& host = host_of(context);
        return host.functions.copy_code(host.context, address, offset, buffer, size);
    };
    table.selfdestruct = [](evmc_host_context* context, const evmc_address* address,
                            const evmc_address* beneficiary) {
        const Host& host = host_of(context);
        return host.functions.selfdestruct(host.context, address, beneficiary);
    };
    table.call = [](evmc_host_context* context, const evmc_message* message) {
        const Host& host = host_of(context);
        if (message->kind == EVMC_CREATE || message->kind == EVMC_CREATE2)
            return create(host, *message);
        const evmc18_message its_message = evmc::to_18(*message);
        return evmc::to_12(host.functions.call(host.context, &its_message));
    };
    table.get_tx_context = [](evmc_host_context* context) {
        const Host& host = host_of(context);
        return evmc::to_12(host.functions.get_tx_context(host.context));
    };
    table.get_block_hash = [](evmc_host_context* context, int64_t number) {
        const Host& host = host_of(context);
        return host.functions.get_block_hash(host.context, number);
    };
    table.emit_log = [](evmc_host_context* context, const evmc_address* address,
                        const uint8_t* data, size_t size, const evmc_bytes32 topics[],
                        size_t topic_count) {
        const Host& host = host_of(context);
        host.functions.emit_log(host.context, address, data, size, topics, topic_count);
    };
    table.access_account = [](evmc_host_context* context, const evmc_address* address) {
        const Host& host = host_of(context);
        return to_12(host.functions.access_account(host.context, address));
    };
    table.access_storage = [](evmc_host_context* context, const evmc_address* address,
                              const evmc_bytes32* key) {
        const Host& host = host_of(context);
        return to_12(host.functions.access_storage(host.context, address, key));
    };
    table.get_transient_storage = [](evmc_host_context* context, const evmc_address* address,
                                     const evmc_bytes32* key) {
        const Host& host = host_of(context);
        return host.functions.get_transient_storage(host.context, address, key);
    };
    table.set_transient_storage = [](evmc_host_context* context, const evmc_address* address,
                                     const evmc_bytes32* key, const evmc_bytes32* value) {
        const Host& host = host_of(context);
        host.functions.set_transient_storage(host.context, address, key, value);
    };
    return table;
}();

/// The built-in EVM with the face of an EVMC 18 VM.
class Vm18 : public evmc18_vm {
  public:
    Vm18() noexcept
        : evmc18_vm{EVMC18_ABI_VERSION, nullptr, nullptr, destroy_18, execute_18, set_option_18} {
        name = vm_.name;
        version = vm_.version;
    }

  private:
    static void destroy_18(evmc18_vm* vm) noexcept { delete static_cast<Vm18*>(vm); }

    static evmc_set_option_result set_option_18(evmc18_vm* vm, const char* option,
                                                const char* value) noexcept {
        Vm& inner = static_cast<Vm18*>(vm)->vm_;
        return inner.set_option(&inner, option, value);
    }

    static evmc18_result execute_18(evmc18_vm* vm, const evmc18_host_interface* functions,
                                    evmc_host_context* context, evmc18_revision its_revision,
                                    const evmc18_message* its_message, const uint8_t* code,
                                    size_t code_size) noexcept {
        evmc_revision revision{};
        if (!evmc::to_12(its_revision, revision))
            return evmc::to_18(failure(EVMC_REJECTED, 0));
        Host host{*functions, context, revision};
        const evmc_message message = evmc::to_12(*its_message);
        Vm& inner = static_cast<Vm18*>(vm)->vm_;
        return evmc::to_18(inner.execute(&inner, &interface_12,
                                         reinterpret_cast<evmc_host_context*>(&host), revision,
                                         &message, code, code_size));
    }

    Vm vm_;
};

} // namespace
} // namespace braid::evm

/// Makes a VM instance; NULL where memory is short. The caller destroys it with evmc_vm::destroy.
extern "C" __attribute__((visibility("default"))) evmc18_vm* evmc_create_braidvm18() noexcept {
    return new (std::nothrow) braid::evm::Vm18;
}
