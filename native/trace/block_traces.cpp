#include "trace/block_traces.hpp"

#include "trace/call_tracer.hpp"
#include "trace/flat_call_tracer.hpp"
#include "trace/four_byte_tracer.hpp"
#include "trace/preimage_tracer.hpp"
#include "trace/prestate_tracer.hpp"

namespace braid::trace {
namespace {

TransactionPlace place_of(const wire::BlockView& block, size_t index) noexcept {
    TransactionPlace place;
    place.block_number = block.header->number;
    place.index = index;
    if (!block.trace_hashes.empty()) {
        place.block_hash = block.trace_hashes[0];
        place.transaction_hash = block.trace_hashes[1 + index];
    }
    return place;
}

} // namespace

StructLogOptions struct_log_options(const wire::BlockView& block) noexcept {
    const auto has = [&](uint32_t flag) { return (block.header->trace_flags & flag) != 0; };
    return {has(wire::trace_flag::enable_memory), has(wire::trace_flag::disable_stack),
            has(wire::trace_flag::disable_storage), has(wire::trace_flag::enable_return_data),
            block.header->trace_limit};
}

std::unique_ptr<StepTracer> step_tracer_of(const wire::BlockView& block) {
    switch (static_cast<wire::Tracer>(block.header->tracer)) {
    case wire::Tracer::struct_log:
        return std::make_unique<StructLogger>(struct_log_options(block));
    case wire::Tracer::preimage:
        return std::make_unique<PreimageTracer>();
    default:
        return nullptr;
    }
}

std::string trace_of(const wire::BlockView& block, size_t index,
                     const transaction::TransactionTrace& trace, uint64_t first_log) {
    const auto has = [&](uint32_t flag) { return (block.header->trace_flags & flag) != 0; };
    std::string text;
    JsonText json{text};
    switch (static_cast<wire::Tracer>(block.header->tracer)) {
    case wire::Tracer::call:
        write_call_trace(json, trace, {has(wire::trace_flag::with_log)}, first_log);
        break;
    case wire::Tracer::flat_call:
        write_flat_call_trace(json, trace,
                              {has(wire::trace_flag::include_precompiles),
                               has(wire::trace_flag::convert_parity_errors)},
                              place_of(block, index));
        break;
    case wire::Tracer::prestate:
        write_prestate(json, trace,
                       {has(wire::trace_flag::diff_mode), has(wire::trace_flag::disable_code),
                        has(wire::trace_flag::disable_storage),
                        has(wire::trace_flag::include_empty)});
        break;
    case wire::Tracer::four_byte:
        write_four_byte_trace(json, trace);
        break;
    default:
        json.raw("{}");
    }
    return text;
}

} // namespace braid::trace
