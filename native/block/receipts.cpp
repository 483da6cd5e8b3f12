#include "block/receipts.hpp"

#include "transaction/block_environment.hpp"

#include <algorithm>

namespace braid::block {

void append_receipt(const transaction::TransactionInput& input,
                    const transaction::OutcomeView& outcome, uint64_t cumulative_gas_used,
                    wire::BlockRecords& records) {
    const wire::Transaction& transaction = *input.record;
    wire::Receipt& receipt = records.receipts.emplace_back();
    receipt.type = transaction.type;
    receipt.status = outcome.status == EVMC_SUCCESS ? 1 : 0;
    receipt.evm_status = outcome.status;
    receipt.gas_used = outcome.gas_used;
    receipt.gas_before_refund = outcome.gas_before_refund;
    receipt.gas_refund = static_cast<uint64_t>(std::max<int64_t>(outcome.gas_refund, 0));
    receipt.authorization_refund = static_cast<uint64_t>(outcome.authorization_refund);
    receipt.cumulative_gas_used = cumulative_gas_used;
    receipt.blob_gas_used = transaction::blob_count_of(transaction) * transaction::gas_per_blob;
    receipt.effective_gas_price = to_bytes32(outcome.effective_gas_price);
    receipt.sender = input.sender.address;
    if ((transaction.flags & wire::transaction_flag::has_to) == 0) {
        receipt.flags |= wire::receipt_flag::has_contract_address;
        receipt.contract_address = outcome.contract_address;
    }
    receipt.output_size = static_cast<uint32_t>(outcome.output.size());
    receipt.output_offset = records.append(outcome.output);

    receipt.log_start = static_cast<uint32_t>(records.logs.size());
    receipt.log_count = static_cast<uint32_t>(outcome.logs.size());
    const auto topic_base = static_cast<uint32_t>(records.topics.size());
    const uint32_t data_base = records.append(outcome.log_data);
    records.topics.insert(records.topics.end(), outcome.topics.begin(), outcome.topics.end());
    for (wire::Log log : outcome.logs) {
        log.topic_start += topic_base;
        log.data_offset += data_base;
        records.logs.push_back(log);
    }
}

} // namespace braid::block
