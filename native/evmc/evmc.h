/**
 * The EVMC 12 C ABI: the seam between the executor (host) and any EVM.
 *
 * Names, layouts and numbers are the ABI's; the declaration is the project's own. Layouts are
 * checked in evmc/layout_check.cpp against the sizes and offsets of the specification.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Enumerations cross the ABI as int, and the other side may send any: in C++ a fixed underlying
 * type makes every int a value of them.
 */
#ifdef __cplusplus
#define EVMC_INT : int
#else
#define EVMC_INT
#endif

/** The ABI version this header describes; a host refuses a VM that reports another. */
enum { EVMC_ABI_VERSION = 12 };

/** A 20-byte account address. */
typedef struct evmc_address {
    uint8_t bytes[20];
} evmc_address;

/** 32 bytes of data: a hash, a storage key or value. */
typedef struct evmc_bytes32 {
    uint8_t bytes[32];
} evmc_bytes32;

/** A 256-bit unsigned integer, big-endian. */
typedef evmc_bytes32 evmc_uint256be;

/** The rule sets, one per hardfork that changed the EVM. */
enum evmc_revision EVMC_INT {
    EVMC_FRONTIER = 0,
    EVMC_HOMESTEAD = 1,
    EVMC_TANGERINE_WHISTLE = 2,
    EVMC_SPURIOUS_DRAGON = 3,
    EVMC_BYZANTIUM = 4,
    EVMC_CONSTANTINOPLE = 5,
    EVMC_PETERSBURG = 6,
    EVMC_ISTANBUL = 7,
    EVMC_BERLIN = 8,
    EVMC_LONDON = 9,
    EVMC_PARIS = 10,
    EVMC_SHANGHAI = 11,
    EVMC_CANCUN = 12,
    EVMC_PRAGUE = 13,
    EVMC_OSAKA = 14,
    EVMC_EXPERIMENTAL = 15,
    EVMC_MAX_REVISION = EVMC_EXPERIMENTAL,
    EVMC_LATEST_STABLE_REVISION = EVMC_OSAKA
};

/** How a frame ended. Everything but SUCCESS and REVERT consumes all gas. */
enum evmc_status_code EVMC_INT {
    EVMC_SUCCESS = 0,
    EVMC_FAILURE = 1,
    EVMC_REVERT = 2,
    EVMC_OUT_OF_GAS = 3,
    EVMC_INVALID_INSTRUCTION = 4,
    EVMC_UNDEFINED_INSTRUCTION = 5,
    EVMC_STACK_OVERFLOW = 6,
    EVMC_STACK_UNDERFLOW = 7,
    EVMC_BAD_JUMP_DESTINATION = 8,
    EVMC_INVALID_MEMORY_ACCESS = 9,
    EVMC_CALL_DEPTH_EXCEEDED = 10,
    EVMC_STATIC_MODE_VIOLATION = 11,
    EVMC_PRECOMPILE_FAILURE = 12,
    EVMC_CONTRACT_VALIDATION_FAILURE = 13,
    EVMC_ARGUMENT_OUT_OF_RANGE = 14,
    EVMC_INSUFFICIENT_BALANCE = 17,
    EVMC_INTERNAL_ERROR = -1,
    EVMC_REJECTED = -2,
    EVMC_OUT_OF_MEMORY = -3
};

/** The kind of a call frame. STATICCALL is EVMC_CALL with the EVMC_STATIC flag. */
enum evmc_call_kind EVMC_INT {
    EVMC_CALL = 0,
    EVMC_DELEGATECALL = 1,
    EVMC_CALLCODE = 2,
    EVMC_CREATE = 3,
    EVMC_CREATE2 = 4
};

/** Flags of a call frame. DELEGATED: the code came through an EIP-7702 delegation. */
enum evmc_flags { EVMC_STATIC = 1, EVMC_DELEGATED = 2 };

/** What an SSTORE did to a slot: original value, current value, new value. */
enum evmc_storage_status EVMC_INT {
    EVMC_STORAGE_ASSIGNED = 0,
    EVMC_STORAGE_ADDED = 1,
    EVMC_STORAGE_DELETED = 2,
    EVMC_STORAGE_MODIFIED = 3,
    EVMC_STORAGE_DELETED_ADDED = 4,
    EVMC_STORAGE_MODIFIED_DELETED = 5,
    EVMC_STORAGE_DELETED_RESTORED = 6,
    EVMC_STORAGE_ADDED_DELETED = 7,
    EVMC_STORAGE_MODIFIED_RESTORED = 8
};

/** EIP-2929: whether an account or slot had been accessed before in the transaction. */
enum evmc_access_status EVMC_INT { EVMC_ACCESS_COLD = 0, EVMC_ACCESS_WARM = 1 };

/** What a VM can do. */
enum evmc_capabilities { EVMC_CAPABILITY_EVM1 = 1, EVMC_CAPABILITY_PRECOMPILES = 4 };

