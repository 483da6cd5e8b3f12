#include "executor/receipts.hpp"

#include "crypto/keccak.hpp"
#include "executor/block_environment.hpp"

#include <algorithm>
#include <array>

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

/// A list of byte strings in which most repetitions are found: the same few contracts, events and
/// accounts make up most of a block's logs.
class DistinctItems {
  public:
    /// For up to `count` items.
    explicit DistinctItems(size_t count) {
        places_.reserve(count);
        distinct_.reserve(count);
    }

    void add(BytesView item) {
        // Addresses and topics alike differ most in their last bytes.
        uint32_t tail;
        std::memcpy(&tail, item.data() + item.size() - sizeof(tail), sizeof(tail));
        uint32_t& entry = recent_[(tail ^ tail >> 9 ^ tail >> 18) % recent_.size()];
        if (entry == none || !std::ranges::equal(distinct_[entry], item)) {
            entry = static_cast<uint32_t>(distinct_.size());
            distinct_.push_back(item);
        }
        places_.push_back(entry);
    }

    [[nodiscard]] std::span<const BytesView> distinct() const noexcept { return distinct_; }

    /// Where the item that was added as number `index` is in distinct().
    [[nodiscard]] size_t place(size_t index) const noexcept { return places_[index]; }

  private:
    static constexpr uint32_t none = UINT32_MAX;
    static constexpr std::array<uint32_t, 512> no_items = [] {
        std::array<uint32_t, 512> items{};
        items.fill(none);
        return items;
    }();

    std::vector<BytesView> distinct_;
    std::vector<uint32_t> places_;
    std::array<uint32_t, 512> recent_ = no_items;
};

/// Hashes ranges of a list.
class HashBody final : public RangeBody {
  public:
    HashBody(std::span<const BytesView> inputs, std::span<Bytes32> hashes) noexcept
        : inputs_{inputs}, hashes_{hashes} {}
    void run(size_t begin, size_t end) noexcept override {
        crypto::keccak256_batch(inputs_.subspan(begin, end - begin),
                                hashes_.subspan(begin, end - begin));
    }

  private:
    std::span<const BytesView> inputs_;
    std::span<Bytes32> hashes_;
};

/// Hashes that are worth giving to another thread: some ten microseconds.
constexpr size_t hash_chunk = 256;

} // namespace

void append_receipt(const TransactionInput& input, const OutcomeView& outcome,
                    uint64_t cumulative_gas_used, wire::BlockRecords& records) {
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

void fill_blooms(wire::BlockRecords& records, TransactionLoop& loop) {
    DistinctItems items{records.logs.size() + records.topics.size()};
    for (const wire::Log& log : records.logs)
        items.add(log.address.bytes);
    for (const Bytes32& topic : records.topics)
        items.add(topic.bytes);
    std::vector<Bytes32> hashes(items.distinct().size());
    HashBody body{items.distinct(), hashes};
    loop.for_ranges(hashes.size(), hash_chunk, body);

    const size_t first_topic = records.logs.size();
    for (wire::Receipt& receipt : records.receipts) {
        for (uint32_t i = receipt.log_start; i < receipt.log_start + receipt.log_count; ++i) {
            add_to_bloom(receipt.bloom, hashes[items.place(i)]);
            const wire::Log& log = records.logs[i];
            for (uint32_t topic = 0; topic < log.topic_count; ++topic)
                add_to_bloom(receipt.bloom,
                             hashes[items.place(first_topic + log.topic_start + topic)]);
        }
        if (receipt.log_count != 0)
            for (size_t i = 0; i < records.bloom.size(); ++i)
                records.bloom[i] |= receipt.bloom[i];
    }
}

} // namespace braid::executor
