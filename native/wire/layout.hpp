/// Made by scripts/generate-wire.mjs from lib/native/wire.schema.json; do not edit.
/// The records that cross the boundary between TypeScript and C++, in the byte order and at the
/// offsets both sides agree on.
#pragma once

#include "base/bytes.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace braid::wire {

static_assert(std::endian::native == std::endian::little, "the records are little-endian");

/// The version both sides of the packed boundary must agree on.
inline constexpr uint32_t version = 1;

/// A run of records: the offset in bytes from the start of the buffer and the number of records
/// (of bytes, for a pool).
struct Section {
    uint32_t offset;
    uint32_t count;
};

struct BlockInput {
    uint32_t magic;
    uint32_t version;
    uint32_t revision;
    uint32_t flags;
    uint64_t number;
    uint64_t timestamp;
    uint64_t gas_limit;
    uint64_t chain_id;
    uint64_t max_blob_gas;
    uint32_t max_blobs_per_transaction;
    uint32_t workers;
    Bytes32 prev_randao;
    Bytes32 base_fee;
    Bytes32 blob_base_fee;
    Bytes32 block_reward;
    Bytes32 parent_hash;
    Address coinbase;
    Address deposit_contract;
    Address drain_beneficiary;
    Section transactions;
    Section ommers;
    Section withdrawals;
    Section block_hashes;
    Section system_calls;
    Section drains;
    Section access_entries;
    Section storage_keys;
    Section blob_hashes;
    Section authorizations;
    Section prefetch_keys;
    Section pool;
    uint32_t threads;
    uint32_t tracer;
    uint32_t trace_flags;
    Section trace_hashes;
    uint64_t trace_limit;
    uint64_t gas_budget;
    Bytes32 ignored_opcodes;
    uint32_t trace_start;
    uint32_t other_revision;
    Section gas_costs;
    Section gas_searches;
    uint32_t first_transaction;
    uint32_t reserved;
};
static_assert(sizeof(BlockInput) == 480);
static_assert(offsetof(BlockInput, magic) == 0);
static_assert(offsetof(BlockInput, version) == 4);
static_assert(offsetof(BlockInput, revision) == 8);
static_assert(offsetof(BlockInput, flags) == 12);
static_assert(offsetof(BlockInput, number) == 16);
static_assert(offsetof(BlockInput, timestamp) == 24);
static_assert(offsetof(BlockInput, gas_limit) == 32);
static_assert(offsetof(BlockInput, chain_id) == 40);
static_assert(offsetof(BlockInput, max_blob_gas) == 48);
static_assert(offsetof(BlockInput, max_blobs_per_transaction) == 56);
static_assert(offsetof(BlockInput, workers) == 60);
static_assert(offsetof(BlockInput, prev_randao) == 64);
static_assert(offsetof(BlockInput, base_fee) == 96);
static_assert(offsetof(BlockInput, blob_base_fee) == 128);
static_assert(offsetof(BlockInput, block_reward) == 160);
static_assert(offsetof(BlockInput, parent_hash) == 192);
static_assert(offsetof(BlockInput, coinbase) == 224);
static_assert(offsetof(BlockInput, deposit_contract) == 244);
static_assert(offsetof(BlockInput, drain_beneficiary) == 264);
static_assert(offsetof(BlockInput, transactions) == 284);
static_assert(offsetof(BlockInput, ommers) == 292);
static_assert(offsetof(BlockInput, withdrawals) == 300);
static_assert(offsetof(BlockInput, block_hashes) == 308);
static_assert(offsetof(BlockInput, system_calls) == 316);
static_assert(offsetof(BlockInput, drains) == 324);
static_assert(offsetof(BlockInput, access_entries) == 332);
static_assert(offsetof(BlockInput, storage_keys) == 340);
static_assert(offsetof(BlockInput, blob_hashes) == 348);
static_assert(offsetof(BlockInput, authorizations) == 356);
static_assert(offsetof(BlockInput, prefetch_keys) == 364);
static_assert(offsetof(BlockInput, pool) == 372);
static_assert(offsetof(BlockInput, threads) == 380);
static_assert(offsetof(BlockInput, tracer) == 384);
static_assert(offsetof(BlockInput, trace_flags) == 388);
static_assert(offsetof(BlockInput, trace_hashes) == 392);
static_assert(offsetof(BlockInput, trace_limit) == 400);
static_assert(offsetof(BlockInput, gas_budget) == 408);
static_assert(offsetof(BlockInput, ignored_opcodes) == 416);
static_assert(offsetof(BlockInput, trace_start) == 448);
static_assert(offsetof(BlockInput, other_revision) == 452);
static_assert(offsetof(BlockInput, gas_costs) == 456);
static_assert(offsetof(BlockInput, gas_searches) == 464);
static_assert(offsetof(BlockInput, first_transaction) == 472);
static_assert(offsetof(BlockInput, reserved) == 476);

