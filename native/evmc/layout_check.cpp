/// Holds the declarations of evmc.h and evmc18.h to the binary layouts that EVMC 12 and EVMC 18
/// have on 64-bit systems.
#include "evmc/evmc.h"
#include "evmc/evmc18.h"

#include <cstddef>

static_assert(sizeof(evmc_address) == 20 && alignof(evmc_address) == 1);
static_assert(sizeof(evmc_bytes32) == 32 && alignof(evmc_bytes32) == 1);
static_assert(sizeof(evmc_revision) == 4 && sizeof(evmc_status_code) == 4);
static_assert(sizeof(evmc_call_kind) == 4 && sizeof(evmc_storage_status) == 4);
static_assert(sizeof(evmc_access_status) == 4 && sizeof(bool) == 1);

static_assert(sizeof(evmc_vm) == 56);
static_assert(offsetof(evmc_vm, abi_version) == 0);
static_assert(offsetof(evmc_vm, name) == 8);
static_assert(offsetof(evmc_vm, version) == 16);
static_assert(offsetof(evmc_vm, destroy) == 24);
static_assert(offsetof(evmc_vm, execute) == 32);
static_assert(offsetof(evmc_vm, get_capabilities) == 40);
static_assert(offsetof(evmc_vm, set_option) == 48);

static_assert(sizeof(evmc_message) == 184);
static_assert(offsetof(evmc_message, kind) == 0);
static_assert(offsetof(evmc_message, flags) == 4);
static_assert(offsetof(evmc_message, depth) == 8);
static_assert(offsetof(evmc_message, gas) == 16);
static_assert(offsetof(evmc_message, recipient) == 24);
static_assert(offsetof(evmc_message, sender) == 44);
static_assert(offsetof(evmc_message, input_data) == 64);
static_assert(offsetof(evmc_message, input_size) == 72);
static_assert(offsetof(evmc_message, value) == 80);
static_assert(offsetof(evmc_message, create2_salt) == 112);
static_assert(offsetof(evmc_message, code_address) == 144);
static_assert(offsetof(evmc_message, code) == 168);
static_assert(offsetof(evmc_message, code_size) == 176);

static_assert(sizeof(evmc_result) == 72);
static_assert(offsetof(evmc_result, status_code) == 0);
static_assert(offsetof(evmc_result, gas_left) == 8);
static_assert(offsetof(evmc_result, gas_refund) == 16);
static_assert(offsetof(evmc_result, output_data) == 24);
static_assert(offsetof(evmc_result, output_size) == 32);
static_assert(offsetof(evmc_result, release) == 40);
static_assert(offsetof(evmc_result, create_address) == 48);
static_assert(offsetof(evmc_result, padding) == 68);

static_assert(sizeof(evmc_tx_context) == 256);
static_assert(offsetof(evmc_tx_context, tx_gas_price) == 0);
static_assert(offsetof(evmc_tx_context, tx_origin) == 32);
static_assert(offsetof(evmc_tx_context, block_coinbase) == 52);
static_assert(offsetof(evmc_tx_context, block_number) == 72);
static_assert(offsetof(evmc_tx_context, block_timestamp) == 80);
static_assert(offsetof(evmc_tx_context, block_gas_limit) == 88);
static_assert(offsetof(evmc_tx_context, block_prev_randao) == 96);
static_assert(offsetof(evmc_tx_context, chain_id) == 128);
static_assert(offsetof(evmc_tx_context, block_base_fee) == 160);
static_assert(offsetof(evmc_tx_context, blob_base_fee) == 192);
static_assert(offsetof(evmc_tx_context, blob_hashes) == 224);
static_assert(offsetof(evmc_tx_context, blob_hashes_count) == 232);
static_assert(offsetof(evmc_tx_context, initcodes) == 240);
static_assert(offsetof(evmc_tx_context, initcodes_count) == 248);

static_assert(sizeof(evmc_tx_initcode) == 48);
static_assert(offsetof(evmc_tx_initcode, hash) == 0);
static_assert(offsetof(evmc_tx_initcode, code) == 32);
static_assert(offsetof(evmc_tx_initcode, code_size) == 40);

static_assert(sizeof(evmc_host_interface) == 128);
static_assert(offsetof(evmc_host_interface, account_exists) == 0);
static_assert(offsetof(evmc_host_interface, get_storage) == 8);
static_assert(offsetof(evmc_host_interface, set_storage) == 16);
static_assert(offsetof(evmc_host_interface, get_balance) == 24);
static_assert(offsetof(evmc_host_interface, get_code_size) == 32);
static_assert(offsetof(evmc_host_interface, get_code_hash) == 40);
static_assert(offsetof(evmc_host_interface, copy_code) == 48);
static_assert(offsetof(evmc_host_interface, selfdestruct) == 56);
static_assert(offsetof(evmc_host_interface, call) == 64);
static_assert(offsetof(evmc_host_interface, get_tx_context) == 72);
static_assert(offsetof(evmc_host_interface, get_block_hash) == 80);
static_assert(offsetof(evmc_host_interface, emit_log) == 88);
static_assert(offsetof(evmc_host_interface, access_account) == 96);
static_assert(offsetof(evmc_host_interface, access_storage) == 104);
static_assert(offsetof(evmc_host_interface, get_transient_storage) == 112);
static_assert(offsetof(evmc_host_interface, set_transient_storage) == 120);

