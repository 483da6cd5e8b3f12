/// One of the threads that work on a block.
#pragma once

#include "parallel/commit_lane.hpp"
#include "parallel/parallel_block.hpp"
#include "parallel/speculation.hpp"

#include <memory>
#include <vector>

namespace braid::parallel {

/// Decides what a thread does next in a block: first it prefetches and recovers senders; then it
/// claims transactions, has them run at the head if they are next and the lane is free, else ahead
/// of their turn, and asks the lane to commit. With nothing left to claim it looks through the runs
/// that wait for their commit, and renews those that are stale.
///
/// A transaction that a hint holds back until an earlier one has run is parked there and taken up
/// by whoever runs that one; the worker that met it claims the next. While senders are still to be
/// recovered, all but one worker do only that. The one runs what it can at the head meanwhile,
/// which costs nothing on top and leaves less to be run ahead.
///
/// It waits for nobody but for those who recover the senders of what it has claimed. Used by one
/// thread at a time, but for recall().
class Worker {
  public:
    /// The block and the lane must outlive it.
    Worker(std::unique_ptr<transaction::Machine> machine, ParallelBlock& block, CommitLane& lane,
           uint16_t number);

    /// Starts and ends a block.
    void begin_block();
    void end_block();

    /// Works until there is nothing left to do for it. The one that opens the lane has it from the
    /// start, and gives it back first.
    void work(bool opens_lane = false) noexcept;

    /// Runs the next transactions ahead, a batch, before the block's turn has come or as it comes,
    /// and what has waited for them. False: there are none left.
    bool work_ahead() noexcept;

    /// Gives the memory of the latest block back: nobody looks at what it did any more.
    void forget() noexcept { driver_.arena.reset(); }

    /// What asks the run under way to end; any thread may.
    [[nodiscard]] Cancellation& recall() noexcept { return speculation_.recall(); }

  private:
    void prefetch() noexcept;
    void recover_senders() noexcept;
    void run_recovered() noexcept;
    [[nodiscard]] bool next_batch_is_head() const noexcept;
    bool take_batch() noexcept;
    bool retires() noexcept;
    void claim(uint32_t index) noexcept;
    [[nodiscard]] bool wait_for_senders(uint32_t index) noexcept;
    void run_batch() noexcept;
    void run_ahead(uint32_t index) noexcept;
    [[nodiscard]] bool is_plain_transfer(const wire::Transaction& transaction) noexcept;
    void renew_stale() noexcept;
    void step() const noexcept { block_.step(driver_.number); }

    ParallelBlock& block_;
    CommitLane& lane_;
    LaneDriver driver_;
    Speculation speculation_;
    std::vector<uint32_t> batch_; ///< what it has claimed and not run, in order
};

} // namespace braid::parallel