struct Transaction {
    uint8_t type;
    uint8_t flags;
    uint8_t y_parity;
    uint8_t fill;
    uint32_t data_offset;
    uint32_t data_size;
    uint32_t payload_offset;
    uint32_t payload_size;
    uint32_t access_start;
    uint32_t access_count;
    uint32_t blob_start;
    uint32_t blob_count;
    uint32_t authorization_start;
    uint32_t authorization_count;
    uint32_t predecessor;
    uint64_t nonce;
    uint64_t gas_limit;
    uint64_t chain_id;
    Bytes32 value;
    Bytes32 max_fee_per_gas;
    Bytes32 max_priority_fee_per_gas;
    Bytes32 max_fee_per_blob_gas;
    Bytes32 r;
    Bytes32 s;
    Address to;
    Address sender;
};
static_assert(sizeof(Transaction) == 304);
static_assert(offsetof(Transaction, type) == 0);
static_assert(offsetof(Transaction, flags) == 1);
static_assert(offsetof(Transaction, y_parity) == 2);
static_assert(offsetof(Transaction, fill) == 3);
static_assert(offsetof(Transaction, data_offset) == 4);
static_assert(offsetof(Transaction, data_size) == 8);
static_assert(offsetof(Transaction, payload_offset) == 12);
static_assert(offsetof(Transaction, payload_size) == 16);
static_assert(offsetof(Transaction, access_start) == 20);
static_assert(offsetof(Transaction, access_count) == 24);
static_assert(offsetof(Transaction, blob_start) == 28);
static_assert(offsetof(Transaction, blob_count) == 32);
static_assert(offsetof(Transaction, authorization_start) == 36);
static_assert(offsetof(Transaction, authorization_count) == 40);
static_assert(offsetof(Transaction, predecessor) == 44);
static_assert(offsetof(Transaction, nonce) == 48);
static_assert(offsetof(Transaction, gas_limit) == 56);
static_assert(offsetof(Transaction, chain_id) == 64);
static_assert(offsetof(Transaction, value) == 72);
static_assert(offsetof(Transaction, max_fee_per_gas) == 104);
static_assert(offsetof(Transaction, max_priority_fee_per_gas) == 136);
static_assert(offsetof(Transaction, max_fee_per_blob_gas) == 168);
static_assert(offsetof(Transaction, r) == 200);
static_assert(offsetof(Transaction, s) == 232);
static_assert(offsetof(Transaction, to) == 264);
static_assert(offsetof(Transaction, sender) == 284);

struct AccessEntry {
    Address address;
    uint32_t key_start;
    uint32_t key_count;
};
static_assert(sizeof(AccessEntry) == 28);
static_assert(offsetof(AccessEntry, address) == 0);
static_assert(offsetof(AccessEntry, key_start) == 20);
static_assert(offsetof(AccessEntry, key_count) == 24);

struct Authorization {
    Bytes32 chain_id;
    Bytes32 r;
    Bytes32 s;
    uint64_t nonce;
    Address address;
    uint8_t y_parity;
    uint8_t flags;
    uint16_t reserved;
};
static_assert(sizeof(Authorization) == 128);
static_assert(offsetof(Authorization, chain_id) == 0);
static_assert(offsetof(Authorization, r) == 32);
static_assert(offsetof(Authorization, s) == 64);
static_assert(offsetof(Authorization, nonce) == 96);
static_assert(offsetof(Authorization, address) == 104);
static_assert(offsetof(Authorization, y_parity) == 124);
static_assert(offsetof(Authorization, flags) == 125);
static_assert(offsetof(Authorization, reserved) == 126);

struct PrefetchKey {
    Address address;
    uint32_t flags;
    Bytes32 key;
};
static_assert(sizeof(PrefetchKey) == 56);
static_assert(offsetof(PrefetchKey, address) == 0);
static_assert(offsetof(PrefetchKey, flags) == 20);
static_assert(offsetof(PrefetchKey, key) == 24);

struct Ommer {
    Address coinbase;
    uint32_t depth;
};
static_assert(sizeof(Ommer) == 24);
static_assert(offsetof(Ommer, coinbase) == 0);
static_assert(offsetof(Ommer, depth) == 20);

