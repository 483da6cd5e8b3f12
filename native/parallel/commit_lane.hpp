/// The commit lane: what commits a block's transactions, one after another, in their order.
#pragma once

#include "parallel/parallel_block.hpp"
#include "parallel/version_arena.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace braid::parallel {

/// What a worker brings along when it drives the lane. The worker's own: no other thread looks at
/// it.
struct LaneDriver {
    explicit LaneDriver(uint16_t worker) noexcept : number{worker} {}
    const uint16_t number;          ///< the worker's
    VersionArena arena;             ///< where it leaves what others may read
    std::vector<uint32_t> released; ///< whose waiting its runs have ended: its worker's to run
};

/// Commits the next transaction if what its outcome rests on holds, compared by value with the
/// committed state; if not, runs it again right there, at the head of the block, where nothing can
/// be unknown. Plain transfers it does itself when it comes by. The result rests on this alone:
/// everything that workers leave for it is a guess.
///
/// It is no thread: whoever finds it free takes it, and at any time at most one worker has it. Who
/// wants it and finds it taken leaves a request, which its holder does not miss: so nobody waits
/// for it, and whatever is ready when the last worker ends is committed.
///
/// A member function says whether it is the holder's or anybody's. What only the holder touches is
/// handed from one to the next by `requests_`.
class CommitLane {
  public:
    /// The block must outlive the lane.
    explicit CommitLane(ParallelBlock& block) noexcept : block_{block} {}

    /// Starts a block. `recalls` end the runs of its workers; they must outlive the block. Nobody
    /// else may use the lane meanwhile. Closed, it is taken: by whoever is to release it when the
    /// block's turn comes.
    void begin(std::vector<Cancellation*> recalls, bool is_closed = false) noexcept;

    // Anybody's.

    /// The first transaction that is not committed.
    [[nodiscard]] uint32_t committed() const noexcept {
        return committed_.load(std::memory_order_relaxed); // relaxed: a hint, but for the holder
    }

    /// Whether the block has ended with an error: what is done now is in vain.
    [[nodiscard]] bool stopped() const noexcept {
        return stopped_.load(std::memory_order_relaxed); // relaxed: seen late, it costs time
    }

    /// Has everything committed that is ready: here, or by whoever has the lane.
    void request(LaneDriver& driver) noexcept;

    /// If the lane is free, runs transactions that the caller has claimed right there, in this
    /// order, as long as each is the next to commit; returns how many.
    [[nodiscard]] size_t run_head(LaneDriver& driver, std::span<const uint32_t> claimed) noexcept;

    /// Takes the lane if it is free; then release() must follow. Wait-free.
    [[nodiscard]] bool try_take() noexcept;

    // The holder's.

    /// Commits what is ready, and gives the lane back once no request is unseen.
    void release(LaneDriver& driver) noexcept;

    /// Whether a transaction is the next to commit, in a block that goes on.
    [[nodiscard]] bool is_head(uint32_t index) const noexcept {
        return committed() == index && !stopped();
    }

    // To be asked when the workers have ended.

    /// How many transactions of the latest block ran again at the head.
    [[nodiscard]] size_t reexecutions() const noexcept { return reexecutions_; }

  private:
    // The holder's.
    void advance(uint32_t index) noexcept;
    void commit_ready(LaneDriver& driver) noexcept;
    bool commit_next(LaneDriver& driver, uint32_t index) noexcept;
    bool commit(LaneDriver& driver, uint32_t index) noexcept;
    bool run_again(LaneDriver& driver, uint32_t index) noexcept;
    bool run(LaneDriver& driver, uint32_t index, uint8_t incarnation) noexcept;
    void doubt(uint32_t index) noexcept;
    void stop() noexcept;

    ParallelBlock& block_;
    std::vector<Cancellation*> recalls_; ///< by worker; set while nobody works

    /// How often somebody wanted the lane since it was last free; 0: it is. Whoever raises it from
    /// 0 has the lane, and keeps it until it can bring it back to 0 with no request unseen. All
    /// workers write it.
    alignas(64) std::atomic<uint32_t> requests_{0};
    /// The next transaction to commit. The holder's to write, after every commit; with it on the
    /// line is what only the holder looks at, so that the lane moves to another core in one piece.
    alignas(64) std::atomic<uint32_t> committed_{0};
    uint32_t doubted_ = 0; ///< the transaction after the latest whose run was doubted
    size_t reexecutions_ = 0;
    /// The holder's to set, at most once in a block: all have the line, and keep it.
    alignas(64) std::atomic<bool> stopped_{false};
};

} // namespace braid::parallel
