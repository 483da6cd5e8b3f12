#include "trace/flat_call_tracer.hpp"

#include "trace/failure_text.hpp"
#include "trace/parity_failure.hpp"

#include <vector>

namespace braid::trace {
namespace {

using transaction::FrameError;
using transaction::FrameKind;
using transaction::TracedFrame;
using transaction::TransactionTrace;

constexpr std::string_view call_types[] = {"call", "callcode", "delegatecall", "staticcall"};

/// A failure in the words that geth has for OpenEthereum's, where it has some.
std::string parity_text(const std::string& text) {
    if (text == "contract creation code storage out of gas" || text == "gas uint64 overflow" ||
        text == "max code size exceeded" || text.starts_with("out of gas"))
        return "Out of gas";
    if (text == "invalid jump destination")
        return "Bad jump destination";
    if (text == "execution reverted")
        return "Reverted";
    if (text == "contract address collision")
        return "Illegal state change";
    if (text == "return data out of bounds")
        return "Out of bounds";
    if (text == "stack limit reached 1024 (1023)")
        return "Out of stack";
    if (text == "precompiled failed" || text == "invalid input length")
        return "Built-in failed";
    if (text.starts_with("invalid opcode:"))
        return "Bad instruction";
    if (text.starts_with("stack underflow"))
        return "Stack underflow";
    return text;
}

class Writer {
  public:
    Writer(JsonText& json, const TransactionTrace& trace, const FlatCallOptions& options,
           const TransactionPlace& place)
        : json_{json}, trace_{trace}, options_{options}, place_{place} {
        find_parents();
    }

    void write() {
        json_.raw("[");
        std::vector<uint32_t> address; // of the frame that is written
        bool is_first = true;
        for (size_t i = 0; i < trace_.frames.size(); ++i) {
            if (!is_told_[i])
                continue;
            const uint16_t depth = trace_.frames[i].depth;
            address.resize(depth);
            if (depth > 0)
                address[depth - 1] = places_[i];
            json_.raw(is_first ? "" : ",");
            is_first = false;
            write_frame(i, address);
        }
        json_.raw("]");
    }

  private:
    /// Counts the children of every frame, those left out that are not told.
    void find_parents() {
        const size_t count = trace_.frames.size();
        is_told_.resize(count);
        places_.resize(count);
        child_counts_.resize(count);
        std::vector<uint32_t> open;
        for (uint32_t i = 0; i < count; ++i) {
            const TracedFrame& frame = trace_.frames[i];
            open.resize(frame.depth);
            is_told_[i] = frame.depth == 0 ||
                          (frame.is_precompile ? tells_precompile(frame) : tells_attempt(frame));
            if (is_told_[i] && frame.depth > 0)
                places_[i] = child_counts_[open.back()]++;
            open.push_back(i);
        }
    }

    /// Whether a call of a precompile below the top is told.
    [[nodiscard]] bool tells_precompile(const TracedFrame& frame) const noexcept {
        if (options_.form == FlatForm::geth)
            return options_.include_precompiles ||
                   (frame.kind != FrameKind::call && frame.kind != FrameKind::staticcall);
        // OpenEthereum tells those that move something.
        return frame.kind == FrameKind::call && static_cast<bool>(frame.value);
    }

    /// Whether a frame is told that may not have been more than an attempt.
    [[nodiscard]] bool tells_attempt(const TracedFrame& frame) const noexcept {
        if (options_.form == FlatForm::geth || options_.form == FlatForm::erigon)
            return true;
        // To OpenEthereum and Besu what the caller cannot pay for, and what is too deep, is no
        // call.
        return frame.error != FrameError::call_depth &&
               frame.error != FrameError::insufficient_balance;
    }

    void write_frame(size_t index, const std::vector<uint32_t>& address) {
        const TracedFrame& frame = trace_.frames[index];
        json_.raw("{\"action\":{");
        write_action(frame);
        json_.raw("}");
        if (options_.tells_place) {
            json_.raw(",\"blockHash\":");
            write_hash(place_.block_hash);
            json_.raw(",\"blockNumber\":");
            json_.number(place_.block_number);
        }
        if (frame.error != FrameError::none)
            write_error(frame);
        if (has_result(frame))
            write_result(frame);
        else if (options_.form != FlatForm::geth && has_empty_result(frame))
            json_.raw(",\"result\":null");
        json_.raw(",\"subtraces\":");
        json_.number(child_counts_[index]);
        json_.raw(",\"traceAddress\":[");
        for (size_t i = 0; i < address.size(); ++i) {
            json_.raw(i == 0 ? "" : ",");
            json_.number(address[i]);
        }
        json_.raw("]");
        if (options_.tells_place) {
            json_.raw(",\"transactionHash\":");
            write_hash(place_.transaction_hash);
            json_.raw(",\"transactionPosition\":");
            json_.number(place_.index);
        }
        json_.raw(",\"type\":\"");
        json_.raw(creates(frame.kind)                     ? "create"
                  : frame.kind == FrameKind::selfdestruct ? "suicide"
                                                          : "call");
        json_.raw("\"}");
    }