/** Answers of evmc_vm::set_option. */
enum evmc_set_option_result EVMC_INT {
    EVMC_SET_OPTION_SUCCESS = 0,
    EVMC_SET_OPTION_INVALID_NAME = 1,
    EVMC_SET_OPTION_INVALID_VALUE = 2
};

typedef uint32_t evmc_capabilities_flagset;

/** One call frame's input. */
typedef struct evmc_message {
    enum evmc_call_kind kind;
    uint32_t flags;
    int32_t depth;
    int64_t gas;
    evmc_address recipient;
    evmc_address sender;
    const uint8_t* input_data;
    size_t input_size;
    evmc_uint256be value;
    evmc_bytes32 create2_salt;
    evmc_address code_address;
    const uint8_t* code;
    size_t code_size;
} evmc_message;

struct evmc_result;
typedef void (*evmc_release_result_fn)(const struct evmc_result* result);

/** One call frame's outcome. `release`, where not NULL, frees what the result owns. */
typedef struct evmc_result {
    enum evmc_status_code status_code;
    int64_t gas_left;
    int64_t gas_refund;
    const uint8_t* output_data;
    size_t output_size;
    evmc_release_result_fn release;
    evmc_address create_address;
    uint8_t padding[4];
} evmc_result;

/** An initcode carried by a transaction (unused by the revisions supported here). */
typedef struct evmc_tx_initcode {
    evmc_bytes32 hash;
    const uint8_t* code;
    size_t code_size;
} evmc_tx_initcode;

/** What a frame can ask about its transaction and block. */
typedef struct evmc_tx_context {
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
    const evmc_tx_initcode* initcodes;
    size_t initcodes_count;
} evmc_tx_context;

/** The host's opaque state, handed back to every host function. */
struct evmc_host_context;

/** The functions a host offers to a VM. */
typedef struct evmc_host_interface {
    bool (*account_exists)(struct evmc_host_context* context, const evmc_address* address);
    evmc_bytes32 (*get_storage)(struct evmc_host_context* context, const evmc_address* address,
                                const evmc_bytes32* key);
    enum evmc_storage_status (*set_storage)(struct evmc_host_context* context,
                                            const evmc_address* address, const evmc_bytes32* key,
                                            const evmc_bytes32* value);
    evmc_uint256be (*get_balance)(struct evmc_host_context* context, const evmc_address* address);
    size_t (*get_code_size)(struct evmc_host_context* context, const evmc_address* address);
    evmc_bytes32 (*get_code_hash)(struct evmc_host_context* context, const evmc_address* address);
    size_t (*copy_code)(struct evmc_host_context* context, const evmc_address* address,
                        size_t code_offset, uint8_t* buffer_data, size_t buffer_size);
    bool (*selfdestruct)(struct evmc_host_context* context, const evmc_address* address,
                         const evmc_address* beneficiary);
    evmc_result (*call)(struct evmc_host_context* context, const evmc_message* message);
    evmc_tx_context (*get_tx_context)(struct evmc_host_context* context);
    evmc_bytes32 (*get_block_hash)(struct evmc_host_context* context, int64_t number);
    void (*emit_log)(struct evmc_host_context* context, const evmc_address* address,
                     const uint8_t* data, size_t data_size, const evmc_bytes32 topics[],
                     size_t topics_count);
    enum evmc_access_status (*access_account)(struct evmc_host_context* context,
                                              const evmc_address* address);
    enum evmc_access_status (*access_storage)(struct evmc_host_context* context,
                                              const evmc_address* address, const evmc_bytes32* key);
    evmc_bytes32 (*get_transient_storage)(struct evmc_host_context* context,
                                          const evmc_address* address, const evmc_bytes32* key);
    void (*set_transient_storage)(struct evmc_host_context* context, const evmc_address* address,
                                  const evmc_bytes32* key, const evmc_bytes32* value);
} evmc_host_interface;

struct evmc_vm;
typedef void (*evmc_destroy_fn)(struct evmc_vm* vm);
typedef evmc_result (*evmc_execute_fn)(struct evmc_vm* vm, const evmc_host_interface* host,
                                       struct evmc_host_context* context,
                                       enum evmc_revision revision, const evmc_message* message,
                                       const uint8_t* code, size_t code_size);
typedef evmc_capabilities_flagset (*evmc_get_capabilities_fn)(struct evmc_vm* vm);
typedef enum evmc_set_option_result (*evmc_set_option_fn)(struct evmc_vm* vm, const char* name,
                                                          const char* value);

/** A VM instance. `set_option` may be NULL. One instance serves one thread at a time. */
typedef struct evmc_vm {
    const int abi_version;
    const char* name;
    const char* version;
    evmc_destroy_fn destroy;
    evmc_execute_fn execute;
    evmc_get_capabilities_fn get_capabilities;
    evmc_set_option_fn set_option;
} evmc_vm;

#ifdef __cplusplus
}
#endif
