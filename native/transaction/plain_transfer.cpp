#include "transaction/plain_transfer.hpp"

#include <algorithm>

namespace braid::transaction {
namespace {

/// EIP-2718: legacy, EIP-2930 and EIP-1559 transactions; later types bring blobs or code.
constexpr uint8_t max_plain_type = 2;

} // namespace

bool may_be_plain_transfer(const BlockEnvironment& environment,
                           const wire::Transaction& transaction) noexcept {
    constexpr uint32_t flags = wire::transaction_flag::has_to |
                               wire::transaction_flag::skip_nonce_check |
                               wire::transaction_flag::skip_balance_check;
    return environment.runs_plain_transfers && transaction.type <= max_plain_type &&
           (transaction.flags & flags) == wire::transaction_flag::has_to &&
           !environment.precompile_at(transaction.to);
}

bool plain_transfer(const BlockEnvironment& environment, const TransactionInput& input,
                    PlainTransfer& transfer) noexcept {
    const wire::Transaction& transaction = *input.record;
    TransactionFees fees;
    if (validate_stateless(environment, input, fees).code != wire::ErrorCode::ok ||
        !maximum_cost(transaction, transfer.maximum_cost))
        return false;
    transfer.sender = input.sender.address;
    transfer.recipient = transaction.to;
    transfer.nonce = transaction.nonce;
    transfer.value = to_uint256(transaction.value);
    transfer.intrinsic_gas = fees.gas.cost;
    transfer.gas_used = std::max(fees.gas.cost, fees.gas.floor);
    transfer.gas_price = fees.gas_price;
    // Neither wraps for a sender that has the maximum cost.
    transfer.cost = transfer.value + fees.gas_price * uint256{transfer.gas_used};
    transfer.tip = fees.tip * uint256{transfer.gas_used};
    return true;
}

} // namespace braid::transaction
