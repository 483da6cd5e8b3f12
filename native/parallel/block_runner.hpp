/// Runs packed blocks for one engine: senders on all cores, then the transactions.
#pragma once

#include "block/block_executor.hpp"
#include "parallel/optimistic_loop.hpp"
#include "parallel/read_ahead.hpp"
#include "parallel/worker_pool.hpp"
#include "trace/step_tracer.hpp"
#include "transaction/machine.hpp"
#include "transaction/vm_loader.hpp"
#include "wire/output_writer.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace braid::parallel {

/// The output of a block that could not be run.
[[nodiscard]] wire::PackedBuffer failed_output(wire::ErrorCode error) noexcept;

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
    friend class AdmissionRunner;
    friend class CallRunner;
    friend class ResumableBlock;
    friend class WindowBlock;

    /// All that running one block needs; used by one thread at a time, its memory reused.
    struct Workspace {
        explicit Workspace(std::unique_ptr<transaction::Machine> vm) : machine{std::move(vm)} {}
        std::unique_ptr<transaction::Machine> machine;
        block::BlockExecutor executor{*machine};
        block::SenderTable senders;
        wire::BlockRecords records;
        std::unique_ptr<OptimisticLoop> loop; ///< made when a block asks for several workers
    };

    /// A block to run, in the workspace where its senders and records are.
    struct Task {
        Workspace& space;
        const wire::BlockView& block;
        state::StateView& state;
        size_t threads; ///< how many may work on it
        size_t workers; ///< how many may execute it
        const Cancellation* cancellation;
    };

    /// When the phases of a block were over. They may overlap: until the last sender is known, the
    /// time counts as recovery's.
    struct Phases {
        uint64_t senders_known = 0; ///< when the last sender was, in ticks; 0: from the first
        uint64_t executed = 0;      ///< when all was done, in ticks
        size_t workers = 1;         ///< that it was given
    };

    BlockRunner(std::unique_ptr<transaction::VmLibrary> library, size_t threads,
                WorkerPool& pool) noexcept;
    /// A VM of its own, or null where the library refuses to make one.
    [[nodiscard]] std::unique_ptr<transaction::Machine> make_machine() const;
    [[nodiscard]] std::unique_ptr<Workspace> make_workspace() const;
    [[nodiscard]] std::unique_ptr<Workspace> take_workspace();
    void give_back(std::unique_ptr<Workspace> space);
    [[nodiscard]] wire::PackedBuffer run_here(BytesView input, state::StateView& state,
                                              const Cancellation* cancellation);
    /// Calls `work` on a thread whose stack is large enough for nested calls: this one, or one of
    /// the pool's, which is waited for. False: there is none to be had.
    [[nodiscard]] bool on_large_stack(const std::function<void()>& work);
    void run_in(Workspace& space, BytesView input, state::StateView& state,
                const Cancellation* cancellation) const;
    [[nodiscard]] Phases run_task(const Task& task) const;
    /// Writes the traces of a block that has ended.
    void write_traces(const Task& task, std::span<const std::string> steps) const;
    /// Takes what has been written of the instructions of a block that has ended; an error where it
    /// is not whole.
    static std::vector<std::string>
    take_steps(wire::BlockRecords& records, trace::StepTracer& steps, const wire::BlockView& block);
    /// Writes how long the phases and runs of a block took that began with the scale.
    static void note_times(wire::BlockRecords& records, const Phases& phases, TickScale& scale);

    // The ways to recover the senders of a block and execute it.
    [[nodiscard]] Phases run_on_one_thread(const Task& task) const;
    [[nodiscard]] Phases run_in_order(const Task& task) const;
    [[nodiscard]] Phases run_in_parallel(const Task& task) const;
    [[nodiscard]] Phases run_on_slow_state(const Task& task) const;

    /// Executes a block in order, and each transaction under other rules beside, which are `told`.
    [[nodiscard]] Phases run_under_other_rules(const Task& task,
                                               std::vector<std::string>& told) const;

    // Their phases, each of which returns when it was over, in ticks.
    uint64_t recover_senders(Workspace& space, size_t threads,
                             const Cancellation* cancellation) const;
    void read_ahead(const Task& task, state::StateView& state) const;
    /// Without a loop, one transaction after another.
    [[nodiscard]] static uint64_t execute(const Task& task, state::StateView& state,
                                          block::TransactionLoop* loop = nullptr);

    /// Makes the loop ready for a block whose senders are in `unrecovered`, or known where null.
    OptimisticLoop& loop_for(Workspace& space, size_t workers,
                             block::SenderTable* unrecovered) const;
    /// How many threads may work on a block.
    [[nodiscard]] size_t threads_for(const wire::BlockView& block) const noexcept;

    const std::unique_ptr<transaction::VmLibrary> library_;
    WorkerPool& pool_;
    const size_t threads_;
    std::string vm_name_;
    std::string vm_version_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> idle_; ///< under mutex_
};

} // namespace braid::parallel