struct Withdrawal {
    uint64_t amount;
    Address address;
    uint32_t reserved;
};
static_assert(sizeof(Withdrawal) == 32);
static_assert(offsetof(Withdrawal, amount) == 0);
static_assert(offsetof(Withdrawal, address) == 8);
static_assert(offsetof(Withdrawal, reserved) == 28);

struct BlockHash {
    uint64_t number;
    Bytes32 hash;
};
static_assert(sizeof(BlockHash) == 40);
static_assert(offsetof(BlockHash, number) == 0);
static_assert(offsetof(BlockHash, hash) == 8);

struct SystemCall {
    uint32_t phase;
    uint32_t request_type;
    uint32_t input_offset;
    uint32_t input_size;
    Address address;
};
static_assert(sizeof(SystemCall) == 36);
static_assert(offsetof(SystemCall, phase) == 0);
static_assert(offsetof(SystemCall, request_type) == 4);
static_assert(offsetof(SystemCall, input_offset) == 8);
static_assert(offsetof(SystemCall, input_size) == 12);
static_assert(offsetof(SystemCall, address) == 16);

struct BlockOutput {
    uint32_t magic;
    uint32_t version;
    uint32_t error;
    int32_t error_transaction;
    uint64_t gas_used;
    uint64_t blob_gas_used;
    uint64_t senders_nanoseconds;
    uint64_t execute_nanoseconds;
    uint64_t total_nanoseconds;
    Bytes32 error_expected;
    Bytes32 error_actual;
    Address error_address;
    uint32_t workers;
    Section receipts;
    Section logs;
    Section topics;
    Section accounts;
    Section slots;
    Section requests;
    Section runs;
    Section conflicts;
    Section hot_locations;
    Section pool;
    uint8_t bloom[256];
    Bytes32 receipts_root;
    Section traces;
    Section trace_text;
};
static_assert(sizeof(BlockOutput) == 528);
static_assert(offsetof(BlockOutput, magic) == 0);
static_assert(offsetof(BlockOutput, version) == 4);
static_assert(offsetof(BlockOutput, error) == 8);
static_assert(offsetof(BlockOutput, error_transaction) == 12);
static_assert(offsetof(BlockOutput, gas_used) == 16);
static_assert(offsetof(BlockOutput, blob_gas_used) == 24);
static_assert(offsetof(BlockOutput, senders_nanoseconds) == 32);
static_assert(offsetof(BlockOutput, execute_nanoseconds) == 40);
static_assert(offsetof(BlockOutput, total_nanoseconds) == 48);
static_assert(offsetof(BlockOutput, error_expected) == 56);
static_assert(offsetof(BlockOutput, error_actual) == 88);
static_assert(offsetof(BlockOutput, error_address) == 120);
static_assert(offsetof(BlockOutput, workers) == 140);
static_assert(offsetof(BlockOutput, receipts) == 144);
static_assert(offsetof(BlockOutput, logs) == 152);
static_assert(offsetof(BlockOutput, topics) == 160);
static_assert(offsetof(BlockOutput, accounts) == 168);
static_assert(offsetof(BlockOutput, slots) == 176);
static_assert(offsetof(BlockOutput, requests) == 184);
static_assert(offsetof(BlockOutput, runs) == 192);
static_assert(offsetof(BlockOutput, conflicts) == 200);
static_assert(offsetof(BlockOutput, hot_locations) == 208);
static_assert(offsetof(BlockOutput, pool) == 216);
static_assert(offsetof(BlockOutput, bloom) == 224);
static_assert(offsetof(BlockOutput, receipts_root) == 480);
static_assert(offsetof(BlockOutput, traces) == 512);
static_assert(offsetof(BlockOutput, trace_text) == 520);

struct TraceText {
    uint64_t offset;
    uint64_t size;
};
static_assert(sizeof(TraceText) == 16);
static_assert(offsetof(TraceText, offset) == 0);
static_assert(offsetof(TraceText, size) == 8);

struct GasCostChange {
    uint32_t cost;
    uint32_t value;
};
static_assert(sizeof(GasCostChange) == 8);
static_assert(offsetof(GasCostChange, cost) == 0);
static_assert(offsetof(GasCostChange, value) == 4);

struct GasSearch {
    uint32_t transaction;
};
static_assert(sizeof(GasSearch) == 4);
static_assert(offsetof(GasSearch, transaction) == 0);

