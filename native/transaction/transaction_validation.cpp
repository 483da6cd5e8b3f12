#include "transaction/transaction_validation.hpp"

#include "transaction/delegation.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

using wire::ErrorCode;

enum TransactionType : uint8_t {
    legacy = 0,
    access_list = 1,
    dynamic_fee = 2,
    blob = 3,
    set_code = 4
};

/// The version byte of a blob hash (EIP-4844, VERSIONED_HASH_VERSION_KZG).
constexpr uint8_t blob_hash_version = 1;

/// The rules say no: writes down which and why. Always false, for the caller to pass on.
bool reject(Failure& failure, ErrorCode code) noexcept {
    failure.code = code;
    return false;
}

bool reject(Failure& failure, ErrorCode code, const uint256& expected,
            const uint256& actual) noexcept {
    failure.code = code;
    failure.expected = to_bytes32(expected);
    failure.actual = to_bytes32(actual);
    return false;
}

bool has(const wire::Transaction& transaction, uint32_t flag) noexcept {
    return (transaction.flags & flag) != 0;
}

bool validate_origin(const BlockEnvironment& environment, const TransactionInput& input,
                     Failure& failure) noexcept {
    const wire::Transaction& transaction = *input.record;
    const Rules& rules = *environment.rules;
    if (transaction.type > rules.max_transaction_type)
        return reject(failure, ErrorCode::tx_type_not_supported,
                      uint64_t{rules.max_transaction_type}, uint64_t{transaction.type});
    const bool signed_for_chain = has(transaction, wire::transaction_flag::has_chain_id);
    // Before EIP-155 `v` is 27 or 28 and nothing else.
    if (signed_for_chain && !rules.replay_protection &&
        !has(transaction, wire::transaction_flag::has_sender))
        return reject(failure, ErrorCode::tx_signature_invalid);
    const uint64_t chain_id = environment.block.header->chain_id;
    if (signed_for_chain && transaction.chain_id != chain_id)
        return reject(failure, ErrorCode::tx_wrong_chain_id, chain_id, transaction.chain_id);
    if (!input.sender.valid)
        return reject(failure, ErrorCode::tx_signature_invalid);
    return true;
}

bool validate_fees(const BlockEnvironment& environment, const wire::Transaction& transaction,
                   TransactionFees& fees, Failure& failure) noexcept {
    const uint256 max_fee = to_uint256(transaction.max_fee_per_gas);
    const uint256 max_tip = to_uint256(transaction.max_priority_fee_per_gas);
    if (has(transaction, wire::transaction_flag::free_without_fees) && !max_fee && !max_tip)
        return true; // what `fees` says already: nothing is paid
    if (max_tip > max_fee)
        return reject(failure, ErrorCode::tx_priority_fee_above_max_fee, max_fee, max_tip);
    if (max_fee < environment.base_fee)
        return reject(failure, ErrorCode::tx_max_fee_below_base_fee, environment.base_fee, max_fee);
    fees.tip = std::min(max_tip, max_fee - environment.base_fee);
    fees.gas_price = environment.base_fee + fees.tip;
    return true;
}

