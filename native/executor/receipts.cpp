#include "executor/receipts.hpp"

#include "crypto/keccak.hpp"
#include "executor/block_environment.hpp"

namespace braid::executor {
namespace {

/// Sets three bits: each of the hash's first three pairs of bytes gives one of 2048, counted from
/// the end of the filter.
void add_to_bloom(uint8_t (&bloom)[256], const Bytes32& hash) noexcept {
    for (size_t i = 0; i < 6; i += 2) {
        const unsigned bit = (hash.bytes[i] << 8 | hash.bytes[i + 1]) & 0x7ffu;
        bloom[255 - bit / 8] |= static_cast<uint8_t>(1u << (bit % 8));
    }
}

} // namespace

void append_receipt(const TransactionInput& input, const TransactionOutcome& outcome,
                    uint64_t cumulative_gas_used, wire::BlockRecords& records) {
    const wire::Transaction& transaction = *input.record;
    wire::Receipt& receipt = records.receipts.emplace_back();
    receipt.type = transaction.type;
    receipt.status = outcome.status == EVMC_SUCCESS ? 1 : 0;
    receipt.evm_status = outcome.status;
    receipt.gas_used = outcome.gas_used;
    receipt.cumulative_gas_used = cumulative_gas_used;
    receipt.blob_gas_used = transaction.blob_count * gas_per_blob;
    receipt.effective_gas_price = to_bytes32(outcome.effective_gas_price);
    receipt.sender = input.sender.address;
    if ((transaction.flags & wire::transaction_flag::has_to) == 0) {
        receipt.flags |= wire::receipt_flag::has_contract_address;
        receipt.contract_address = outcome.contract_address;
    }
    receipt.output_size = static_cast<uint32_t>(outcome.output.size());
    receipt.output_offset = records.append(outcome.output);

    receipt.log_start = static_cast<uint32_t>(records.logs.size());
    receipt.log_count = static_cast<uint32_t>(outcome.logs.entries.size());
    const auto topic_base = static_cast<uint32_t>(records.topics.size());
    const uint32_t data_base = records.append(outcome.logs.data);
    records.topics.insert(records.topics.end(), outcome.logs.topics.begin(),
                          outcome.logs.topics.end());
    for (wire::Log log : outcome.logs.entries) {
        log.topic_start += topic_base;
        log.data_offset += data_base;
        records.logs.push_back(log);
    }
}

void fill_blooms(wire::BlockRecords& records) {
    // Neighbouring logs often repeat an address or a first topic; hashing side by side is cheap
    // enough not to look for that.
    std::vector<BytesView> inputs;
    inputs.reserve(records.logs.size() + records.topics.size());
    for (const wire::Log& log : records.logs)
        inputs.emplace_back(log.address.bytes);
    for (const Bytes32& topic : records.topics)
        inputs.emplace_back(topic.bytes);
    std::vector<Bytes32> hashes(inputs.size());
    crypto::keccak256_batch(inputs, hashes);

    for (wire::Receipt& receipt : records.receipts) {
        for (uint32_t i = receipt.log_start; i < receipt.log_start + receipt.log_count; ++i) {
            add_to_bloom(receipt.bloom, hashes[i]);
            const wire::Log& log = records.logs[i];
            for (uint32_t topic = 0; topic < log.topic_count; ++topic)
                add_to_bloom(receipt.bloom, hashes[records.logs.size() + log.topic_start + topic]);
        }
        if (receipt.log_count != 0)
            for (size_t i = 0; i < records.bloom.size(); ++i)
                records.bloom[i] |= receipt.bloom[i];
    }
}

} // namespace braid::executor