    void write_error(const TracedFrame& frame) {
        json_.raw(",\"error\":");
        json_.string(error_of(frame));
        if (options_.form == FlatForm::besu && frame.error == FrameError::reverted) {
            json_.raw(",\"revertReason\":");
            json_.bytes(trace_.view(frame.output));
        }
    }

    [[nodiscard]] std::string error_of(const TracedFrame& frame) const {
        const BytesView input = trace_.view(frame.input);
        if (options_.form == FlatForm::parity || options_.form == FlatForm::besu)
            return parity_failure_text(frame, input, options_.form == FlatForm::besu);
        const std::string text = failure_text(frame, input);
        if (options_.form == FlatForm::erigon)
            return frame.error == FrameError::reverted ? "Reverted" : text;
        return options_.convert_parity_errors ? parity_text(text) : text;
    }

    [[nodiscard]] bool has_result(const TracedFrame& frame) const noexcept {
        if (frame.kind == FrameKind::selfdestruct)
            return false;
        return frame.error == FrameError::none ||
               (frame.error == FrameError::reverted &&
                (options_.form == FlatForm::geth || options_.form == FlatForm::erigon));
    }

    /// Whether a frame without a result says so.
    [[nodiscard]] bool has_empty_result(const TracedFrame& frame) const noexcept {
        return frame.kind == FrameKind::selfdestruct || options_.form == FlatForm::erigon;
    }

    void write_action(const TracedFrame& frame) {
        if (frame.kind == FrameKind::selfdestruct) {
            json_.raw("\"address\":");
            json_.bytes(frame.from);
            json_.raw(",\"balance\":");
            json_.quantity(frame.value);
            json_.raw(",\"refundAddress\":");
            json_.bytes(frame.to);
            return;
        }
        const bool is_creation = creates(frame.kind);
        if (!is_creation || options_.tells_creation_method) {
            json_.raw(is_creation ? "\"creationMethod\":\"" : "\"callType\":\"");
            json_.raw(!is_creation ? call_types[static_cast<size_t>(frame.kind)]
                      : frame.kind == FrameKind::create2 ? "create2"
                                                         : "create");
            json_.raw("\",");
        }
        json_.raw("\"from\":");
        json_.bytes(frame.from);
        json_.raw(",\"gas\":");
        json_.quantity(gas_of(frame));
        json_.raw(is_creation ? ",\"init\":" : ",\"input\":");
        json_.bytes(trace_.view(frame.input));
        if (!is_creation) {
            json_.raw(",\"to\":");
            json_.bytes(frame.to);
        }
        json_.raw(",\"value\":");
        json_.quantity(frame.value);
    }

    /// trace_* leaves out what the transaction costs before its frame begins, and refunds.
    [[nodiscard]] bool is_without_intrinsic(const TracedFrame& frame) const noexcept {
        return options_.form != FlatForm::geth && frame.depth == 0;
    }
    [[nodiscard]] uint64_t gas_of(const TracedFrame& frame) const noexcept {
        return is_without_intrinsic(frame) ? trace_.execution_gas : frame.gas;
    }
    [[nodiscard]] uint64_t gas_used_of(const TracedFrame& frame) const noexcept {
        return is_without_intrinsic(frame) ? trace_.execution_gas_used : frame.gas_used;
    }

    void write_result(const TracedFrame& frame) {
        json_.raw(",\"result\":{");
        if (creates(frame.kind)) {
            if (frame.error == FrameError::none) {
                json_.raw("\"address\":");
                json_.bytes(frame.to);
                json_.raw(",");
            }
            json_.raw("\"code\":");
            json_.bytes(trace_.view(frame.output));
            json_.raw(",\"gasUsed\":");
            json_.quantity(gas_used_of(frame));
        } else {
            json_.raw("\"gasUsed\":");
            json_.quantity(gas_used_of(frame));
            json_.raw(",\"output\":");
            json_.bytes(trace_.view(frame.output));
        }
        json_.raw("}");
    }

    void write_hash(const Bytes32& hash) {
        if (is_zero(hash))
            json_.raw("null");
        else
            json_.bytes(hash);
    }

    JsonText& json_;
    const TransactionTrace& trace_;
    const FlatCallOptions& options_;
    const TransactionPlace& place_;
    // By frame.
    std::vector<bool> is_told_;
    std::vector<uint32_t> places_; ///< among the children of its parent that are told
    std::vector<uint32_t> child_counts_;
};

} // namespace

void write_flat_call_trace(JsonText& json, const TransactionTrace& trace,
                           const FlatCallOptions& options, const TransactionPlace& place) {
    Writer{json, trace, options, place}.write();
}

} // namespace braid::trace
