#include "trace/four_byte_tracer.hpp"

#include <map>
#include <string>

namespace braid::trace {

using transaction::FrameKind;
using transaction::TracedFrame;

void write_four_byte_trace(JsonText& json, const transaction::TransactionTrace& trace) {
    constexpr size_t selector_size = 4;
    constexpr char digits[] = "0123456789abcdef";
    std::map<std::string, uint64_t> counts;
    for (const TracedFrame& frame : trace.frames) {
        const BytesView input = trace.view(frame.input);
        if (creates(frame.kind) || frame.kind == FrameKind::selfdestruct || frame.is_precompile ||
            input.size() < selector_size)
            continue;
        std::string name = "0x";
        for (size_t i = 0; i < selector_size; ++i) {
            name += digits[input[i] >> 4];
            name += digits[input[i] & 15];
        }
        ++counts[name + '-' + std::to_string(frame.input.length - selector_size)];
    }
    json.raw("{");
    bool is_first = true;
    for (const auto& [name, count] : counts) {
        json.raw(is_first ? "" : ",");
        is_first = false;
        json.string(name);
        json.raw(":");
        json.number(count);
    }
    json.raw("}");
}

} // namespace braid::trace
