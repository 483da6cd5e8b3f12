/// One call frame at work, and the storage that frames of one VM share.
#pragma once

#include "base/uint256.hpp"
#include "evm/analysis.hpp"
#include "evm/rules.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

namespace braid::evm {

/// The most items an EVM stack holds.
inline constexpr size_t stack_limit = 1024;

/// The deepest call (EIP-150 keeps the Yellow Paper's limit).
inline constexpr int32_t call_depth_limit = 1024;

/// Memory offsets and sizes beyond this cost more gas than there is.
inline constexpr uint64_t memory_limit = UINT32_MAX;

/// Operand stacks of nested frames, one after the other in large chunks: a callee's stack starts
/// where its caller's ends, so deep calls touch little memory.
class StackArena {
  public:
    /// A frame's stack: room for stack_limit items above `bottom` (which is one below the first).
    struct Position {
        size_t chunk = 0;
        size_t offset = 0;
    };

    /// Returns the address one below the first item of a stack with room for stack_limit items.
    [[nodiscard]] uint256* enter(Position& position) noexcept {
        if (position.offset + stack_limit + 1 > chunk_items) {
            ++position.chunk;
            position.offset = 0;
        }
        while (position.chunk >= chunks_.size())
            chunks_.emplace_back(
                static_cast<uint256*>(::operator new(chunk_items * sizeof(uint256))));
        return chunks_[position.chunk].get() + position.offset;
    }

    /// Gives back what is beyond the budget; nothing may be running.
    void trim() noexcept {
        if (chunks_.size() > kept_chunks)
            chunks_.resize(kept_chunks);
    }

    /// The bytes that it holds.
    [[nodiscard]] size_t held() const noexcept {
        return chunks_.size() * chunk_items * sizeof(uint256);
    }

  private:
    struct Release {
        void operator()(uint256* items) const noexcept { ::operator delete(items); }
    };
    static constexpr size_t chunk_items = 32 * stack_limit; // 1 MiB
    static constexpr size_t kept_chunks = 2;
    std::vector<std::unique_ptr<uint256, Release>> chunks_;
};

/// Memories of nested frames. Only the innermost frame can grow, so each frame's memory follows
/// its caller's; a frame that outgrows its chunk moves to the next one.
class MemoryArena {
  public:
    struct Position {
        size_t chunk = 0;
        size_t offset = 0;
    };

    /// The address at a position, and how many bytes there are from it to its chunk's end.
    [[nodiscard]] uint8_t* at(const Position& position, size_t& capacity) noexcept {
        if (position.chunk >= chunks_.size()) {
            capacity = 0;
            return nullptr;
        }
        Chunk& chunk = chunks_[position.chunk];
        capacity = chunk.size - position.offset;
        return chunk.bytes.get() + position.offset;
    }

    /// Moves the innermost memory of `used` bytes to a chunk with room for `wanted`. Null, with
    /// everything as it was, where the system or `total_limit` leaves no room.
    [[nodiscard]] uint8_t* move(Position& position, const uint8_t* data, size_t used, size_t wanted,
                                size_t& capacity) noexcept {
        const size_t target = chunks_.empty() ? 0 : position.chunk + 1;
        if (!make_room(target, wanted))
            return nullptr;
        position = {target, 0};
        capacity = chunks_[target].size;
        uint8_t* moved = chunks_[target].bytes.get();
        if (used != 0)
            std::memcpy(moved, data, used);
        return moved;
    }

    /// Gives back large chunks, between transactions; nothing may be running.
    void trim_large() noexcept {
        while (!chunks_.empty() && chunks_.back().size > large_chunk)
            drop_last();
    }

    /// Gives back what is beyond the budget; nothing may be running.
    void trim() noexcept {
        while (total_ > kept_bytes)
            drop_last();
    }

    /// The bytes that it holds.
    [[nodiscard]] size_t held() const noexcept { return total_; }

  private:
    struct Chunk {
        std::unique_ptr<uint8_t[]> bytes;
        size_t size = 0;
    };
    static constexpr size_t minimum_chunk = size_t{1} << 18;
    static constexpr size_t large_chunk = size_t{1} << 24;
    static constexpr size_t kept_bytes = size_t{1} << 23;

    /// What the memories of all frames may take together: as much as one alone, whose offset and
    /// size are at their limits. The gas for that is beyond 2^46.
    static constexpr size_t total_limit = size_t{2} << 32;

    /// Makes the chunk at `target`, which is the next one at most, hold `wanted` bytes.
    [[nodiscard]] bool make_room(size_t target, size_t wanted) noexcept {
        const size_t old_size = target < chunks_.size() ? chunks_[target].size : 0;
        if (old_size >= wanted)
            return true;
        const size_t available = total_limit - (total_ - old_size);
        if (wanted > available)
            return false;
        size_t size = std::min(std::max(wanted * 2, minimum_chunk), available);
        std::unique_ptr<uint8_t[]> bytes = allocate(size);
        if (bytes == nullptr) {
            size = wanted;
            bytes = allocate(size);
        }
        if (bytes == nullptr)
            return false;
        if (target == chunks_.size())
            chunks_.emplace_back();
        chunks_[target] = {std::move(bytes), size};
        total_ += size - old_size;
        return true;
    }

