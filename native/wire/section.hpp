/// Range checks shared by the readers of packed buffers.
#pragma once

#include "wire/layout.hpp"

#include <span>

namespace braid::wire {

/// Where every buffer and every section must start.
inline constexpr size_t section_alignment = 8;

/// Whether `count` items from `start` on lie inside `size` items.
[[nodiscard]] constexpr bool in_range(uint32_t start, uint32_t count, size_t size) noexcept {
    return uint64_t{start} + count <= size;
}

/// Finds the records of a section. False, with `records` empty, where they leave the buffer or are
/// misaligned. An empty section may say any offset.
template <typename Record>
[[nodiscard]] bool read_section(BytesView buffer, const Section& section,
                                std::span<const Record>& records) noexcept {
    records = {};
    if (section.count == 0)
        return true;
    const uint64_t end = section.offset + uint64_t{section.count} * sizeof(Record);
    if (section.offset % section_alignment != 0 || end > buffer.size())
        return false;
    records = {reinterpret_cast<const Record*>(buffer.data() + section.offset), section.count};
    return true;
}

/// Finds the header at the start of a buffer; null where the buffer is misaligned, too short, or of
/// another kind or version.
template <typename Header>
[[nodiscard]] const Header* read_header(BytesView buffer, uint32_t expected_magic) noexcept {
    if (buffer.size() < sizeof(Header) ||
        reinterpret_cast<uintptr_t>(buffer.data()) % section_alignment != 0)
        return nullptr;
    const auto* header = reinterpret_cast<const Header*>(buffer.data());
    return header->magic == expected_magic && header->version == version ? header : nullptr;
}

} // namespace braid::wire
