#include "trace/call_tracer.hpp"

#include "trace/failure_text.hpp"
#include "trace/revert_reason.hpp"

#include <span>
#include <vector>

namespace braid::trace {
namespace {

using transaction::FrameError;
using transaction::FrameKind;
using transaction::TracedFrame;
using transaction::TracedLog;
using transaction::TransactionTrace;

constexpr std::string_view kind_names[] = {"CALL",   "CALLCODE", "DELEGATECALL", "STATICCALL",
                                           "CREATE", "CREATE2",  "SELFDESTRUCT"};

/// Writes the frames of one transaction, which lie in the order in which they were entered.
class Writer {
  public:
    Writer(JsonText& json, const TransactionTrace& trace, const CallTracerOptions& options,
           uint64_t first_log, std::span<const std::string_view> noted = {})
        : json_{json}, trace_{trace}, options_{options}, first_log_{first_log}, noted_{noted} {
        if (options.with_log)
            list_logs();
    }

    void write() {
        for (size_t i = 0; i < trace_.frames.size(); ++i) {
            while (!open_.empty() && trace_.frames[open_.back()].depth >= trace_.frames[i].depth)
                close();
            open(i);
        }
        while (!open_.empty())
            close();
    }

  private:
    void open(size_t index) {
        const TracedFrame& frame = trace_.frames[index];
        if (!open_.empty())
            json_.raw(is_first_child_ ? ",\"calls\":[" : ",");
        json_.raw("{\"from\":");
        json_.bytes(frame.from);
        json_.raw(",\"gas\":");
        json_.quantity(frame.gas);
        json_.raw(",\"gasUsed\":");
        json_.quantity(frame.gas_used);
        if (frame.error == FrameError::none || !creates(frame.kind)) {
            json_.raw(",\"to\":");
            json_.bytes(frame.to);
        }
        json_.raw(",\"input\":");
        json_.bytes(trace_.view(frame.input));
        write_output(frame);
        has_failed_.push_back(frame.error != FrameError::none ||
                              (!has_failed_.empty() && has_failed_.back()));
        open_.push_back(index);
        is_first_child_ = true;
        if (!noted_.empty())
            write_noted(index);
    }

    /// What stands before the calls of a frame in erc7562Tracer's answers.
    void write_noted(size_t index) {
        const TracedFrame& frame = trace_.frames[index];
        write_logs_and_value(index);
        if (index < noted_.size()) {
            json_.raw(",");
            json_.raw(noted_[index]);
        }
        const std::string failure = frame.error == FrameError::none
                                        ? std::string{}
                                        : failure_text(frame, trace_.view(frame.input));
        const bool ran_out = failure.starts_with("out of gas") ||
                             failure == "contract creation code storage out of gas";
        json_.raw(ran_out && index != 0 ? ",\"outOfGas\":true" : ",\"outOfGas\":false");
        if (index == 0 && !noted_.back().empty()) {
            json_.raw(",");
            json_.raw(noted_.back());
        }
    }

    void write_output(const TracedFrame& frame) {
        const BytesView output = trace_.view(frame.output);
        const bool counts = frame.error == FrameError::none || frame.error == FrameError::reverted;
        if (counts && !output.empty()) {
            json_.raw(",\"output\":");
            json_.bytes(output);
        }
        if (frame.error == FrameError::none)
            return;
        json_.raw(",\"error\":");
        json_.string(failure_text(frame, trace_.view(frame.input)));
        if (frame.error != FrameError::reverted)
            return;
        if (const std::string reason = revert_reason(output); !reason.empty()) {
            json_.raw(",\"revertReason\":");
            json_.string(reason);
        }
    }

    void close() {
        const size_t index = open_.back();
        const TracedFrame& frame = trace_.frames[index];
        if (!is_first_child_)
            json_.raw("]");
        if (noted_.empty())
            write_logs_and_value(index);
        json_.raw(",\"type\":\"");
        json_.raw(kind_names[static_cast<size_t>(frame.kind)]);
        json_.raw("\"}");
        open_.pop_back();
        has_failed_.pop_back();
        is_first_child_ = false;
    }

    void write_logs_and_value(size_t index) {
        if (options_.with_log && !has_failed_.back())
            write_logs(index);
        if (trace_.frames[index].kind == FrameKind::staticcall)
            return;
        json_.raw(",\"value\":");
        json_.quantity(trace_.frames[index].value);
    }

    /// Finds the logs of every frame: they lie in the order of their emission, those of a frame
    /// between those of its children.
    void list_logs() {
        first_logs_.assign(trace_.frames.size(), no_log);
        next_logs_.resize(trace_.logs.size());
        for (size_t i = trace_.logs.size(); i-- > 0;) {
            uint32_t& first = first_logs_[trace_.logs[i].frame];
            next_logs_[i] = first;
            first = static_cast<uint32_t>(i);
        }
    }

    void write_logs(size_t frame) {
        if (first_logs_[frame] == no_log)
            return;
        for (uint32_t i = first_logs_[frame]; i != no_log; i = next_logs_[i]) {
            json_.raw(i == first_logs_[frame] ? ",\"logs\":[" : ",");
            write_log(trace_.logs[i]);
        }
        json_.raw("]");
    }

    void write_log(const TracedLog& log) {
        json_.raw("{\"address\":");
        json_.bytes(log.address);
        json_.raw(",\"topics\":[");
        for (uint32_t i = 0; i < log.topic_count; ++i) {
            json_.raw(i == 0 ? "" : ",");
            json_.bytes(trace_.topics[log.topic_start + i]);
        }
        json_.raw("],\"data\":");
        json_.bytes(trace_.view(log.data));
        json_.raw(",\"index\":");
        json_.quantity(first_log_ + log.index);
        json_.raw(",\"position\":");
        json_.quantity(uint64_t{log.position});
        json_.raw("}");
    }

    JsonText& json_;
    const TransactionTrace& trace_;
    const CallTracerOptions& options_;
    const uint64_t first_log_;
    /// Of erc7562Tracer, by frame, and at last what was hashed; else empty.
    const std::span<const std::string_view> noted_;
    static constexpr uint32_t no_log = UINT32_MAX;
    std::vector<uint32_t> first_logs_; ///< by frame
    std::vector<uint32_t> next_logs_;  ///< by log: the next one of its frame
    std::vector<size_t> open_;         ///< frames under way, innermost last
    std::vector<bool> has_failed_;
    bool is_first_child_ = true; ///< whether the next frame is the first of the innermost one
};

} // namespace

void write_call_trace(JsonText& json, const TransactionTrace& trace,
                      const CallTracerOptions& options, uint64_t first_log) {
    Writer{json, trace, options, first_log}.write();
}

void write_erc7562_trace(JsonText& json, const TransactionTrace& trace,
                         const CallTracerOptions& options, uint64_t first_log,
                         std::string_view noted) {
    std::vector<std::string_view> lines;
    for (size_t start = 0; start < noted.size();) {
        const size_t end = noted.find('\n', start);
        lines.push_back(noted.substr(start, end - start));
        start = end + 1;
    }
    Writer{json, trace, options, first_log, lines}.write();
}

} // namespace braid::trace
