/// What a VM instance owns and reuses between frames.
#pragma once

#include "base/cancellation.hpp"
#include "evm/frame.hpp"
#include "evm/translator.hpp"

#include <array>

namespace braid::evm {

/// Code that comes without an identity, initcode or code from an EVMC host, with its analysis.
struct LooseCode {
    LooseCode(BytesView code, evmc_revision revision)
        : bytes{code.begin(), code.end()}, analysis{bytes, revision} {}
    const std::vector<uint8_t> bytes;
    const Analysis analysis;
};

/// The loose code seen lately. A hit is confirmed by comparing every byte, so no hash can mislead
/// it.
class LooseCodeCache {
  public:
    /// Finds the code or takes it in. It stays valid while the returned owner lives.
    [[nodiscard]] std::shared_ptr<const LooseCode> find_or_add(BytesView code,
                                                               evmc_revision revision) noexcept;

  private:
    static constexpr size_t entry_count = 32;
    static constexpr size_t largest_cached_code = 64 * 1024;
    std::array<std::shared_ptr<const LooseCode>, entry_count> entries_;
};

/// What a VM keeps from frame to frame: memory that is reused, and where the innermost frame is.
/// Single-threaded: every worker has a VM of its own.
struct VmState {
    Translator translator;
    LooseCodeCache loose_code;
    StackArena stacks;
    MemoryArena memories;
    std::vector<std::unique_ptr<FrameStorage>> frames;

    // Where the next frame's stack and memory start; each frame sets them before it calls.
    StackArena::Position stack_position;
    MemoryArena::Position memory_position;
    size_t active_frames = 0;

    /// Whether the frame that runs found no memory to grow into.
    bool memory_exhausted = false;

    /// What can stop the frames; null: nothing.
    const Cancellation* cancellation = nullptr;

    /// Gives back what frames have left beyond the budget; nothing may be running.
    void trim() noexcept;

    /// The bytes that stacks, memories and return data hold.
    [[nodiscard]] size_t held() const noexcept;

    /// How much gas a frame that can be stopped uses before it looks whether it is.
    int64_t gas_slice = cancellable_gas;
};

} // namespace braid::evm