struct RunUnderRules {
    uint64_t gas_used;
    uint64_t gas_before_refund;
    uint64_t needed_gas;
    uint32_t error;
    int32_t evm_status;
    uint32_t output_size;
    uint32_t log_count;
    uint32_t frame_count;
    uint32_t reserved;
    Bytes32 effects_hash;
};
static_assert(sizeof(RunUnderRules) == 80);
static_assert(offsetof(RunUnderRules, gas_used) == 0);
static_assert(offsetof(RunUnderRules, gas_before_refund) == 8);
static_assert(offsetof(RunUnderRules, needed_gas) == 16);
static_assert(offsetof(RunUnderRules, error) == 24);
static_assert(offsetof(RunUnderRules, evm_status) == 28);
static_assert(offsetof(RunUnderRules, output_size) == 32);
static_assert(offsetof(RunUnderRules, log_count) == 36);
static_assert(offsetof(RunUnderRules, frame_count) == 40);
static_assert(offsetof(RunUnderRules, reserved) == 44);
static_assert(offsetof(RunUnderRules, effects_hash) == 48);

struct Frame {
    uint64_t gas;
    uint64_t gas_used;
    uint8_t kind;
    uint8_t is_precompile;
    uint16_t depth;
    uint32_t failure;
    uint32_t input_size;
    uint32_t output_size;
    uint32_t selector;
    Address from;
    Address to;
    Bytes32 value;
    Bytes32 input_hash;
    Bytes32 output_hash;
    uint8_t padding_[4];
};
static_assert(sizeof(Frame) == 176);
static_assert(offsetof(Frame, gas) == 0);
static_assert(offsetof(Frame, gas_used) == 8);
static_assert(offsetof(Frame, kind) == 16);
static_assert(offsetof(Frame, is_precompile) == 17);
static_assert(offsetof(Frame, depth) == 18);
static_assert(offsetof(Frame, failure) == 20);
static_assert(offsetof(Frame, input_size) == 24);
static_assert(offsetof(Frame, output_size) == 28);
static_assert(offsetof(Frame, selector) == 32);
static_assert(offsetof(Frame, from) == 36);
static_assert(offsetof(Frame, to) == 56);
static_assert(offsetof(Frame, value) == 76);
static_assert(offsetof(Frame, input_hash) == 108);
static_assert(offsetof(Frame, output_hash) == 140);

struct CallsOutput {
    uint32_t magic;
    uint32_t version;
    uint32_t error;
    uint32_t reserved;
    Address error_address;
    Section outcomes;
    Section logs;
    Section topics;
    Section accessed;
    Section pool;
};
static_assert(sizeof(CallsOutput) == 76);
static_assert(offsetof(CallsOutput, magic) == 0);
static_assert(offsetof(CallsOutput, version) == 4);
static_assert(offsetof(CallsOutput, error) == 8);
static_assert(offsetof(CallsOutput, reserved) == 12);
static_assert(offsetof(CallsOutput, error_address) == 16);
static_assert(offsetof(CallsOutput, outcomes) == 36);
static_assert(offsetof(CallsOutput, logs) == 44);
static_assert(offsetof(CallsOutput, topics) == 52);
static_assert(offsetof(CallsOutput, accessed) == 60);
static_assert(offsetof(CallsOutput, pool) == 68);

struct CallOutcome {
    uint32_t error;
    int32_t evm_status;
    uint32_t output_offset;
    uint32_t output_size;
    uint32_t text_offset;
    uint32_t text_size;
    uint32_t log_start;
    uint32_t log_count;
    uint32_t access_start;
    uint32_t access_count;
    uint64_t gas_used;
    uint64_t gas_before_refund;
    Bytes32 error_expected;
    Bytes32 error_actual;
    Address error_address;
    Address contract_address;
};
static_assert(sizeof(CallOutcome) == 160);
static_assert(offsetof(CallOutcome, error) == 0);
static_assert(offsetof(CallOutcome, evm_status) == 4);
static_assert(offsetof(CallOutcome, output_offset) == 8);
static_assert(offsetof(CallOutcome, output_size) == 12);
static_assert(offsetof(CallOutcome, text_offset) == 16);
static_assert(offsetof(CallOutcome, text_size) == 20);
static_assert(offsetof(CallOutcome, log_start) == 24);
static_assert(offsetof(CallOutcome, log_count) == 28);
static_assert(offsetof(CallOutcome, access_start) == 32);
static_assert(offsetof(CallOutcome, access_count) == 36);
static_assert(offsetof(CallOutcome, gas_used) == 40);
static_assert(offsetof(CallOutcome, gas_before_refund) == 48);
static_assert(offsetof(CallOutcome, error_expected) == 56);
static_assert(offsetof(CallOutcome, error_actual) == 88);
static_assert(offsetof(CallOutcome, error_address) == 120);
static_assert(offsetof(CallOutcome, contract_address) == 140);

