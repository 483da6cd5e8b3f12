#include "block/log_blooms.hpp"

#include "crypto/keccak.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace braid::block {
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

/// A stretch of a list.
struct Range {
    size_t begin;
    size_t count;
};

/// The logs of consecutive receipts.
Range logs_of(std::span<const wire::Receipt> receipts) noexcept {
    const size_t begin = receipts.front().log_start;
    return {begin, receipts.back().log_start + receipts.back().log_count - begin};
}

/// The topics of consecutive logs.
Range topics_of(std::span<const wire::Log> logs) noexcept {
    const size_t begin = logs.front().topic_start;
    return {begin, logs.back().topic_start + logs.back().topic_count - begin};
}

} // namespace

void fill_blooms(wire::BlockRecords& records, size_t begin, size_t end) {
    const std::span<wire::Receipt> receipts{records.receipts.data() + begin, end - begin};
    if (receipts.empty())
        return;
    const Range log_range = logs_of(receipts);
    if (log_range.count == 0)
        return;
    const auto logs = std::span{records.logs}.subspan(log_range.begin, log_range.count);
    const Range topic_range = topics_of(logs);
    const auto topics = std::span{records.topics}.subspan(topic_range.begin, topic_range.count);

    DistinctItems items{logs.size() + topics.size()};
    for (const wire::Log& log : logs)
        items.add(log.address.bytes);
    for (const Bytes32& topic : topics)
        items.add(topic.bytes);
    std::vector<Bytes32> hashes(items.distinct().size());
    crypto::keccak256_batch(items.distinct(), hashes);

    size_t log = 0;
    size_t topic = logs.size();
    for (wire::Receipt& receipt : receipts) {
        for (uint32_t i = 0; i < receipt.log_count; ++i, ++log) {
            add_to_bloom(receipt.bloom, hashes[items.place(log)]);
            for (uint32_t j = 0; j < logs[log].topic_count; ++j, ++topic)
                add_to_bloom(receipt.bloom, hashes[items.place(topic)]);
        }
        if (receipt.log_count != 0)
            for (size_t i = 0; i < records.bloom.size(); ++i)
                records.bloom[i] |= receipt.bloom[i];
    }
}

} // namespace braid::block
