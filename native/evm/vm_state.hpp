/// What a VM instance owns and reuses between frames.
#pragma once

#include "evm/frame.hpp"

#include <array>

namespace braid::evm {

/// Analyses of code that comes without an identity: initcode, and code from EVMC hosts. A hit is
/// confirmed by comparing every byte, so no hash can mislead it.
class AnalysisCache {
  public:
    /// Finds or makes the analysis. It stays valid while the returned owner lives.
    [[nodiscard]] std::shared_ptr<const Analysis> find_or_translate(BytesView code,
                                                                    evmc_revision revision,
                                                                    Translator& translator) noexcept;

  private:
    struct Entry {
        std::vector<uint8_t> code;
        std::shared_ptr<const Analysis> analysis;
    };
    static constexpr size_t entry_count = 128;
    static constexpr size_t largest_cached_code = 64 * 1024;
    std::array<Entry, entry_count> entries_;
};

struct VmState {
    Translator translator;
    AnalysisCache analyses;
    StackArena stacks;
    MemoryArena memories;
    std::vector<std::unique_ptr<FrameStorage>> frames;

    // Where the next frame's stack and memory start; each frame sets them before it calls.
    StackArena::Position stack_position;
    MemoryArena::Position memory_position;
    size_t active_frames = 0;
};

} // namespace braid::evm