struct AdmissionsOutput {
    uint32_t magic;
    uint32_t version;
    uint32_t error;
    uint32_t reserved;
    Section admissions;
    Section authorities;
};
static_assert(sizeof(AdmissionsOutput) == 32);
static_assert(offsetof(AdmissionsOutput, magic) == 0);
static_assert(offsetof(AdmissionsOutput, version) == 4);
static_assert(offsetof(AdmissionsOutput, error) == 8);
static_assert(offsetof(AdmissionsOutput, reserved) == 12);
static_assert(offsetof(AdmissionsOutput, admissions) == 16);
static_assert(offsetof(AdmissionsOutput, authorities) == 24);

struct Admission {
    uint64_t nonce;
    uint32_t error;
    uint32_t flags;
    Bytes32 balance;
    Bytes32 cost;
    Bytes32 error_expected;
    Bytes32 error_actual;
    Address sender;
    uint8_t padding_[4];
};
static_assert(sizeof(Admission) == 168);
static_assert(offsetof(Admission, nonce) == 0);
static_assert(offsetof(Admission, error) == 8);
static_assert(offsetof(Admission, flags) == 12);
static_assert(offsetof(Admission, balance) == 16);
static_assert(offsetof(Admission, cost) == 48);
static_assert(offsetof(Admission, error_expected) == 80);
static_assert(offsetof(Admission, error_actual) == 112);
static_assert(offsetof(Admission, sender) == 144);

struct Authority {
    Address address;
    uint32_t flags;
};
static_assert(sizeof(Authority) == 24);
static_assert(offsetof(Authority, address) == 0);
static_assert(offsetof(Authority, flags) == 20);

struct Receipt {
    uint8_t type;
    uint8_t status;
    uint16_t flags;
    uint32_t log_start;
    uint32_t log_count;
    uint32_t output_offset;
    uint32_t output_size;
    int32_t evm_status;
    uint64_t gas_used;
    uint64_t cumulative_gas_used;
    uint64_t blob_gas_used;
    uint64_t gas_before_refund;
    uint64_t gas_refund;
    uint64_t authorization_refund;
    Bytes32 effective_gas_price;
    Address sender;
    Address contract_address;
    uint8_t bloom[256];
};
static_assert(sizeof(Receipt) == 400);
static_assert(offsetof(Receipt, type) == 0);
static_assert(offsetof(Receipt, status) == 1);
static_assert(offsetof(Receipt, flags) == 2);
static_assert(offsetof(Receipt, log_start) == 4);
static_assert(offsetof(Receipt, log_count) == 8);
static_assert(offsetof(Receipt, output_offset) == 12);
static_assert(offsetof(Receipt, output_size) == 16);
static_assert(offsetof(Receipt, evm_status) == 20);
static_assert(offsetof(Receipt, gas_used) == 24);
static_assert(offsetof(Receipt, cumulative_gas_used) == 32);
static_assert(offsetof(Receipt, blob_gas_used) == 40);
static_assert(offsetof(Receipt, gas_before_refund) == 48);
static_assert(offsetof(Receipt, gas_refund) == 56);
static_assert(offsetof(Receipt, authorization_refund) == 64);
static_assert(offsetof(Receipt, effective_gas_price) == 72);
static_assert(offsetof(Receipt, sender) == 104);
static_assert(offsetof(Receipt, contract_address) == 124);
static_assert(offsetof(Receipt, bloom) == 144);

struct Log {
    Address address;
    uint32_t topic_start;
    uint32_t topic_count;
    uint32_t data_offset;
    uint32_t data_size;
};
static_assert(sizeof(Log) == 36);
static_assert(offsetof(Log, address) == 0);
static_assert(offsetof(Log, topic_start) == 20);
static_assert(offsetof(Log, topic_count) == 24);
static_assert(offsetof(Log, data_offset) == 28);
static_assert(offsetof(Log, data_size) == 32);

struct AccountChange {
    uint64_t nonce_before;
    uint64_t nonce_after;
    Bytes32 balance_before;
    Bytes32 balance_after;
    Bytes32 code_hash_before;
    Bytes32 code_hash_after;
    Address address;
    uint32_t flags;
    uint32_t code_offset;
    uint32_t code_size;
    uint32_t slot_start;
    uint32_t slot_count;
};
static_assert(sizeof(AccountChange) == 184);
static_assert(offsetof(AccountChange, nonce_before) == 0);
static_assert(offsetof(AccountChange, nonce_after) == 8);
static_assert(offsetof(AccountChange, balance_before) == 16);
static_assert(offsetof(AccountChange, balance_after) == 48);
static_assert(offsetof(AccountChange, code_hash_before) == 80);
static_assert(offsetof(AccountChange, code_hash_after) == 112);
static_assert(offsetof(AccountChange, address) == 144);
static_assert(offsetof(AccountChange, flags) == 164);
static_assert(offsetof(AccountChange, code_offset) == 168);
static_assert(offsetof(AccountChange, code_size) == 172);
static_assert(offsetof(AccountChange, slot_start) == 176);
static_assert(offsetof(AccountChange, slot_count) == 180);

