#include "wire/output_writer.hpp"

#include <algorithm>

namespace braid::wire {

namespace {

BlockOutput header_of(const BlockRecords& records) noexcept {
    BlockOutput header{};
    header.magic = magic::block_output;
    header.version = version;
    header.error = static_cast<uint32_t>(records.error);
    header.error_transaction = records.error_transaction;
    header.gas_used = records.gas_used;
    header.blob_gas_used = records.blob_gas_used;
    header.senders_nanoseconds = records.senders_nanoseconds;
    header.execute_nanoseconds = records.execute_nanoseconds;
    header.total_nanoseconds = records.total_nanoseconds;
    header.error_expected = records.error_expected;
    header.error_actual = records.error_actual;
    header.error_address = records.error_address;
    header.workers = records.workers;
    std::ranges::copy(records.bloom, header.bloom);
    header.receipts_root = records.receipts_root;
    return header;
}

/// A buffer of the header alone.
PackedBuffer write_header(const BlockOutput& header) noexcept {
    return copy_buffer(std::span{&header, 1});
}

PackedBuffer write_out_of_memory(BlockOutput header) noexcept {
    header.error = static_cast<uint32_t>(ErrorCode::out_of_memory);
    header.error_transaction = -1;
    header.receipts = header.logs = header.topics = {};
    header.accounts = header.slots = header.requests = header.pool = {};
    header.runs = header.conflicts = header.hot_locations = {};
    header.traces = header.trace_text = {};
    return write_header(header);
}

/// Where the text of every trace lies in the section of all of them.
std::vector<TraceText> places_of(const std::vector<std::string>& traces, uint64_t& size) {
    std::vector<TraceText> places;
    places.reserve(traces.size());
    size = 0;
    for (const std::string& text : traces) {
        places.push_back({size, text.size()});
        size += text.size();
    }
    return places;
}

} // namespace

PackedBuffer write_output(const BlockRecords& records) noexcept {
    BlockOutput header = header_of(records);
    if (records.error != ErrorCode::ok)
        return write_header(header);

    SectionPlanner planner{sizeof(header)};
    header.receipts = planner.place(std::span{records.receipts});
    header.logs = planner.place(std::span{records.logs});
    header.topics = planner.place(std::span{records.topics});
    header.accounts = planner.place(std::span{records.accounts});
    header.slots = planner.place(std::span{records.slots});
    header.requests = planner.place(std::span{records.requests});
    header.runs = planner.place(std::span{records.runs});
    header.conflicts = planner.place(std::span{records.conflicts});
    header.hot_locations = planner.place(std::span{records.hot_locations});
    header.pool = planner.place(std::span{records.pool});
    uint64_t text_size = 0;
    const std::vector<TraceText> traces = places_of(records.traces, text_size);
    header.traces = planner.place(std::span{traces});
    header.trace_text = planner.place_bytes(text_size);
    if (!planner.fits())
        return write_out_of_memory(header);
    PackedBuffer buffer = allocate_buffer(planner.size());
    if (buffer.data == nullptr)
        return write_out_of_memory(header);

    std::memcpy(buffer.data.get(), &header, sizeof(header));
    size_t written = sizeof(header);
    write_section(buffer, written, header.receipts, std::span{records.receipts});
    write_section(buffer, written, header.logs, std::span{records.logs});
    write_section(buffer, written, header.topics, std::span{records.topics});
    write_section(buffer, written, header.accounts, std::span{records.accounts});
    write_section(buffer, written, header.slots, std::span{records.slots});
    write_section(buffer, written, header.requests, std::span{records.requests});
    write_section(buffer, written, header.runs, std::span{records.runs});
    write_section(buffer, written, header.conflicts, std::span{records.conflicts});
    write_section(buffer, written, header.hot_locations, std::span{records.hot_locations});
    write_section(buffer, written, header.pool, std::span{records.pool});
    write_section(buffer, written, header.traces, std::span{traces});
    write_section(buffer, written, header.trace_text, std::span<const uint8_t>{});
    for (const std::string& text : records.traces) {
        std::memcpy(buffer.data.get() + written, text.data(), text.size());
        written += text.size();
    }
    return buffer;
}

} // namespace braid::wire