    void drop_last() noexcept {
        total_ -= chunks_.back().size;
        chunks_.pop_back();
    }

    static std::unique_ptr<uint8_t[]> allocate(size_t size) noexcept {
        return std::unique_ptr<uint8_t[]>{new (std::nothrow) uint8_t[size]};
    }

    std::vector<Chunk> chunks_;
    size_t total_ = 0; ///< The sizes of all chunks.
};

/// The output of the latest call, in memory that may be lacking.
class ReturnData {
  public:
    /// Takes a copy. False, and empty, where there is no memory for it.
    [[nodiscard]] bool assign(const uint8_t* bytes, size_t size) noexcept {
        size_ = 0;
        if (size > capacity_ && !make_room(size))
            return false;
        if (size != 0)
            std::memcpy(bytes_.get(), bytes, size);
        size_ = size;
        return true;
    }
    void clear() noexcept { size_ = 0; }

    /// Gives the memory back.
    void release() noexcept {
        bytes_.reset();
        size_ = capacity_ = 0;
    }

    [[nodiscard]] const uint8_t* data() const noexcept { return bytes_.get(); }
    [[nodiscard]] size_t size() const noexcept { return size_; }
    [[nodiscard]] size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] BytesView view() const noexcept { return {bytes_.get(), size_}; }

  private:
    [[nodiscard]] bool make_room(size_t size) noexcept {
        release(); // first: what is in it is not needed
        bytes_.reset(new (std::nothrow) uint8_t[size]);
        if (bytes_ == nullptr)
            return false;
        capacity_ = size;
        return true;
    }

    std::unique_ptr<uint8_t[]> bytes_;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

/// What a frame keeps outside its native stack frame, reused by every frame of the same depth.
struct FrameStorage {
    const Analysis* analysis = nullptr;
    ReturnData return_data;
    evmc_tx_context tx_context;
    bool has_tx_context = false;
};

struct VmState;

/// How much gas a frame that can be cancelled uses before it looks whether it was: some 0.1 to 1 ms
/// of whatever instructions.
inline constexpr int64_t cancellable_gas = int64_t{1} << 17;

/// A frame being interpreted.
struct Frame {
    // The innermost loop looks at these.
    Analysis* analysis = nullptr;
    uint256* bottom = nullptr; ///< One below the first stack item.
    uint8_t* memory = nullptr;
    uint64_t memory_size = 0;      ///< In bytes, a multiple of 32.
    int64_t gas = 0;               ///< All that is left, for whoever works on the frame.
    int64_t gas_held_back = 0;     ///< The part of it that the loop has not been given yet.
    int64_t gas_slice = INT64_MAX; ///< The most that the loop is given at a time.

    const evmc_message* message = nullptr;
    const evmc_host_interface* host = nullptr;
    evmc_host_context* context = nullptr;
    const Rules* rules = nullptr;
    FrameStorage* storage = nullptr;
    VmState* vm = nullptr;
    BytesView code;
    int64_t gas_refund = 0;
    uint64_t output_offset = 0;
    uint64_t output_size = 0;
    uint64_t memory_capacity = 0;
    MemoryArena::Position memory_position;
    evmc_revision revision{};

    [[nodiscard]] bool is_static() const noexcept { return (message->flags & EVMC_STATIC) != 0; }

    /// The transaction's context, asked of the host once per frame.
    [[nodiscard]] const evmc_tx_context& tx_context() noexcept {
        if (!storage->has_tx_context)
            load_tx_context();
        return storage->tx_context;
    }

    void load_tx_context() noexcept;
};

/// Grows a frame's memory to hold [offset, offset + size) and charges for it (Yellow Paper,
/// appendix H: 3 gas per word plus words squared over 512). A size of zero touches nothing.
/// False where gas runs out, and where the memory itself does: then the VM's `memory_exhausted` is
/// set, which makes the frame end with EVMC_OUT_OF_MEMORY.
[[nodiscard]] bool grow_memory(Frame& frame, uint64_t offset, uint64_t size) noexcept;

/// As grow_memory, for operands as they come from the stack.
[[nodiscard]] inline bool touch_memory(Frame& frame, const uint256& offset,
                                       const uint256& size) noexcept {
    if (!size)
        return true;
    if (!offset.fits_uint64() || !size.fits_uint64() || offset.word[0] > memory_limit ||
        size.word[0] > memory_limit)
        return false;
    if (offset.word[0] + size.word[0] <= frame.memory_size)
        return true;
    return grow_memory(frame, offset.word[0], size.word[0]);
}

/// The number of 32-byte words that hold `size` bytes.
[[nodiscard]] constexpr int64_t words_of(uint64_t size) noexcept {
    return static_cast<int64_t>((size + 31) / 32);
}

/// Runs a frame to its end. The output is the frame's memory at output_offset.
evmc_status_code interpret(Frame& frame) noexcept;

} // namespace braid::evm
