/// Placing of sections in a buffer that is about to be written.
#pragma once

#include "wire/section.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <span>

namespace braid::wire {

/// A packed buffer that owns its bytes. Null with size 0 where packing failed.
struct PackedBuffer {
    std::unique_ptr<uint8_t[]> data;
    size_t size = 0;

    [[nodiscard]] BytesView view() const noexcept { return {data.get(), size}; }
};

/// Makes a buffer of `size` bytes with undefined content; a null one where there is no memory.
[[nodiscard]] inline PackedBuffer allocate_buffer(size_t size) noexcept {
    // operator new[] aligns to 16, which is what a header and its sections need.
    PackedBuffer buffer{std::unique_ptr<uint8_t[]>{new (std::nothrow) uint8_t[size]}, size};
    if (buffer.data == nullptr)
        buffer.size = 0;
    return buffer;
}

/// Makes a buffer with a copy of the bytes; a null one where there is no memory.
[[nodiscard]] inline PackedBuffer copy_buffer(BytesView bytes) noexcept {
    PackedBuffer buffer = allocate_buffer(bytes.size());
    if (buffer.data != nullptr && !bytes.empty())
        std::memcpy(buffer.data.get(), bytes.data(), bytes.size());
    return buffer;
}

/// As above, of records.
template <typename Record>
[[nodiscard]] PackedBuffer copy_buffer(std::span<const Record> records) noexcept {
    return copy_buffer(
        BytesView{reinterpret_cast<const uint8_t*>(records.data()), records.size_bytes()});
}

/// Hands out the places of a header and the sections after it, each at a multiple of 8.
class SectionPlanner {
  public:
    explicit SectionPlanner(size_t header_size) noexcept : end_{header_size} {}

    /// The place of the next section. Meaningless once `fits` is false.
    template <typename Record>
    [[nodiscard]] Section place(std::span<const Record> records) noexcept {
        Section section = place_bytes(records.size_bytes());
        section.count = static_cast<uint32_t>(records.size());
        return section;
    }

    /// As above, of so many bytes.
    [[nodiscard]] Section place_bytes(size_t size) noexcept {
        const size_t start = (end_ + section_alignment - 1) / section_alignment * section_alignment;
        end_ = start + size;
        return {static_cast<uint32_t>(start), static_cast<uint32_t>(size)};
    }

    /// The size of the whole buffer.
    [[nodiscard]] size_t size() const noexcept { return end_; }

    /// Whether every offset and count so far fits its 32 bits.
    [[nodiscard]] bool fits() const noexcept {
        return end_ <= std::numeric_limits<uint32_t>::max();
    }

  private:
    size_t end_;
};

/// Copies the records to the place that was planned for them, and clears the gap before it.
template <typename Record>
void write_section(const PackedBuffer& buffer, size_t& written, const Section& section,
                   std::span<const Record> records) noexcept {
    std::memset(buffer.data.get() + written, 0, section.offset - written);
    if (!records.empty())
        std::memcpy(buffer.data.get() + section.offset, records.data(), records.size_bytes());
    written = section.offset + records.size_bytes();
}

} // namespace braid::wire
