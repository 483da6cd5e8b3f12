#include "executor/receipts_root.hpp"

#include <span>

namespace braid::executor {
namespace {

/// Receipts that are worth giving to another thread: some ten microseconds.
constexpr size_t receipt_chunk = 32;

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

/// Makes leaves of ranges of the receipts.
class LeavesBody final : public RangeBody {
  public:
    LeavesBody(const wire::BlockRecords& records, std::span<const size_t> ends, uint8_t* buffer,
               trie::ListTrie& trie) noexcept
        : records_{records}, ends_{ends}, buffer_{buffer}, trie_{trie} {}
    void run(size_t begin, size_t end) noexcept override {
        for (size_t i = begin; i < end; ++i) {
            uint8_t* const leaf_end = buffer_ + ends_[i];
            RlpWriter writer{leaf_end};
            write_receipt(records_, records_.receipts[i], writer);
            trie_.make_leaf(i, writer, leaf_end);
        }
        trie_.hash_leaves(begin, end);
    }

  private:
    const wire::BlockRecords& records_;
    std::span<const size_t> ends_;
    uint8_t* buffer_;
    trie::ListTrie& trie_;
};

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

Bytes32 ReceiptsRoot::compute(const wire::BlockRecords& records, TransactionLoop& loop) {
    const size_t count = records.receipts.size();
    ends_.resize(count);
    size_t size = 0;
    for (size_t i = 0; i < count; ++i)
        ends_[i] = size +=
            max_receipt_size(records, records.receipts[i]) + trie::ListTrie::max_leaf_overhead;
    if (buffer_.size() < size)
        buffer_.resize(size);
    trie_.begin(count);
    LeavesBody body{records, ends_, buffer_.data(), trie_};
    loop.for_ranges(count, receipt_chunk, body);
    return trie_.root();
}

} // namespace braid::executor