bool validate_blobs(const BlockEnvironment& environment, const wire::Transaction& transaction,
                    TransactionFees& fees, Failure& failure) noexcept {
    fees.blob_fee = {};
    if (transaction.type != blob)
        return true;
    if (!has(transaction, wire::transaction_flag::has_to))
        return reject(failure, ErrorCode::tx_blob_create);
    if (transaction.blob_count == 0)
        return reject(failure, ErrorCode::tx_blob_missing);
    const wire::BlockInput& header = *environment.block.header;
    // EIP-7594 bounds a transaction's own count; zero: no such bound in this fork.
    if (header.max_blobs_per_transaction != 0 &&
        transaction.blob_count > header.max_blobs_per_transaction)
        return reject(failure, ErrorCode::tx_blob_too_many,
                      uint64_t{header.max_blobs_per_transaction}, uint64_t{transaction.blob_count});
    const uint64_t blob_gas = transaction.blob_count * gas_per_blob;
    if (blob_gas > header.max_blob_gas)
        return reject(failure, ErrorCode::tx_blob_too_many, header.max_blob_gas / gas_per_blob,
                      uint64_t{transaction.blob_count});
    for (const Bytes32& hash :
         environment.block.blob_hashes.subspan(transaction.blob_start, transaction.blob_count))
        if (hash.bytes[0] != blob_hash_version)
            return reject(failure, ErrorCode::tx_blob_version_invalid, uint64_t{blob_hash_version},
                          uint64_t{hash.bytes[0]});
    const uint256 max_fee = to_uint256(transaction.max_fee_per_blob_gas);
    const bool is_free = has(transaction, wire::transaction_flag::free_without_fees) && !max_fee;
    if (max_fee < environment.blob_base_fee && !is_free)
        return reject(failure, ErrorCode::tx_blob_fee_too_low, environment.blob_base_fee, max_fee);
    // Cannot wrap where the sender has the funds: the maximum fee is at least the base fee.
    fees.blob_fee = environment.blob_base_fee * blob_gas;
    return true;
}

bool validate_authorizations(const wire::Transaction& transaction, Failure& failure) noexcept {
    if (transaction.type != set_code)
        return true;
    if (!has(transaction, wire::transaction_flag::has_to))
        return reject(failure, ErrorCode::tx_set_code_create);
    if (transaction.authorization_count == 0)
        return reject(failure, ErrorCode::tx_set_code_empty);
    return true;
}

bool validate_gas(const BlockEnvironment& environment, const wire::Transaction& transaction,
                  TransactionFees& fees, Failure& failure) noexcept {
    const Rules& rules = *environment.rules;
    const uint64_t limit = transaction.gas_limit;
    // A simulated one may have more than any block takes; who simulates bounds it.
    const bool is_bounded = !has(transaction, wire::transaction_flag::simulated);
    if (is_bounded && limit > rules.max_transaction_gas) // EIP-7825
        return reject(failure, ErrorCode::tx_gas_limit_exceeds_cap, rules.max_transaction_gas,
                      limit);
    if (is_bounded && limit > environment.gas_limit)
        return reject(failure, ErrorCode::tx_gas_limit_exceeds_block, environment.gas_limit, limit);
    if (!has(transaction, wire::transaction_flag::has_to) &&
        transaction.data_size > rules.max_initcode_size) // EIP-3860
        return reject(failure, ErrorCode::tx_initcode_too_large, rules.max_initcode_size,
                      uint64_t{transaction.data_size});
    fees.gas = intrinsic_gas(rules, environment.block, transaction);
    if (limit < fees.gas.cost)
        return reject(failure, ErrorCode::tx_intrinsic_gas_too_low, fees.gas.cost, limit);
    if (limit < fees.gas.floor)
        return reject(failure, ErrorCode::tx_floor_gas_too_low, fees.gas.floor, limit);
    return true;
}

/// sum += a * b; false where that does not fit 256 bits.
bool add_product(uint256& sum, const uint256& a, const uint256& b) noexcept {
    const uint512 product = multiply_full(a, b);
    if ((product.word[4] | product.word[5] | product.word[6] | product.word[7]) != 0)
        return false;
    return !add_with_carry(
        sum, {product.word[0], product.word[1], product.word[2], product.word[3]}, sum);
}

bool validate_nonce(const wire::Transaction& transaction, uint64_t nonce,
                    Failure& failure) noexcept {
    if (has(transaction, wire::transaction_flag::skip_nonce_check))
        return true;
    if (transaction.nonce < nonce)
        return reject(failure, ErrorCode::tx_nonce_too_low, nonce, transaction.nonce);
    if (transaction.nonce > nonce)
        return reject(failure, ErrorCode::tx_nonce_too_high, nonce, transaction.nonce);
    if (transaction.nonce == UINT64_MAX) // EIP-2681
        return reject(failure, ErrorCode::tx_nonce_overflow, UINT64_MAX - 1, transaction.nonce);
    return true;
}