struct SlotChange {
    Bytes32 key;
    Bytes32 before;
    Bytes32 after;
};
static_assert(sizeof(SlotChange) == 96);
static_assert(offsetof(SlotChange, key) == 0);
static_assert(offsetof(SlotChange, before) == 32);
static_assert(offsetof(SlotChange, after) == 64);

struct TransactionRun {
    uint32_t transaction;
    uint16_t worker;
    uint8_t incarnation;
    uint8_t flags;
    uint64_t start_nanoseconds;
    uint64_t end_nanoseconds;
    uint64_t gas_used;
    int32_t depends_on;
    int32_t waited_for;
};
static_assert(sizeof(TransactionRun) == 40);
static_assert(offsetof(TransactionRun, transaction) == 0);
static_assert(offsetof(TransactionRun, worker) == 4);
static_assert(offsetof(TransactionRun, incarnation) == 6);
static_assert(offsetof(TransactionRun, flags) == 7);
static_assert(offsetof(TransactionRun, start_nanoseconds) == 8);
static_assert(offsetof(TransactionRun, end_nanoseconds) == 16);
static_assert(offsetof(TransactionRun, gas_used) == 24);
static_assert(offsetof(TransactionRun, depends_on) == 32);
static_assert(offsetof(TransactionRun, waited_for) == 36);

struct Conflict {
    uint32_t transaction;
    uint32_t incarnation;
    int32_t writer;
    uint32_t kind;
    Address address;
    Bytes32 key;
};
static_assert(sizeof(Conflict) == 68);
static_assert(offsetof(Conflict, transaction) == 0);
static_assert(offsetof(Conflict, incarnation) == 4);
static_assert(offsetof(Conflict, writer) == 8);
static_assert(offsetof(Conflict, kind) == 12);
static_assert(offsetof(Conflict, address) == 16);
static_assert(offsetof(Conflict, key) == 36);

struct HotLocation {
    Address address;
    uint32_t kind;
    Bytes32 key;
    uint32_t dependents;
    uint32_t conflicts;
};
static_assert(sizeof(HotLocation) == 64);
static_assert(offsetof(HotLocation, address) == 0);
static_assert(offsetof(HotLocation, kind) == 20);
static_assert(offsetof(HotLocation, key) == 24);
static_assert(offsetof(HotLocation, dependents) == 56);
static_assert(offsetof(HotLocation, conflicts) == 60);

struct Request {
    uint32_t type;
    uint32_t offset;
    uint32_t size;
};
static_assert(sizeof(Request) == 12);
static_assert(offsetof(Request, type) == 0);
static_assert(offsetof(Request, offset) == 4);
static_assert(offsetof(Request, size) == 8);

struct StateAccount {
    uint64_t nonce;
    Bytes32 balance;
    Bytes32 code_hash;
    Address address;
    uint32_t flags;
    uint32_t code_offset;
    uint32_t code_size;
    uint32_t slot_start;
    uint32_t slot_count;
};
static_assert(sizeof(StateAccount) == 112);
static_assert(offsetof(StateAccount, nonce) == 0);
static_assert(offsetof(StateAccount, balance) == 8);
static_assert(offsetof(StateAccount, code_hash) == 40);
static_assert(offsetof(StateAccount, address) == 72);
static_assert(offsetof(StateAccount, flags) == 92);
static_assert(offsetof(StateAccount, code_offset) == 96);
static_assert(offsetof(StateAccount, code_size) == 100);
static_assert(offsetof(StateAccount, slot_start) == 104);
static_assert(offsetof(StateAccount, slot_count) == 108);

struct StateSlot {
    Bytes32 key;
    Bytes32 value;
};
static_assert(sizeof(StateSlot) == 64);
static_assert(offsetof(StateSlot, key) == 0);
static_assert(offsetof(StateSlot, value) == 32);

struct PrecompileMove {
    Address from;
    Address to;
};
static_assert(sizeof(PrecompileMove) == 40);
static_assert(offsetof(PrecompileMove, from) == 0);
static_assert(offsetof(PrecompileMove, to) == 20);

