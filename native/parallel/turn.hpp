/// One transaction's way through a block that is executed in parallel.
#pragma once

#include "base/cancellation.hpp"
#include "block/block_executor.hpp"

#include <atomic>
#include <cstdint>

namespace braid::parallel {

// The runs that a transaction may have, by the number that reports know them by.
inline constexpr uint8_t speculative_run =
    0;                                    ///< ahead of its turn, or in its turn if that is first
inline constexpr uint8_t renewed_run = 1; ///< ahead of its turn once more
inline constexpr uint8_t head_run = 2;    ///< in its turn, after one that was in vain

/// The state and the speculative run of one transaction. Lock-free; kept from block to block.
///
/// Whoever claims it owns it until it is `executed`; then the lane may take it, or a worker that
/// has nothing else to do and looks whether it is worth running again. Parking hands it over to
/// whoever closes the turn it waits for.
class Turn {
  public:
    enum class State : uint8_t {
        unclaimed, ///< in the queue
        transfer,  ///< the lane's: a plain transfer, as it turned out
        parked,    ///< held back until its predecessor has run
        running,   ///< somebody's
        executed,  ///< it has an outcome, whoever takes it
        committing ///< the lane's, for good
    };

    /// Starts a block. Nobody else may use it meanwhile. Touches one line of memory: the rest is up
    /// to whoever claims it.
    void reset() noexcept {
        // relaxed: the workers start after this.
        state_.store(State::unclaimed, std::memory_order_relaxed);
        waiting_.store(nobody, std::memory_order_relaxed);
    }

    /// Takes an unclaimed one; once, by who knows that nobody else does.
    void claim() noexcept {
        start();
        run = {};
        codes.clear();
        trace.reset();
        discarded = {};
        is_recalled = false;
        // relaxed: only whether it is null counts before the next run is begun.
        runner_.store(nullptr, std::memory_order_relaxed);
    }

    /// acquire: what was done before the state was set is seen.
    [[nodiscard]] State state() const noexcept { return state_.load(std::memory_order_acquire); }

    /// The owner's: it goes on.
    void start() noexcept { state_.store(State::running, std::memory_order_relaxed); }

    /// Takes an executed one: for the lane as `committing`, to look at it again as `running`.
    /// Wait-free; false where somebody else has it. acquire: the outcome is seen.
    [[nodiscard]] bool take(State as) noexcept {
        State executed = State::executed;
        return state_.compare_exchange_strong(executed, as, std::memory_order_acquire,
                                              std::memory_order_relaxed);
    }

    /// The owner's: what ends the run that it is about to make.
    void set_runner(Cancellation& runner) noexcept {
        // relaxed: it was made long before. The lane that misses it has come so early that the run
        // cannot have seen anything old.
        runner_.store(&runner, std::memory_order_relaxed);
    }

    /// The lane's: has the run under way, if there is one, ask whether it is worth going on. One
    /// that has ended meanwhile, and whoever runs something else by now, will find that it was not
    /// meant.
    void doubt() noexcept {
        if (Cancellation* const runner = runner_.load(std::memory_order_relaxed))
            runner->request();
    }

    /// The owner's: there is an outcome to take. release: it is seen with the state.
    void finish() noexcept { state_.store(State::executed, std::memory_order_release); }

    /// The owner's: it is a plain transfer after all.
    void leave_to_lane() noexcept { state_.store(State::transfer, std::memory_order_release); }

    /// Parks `turn`, number `index`, until this one has run. False: it has already. Lock-free.
    [[nodiscard]] bool park(Turn& turn, uint32_t index) noexcept {
        // relaxed: the exchange below publishes it; it is still the caller's.
        turn.state_.store(State::parked, std::memory_order_relaxed);
        // acquire: if it is closed, what the transaction published.
        uint32_t first = waiting_.load(std::memory_order_acquire);
        do {
            if (first == closed) {
                turn.start();
                return false;
            }
            turn.next_waiting = first;
            // release: who takes the list sees what was written to the turn. acquire on failure:
            // as above.
        } while (!waiting_.compare_exchange_weak(first, index, std::memory_order_release,
                                                 std::memory_order_acquire));
        return true;
    }

    /// Ends the waiting: this one has run. The first of those that waited, or nobody; the others
    /// follow by `next_waiting`. Wait-free; the first call takes all.
    [[nodiscard]] uint32_t close() noexcept {
        // release: those who find it closed see what was published before. acquire: the turns.
        const uint32_t first = waiting_.exchange(closed, std::memory_order_acq_rel);
        return first == closed ? nobody : first;
    }

    static constexpr uint32_t nobody = UINT32_MAX;

    // The speculative run, from its claim on. Outcome and reads lie in the arena of the worker that
    // ran it.
    block::RunRecord run;
    transaction::OutcomeView outcome;
    transaction::ReadsView reads;
    std::vector<CodeRef> codes; ///< what its runs made
    /// What its latest run has recorded; null: nothing.
    std::shared_ptr<transaction::TransactionTrace> trace;
    block::DiscardedRun discarded; ///< the run before it, where it was renewed
    bool is_recalled = false;      ///< whether it ended early, for what follows
    block::CheckResult recalled_for;

    /// Written before it is parked, read by who takes the list. Begins the line that reset()
    /// touches.
    alignas(64) uint32_t next_waiting = nobody;

  private:
    static constexpr uint32_t closed = UINT32_MAX - 1;

    std::atomic<State> state_{State::unclaimed};
    /// The list of those that wait for this one, or closed.
    std::atomic<uint32_t> waiting_{nobody};
    /// What ends the latest run: some worker's, which stays as long as the loop. Null: there was
    /// none.
    std::atomic<Cancellation*> runner_{nullptr};
};

} // namespace braid::parallel
