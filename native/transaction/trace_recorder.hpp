/// Records what a transaction does while it runs.
#pragma once

#include "evm/touch_observer.hpp"
#include "transaction/journal.hpp"
#include "transaction/step_recorder.hpp"
#include "transaction/transaction_trace.hpp"

#include <memory>
#include <vector>

namespace braid::transaction {

/// Writes a TransactionTrace as the host and the VM tell it what happens. One transaction after
/// another, each between begin() and finish(). Single-threaded.
class TraceRecorder final : public evm::TouchObserver {
  public:
    /// Sets what is recorded from the next transaction on.
    void set_options(const TraceOptions& options) noexcept { options_ = options; }

    [[nodiscard]] const TraceOptions& options() const noexcept { return options_; }

    /// Sets who is told of the frames that are recorded, from the next one on; null: nobody.
    void set_listener(FrameListener* listener) noexcept { listener_ = listener; }

    /// Starts a transaction on a journal, which must stay until finish(); what another one has left
    /// behind is forgotten.
    void begin(Journal& journal) noexcept;

    /// Gives up the records of a transaction that came to no end.
    void forget() noexcept { trace_.reset(); }

    /// A frame is entered, before anything of it is checked.
    void enter(FrameKind kind, const Address& from, const Address& to, int64_t gas,
               const Bytes32& value, BytesView input) noexcept;

    /// The innermost frame has ended. `failure` is the VM's, if it was watched.
    void exit(int64_t gas_left, BytesView output, FrameError error,
              const evm::FrameFailure& failure, evmc_status_code status) noexcept;

    /// The code that the innermost frame leaves: a creation has no other output.
    void keep_output(BytesView output) noexcept;

    /// As on_account(), where accounts are recorded.
    void look_up(const Address& address) noexcept {
        if (options_.touched)
            on_account(address);
    }

    /// Whether a frame of the transaction has failed in a way that only a VM that is watched can
    /// tell.
    [[nodiscard]] bool needs_steps() const noexcept { return needs_steps_; }

    /// The innermost frame is that of a precompile.
    void mark_precompile() noexcept;

    /// The innermost frame's contract sends what it has to a beneficiary, as SELFDESTRUCT does.
    void destroy(const Address& contract, const Address& beneficiary, const uint256& balance,
                 bool goes_away) noexcept;

    /// The innermost frame emits a log; `index` counts those of the transaction that stand.
    void log(const Address& address, BytesView data, std::span<const Bytes32> topics,
             size_t index) noexcept;

    void on_account(const Address& address) noexcept override;
    void on_slot(const Address& address, const Bytes32& key) noexcept override;

    /// Ends the transaction, whose own frame has all of its gas, and hands out its records.
    [[nodiscard]] std::unique_ptr<TransactionTrace> finish(uint64_t gas_limit,
                                                           uint64_t gas_used) noexcept;

  private:
    [[nodiscard]] bool has_room(size_t bytes) noexcept;
    TracedBytes keep(BytesView bytes, uint32_t most) noexcept;
    [[nodiscard]] bool is_hidden() const noexcept { return hidden_ != 0; }
    void collect_touched() noexcept;

    TraceOptions options_;
    FrameListener* listener_ = nullptr;
    Journal* journal_ = nullptr;
    std::unique_ptr<TransactionTrace> trace_;
    std::vector<uint32_t> open_; ///< frames that have not ended, innermost last
    uint32_t hidden_ = 0;        ///< how many frames that are not recorded have not ended
    std::vector<JournalAccount*> accounts_; ///< that were looked up
    bool needs_steps_ = false;
};

} // namespace braid::transaction
