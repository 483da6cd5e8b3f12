#include "wire/state_dump.hpp"

#include <algorithm>

namespace braid::wire {

std::optional<StateDumpView> read_state_dump(BytesView buffer) noexcept {
    const auto* header = read_header<StateDump>(buffer, magic::state_dump);
    if (header == nullptr)
        return std::nullopt;
    StateDumpView view;
    if (!read_section(buffer, header->accounts, view.accounts) ||
        !read_section(buffer, header->slots, view.slots) ||
        !read_section(buffer, header->pool, view.pool) ||
        !read_section(buffer, header->moves, view.moves))
        return std::nullopt;
    const bool accounts_point_inside =
        std::ranges::all_of(view.accounts, [&](const StateAccount& account) {
            return in_range(account.code_offset, account.code_size, view.pool.size()) &&
                   in_range(account.slot_start, account.slot_count, view.slots.size());
        });
    if (!accounts_point_inside)
        return std::nullopt;
    return view;
}

PackedBuffer write_state_dump(const StateDumpRecords& records) noexcept {
    StateDump header{};
    header.magic = magic::state_dump;
    header.version = version;
    SectionPlanner planner{sizeof(header)};
    header.accounts = planner.place(std::span{records.accounts});
    header.slots = planner.place(std::span{records.slots});
    header.pool = planner.place(std::span{records.pool});
    if (!planner.fits())
        return {};
    PackedBuffer buffer = allocate_buffer(planner.size());
    if (buffer.data == nullptr)
        return buffer;

    std::memcpy(buffer.data.get(), &header, sizeof(header));
    size_t written = sizeof(header);
    write_section(buffer, written, header.accounts, std::span{records.accounts});
    write_section(buffer, written, header.slots, std::span{records.slots});
    write_section(buffer, written, header.pool, std::span{records.pool});
    return buffer;
}

} // namespace braid::wire
