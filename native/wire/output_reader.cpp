#include "wire/output_reader.hpp"

#include "wire/section.hpp"

#include <algorithm>

namespace braid::wire {

std::optional<OutputView> read_output(BytesView buffer) noexcept {
    OutputView view;
    view.header = read_header<BlockOutput>(buffer, magic::block_output);
    if (view.header == nullptr)
        return std::nullopt;
    if (!read_section(buffer, view.header->accounts, view.accounts) ||
        !read_section(buffer, view.header->slots, view.slots) ||
        !read_section(buffer, view.header->pool, view.pool))
        return std::nullopt;
    const bool accounts_point_inside =
        std::ranges::all_of(view.accounts, [&](const AccountChange& account) {
            return in_range(account.code_offset, account.code_size, view.pool.size()) &&
                   in_range(account.slot_start, account.slot_count, view.slots.size());
        });
    if (!accounts_point_inside)
        return std::nullopt;
    return view;
}

} // namespace braid::wire
