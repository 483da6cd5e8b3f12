#include "block/trace_options.hpp"

namespace braid::block {

transaction::TraceOptions trace_options_of(const wire::BlockInput& header) noexcept {
    const auto has = [&](uint32_t flag) { return (header.trace_flags & flag) != 0; };
    transaction::TraceOptions options;
    switch (static_cast<wire::Tracer>(header.tracer)) {
    case wire::Tracer::call:
        options.frames = true;
        options.inner_frames = !has(wire::trace_flag::only_top_call);
        options.frame_logs = has(wire::trace_flag::with_log);
        break;
    case wire::Tracer::erc7562:
        options.frames = true;
        options.frame_logs = has(wire::trace_flag::with_log);
        break;
    case wire::Tracer::flat_call:
    case wire::Tracer::lines:
    case wire::Tracer::frames:
        options.frames = true;
        break;
    case wire::Tracer::four_byte:
        options.frames = true;
        options.most_data = 4;
        break;
    case wire::Tracer::prestate:
        options.touched = true;
        break;
    case wire::Tracer::parity:
        // The transaction's own frame says what it has returned.
        options.frames = true;
        options.inner_frames =
            has(wire::trace_flag::parity_trace) || has(wire::trace_flag::parity_vm_trace);
        options.touched = has(wire::trace_flag::parity_state_diff);
        break;
    case wire::Tracer::simulation:
        options.frames = true;
        options.frame_logs = true;
        options.most_data = 0;
        break;
    default:
        break;
    }
    return options;
}

} // namespace braid::block
