#include "block/receipts_root.hpp"

#include <span>

namespace braid::block {
namespace {

void write_log(const wire::BlockRecords& records, const wire::Log& log,
               RlpWriter& writer) noexcept {
    const uint8_t* const end = writer.position();
    writer.string(BytesView{records.pool}.subspan(log.data_offset, log.data_size));
    const uint8_t* const topics_end = writer.position();
    for (uint32_t topic = log.topic_count; topic-- > 0;)
        writer.string(BytesView{records.topics[log.topic_start + topic].bytes});
    writer.list(topics_end);
    writer.string(BytesView{log.address.bytes});
    writer.list(end);
}

size_t max_log_size(const wire::Log& log) noexcept {
    // The headers of the log, its address, its topics and its data.
    return 4 * RlpWriter::max_header_size + sizeof(log.address) +
           log.topic_count * (1 + sizeof(Bytes32)) + log.data_size;
}

std::span<const wire::Log> logs_of(const wire::BlockRecords& records,
                                   const wire::Receipt& receipt) noexcept {
    return std::span{records.logs}.subspan(receipt.log_start, receipt.log_count);
}

} // namespace

void write_receipt(const wire::BlockRecords& records, const wire::Receipt& receipt,
                   RlpWriter& writer) noexcept {
    const uint8_t* const end = writer.position();
    const std::span<const wire::Log> logs = logs_of(records, receipt);
    for (size_t i = logs.size(); i-- > 0;)
        write_log(records, logs[i], writer);
    writer.list(end);
    writer.string(BytesView{receipt.bloom});
    writer.number(receipt.cumulative_gas_used);
    writer.number(receipt.status);
    writer.list(end);
    if (receipt.type != 0)
        writer.byte(receipt.type);
}

size_t max_receipt_size(const wire::BlockRecords& records, const wire::Receipt& receipt) noexcept {
    // The type; the headers of the receipt, its bloom and its logs; status and gas.
    size_t size =
        1 + 3 * RlpWriter::max_header_size + sizeof(receipt.bloom) + 2 * RlpWriter::max_number_size;
    for (const wire::Log& log : logs_of(records, receipt))
        size += max_log_size(log);
    return size;
}

void ReceiptsRoot::add(const wire::BlockRecords& records, size_t begin, size_t end) {
    size_t size = 0;
    for (size_t i = begin; i < end; ++i)
        size += max_receipt_size(records, records.receipts[i]) + trie::ListTrie::max_leaf_overhead;
    if (buffer_.size() < size)
        buffer_.resize(size);
    uint8_t* leaf_end = buffer_.data() + buffer_.size();
    for (size_t i = begin; i < end; ++i) {
        RlpWriter writer{leaf_end};
        write_receipt(records, records.receipts[i], writer);
        trie_.make_leaf(i, writer, leaf_end);
        leaf_end = writer.position();
    }
    trie_.hash_leaves(begin, end);
}

} // namespace braid::block
