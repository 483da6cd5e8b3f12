#include "call/call_records.hpp"

namespace braid::call {
namespace {

wire::CallsOutput header_of(wire::ErrorCode error) noexcept {
    wire::CallsOutput header{};
    header.magic = wire::magic::calls_output;
    header.version = wire::version;
    header.error = static_cast<uint32_t>(error);
    return header;
}

wire::PackedBuffer write_header(const wire::CallsOutput& header) noexcept {
    return wire::copy_buffer(std::span{&header, 1});
}

/// Appends records at a place in a buffer, and moves the place on.
template <typename Record>
void put(uint8_t* buffer, size_t& at, const std::vector<Record>& records) noexcept {
    if (records.empty())
        return;
    std::memcpy(buffer + at, records.data(), records.size() * sizeof(Record));
    at += records.size() * sizeof(Record);
}

/// A section of so many records.
template <typename Record>
wire::Section place(wire::SectionPlanner& planner, size_t count) noexcept {
    wire::Section section = planner.place_bytes(count * sizeof(Record));
    section.count = static_cast<uint32_t>(count);
    return section;
}

} // namespace

void CallRecords::add(const transaction::TransactionOutcome& outcome, std::string_view text,
                      std::span<const wire::PrefetchKey> accessed) {
    wire::CallOutcome& record = outcomes_.emplace_back();
    record.error = static_cast<uint32_t>(outcome.failure.code);
    record.access_start = static_cast<uint32_t>(accessed_.size());
    record.access_count = static_cast<uint32_t>(accessed.size());
    accessed_.insert(accessed_.end(), accessed.begin(), accessed.end());
    if (outcome.failure.code != wire::ErrorCode::ok) {
        record.error_expected = outcome.failure.expected;
        record.error_actual = outcome.failure.actual;
        record.error_address = outcome.failure.address;
        return;
    }
    record.evm_status = outcome.status;
    record.gas_used = outcome.gas_used;
    record.gas_before_refund = outcome.gas_before_refund;
    record.contract_address = outcome.contract_address;
    record.output_size = static_cast<uint32_t>(outcome.output.size());
    record.output_offset = append(outcome.output);
    record.text_size = static_cast<uint32_t>(text.size());
    record.text_offset = append({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    record.log_start = static_cast<uint32_t>(logs_.size());
    record.log_count = static_cast<uint32_t>(outcome.logs.entries.size());
    const auto topic_base = static_cast<uint32_t>(topics_.size());
    topics_.insert(topics_.end(), outcome.logs.topics.begin(), outcome.logs.topics.end());
    const uint32_t data_base = append(outcome.logs.data);
    for (wire::Log log : outcome.logs.entries) {
        log.topic_start += topic_base;
        log.data_offset += data_base;
        logs_.push_back(log);
    }
}

wire::PackedBuffer failed_calls(wire::ErrorCode error, const Address& address) noexcept {
    wire::CallsOutput header = header_of(error);
    header.error_address = address;
    return write_header(header);
}

wire::PackedBuffer write_calls(std::span<const CallRecords> parts) noexcept {
    size_t outcomes = 0;
    size_t logs = 0;
    size_t topics = 0;
    size_t accessed = 0;
    size_t pool = 0;
    for (const CallRecords& part : parts) {
        outcomes += part.outcomes_.size();
        logs += part.logs_.size();
        topics += part.topics_.size();
        accessed += part.accessed_.size();
        pool += part.pool_.size();
    }
    wire::CallsOutput header = header_of(wire::ErrorCode::ok);
    wire::SectionPlanner planner{sizeof(header)};
    header.outcomes = place<wire::CallOutcome>(planner, outcomes);
    header.logs = place<wire::Log>(planner, logs);
    header.topics = place<Bytes32>(planner, topics);
    header.accessed = place<wire::PrefetchKey>(planner, accessed);
    header.pool = place<uint8_t>(planner, pool);
    if (!planner.fits())
        return failed_calls(wire::ErrorCode::out_of_memory);
    wire::PackedBuffer buffer = wire::allocate_buffer(planner.size());
    if (buffer.data == nullptr)
        return failed_calls(wire::ErrorCode::out_of_memory);

    uint8_t* const bytes = buffer.data.get();
    std::memcpy(bytes, &header, sizeof(header));
    std::memset(bytes + sizeof(header), 0, header.outcomes.offset - sizeof(header));
    size_t outcome_at = header.outcomes.offset;
    size_t log_at = header.logs.offset;
    size_t topic_at = header.topics.offset;
    size_t access_at = header.accessed.offset;
    size_t pool_at = header.pool.offset;
    for (const CallRecords& part : parts) {
        // Where the part's own records begin among those of all.
        const auto log_base =
            static_cast<uint32_t>((log_at - header.logs.offset) / sizeof(wire::Log));
        const auto topic_base =
            static_cast<uint32_t>((topic_at - header.topics.offset) / sizeof(Bytes32));
        const auto access_base =
            static_cast<uint32_t>((access_at - header.accessed.offset) / sizeof(wire::PrefetchKey));
        const auto pool_base = static_cast<uint32_t>(pool_at - header.pool.offset);
        for (wire::CallOutcome outcome : part.outcomes_) {
            outcome.output_offset += pool_base;
            outcome.text_offset += pool_base;
            outcome.log_start += log_base;
            outcome.access_start += access_base;
            std::memcpy(bytes + outcome_at, &outcome, sizeof(outcome));
            outcome_at += sizeof(outcome);
        }
        for (wire::Log log : part.logs_) {
            log.topic_start += topic_base;
            log.data_offset += pool_base;
            std::memcpy(bytes + log_at, &log, sizeof(log));
            log_at += sizeof(log);
        }
        put(bytes, topic_at, part.topics_);
        put(bytes, access_at, part.accessed_);
        put(bytes, pool_at, part.pool_);
    }
    return buffer;
}

} // namespace braid::call