/// EIP-3607, with EIP-7702's exception for delegations.
bool validate_no_code(const BlockEnvironment& environment, const wire::Transaction& transaction,
                      Journal& journal, JournalAccount& sender, Failure& failure) noexcept {
    if (has(transaction, wire::transaction_flag::simulated) || !journal.has_code(sender))
        return true;
    const Code* code = environment.rules->delegation ? journal.code_of(sender) : nullptr;
    if (code != nullptr && is_delegation(code->bytes()))
        return true;
    return reject(failure, ErrorCode::tx_sender_not_eoa);
}

bool validate_funds(const wire::Transaction& transaction, Journal& journal, JournalAccount& sender,
                    Failure& failure) noexcept {
    if (has(transaction, wire::transaction_flag::skip_balance_check))
        return true;
    uint256 cost;
    if (!maximum_cost(transaction, cost))
        return reject(failure, ErrorCode::tx_insufficient_funds, uint256::max(),
                      journal.balance_of(sender));
    return journal.can_spend(sender, cost) ||
           reject(failure, ErrorCode::tx_insufficient_funds, cost, sender.balance);
}

} // namespace

Failure validate_stateless(const BlockEnvironment& environment, const TransactionInput& input,
                           TransactionFees& fees) noexcept {
    const wire::Transaction& transaction = *input.record;
    Failure failure;
    if (!(validate_origin(environment, input, failure) &&
          validate_fees(environment, transaction, fees, failure) &&
          validate_blobs(environment, transaction, fees, failure) &&
          validate_authorizations(transaction, failure) &&
          validate_gas(environment, transaction, fees, failure)))
        failure.address = input.sender.address;
    return failure;
}

Failure validate_sender(const BlockEnvironment& environment, const TransactionInput& input,
                        Journal& journal, JournalAccount& sender) noexcept {
    const wire::Transaction& transaction = *input.record;
    Failure failure;
    if (!(validate_nonce(transaction, journal.nonce_of(sender), failure) &&
          validate_no_code(environment, transaction, journal, sender, failure) &&
          validate_funds(transaction, journal, sender, failure)))
        failure.address = sender.address;
    return journal.failure() == nullptr ? failure : *journal.failure();
}

bool maximum_cost(const wire::Transaction& transaction, uint256& cost) noexcept {
    cost = to_uint256(transaction.value);
    return add_product(cost, to_uint256(transaction.max_fee_per_gas), transaction.gas_limit) &&
           add_product(cost, to_uint256(transaction.max_fee_per_blob_gas),
                       blob_count_of(transaction) * gas_per_blob);
}

Failure validate_block_space(const BlockEnvironment& environment,
                             const wire::Transaction& transaction, uint64_t gas_used,
                             uint64_t blob_gas_used) noexcept {
    Failure failure;
    const uint64_t gas_left = environment.gas_limit - gas_used;
    if (transaction.gas_limit > gas_left) {
        reject(failure, ErrorCode::tx_gas_limit_exceeds_block, gas_left, transaction.gas_limit);
        return failure;
    }
    const uint64_t max_blob_gas = environment.block.header->max_blob_gas;
    // More blobs than any block takes are the transaction's own fault: validate_stateless() says
    // so.
    const uint64_t blob_gas = blob_count_of(transaction) * gas_per_blob;
    if (blob_gas != 0 && blob_gas <= max_blob_gas && blob_gas_used + blob_gas > max_blob_gas)
        reject(failure, ErrorCode::tx_blob_gas_exceeds_block, max_blob_gas,
               blob_gas_used + blob_gas);
    return failure;
}

} // namespace braid::transaction