struct MissingKey {
    Address address;
    uint32_t kind;
    Bytes32 key;
};
static_assert(sizeof(MissingKey) == 56);
static_assert(offsetof(MissingKey, address) == 0);
static_assert(offsetof(MissingKey, kind) == 20);
static_assert(offsetof(MissingKey, key) == 24);

struct StateDump {
    uint32_t magic;
    uint32_t version;
    Section accounts;
    Section slots;
    Section pool;
    Section moves;
};
static_assert(sizeof(StateDump) == 40);
static_assert(offsetof(StateDump, magic) == 0);
static_assert(offsetof(StateDump, version) == 4);
static_assert(offsetof(StateDump, accounts) == 8);
static_assert(offsetof(StateDump, slots) == 16);
static_assert(offsetof(StateDump, pool) == 24);
static_assert(offsetof(StateDump, moves) == 32);

namespace magic {
inline constexpr uint32_t block_input = 1112100425;
inline constexpr uint32_t block_output = 1112100431;
inline constexpr uint32_t calls_output = 1112100419;
inline constexpr uint32_t admissions_output = 1112100417;
inline constexpr uint32_t state_dump = 1112100435;
} // namespace magic

namespace block_flag {
inline constexpr uint32_t has_deposit_contract = 1;
inline constexpr uint32_t forgive_missing_system_contracts = 2;
inline constexpr uint32_t no_rewards = 4;
inline constexpr uint32_t always_run_ahead = 8;
inline constexpr uint32_t record_accesses = 16;
inline constexpr uint32_t explain_failures = 32;
} // namespace block_flag

enum class Tracer : uint32_t {
    none = 0,
    call = 1,
    flat_call = 2,
    prestate = 3,
    four_byte = 4,
    noop = 5,
    struct_log = 6,
    preimage = 7,
    parity = 8,
    lines = 9,
    simulation = 10,
    erc7562 = 11,
    frames = 12,
    other_rules = 13,
};

namespace trace_flag {
inline constexpr uint32_t only_top_call = 1;
inline constexpr uint32_t with_log = 2;
inline constexpr uint32_t include_precompiles = 4;
inline constexpr uint32_t convert_parity_errors = 8;
inline constexpr uint32_t diff_mode = 16;
inline constexpr uint32_t disable_code = 32;
inline constexpr uint32_t disable_storage = 64;
inline constexpr uint32_t include_empty = 128;
inline constexpr uint32_t enable_memory = 256;
inline constexpr uint32_t disable_stack = 512;
inline constexpr uint32_t enable_return_data = 1024;
inline constexpr uint32_t parity_trace = 2048;
inline constexpr uint32_t parity_state_diff = 4096;
inline constexpr uint32_t parity_vm_trace = 8192;
inline constexpr uint32_t parity_form = 16384;
inline constexpr uint32_t erigon_form = 32768;
inline constexpr uint32_t hide_creation_method = 65536;
inline constexpr uint32_t call_frames = 131072;
inline constexpr uint32_t with_transfers = 262144;
inline constexpr uint32_t besu_form = 524288;
} // namespace trace_flag

enum class GasCost : uint32_t {
    warm_access = 256,
    cold_account_access = 257,
    cold_sload = 258,
    storage_set = 259,
    storage_reset = 260,
    storage_clear_refund = 261,
    keccak256_word = 262,
    copy_word = 263,
    memory_word = 264,
    exp_byte = 265,
    log = 266,
    log_topic = 267,
    log_byte = 268,
    call_value = 269,
    new_account = 270,
    create = 271,
    initcode_word = 272,
    code_deposit_byte = 273,
    transaction = 288,
    transaction_create = 289,
    calldata_zero = 290,
    calldata_nonzero = 291,
    calldata_floor_token = 292,
    access_list_address = 293,
    access_list_key = 294,
    authorization = 295,
    ecrecover = 512,
    sha256 = 514,
    sha256_word = 515,
    ripemd160 = 516,
    ripemd160_word = 517,
    identity = 518,
    identity_word = 519,
    modexp_minimum = 520,
    modexp_divisor = 521,
    bn254_add = 522,
    bn254_mul = 524,
    bn254_pairing = 526,
    bn254_pairing_pair = 527,
    blake2f_round = 529,
    point_evaluation = 530,
    bls12_g1_add = 532,
    bls12_g2_add = 536,
    bls12_pairing = 540,
    bls12_pairing_pair = 541,
    bls12_map_g1 = 542,
    bls12_map_g2 = 544,
    p256_verify = 546,
};

