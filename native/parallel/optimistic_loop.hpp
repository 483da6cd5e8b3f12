/// Executes a block's transactions ahead of their turn on several threads, and commits them in
/// order.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/interleaving.hpp"
#include "parallel/sender_recovery.hpp"
#include "parallel/speculative_view.hpp"
#include "parallel/turn.hpp"
#include "parallel/version_store.hpp"
#include "parallel/worker_pool.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace braid::parallel {

/// Workers claim transactions in order and run them on what is known so far. One commit lane,
/// taken by whichever worker gets there, commits the next transaction if what its outcome rests on
/// holds, compared by value with the committed state; if not, it runs it again right there, at the
/// head of the block, where nothing can be unknown. So a transaction runs at most twice, or three
/// times where it was renewed, and the outcome is that of running one after another.
///
/// A worker that finds nothing left to claim looks through the runs that wait for their commit, and
/// runs again, once, those that something published since has made stale.
///
/// Nobody waits for another worker. A transaction that a hint holds back until an earlier one has
/// run is parked there and taken up by whoever runs that one; the worker that met it claims the
/// next. A worker that claims the head while the lane is free runs it there at once: nothing is
/// guessed, nothing needs checking. With one worker all of them go that way.
///
/// While senders are still to be recovered, all but one worker do only that. The one runs what it
/// can at the head meanwhile, which costs nothing on top and leaves less to be run ahead.
///
/// A run that is under way when its turn comes is doubted: it looks, at the next call or stretch of
/// gas, whether what it has observed so far holds in the committed state. If not it ends there, and
/// the transaction runs again at the head like any other that is stale.
///
/// Where most of the latest runs were stale, the workers go one by one, down to the last, which is
/// then always at the head: a block in which everything meets is as fast as one after another.
///
/// Plain transfers are nobody's to claim: doing one takes less than handing it over, and depends on
/// nothing but its accounts. The lane does them when it comes by.
class OptimisticLoop final : public block::TransactionLoop {
  public:
    /// Makes the VM of one more worker, or null.
    using MachineFactory = std::function<std::unique_ptr<transaction::Machine>()>;

    /// A loop on the threads of a pool, the calling one included.
    OptimisticLoop(WorkerPool& pool, MachineFactory make_machine)
        : pool_{pool}, make_machine_{std::move(make_machine)} {}

    /// Sets how many workers there may be from the next block on, at least 1.
    void set_workers(size_t workers) noexcept { worker_limit_ = workers; }

    /// Has the workers recover the senders of the next block, instead of finding them known; null:
    /// they are known. The block executor must have been given the same table.
    void set_recovery(block::SenderTable* senders) noexcept { senders_ = senders; }

    /// How the recovery of the latest block's senders went.
    [[nodiscard]] const SenderRecovery& recovery() const noexcept { return recovery_; }

    /// Tells the workers' steps to somebody who orders them, from the next block on; null: nobody.
    /// It must outlive the blocks.
    void set_interleaving(Interleaving* interleaving) noexcept { interleaving_ = interleaving; }

    bool run(block::BlockExecutor& block) override;

    /// How many transactions of the latest block ran again at the head.
    [[nodiscard]] size_t reexecutions() const noexcept { return reexecutions_; }

    /// How many transactions of the latest block the workers left to be run after them: none
    /// unless it was cancelled.
    [[nodiscard]] size_t left_over() const noexcept { return left_over_; }

  private:
    // The runs that a transaction may have.
    static constexpr uint8_t speculative_run = 0;
    static constexpr uint8_t renewed_run = 1;
    static constexpr uint8_t head_run = 2;

    struct Worker;

    /// Ends a worker's run when its block is cancelled, or when the lane doubts it for a reason.
    class Recall final : public Cancellation {
      public:
        Recall(OptimisticLoop& loop, Worker& worker) noexcept : loop_{loop}, worker_{worker} {}
        void begin_block(const Cancellation* whole) noexcept { set_whole(whole); }
        using Cancellation::withdraw;

      private:
        [[nodiscard]] bool confirms() const noexcept override { return loop_.recalls(worker_); }
        OptimisticLoop& loop_;
        Worker& worker_;
    };

    /// What one worker needs; used by one thread at a time.
    struct Worker {
        Worker(std::unique_ptr<transaction::Machine> vm, OptimisticLoop& loop, uint16_t index)
            : machine{std::move(vm)}, view{loop.store_}, recall{loop, *this}, number{index} {}
        std::unique_ptr<transaction::Machine> machine;
        transaction::TransactionExecutor executor{*machine};
        SpeculativeView view;
        VersionArena arena;
        transaction::TransactionOutcome outcome; ///< of the run under way
        transaction::TransactionReads reads;
        Recall recall;            ///< the lane may request it
        uint32_t running = 0;     ///< the transaction that it runs ahead
        bool is_recalled = false; ///< whether that run is to end, for what follows
        block::CheckResult recalled_for;
        std::vector<uint32_t> batch;    ///< transactions that it has claimed, in order
        std::vector<uint32_t> released; ///< those whose waiting its runs have ended: its to run
        const uint16_t number;
    };

