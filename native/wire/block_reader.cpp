#include "wire/block_reader.hpp"

#include "wire/section.hpp"

#include <algorithm>

namespace braid::wire {

namespace {

bool is_valid(const Transaction& transaction, const BlockView& view) noexcept {
    return in_range(transaction.data_offset, transaction.data_size, view.pool.size()) &&
           in_range(transaction.payload_offset, transaction.payload_size, view.pool.size()) &&
           in_range(transaction.access_start, transaction.access_count,
                    view.access_entries.size()) &&
           in_range(transaction.blob_start, transaction.blob_count, view.blob_hashes.size()) &&
           in_range(transaction.authorization_start, transaction.authorization_count,
                    view.authorizations.size());
}

/// Whether every transaction waits for an earlier one, if for any.
bool predecessors_are_earlier(std::span<const Transaction> transactions) noexcept {
    for (size_t i = 0; i < transactions.size(); ++i)
        if (transactions[i].predecessor > i)
            return false;
    return true;
}

} // namespace

std::optional<BlockView> read_block(BytesView buffer) noexcept {
    BlockView view;
    view.header = read_header<BlockInput>(buffer, magic::block_input);
    if (view.header == nullptr)
        return std::nullopt;
    const BlockInput& header = *view.header;
    const bool sections_lie_inside =
        read_section(buffer, header.transactions, view.transactions) &&
        read_section(buffer, header.ommers, view.ommers) &&
        read_section(buffer, header.withdrawals, view.withdrawals) &&
        read_section(buffer, header.block_hashes, view.block_hashes) &&
        read_section(buffer, header.system_calls, view.system_calls) &&
        read_section(buffer, header.drains, view.drains) &&
        read_section(buffer, header.access_entries, view.access_entries) &&
        read_section(buffer, header.storage_keys, view.storage_keys) &&
        read_section(buffer, header.blob_hashes, view.blob_hashes) &&
        read_section(buffer, header.authorizations, view.authorizations) &&
        read_section(buffer, header.prefetch_keys, view.prefetch_keys) &&
        read_section(buffer, header.pool, view.pool) &&
        read_section(buffer, header.trace_hashes, view.trace_hashes) &&
        read_section(buffer, header.gas_costs, view.gas_costs) &&
        read_section(buffer, header.gas_searches, view.gas_searches);
    if (!sections_lie_inside)
        return std::nullopt;

    const bool records_point_inside =
        std::ranges::all_of(view.transactions,
                            [&](const Transaction& item) { return is_valid(item, view); }) &&
        std::ranges::all_of(view.access_entries,
                            [&](const AccessEntry& item) {
                                return in_range(item.key_start, item.key_count,
                                                view.storage_keys.size());
                            }) &&
        std::ranges::all_of(view.system_calls, [&](const SystemCall& item) {
            return in_range(item.input_offset, item.input_size, view.pool.size());
        });
    const bool hashes_ascend =
        std::ranges::adjacent_find(view.block_hashes, [](const BlockHash& a, const BlockHash& b) {
            return a.number >= b.number;
        }) == view.block_hashes.end();
    const bool hashes_fit =
        view.trace_hashes.empty() || view.trace_hashes.size() == view.transactions.size() + 1;
    if (!hashes_fit || !records_point_inside || !hashes_ascend ||
        !predecessors_are_earlier(view.transactions))
        return std::nullopt;
    return view;
}

} // namespace braid::wire
