/// Runs packed blocks for one engine: senders on all cores, then the transactions.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/optimistic_loop.hpp"
#include "parallel/read_ahead.hpp"
#include "parallel/worker_pool.hpp"
#include "transaction/machine.hpp"
#include "transaction/vm_loader.hpp"
#include "wire/output_writer.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace braid::parallel {

/// An engine's VM and the memory its blocks are run in. Any thread may run a block at any time,
/// several at once.
class BlockRunner {
  public:
    /// A runner of the VM that the library makes, or of the built-in one where it is null. One
    /// block uses at most `threads` threads, 0 for as many as the pool has. Null where the library
    /// refuses to make a VM.
    [[nodiscard]] static std::shared_ptr<BlockRunner>
    create(std::unique_ptr<transaction::VmLibrary> library, size_t threads,
           WorkerPool& pool = WorkerPool::shared());

    /// Runs a packed BlockInput, which starts at a multiple of 8, on a state that is only read and
    /// must not change meanwhile. Returns a packed BlockOutput; errors are in it, and cancelling is
    /// one. Null where there is no memory for one. A thread whose stack is too small for nested
    /// calls hands the block to one of the pool's; if there is none to be had, the error is
    /// THREAD_UNAVAILABLE.
    [[nodiscard]] wire::PackedBuffer run(BytesView input, state::StateView& state,
                                         const Cancellation* cancellation = nullptr);

    /// The VM's own name and version.
    [[nodiscard]] const std::string& vm_name() const noexcept { return vm_name_; }
    [[nodiscard]] const std::string& vm_version() const noexcept { return vm_version_; }

  private:
    /// All that running one block needs; used by one thread at a time, its memory reused.
    struct Lane {
        explicit Lane(std::unique_ptr<transaction::Machine> vm) : machine{std::move(vm)} {}
        std::unique_ptr<transaction::Machine> machine;
        block::BlockExecutor executor{*machine};
        block::SenderTable senders;
        wire::BlockRecords records;
        std::unique_ptr<OptimisticLoop> loop; ///< made when a block asks for several workers
    };

    BlockRunner(std::unique_ptr<transaction::VmLibrary> library, size_t threads,
                WorkerPool& pool) noexcept;
    /// A VM of its own, or null where the library refuses to make one.
    [[nodiscard]] std::unique_ptr<transaction::Machine> make_machine() const;
    [[nodiscard]] std::unique_ptr<Lane> make_lane() const;
    [[nodiscard]] std::unique_ptr<Lane> take_lane();
    void give_back(std::unique_ptr<Lane> lane);
    [[nodiscard]] wire::PackedBuffer run_here(BytesView input, state::StateView& state,
                                              const Cancellation* cancellation);
    [[nodiscard]] wire::PackedBuffer run_on_worker(BytesView input, state::StateView& state,
                                                   const Cancellation* cancellation);
    // The ways to recover the senders of a block and execute it.
    void run_on_one_thread(Lane& lane, const wire::BlockView& block, state::StateView& state,
                           const Cancellation* cancellation) const;
    void run_sequentially(Lane& lane, const wire::BlockView& block, state::StateView& state,
                          const Cancellation* cancellation) const;
    void run_in_parallel(Lane& lane, const wire::BlockView& block, size_t workers,
                         state::StateView& state, const Cancellation* cancellation) const;
    static void run_with_recovery(Lane& lane, const wire::BlockView& block, state::StateView& state,
                                  block::TransactionLoop& loop, const SenderRecovery& recovery,
                                  const Cancellation* cancellation);
    void run_on_slow_state(Lane& lane, const wire::BlockView& block, size_t workers,
                           state::StateView& state, const Cancellation* cancellation) const;
    /// Makes the loop ready for a block whose senders are in `unrecovered`, or known where null.
    OptimisticLoop& loop_for(Lane& lane, size_t workers, block::SenderTable* unrecovered) const;
    void run_in(Lane& lane, BytesView input, state::StateView& state,
                const Cancellation* cancellation) const;
    /// How many threads may work on a block.
    [[nodiscard]] size_t threads_for(const wire::BlockView& block) const noexcept;
    void recover_senders(block::SenderTable& senders, size_t threads,
                         const Cancellation* cancellation) const;
    void read_ahead(std::span<const NamedLocation> locations, size_t threads,
                    state::StateView& state, const Cancellation* cancellation) const;

    const std::unique_ptr<transaction::VmLibrary> library_;
    WorkerPool& pool_;
    const size_t threads_;
    std::string vm_name_;
    std::string vm_version_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Lane>> idle_lanes_; ///< under mutex_
};

} // namespace braid::parallel
