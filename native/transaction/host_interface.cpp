#include "transaction/host_interface.hpp"

#include "evmc/convert18.hpp"
#include "transaction/host.hpp"

namespace braid::transaction {
namespace {

Host& host_of(evmc_host_context* context) noexcept { return *reinterpret_cast<Host*>(context); }

bool account_exists(evmc_host_context* context, const evmc_address* address) noexcept {
    return host_of(context).account_exists(*address);
}

evmc_bytes32 get_storage(evmc_host_context* context, const evmc_address* address,
                         const evmc_bytes32* key) noexcept {
    return host_of(context).journal().load_slot(*address, *key);
}

evmc_storage_status set_storage(evmc_host_context* context, const evmc_address* address,
                                const evmc_bytes32* key, const evmc_bytes32* value) noexcept {
    return host_of(context).journal().store_slot(*address, *key, *value);
}

evmc_uint256be get_balance(evmc_host_context* context, const evmc_address* address) noexcept {
    return host_of(context).get_balance(*address);
}

size_t get_code_size(evmc_host_context* context, const evmc_address* address) noexcept {
    return host_of(context).get_code_size(*address);
}

evmc_bytes32 get_code_hash(evmc_host_context* context, const evmc_address* address) noexcept {
    return host_of(context).get_code_hash(*address);
}

size_t copy_code(evmc_host_context* context, const evmc_address* address, size_t offset,
                 uint8_t* buffer, size_t size) noexcept {
    return host_of(context).copy_code(*address, offset, buffer, size);
}

bool selfdestruct(evmc_host_context* context, const evmc_address* address,
                  const evmc_address* beneficiary) noexcept {
    return host_of(context).selfdestruct(*address, *beneficiary);
}

evmc_result call(evmc_host_context* context, const evmc_message* message) noexcept {
    return host_of(context).call(*message);
}

evmc_tx_context get_tx_context(evmc_host_context* context) noexcept {
    return host_of(context).context();
}

evmc_bytes32 get_block_hash(evmc_host_context* context, int64_t number) noexcept {
    return host_of(context).get_block_hash(number);
}

void emit_log(evmc_host_context* context, const evmc_address* address, const uint8_t* data,
              size_t data_size, const evmc_bytes32 topics[], size_t topic_count) noexcept {
    host_of(context).emit_log(*address, {data, data_size}, {topics, topic_count});
}

evmc_access_status access_account(evmc_host_context* context,
                                  const evmc_address* address) noexcept {
    return host_of(context).access_account(*address);
}

evmc_access_status access_storage(evmc_host_context* context, const evmc_address* address,
                                  const evmc_bytes32* key) noexcept {
    return host_of(context).journal().access_slot(*address, *key);
}

evmc_bytes32 get_transient_storage(evmc_host_context* context, const evmc_address* address,
                                   const evmc_bytes32* key) noexcept {
    return host_of(context).journal().load_transient(*address, *key);
}

void set_transient_storage(evmc_host_context* context, const evmc_address* address,
                           const evmc_bytes32* key, const evmc_bytes32* value) noexcept {
    host_of(context).journal().store_transient(*address, *key, *value);
}

// What EVMC 18 has in other forms, or alone.

uint64_t get_nonce(evmc_host_context* context, const evmc_address* address) noexcept {
    return host_of(context).get_nonce(*address);
}

evmc18_result call_18(evmc_host_context* context, const evmc18_message* message) noexcept {
    return evmc::to_18(host_of(context).call(evmc::to_12(*message), NewAddress::given));
}

evmc18_tx_context get_tx_context_18(evmc_host_context* context) noexcept {
    return evmc::to_18(host_of(context).context());
}

evmc18_access_status access_account_18(evmc_host_context* context,
                                       const evmc_address* address) noexcept {
    return static_cast<evmc18_access_status>(access_account(context, address));
}

evmc18_access_status access_storage_18(evmc_host_context* context, const evmc_address* address,
                                       const evmc_bytes32* key) noexcept {
    return static_cast<evmc18_access_status>(access_storage(context, address, key));
}

} // namespace

const evmc_host_interface host_interface = {
    account_exists,       get_storage, set_storage,    get_balance,    get_code_size,
    get_code_hash,        copy_code,   selfdestruct,   call,           get_tx_context,
    get_block_hash,       emit_log,    access_account, access_storage, get_transient_storage,
    set_transient_storage};

const evmc18_host_interface host_interface_18 = {
    account_exists,        get_storage,          set_storage, get_balance,       get_nonce,
    get_code_size,         get_code_hash,        copy_code,   selfdestruct,      call_18,
    get_tx_context_18,     get_block_hash,       emit_log,    access_account_18, access_storage_18,
    get_transient_storage, set_transient_storage};

} // namespace braid::transaction