enum class CallFailure : uint32_t {
    none = 0,
    reverted = 1,
    out_of_gas = 2,
    stack_underflow = 3,
    stack_overflow = 4,
    write_protection = 5,
    invalid_opcode = 6,
    invalid_jump = 7,
    return_data_bounds = 8,
    initcode_size = 9,
    call_depth = 10,
    insufficient_balance = 11,
    nonce_overflow = 12,
    address_collision = 13,
    code_size = 14,
    code_start = 15,
    code_deposit = 16,
    precompile = 17,
};

namespace transaction_flag {
inline constexpr uint32_t has_to = 1;
inline constexpr uint32_t has_sender = 2;
inline constexpr uint32_t has_chain_id = 4;
inline constexpr uint32_t skip_nonce_check = 8;
inline constexpr uint32_t skip_balance_check = 16;
inline constexpr uint32_t keep_loan = 32;
inline constexpr uint32_t simulated = 64;
inline constexpr uint32_t free_without_fees = 128;
} // namespace transaction_flag

namespace fill_flag {
inline constexpr uint32_t gas = 1;
inline constexpr uint32_t nonce = 2;
} // namespace fill_flag

namespace authorization_flag {
inline constexpr uint32_t malformed = 1;
inline constexpr uint32_t has_authority = 2;
} // namespace authorization_flag

namespace admission_flag {
inline constexpr uint32_t has_code = 1;
inline constexpr uint32_t delegated = 2;
inline constexpr uint32_t account_unknown = 4;
} // namespace admission_flag

namespace authority_flag {
inline constexpr uint32_t recovered = 1;
} // namespace authority_flag

enum class SystemCallPhase : uint32_t {
    before_transactions = 0,
    after_transactions = 1,
};

namespace prefetch_flag {
inline constexpr uint32_t has_key = 1;
} // namespace prefetch_flag

namespace run_flag {
inline constexpr uint32_t committed = 1;
inline constexpr uint32_t at_head = 2;
} // namespace run_flag

enum class LocationKind : uint32_t {
    account = 0,
    existence = 1,
    nonce = 2,
    balance = 3,
    code = 4,
    has_storage = 5,
    storage = 6,
};

namespace receipt_flag {
inline constexpr uint32_t has_contract_address = 1;
} // namespace receipt_flag

namespace account_flag {
inline constexpr uint32_t existed_before = 1;
inline constexpr uint32_t exists_after = 2;
inline constexpr uint32_t code_changed = 4;
inline constexpr uint32_t storage_cleared = 8;
} // namespace account_flag

namespace state_account_flag {
inline constexpr uint32_t code_missing = 1;
inline constexpr uint32_t absent = 2;
inline constexpr uint32_t slots_only = 4;
inline constexpr uint32_t storage_empty = 8;
inline constexpr uint32_t storage_set = 16;
inline constexpr uint32_t nonce_said = 32;
inline constexpr uint32_t balance_said = 64;
inline constexpr uint32_t code_said = 128;
inline constexpr uint32_t storage_replaced = 256;
} // namespace state_account_flag

enum class MissingKind : uint32_t {
    account = 0,
    slot = 1,
    code = 2,
};

enum class ErrorCode : uint32_t {
    ok = 0,
    input_malformed = 1,
    unsupported_revision = 2,
    vm_internal_error = 3,
    cancelled = 4,
    out_of_memory = 5,
    thread_unavailable = 6,
    state_missing_code = 10,
    state_missing_block_hash = 11,
    state_unavailable = 12,
    state_not_precompile = 13,
    tx_type_not_supported = 20,
    tx_signature_invalid = 21,
    tx_wrong_chain_id = 22,
    tx_nonce_too_low = 23,
    tx_nonce_too_high = 24,
    tx_nonce_overflow = 25,
    tx_sender_not_eoa = 26,
    tx_insufficient_funds = 27,
    tx_intrinsic_gas_too_low = 28,
    tx_floor_gas_too_low = 29,
    tx_gas_limit_exceeds_block = 30,
    tx_gas_limit_exceeds_cap = 31,
    tx_max_fee_below_base_fee = 32,
    tx_priority_fee_above_max_fee = 33,
    tx_initcode_too_large = 34,
    tx_blob_fee_too_low = 35,
    tx_blob_missing = 36,
    tx_blob_too_many = 37,
    tx_blob_version_invalid = 38,
    tx_blob_create = 39,
    tx_blob_gas_exceeds_block = 40,
    tx_set_code_empty = 41,
    tx_set_code_create = 42,
    block_system_contract_missing = 50,
    block_system_call_failed = 51,
    block_deposit_invalid = 52,
};

} // namespace braid::wire
