/// What a VM instance owns and reuses between frames.
#pragma once

#include "base/cancellation.hpp"
#include "evm/analysis_cache.hpp"
#include "evm/frame.hpp"
#include "evm/loose_code.hpp"
#include "evm/priced_rules.hpp"
#include "evm/step.hpp"
#include "evm/touch_observer.hpp"
#include "evm/translator.hpp"
#include "evm/vm.hpp"

namespace braid::evm {

/// What a VM keeps from frame to frame: memory that is reused, and where the innermost frame is.
/// Single-threaded: every worker has a VM of its own.
struct VmState {
    VmState() noexcept { AnalysisCache::instance().add(pin); }
    VmState(const VmState&) = delete;
    VmState& operator=(const VmState&) = delete;
    ~VmState() { AnalysisCache::instance().remove(pin); }

    /// Gives up analyses, this VM's own frames' excepted, where there are too many.
    void make_room() noexcept;

    HostKind host = HostKind::any;

    Translator translator;
    AnalysisPin pin{translator.chunks()};
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

    /// Who is told of what instructions look up; null: nobody.
    TouchObserver* touch_observer = nullptr;

    // Where frames are run one instruction at a time: what their cost is asked of (null: they are
    // not), and who is told of them, if anybody.
    StepHost* step_host = nullptr;
    StepObserver* step_observer = nullptr;
    /// What these frames pay, in place of what the revision says; null: that.
    const PricedRules* prices = nullptr;
    /// Why the latest of these frames that failed has failed.
    FrameFailure frame_failure;
    /// Refunds of the frames that have called the one that runs, and of the transaction.
    int64_t refund_below = 0;

    /// Gives back what frames have left beyond the budget; nothing may be running.
    void trim() noexcept;

    /// The bytes that stacks, memories and return data hold.
    [[nodiscard]] size_t held() const noexcept;

    /// How much gas a frame that can be stopped uses before it looks whether it is.
    int64_t gas_slice = cancellable_gas;
};

} // namespace braid::evm
