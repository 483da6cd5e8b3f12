/**
 * The EVMC 18 C ABI, where it differs from EVMC 12 (evmc.h): what today's evmone speaks.
 *
 * Names carry the version, so that both ABIs can be used side by side. What is not here (addresses,
 * status codes, storage statuses, kinds and flags of calls, answers of set_option) is as in evmc.h.
 * Layouts are checked in evmc/layout_check.cpp against the sizes and offsets of the specification.
 */
#pragma once

#include "evmc/evmc.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The ABI version this header describes. */
enum { EVMC18_ABI_VERSION = 18 };

/** The rule sets, numbered without Constantinople. */
enum evmc18_revision EVMC_INT {
    EVMC18_FRONTIER = 0,
    EVMC18_HOMESTEAD = 1,
    EVMC18_TANGERINE_WHISTLE = 2,
    EVMC18_SPURIOUS_DRAGON = 3,
    EVMC18_BYZANTIUM = 4,
    EVMC18_PETERSBURG = 5,
    EVMC18_ISTANBUL = 6,
    EVMC18_BERLIN = 7,
    EVMC18_LONDON = 8,
    EVMC18_PARIS = 9,
    EVMC18_SHANGHAI = 10,
    EVMC18_CANCUN = 11,
    EVMC18_PRAGUE = 12,
    EVMC18_OSAKA = 13,
    EVMC18_AMSTERDAM = 14,
    EVMC18_EXPERIMENTAL = 15
};

/**
 * EIP-2929: EVMC_ACCESS_COLD or EVMC_ACCESS_WARM in one byte. The ABI's own type is a bool; a byte
 * may hold whatever the other side sends.
 */
typedef uint8_t evmc18_access_status;

/**
 * One call frame's input. For a creation `recipient` is the new contract's address, which the VM
 * that asks for the creation has computed.
 */
typedef struct evmc18_message {
    enum evmc_call_kind kind;
    uint32_t flags;
    int32_t depth;
    int64_t gas;
    evmc_address recipient;
    evmc_address sender;
    const uint8_t* input_data;
    size_t input_size;
    evmc_uint256be value;
    evmc_address code_address;
    const uint8_t* code;
    size_t code_size;
} evmc18_message;

struct evmc18_result;
typedef void (*evmc18_release_result_fn)(const struct evmc18_result* result);

/** One call frame's outcome. `release`, where not NULL, frees what the result owns. */
typedef struct evmc18_result {
    enum evmc_status_code status_code;
    int64_t gas_left;
    int64_t gas_refund;
    const uint8_t* output_data;
    size_t output_size;
    evmc18_release_result_fn release;
} evmc18_result;

/** What a frame can ask about its transaction and block. */
typedef struct evmc18_tx_context {
    evmc_uint256be tx_gas_price;
    evmc_address tx_origin;
    evmc_address block_coinbase;
    int64_t block_number;
    int64_t block_timestamp;
    int64_t block_gas_limit;
    evmc_uint256be block_prev_randao;
    evmc_uint256be chain_id;
    evmc_uint256be block_base_fee;
    evmc_uint256be blob_base_fee;
    const evmc_bytes32* blob_hashes;
    size_t blob_hashes_count;
    uint64_t block_slot_number;
} evmc18_tx_context;

/** The functions a host offers to a VM. */
typedef struct evmc18_host_interface {
    bool (*account_exists)(struct evmc_host_context* context, const evmc_address* address);
    evmc_bytes32 (*get_storage)(struct evmc_host_context* context, const evmc_address* address,
                                const evmc_bytes32* key);
    enum evmc_storage_status (*set_storage)(struct evmc_host_context* context,
                                            const evmc_address* address, const evmc_bytes32* key,
                                            const evmc_bytes32* value);
    evmc_uint256be (*get_balance)(struct evmc_host_context* context, const evmc_address* address);
    uint64_t (*get_nonce)(struct evmc_host_context* context, const evmc_address* address);
    size_t (*get_code_size)(struct evmc_host_context* context, const evmc_address* address);
    evmc_bytes32 (*get_code_hash)(struct evmc_host_context* context, const evmc_address* address);
    size_t (*copy_code)(struct evmc_host_context* context, const evmc_address* address,
                        size_t code_offset, uint8_t* buffer_data, size_t buffer_size);
    bool (*selfdestruct)(struct evmc_host_context* context, const evmc_address* address,
                         const evmc_address* beneficiary);
    evmc18_result (*call)(struct evmc_host_context* context, const evmc18_message* message);
    evmc18_tx_context (*get_tx_context)(struct evmc_host_context* context);
    evmc_bytes32 (*get_block_hash)(struct evmc_host_context* context, int64_t number);
    void (*emit_log)(struct evmc_host_context* context, const evmc_address* address,
                     const uint8_t* data, size_t data_size, const evmc_bytes32 topics[],
                     size_t topics_count);
    evmc18_access_status (*access_account)(struct evmc_host_context* context,
                                           const evmc_address* address);
    evmc18_access_status (*access_storage)(struct evmc_host_context* context,
                                           const evmc_address* address, const evmc_bytes32* key);
    evmc_bytes32 (*get_transient_storage)(struct evmc_host_context* context,
                                          const evmc_address* address, const evmc_bytes32* key);
    void (*set_transient_storage)(struct evmc_host_context* context, const evmc_address* address,
                                  const evmc_bytes32* key, const evmc_bytes32* value);
} evmc18_host_interface;

struct evmc18_vm;
typedef void (*evmc18_destroy_fn)(struct evmc18_vm* vm);
typedef evmc18_result (*evmc18_execute_fn)(struct evmc18_vm* vm, const evmc18_host_interface* host,
                                           struct evmc_host_context* context,
                                           enum evmc18_revision revision,
                                           const evmc18_message* message, const uint8_t* code,
                                           size_t code_size);
typedef enum evmc_set_option_result (*evmc18_set_option_fn)(struct evmc18_vm* vm, const char* name,
                                                            const char* value);

/** A VM instance. `set_option` may be NULL. One instance serves one thread at a time. */
typedef struct evmc18_vm {
    const int abi_version;
    const char* name;
    const char* version;
    evmc18_destroy_fn destroy;
    evmc18_execute_fn execute;
    evmc18_set_option_fn set_option;
} evmc18_vm;

#ifdef __cplusplus
}
#endif
