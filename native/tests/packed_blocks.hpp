/// Blocks under construction as packed input, and what came out of them.
#pragma once

#include "tests/block_fixture.hpp"

namespace braid::test {

/// Packs a block under construction as TypeScript does.
inline wire::PackedBuffer packed(const BlockFixture& block, uint32_t workers,
                                 std::span<const wire::PrefetchKey> prefetch_keys = {}) {
    wire::BlockInput header = block.header;
    header.magic = wire::magic::block_input;
    header.version = wire::version;
    header.workers = workers;
    wire::SectionPlanner planner{sizeof(header)};
    header.transactions = planner.place(std::span{block.transactions});
    header.withdrawals = planner.place(std::span{block.withdrawals});
    header.system_calls = planner.place(std::span{block.system_calls});
    header.access_entries = planner.place(std::span{block.access_entries});
    header.storage_keys = planner.place(std::span{block.storage_keys});
    header.prefetch_keys = planner.place(prefetch_keys);
    header.pool = planner.place(std::span{block.pool});
    wire::PackedBuffer buffer = wire::allocate_buffer(planner.size());
    std::memcpy(buffer.data.get(), &header, sizeof(header));
    size_t written = sizeof(header);
    wire::write_section(buffer, written, header.transactions, std::span{block.transactions});
    wire::write_section(buffer, written, header.withdrawals, std::span{block.withdrawals});
    wire::write_section(buffer, written, header.system_calls, std::span{block.system_calls});
    wire::write_section(buffer, written, header.access_entries, std::span{block.access_entries});
    wire::write_section(buffer, written, header.storage_keys, std::span{block.storage_keys});
    wire::write_section(buffer, written, header.prefetch_keys, prefetch_keys);
    wire::write_section(buffer, written, header.pool, std::span{block.pool});
    return buffer;
}

template <typename Record>
bool same_section(const wire::PackedBuffer& a, wire::Section x, const wire::PackedBuffer& b,
                  wire::Section y) {
    return x.count == y.count && std::memcmp(a.data.get() + x.offset, b.data.get() + y.offset,
                                             x.count * sizeof(Record)) == 0;
}

inline const wire::BlockOutput& header_of(const wire::PackedBuffer& output) {
    return *reinterpret_cast<const wire::BlockOutput*>(output.data.get());
}

/// Whether two outputs say the same, but for how and how fast the block was executed.
inline bool same_output(const wire::PackedBuffer& a, const wire::PackedBuffer& b) {
    const wire::BlockOutput& x = header_of(a);
    const wire::BlockOutput& y = header_of(b);
    return x.error == y.error && x.error_transaction == y.error_transaction &&
           x.error_expected == y.error_expected && x.error_actual == y.error_actual &&
           x.error_address == y.error_address && x.gas_used == y.gas_used &&
           std::memcmp(x.bloom, y.bloom, sizeof(x.bloom)) == 0 &&
           same_section<wire::Receipt>(a, x.receipts, b, y.receipts) &&
           same_section<wire::Log>(a, x.logs, b, y.logs) &&
           same_section<Bytes32>(a, x.topics, b, y.topics) &&
           same_section<wire::AccountChange>(a, x.accounts, b, y.accounts) &&
           same_section<wire::SlotChange>(a, x.slots, b, y.slots) &&
           same_section<wire::Request>(a, x.requests, b, y.requests) &&
           same_section<uint8_t>(a, x.pool, b, y.pool);
}

} // namespace braid::test
