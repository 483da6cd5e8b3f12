/// Runs calls: transactions that have nothing to do with each other, on one state.
#pragma once

#include "call/call_records.hpp"
#include "parallel/block_runner.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace braid::parallel {

/// What an engine runs calls with. Any thread may run some at any time, several at once; they are
/// spread over the pool.
class CallRunner {
  public:
    /// Runs them on the VM of a block runner.
    explicit CallRunner(std::shared_ptr<BlockRunner> blocks) noexcept
        : blocks_{std::move(blocks)} {}

    /// Runs every transaction of a packed BlockInput, which starts at a multiple of 8, on the state
    /// as it is: none sees what another one does, and nothing else of the block happens. They name
    /// their senders. The state must bear to be read by several threads, and not change meanwhile.
    /// Returns a packed CallsOutput; null where there is no memory for one.
    [[nodiscard]] wire::PackedBuffer run(BytesView input, state::StateView& state,
                                         const Cancellation* cancellation = nullptr);

  private:
    /// What one thread runs calls in; its memory is reused.
    struct Space {
        explicit Space(std::unique_ptr<transaction::Machine> vm) : machine{std::move(vm)} {}
        std::unique_ptr<transaction::Machine> machine;
        transaction::TransactionExecutor executor{*machine};
        transaction::TransactionOutcome outcome;
    };
    /// Calls that are run, in parts of so many.
    struct Batch;

    [[nodiscard]] wire::PackedBuffer run_here(BytesView input, state::StateView& state,
                                              const Cancellation* cancellation);
    void run_part(const Batch& batch, size_t begin, size_t end, call::CallRecords& records);
    [[nodiscard]] std::unique_ptr<Space> take_space();
    void give_back(std::unique_ptr<Space> space);

    const std::shared_ptr<BlockRunner> blocks_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Space>> idle_; ///< under mutex_
};

} // namespace braid::parallel
