/// How many workers still claim transactions, where running ahead turns out to be in vain.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace braid::parallel {

/// Where most of the latest runs ahead were stale, workers stop claiming one by one, down to the
/// last, which is then always at the head: a block in which everything meets is as fast as one
/// transaction after another.
///
/// The lane notes what became of the runs; any worker asks and retires. All of it is advice: no
/// result depends on who sees it when.
class Retirement {
  public:
    /// Starts a block with this many workers. Nobody else may use it meanwhile.
    void begin(size_t workers) noexcept {
        recent_ = 0;
        // relaxed: the workers start after this.
        in_vain_.store(false, std::memory_order_relaxed);
        claimers_.store(workers, std::memory_order_relaxed);
    }

    /// The lane's: whether the run ahead that it came to was stale.
    void note_commit(bool stale) noexcept {
        recent_ = recent_ << 1 | static_cast<uint32_t>(stale);
        if (std::popcount(recent_) >= most_stale)
            in_vain_.store(true, std::memory_order_relaxed); // relaxed: seen late, it costs time
    }

    /// Whether running ahead is in vain; once it is, for the rest of the block.
    [[nodiscard]] bool in_vain() const noexcept {
        return in_vain_.load(std::memory_order_relaxed); // relaxed: as above
    }

    /// How many workers claim.
    [[nodiscard]] size_t claimers() const noexcept {
        return claimers_.load(std::memory_order_relaxed); // relaxed: only the number counts
    }

    /// Has a worker that saw so many claimers be none any more; false where it is the last, which
    /// goes on. Lock-free.
    [[nodiscard]] bool retire(size_t claimers) noexcept {
        while (claimers > 1)
            if (claimers_.compare_exchange_weak(claimers, claimers - 1,
                                                std::memory_order_relaxed)) // relaxed: as above
                return true;
        return false;
    }

  private:
    /// So many stale runs among the latest 32 that ran ahead mean that running ahead is in vain:
    /// with more than half of them run again, two workers are slower than one.
    static constexpr int most_stale = 18;

    /// The lane's, at every commit, and so apart from what the workers look at: a bit per run
    /// ahead, the latest lowest; set: it was stale.
    alignas(64) uint32_t recent_ = 0;
    /// Set by the lane. Shares a line with what changes as rarely.
    alignas(64) std::atomic<bool> in_vain_{false};
    /// Lowered by those that retire.
    std::atomic<size_t> claimers_{0};
};

} // namespace braid::parallel
