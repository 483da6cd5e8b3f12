#include "trace/block_traces.hpp"

#include "trace/call_tracer.hpp"
#include "trace/erc7562_tracer.hpp"
#include "trace/flat_call_tracer.hpp"
#include "trace/four_byte_tracer.hpp"
#include "trace/frame_records.hpp"
#include "trace/line_tracer.hpp"
#include "trace/parity_state_diff.hpp"
#include "trace/preimage_tracer.hpp"
#include "trace/prestate_tracer.hpp"
#include "trace/struct_logger.hpp"
#include "trace/vm_tracer.hpp"

namespace braid::trace {
namespace {

TransactionPlace place_of(const wire::BlockView& block, size_t index) noexcept {
    TransactionPlace place;
    place.index = block.header->first_transaction + index;
    // A call that is in no block has none of it, as with geth.
    if (!block.trace_hashes.empty()) {
        place.block_number = block.header->number;
        place.block_hash = block.trace_hashes[0];
        place.transaction_hash = block.trace_hashes[1 + index];
    }
    return place;
}

FlatCallOptions flat_options_of(const wire::BlockInput& header) noexcept {
    const auto has = [&](uint32_t flag) { return (header.trace_flags & flag) != 0; };
    FlatCallOptions options;
    options.include_precompiles = has(wire::trace_flag::include_precompiles);
    const bool is_flat = static_cast<wire::Tracer>(header.tracer) == wire::Tracer::flat_call;
    if (has(wire::trace_flag::erigon_form))
        options.form = FlatForm::erigon;
    else if (has(wire::trace_flag::besu_form))
        options.form = FlatForm::besu;
    else if (!is_flat || has(wire::trace_flag::parity_form))
        options.form = FlatForm::parity;
    options.convert_parity_errors = has(wire::trace_flag::convert_parity_errors);
    options.tells_place = is_flat;
    options.tells_creation_method = !has(wire::trace_flag::hide_creation_method);
    return options;
}

/// An answer of trace_replayTransaction.
void write_parity(JsonText& json, const wire::BlockView& block, size_t index,
                  const transaction::TransactionTrace& trace, std::string_view steps) {
    const auto has = [&](uint32_t flag) { return (block.header->trace_flags & flag) != 0; };
    const TransactionPlace place = place_of(block, index);
    json.raw("{\"output\":");
    const bool is_placed = !is_zero(place.transaction_hash);
    const transaction::FrameError error =
        trace.frames.empty() ? transaction::FrameError::none : trace.frames[0].error;
    const BytesView output =
        trace.frames.empty() ? BytesView{} : trace.view(trace.frames[0].output);
    const bool has_reverted = error == transaction::FrameError::reverted;
    // What was said with REVERT is told as well; by Besu beside it, unless it is of a call.
    const bool tells_reason = has_reverted && is_placed && has(wire::trace_flag::besu_form);
    const bool has_output = error == transaction::FrameError::none || has_reverted;
    json.bytes(has_output && !tells_reason ? output : BytesView{});
    if (tells_reason) {
        json.raw(",\"revertReason\":");
        json.bytes(output);
    }
    json.raw(",\"stateDiff\":");
    // EIP-7523: by then no chain has empty accounts any more.
    const bool empty_is_absent = block.header->revision >= EVMC_PARIS;
    if (has(wire::trace_flag::parity_state_diff))
        write_parity_state_diff(json, trace, empty_is_absent);
    else
        json.raw("null");
    json.raw(",\"trace\":");
    if (has(wire::trace_flag::parity_trace))
        write_flat_call_trace(json, trace, flat_options_of(*block.header), place);
    else
        json.raw("[]");
    // trace_call tells none.
    if (is_placed) {
        json.raw(",\"transactionHash\":");
        json.bytes(place.transaction_hash);
    }
    json.raw(",\"vmTrace\":");
    json.raw(steps.empty() ? "null" : steps);
    json.raw("}");
}

} // namespace

std::unique_ptr<StepTracer> step_tracer_of(const wire::BlockView& block) {
    const auto has = [&](uint32_t flag) { return (block.header->trace_flags & flag) != 0; };
    const auto& header = *block.header;
    switch (static_cast<wire::Tracer>(header.tracer)) {
    case wire::Tracer::struct_log:
        return std::make_unique<StructLogger>(StructLogOptions{
            has(wire::trace_flag::enable_memory), has(wire::trace_flag::disable_stack),
            has(wire::trace_flag::disable_storage), has(wire::trace_flag::enable_return_data),
            header.trace_limit});
    case wire::Tracer::preimage:
        return std::make_unique<PreimageTracer>();
    case wire::Tracer::erc7562: {
        Erc7562Options options;
        for (size_t op = 0; op < options.ignored_opcodes.size(); ++op)
            options.ignored_opcodes[op] = (header.ignored_opcodes.bytes[op / 8] & 1 << op % 8) != 0;
        return std::make_unique<Erc7562Tracer>(options);
    }
    case wire::Tracer::parity:
        if (!has(wire::trace_flag::parity_vm_trace))
            return nullptr;
        return std::make_unique<VmTracer>(
            VmTraceOptions{static_cast<evmc_revision>(header.revision),
                           has(wire::trace_flag::erigon_form), has(wire::trace_flag::besu_form)});
    case wire::Tracer::lines:
        return std::make_unique<LineTracer>(
            LineOptions{has(wire::trace_flag::enable_memory), has(wire::trace_flag::disable_stack),
                        has(wire::trace_flag::enable_return_data),
                        has(wire::trace_flag::call_frames), header.trace_limit});
    default:
        return nullptr;
    }
}

bool is_told_afterwards(const wire::BlockView& block) noexcept {
    switch (static_cast<wire::Tracer>(block.header->tracer)) {
    case wire::Tracer::none:
    case wire::Tracer::struct_log:
    case wire::Tracer::preimage:
    case wire::Tracer::lines:
    case wire::Tracer::other_rules:
        return false;
    default:
        return true;
    }
}

std::string trace_of(const wire::BlockView& block, size_t index,
                     const transaction::TransactionTrace& trace, uint64_t first_log,
                     std::string_view steps) {
    const auto has = [&](uint32_t flag) { return (block.header->trace_flags & flag) != 0; };
    std::string text;
    JsonText json{text};
    switch (static_cast<wire::Tracer>(block.header->tracer)) {
    case wire::Tracer::call:
        write_call_trace(json, trace, {has(wire::trace_flag::with_log)}, first_log);
        break;
    case wire::Tracer::flat_call:
        write_flat_call_trace(json, trace, flat_options_of(*block.header), place_of(block, index));
        break;
    case wire::Tracer::parity:
        write_parity(json, block, index, trace, steps);
        break;
    case wire::Tracer::erc7562:
        write_erc7562_trace(json, trace, {has(wire::trace_flag::with_log)}, first_log, steps);
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
    case wire::Tracer::frames:
        append_frames(text, trace);
        break;
    default:
        json.raw("{}");
    }
    return text;
}

} // namespace braid::trace