    [[nodiscard]] bool run_prepared(block::BlockExecutor& block);
    void prepare(block::BlockExecutor& block);
    void prepare_workers();
    void prepare_turns();
    void cut_batches();
    void prefetch(Worker& worker) noexcept;
    void work(Worker& worker) noexcept;
    void recover_senders(Worker& worker) noexcept;
    void run_recovered(Worker& worker) noexcept;
    [[nodiscard]] bool next_batch_is_head() const noexcept;
    bool wait_for_senders(const Worker& worker, uint32_t index) noexcept;
    bool take_batch(Worker& worker) noexcept;
    void run_batch(Worker& worker) noexcept;
    bool retires(const Worker& worker) noexcept;
    void renew_stale(Worker& worker) noexcept;
    void renew(Worker& worker, uint32_t index) noexcept;
    void claim(Worker& worker, uint32_t index) noexcept;
    void run_ahead(Worker& worker, uint32_t index) noexcept;
    void speculate(Worker& worker, uint32_t index, uint8_t incarnation) noexcept;
    [[nodiscard]] bool recalls(Worker& worker) noexcept;
    static void hand_over(Worker& worker, Turn& turn);
    [[nodiscard]] bool is_plain_transfer(const wire::Transaction& transaction) noexcept;
    void release_waiting(Worker& worker, uint32_t index) noexcept;

    // The lane. Those with a worker publish into its arena.
    bool try_head(Worker& worker) noexcept;
    [[nodiscard]] bool is_head(uint32_t index) const noexcept;
    void request_commits(Worker& worker) noexcept;
    void drain_requests(Worker& worker) noexcept;
    void commit_ready(Worker& worker) noexcept;
    bool commit_next(Worker& worker, uint32_t index) noexcept;
    bool commit(Worker& worker, uint32_t index) noexcept;
    bool run_again(Worker& worker, uint32_t index) noexcept;
    bool run_at_head(Worker& worker, uint32_t index, uint8_t incarnation) noexcept;
    void note_commit(bool stale) noexcept;
    void doubt(uint32_t index) noexcept;
    void stop() noexcept;

    /// Between two steps of a worker: others may come first.
    void step(const Worker& worker) noexcept {
        if (interleaving_ != nullptr) [[unlikely]]
            interleaving_->step(worker.number);
    }

    WorkerPool& pool_;
    size_t worker_limit_ = 1;
    size_t active_workers_ = 1; ///< of the block under way
    const MachineFactory make_machine_;
    Interleaving* interleaving_ = nullptr;

    block::SenderTable* senders_ = nullptr; ///< null: all are known
    SenderRecovery recovery_;               ///< of the block under way

    block::BlockExecutor* block_ = nullptr; ///< the lane's, but for what never changes
    uint32_t count_ = 0;
    bool has_hints_ = false;    ///< whether any transaction of the block is to be held back
    bool always_ahead_ = false; ///< whether nothing may run at the head first
    VersionStore store_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<Turn>> turns_;
    std::vector<uint8_t> transfers_; ///< by transaction: 1 where nobody claims it

    /// The transactions that are worth running ahead, in order, and where in it the batches begin
    /// that are claimed at a time; the last entry is its end.
    std::vector<uint32_t> queue_;
    std::vector<uint32_t> batches_;
    /// The first batch that nobody has claimed.
    alignas(64) std::atomic<uint32_t> next_{0};
    /// The first key to prefetch that nobody has claimed.
    alignas(64) std::atomic<uint32_t> next_key_{0};
    /// The next transaction to commit. Written by the lane alone.
    alignas(64) std::atomic<uint32_t> committed_{0};
    /// How often somebody wanted the lane since it was last free; 0: it is. Whoever raises it from
    /// 0 has the lane, and keeps it until it can bring it back to 0 with no request unseen.
    alignas(64) std::atomic<uint32_t> lane_requests_{0};
    /// Set by the lane where the block has ended with an error.
    alignas(64) std::atomic<bool> stopped_{false};
    /// How many workers still claim. Falls to one where running ahead is in vain.
    alignas(64) std::atomic<size_t> claimers_{0};
    /// Set by the lane where running ahead is in vain.
    std::atomic<bool> in_vain_{false};
    size_t reexecutions_ = 0; ///< the lane's
    uint32_t doubted_ = 0;    ///< the lane's: the transaction after the latest that it has doubted
    size_t left_over_ = 0;
    uint32_t recent_ = 0; ///< the lane's: a bit per latest commit of a run ahead; set: stale
};

} // namespace braid::parallel
