#include "call/simulated_call.hpp"

#include "trace/failure_text.hpp"
#include "trace/json_text.hpp"

#include <cstring>

namespace braid::call {
namespace {

using trace::failure_text;
using trace::JsonText;
using transaction::FrameError;
using transaction::FrameKind;
using transaction::TracedFrame;
using transaction::TracedLog;
using transaction::TransactionTrace;

/// Whom the logs of moved value are of.
constexpr Address transfer_address{{0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                    0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee}};

/// keccak256("Transfer(address,address,uint256)")
constexpr Bytes32 transfer_topic{{0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0,
                                  0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4,
                                  0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef}};

Bytes32 padded(const Address& address) noexcept {
    Bytes32 topic{};
    std::memcpy(topic.bytes + sizeof(topic.bytes) - sizeof(address.bytes), address.bytes,
                sizeof(address.bytes));
    return topic;
}

/// Whether a frame moves value to its recipient.
bool moves_value(const TracedFrame& frame) noexcept {
    return static_cast<bool>(frame.value) && frame.kind != FrameKind::delegatecall &&
           frame.kind != FrameKind::callcode && frame.kind != FrameKind::staticcall;
}

/// By frame: whether what it did was taken back.
std::vector<bool> failed_frames(const std::vector<TracedFrame>& frames) {
    std::vector<bool> failed(frames.size());
    std::vector<size_t> open; ///< the frames around the one that is looked at, by depth
    for (size_t i = 0; i < frames.size(); ++i) {
        const size_t depth = frames[i].depth;
        open.resize(depth);
        failed[i] = frames[i].error != FrameError::none || (depth > 0 && failed[open[depth - 1]]);
        open.push_back(i);
    }
    return failed;
}

/// Writes logs one after another.
class LogList {
  public:
    explicit LogList(JsonText& json) noexcept : json_{json} {}

    void add(const Address& address, std::span<const Bytes32> topics, BytesView data, bool stands) {
        const uint64_t index = count_++;
        if (!stands)
            return;
        json_.raw(is_first_ ? "{\"address\":" : ",{\"address\":");
        is_first_ = false;
        json_.bytes(address);
        json_.raw(",\"topics\":[");
        for (size_t i = 0; i < topics.size(); ++i) {
            if (i != 0)
                json_.raw(",");
            json_.bytes(topics[i]);
        }
        json_.raw("],\"data\":");
        json_.bytes(data);
        json_.raw(",\"index\":");
        json_.number(index);
        json_.raw("}");
    }

    [[nodiscard]] uint64_t count() const noexcept { return count_; }

  private:
    JsonText& json_;
    uint64_t count_ = 0;
    bool is_first_ = true;
};

void write_logs(LogList& list, const TransactionTrace& trace, bool transfers) {
    const std::vector<bool> failed = failed_frames(trace.frames);
    size_t next = 0;
    const auto write_until = [&](size_t frame) {
        for (; next < trace.logs.size() && trace.logs[next].frames_before <= frame; ++next) {
            const TracedLog& log = trace.logs[next];
            list.add(log.address, std::span{trace.topics}.subspan(log.topic_start, log.topic_count),
                     trace.view(log.data), !failed[log.frame]);
        }
    };
    for (size_t i = 0; i < trace.frames.size(); ++i) {
        write_until(i);
        const TracedFrame& frame = trace.frames[i];
        if (!transfers || !moves_value(frame))
            continue;
        const Bytes32 topics[] = {transfer_topic, padded(frame.from), padded(frame.to)};
        const Bytes32 amount = to_bytes32(frame.value);
        list.add(transfer_address, topics, BytesView{amount.bytes, sizeof(amount.bytes)},
                 !failed[i]);
    }
    write_until(SIZE_MAX);
}

} // namespace

std::string simulated_call(const wire::Transaction& transaction, BytesView data,
                           const TransactionTrace& trace, bool transfers) {
    std::string text;
    JsonText json{text};
    json.raw("{\"nonce\":");
    json.quantity(transaction.nonce);
    json.raw(",\"gas\":");
    json.quantity(transaction.gas_limit);
    json.raw(",\"logs\":[");
    LogList list{json};
    write_logs(list, trace, transfers);
    json.raw("],\"count\":");
    json.number(list.count());
    if (!trace.frames.empty() && trace.frames.front().error != FrameError::none) {
        json.raw(",\"error\":");
        json.string(failure_text(trace.frames.front(), data));
    }
    if (trace.is_cut)
        json.raw(",\"cut\":true");
    json.raw("}");
    return text;
}

} // namespace braid::call