// EVMC 18.

static_assert(sizeof(evmc18_revision) == 4 && sizeof(evmc18_access_status) == 1);

static_assert(sizeof(evmc18_vm) == 48);
static_assert(offsetof(evmc18_vm, abi_version) == 0);
static_assert(offsetof(evmc18_vm, name) == 8);
static_assert(offsetof(evmc18_vm, version) == 16);
static_assert(offsetof(evmc18_vm, destroy) == 24);
static_assert(offsetof(evmc18_vm, execute) == 32);
static_assert(offsetof(evmc18_vm, set_option) == 40);

static_assert(sizeof(evmc18_message) == 152);
static_assert(offsetof(evmc18_message, kind) == 0);
static_assert(offsetof(evmc18_message, flags) == 4);
static_assert(offsetof(evmc18_message, depth) == 8);
static_assert(offsetof(evmc18_message, gas) == 16);
static_assert(offsetof(evmc18_message, recipient) == 24);
static_assert(offsetof(evmc18_message, sender) == 44);
static_assert(offsetof(evmc18_message, input_data) == 64);
static_assert(offsetof(evmc18_message, input_size) == 72);
static_assert(offsetof(evmc18_message, value) == 80);
static_assert(offsetof(evmc18_message, code_address) == 112);
static_assert(offsetof(evmc18_message, code) == 136);
static_assert(offsetof(evmc18_message, code_size) == 144);

static_assert(sizeof(evmc18_result) == 48);
static_assert(offsetof(evmc18_result, status_code) == 0);
static_assert(offsetof(evmc18_result, gas_left) == 8);
static_assert(offsetof(evmc18_result, gas_refund) == 16);
static_assert(offsetof(evmc18_result, output_data) == 24);
static_assert(offsetof(evmc18_result, output_size) == 32);
static_assert(offsetof(evmc18_result, release) == 40);

static_assert(sizeof(evmc18_tx_context) == 248);
static_assert(offsetof(evmc18_tx_context, tx_gas_price) == 0);
static_assert(offsetof(evmc18_tx_context, tx_origin) == 32);
static_assert(offsetof(evmc18_tx_context, block_coinbase) == 52);
static_assert(offsetof(evmc18_tx_context, block_number) == 72);
static_assert(offsetof(evmc18_tx_context, block_timestamp) == 80);
static_assert(offsetof(evmc18_tx_context, block_gas_limit) == 88);
static_assert(offsetof(evmc18_tx_context, block_prev_randao) == 96);
static_assert(offsetof(evmc18_tx_context, chain_id) == 128);
static_assert(offsetof(evmc18_tx_context, block_base_fee) == 160);
static_assert(offsetof(evmc18_tx_context, blob_base_fee) == 192);
static_assert(offsetof(evmc18_tx_context, blob_hashes) == 224);
static_assert(offsetof(evmc18_tx_context, blob_hashes_count) == 232);
static_assert(offsetof(evmc18_tx_context, block_slot_number) == 240);

static_assert(sizeof(evmc18_host_interface) == 136);
static_assert(offsetof(evmc18_host_interface, account_exists) == 0);
static_assert(offsetof(evmc18_host_interface, get_storage) == 8);
static_assert(offsetof(evmc18_host_interface, set_storage) == 16);
static_assert(offsetof(evmc18_host_interface, get_balance) == 24);
static_assert(offsetof(evmc18_host_interface, get_nonce) == 32);
static_assert(offsetof(evmc18_host_interface, get_code_size) == 40);
static_assert(offsetof(evmc18_host_interface, get_code_hash) == 48);
static_assert(offsetof(evmc18_host_interface, copy_code) == 56);
static_assert(offsetof(evmc18_host_interface, selfdestruct) == 64);
static_assert(offsetof(evmc18_host_interface, call) == 72);
static_assert(offsetof(evmc18_host_interface, get_tx_context) == 80);
static_assert(offsetof(evmc18_host_interface, get_block_hash) == 88);
static_assert(offsetof(evmc18_host_interface, emit_log) == 96);
static_assert(offsetof(evmc18_host_interface, access_account) == 104);
static_assert(offsetof(evmc18_host_interface, access_storage) == 112);
static_assert(offsetof(evmc18_host_interface, get_transient_storage) == 120);
static_assert(offsetof(evmc18_host_interface, set_transient_storage) == 128);
