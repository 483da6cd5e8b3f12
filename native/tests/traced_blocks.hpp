/// Blocks under construction that are traced, and what came of it.
#pragma once

#include "tests/hard_case_block.hpp"
#include "trace/block_traces.hpp"

#include <string>
#include <vector>

namespace braid::test {

/// Has a block traced from now on.
inline void trace_with(BlockFixture& block, wire::Tracer tracer, uint32_t flags = 0) {
    block.header.tracer = static_cast<uint32_t>(tracer);
    block.header.trace_flags = flags;
}

/// What the block's tracer says of every transaction, from the first traced one on; nothing where
/// the block fails.
inline std::vector<std::string> traces_of(const BlockFixture& block, state::StateView& base,
                                          block::TransactionLoop* loop = nullptr) {
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    const wire::BlockView view = block.view();
    block::SenderTable senders;
    senders.begin(view);
    senders.recover(0, senders.job_count());
    wire::BlockRecords records;
    records.clear();
    const std::unique_ptr<trace::StepTracer> steps = trace::step_tracer_of(view);
    executor.set_step_recorder(steps.get());
    if (loop == nullptr)
        executor.execute(base, view, senders, records);
    else
        executor.execute(base, view, senders, records, *loop);
    if (records.error != wire::ErrorCode::ok) {
        fail(__FILE__, __LINE__, "the block can be executed",
             std::to_string(static_cast<uint32_t>(records.error)));
        return {};
    }
    std::vector<std::string> told;
    if (steps != nullptr)
        told = steps->take();
    if (!trace::is_told_afterwards(view))
        return told;
    std::vector<std::string> texts;
    const size_t first = view.header->trace_start;
    for (size_t i = first; i < executor.traces().size(); ++i)
        texts.push_back(trace::trace_of(view, i, executor.traces()[i],
                                        records.receipts[i].log_start,
                                        told.empty() ? std::string_view{} : told[i - first]));
    return texts;
}

/// As above, on the block's own state.
inline std::vector<std::string> traces_of(BlockFixture& block) {
    return traces_of(block, block.state);
}

/// What the block's tracer says of the first transaction that is traced.
inline std::string first_trace_of(BlockFixture& block) {
    const std::vector<std::string> traces = traces_of(block);
    return traces.empty() ? std::string{} : traces.front();
}

/// Twenty bytes as JSON has them.
inline std::string json_of(const Address& address) {
    return "\"0x" + to_hex(address.bytes, sizeof(address.bytes)) + '"';
}
inline std::string json_of(const Bytes32& value) {
    return "\"0x" + to_hex(value.bytes, sizeof(value.bytes)) + '"';
}

/// The text behind a name in JSON; empty where it is not there.
inline std::string text_of(const std::string& json, const std::string& name) {
    const std::string head = '"' + name + "\":\"";
    const size_t start = json.find(head);
    if (start == std::string::npos)
        return {};
    const size_t end = json.find('"', start + head.size());
    return json.substr(start + head.size(), end - start - head.size());
}

/// Returns the number 7.
inline Program seven() { return Program{}.push(7).return_top(); }

} // namespace braid::test
