/// The world behind the EVMC host interface: state, calls, creations and logs of one transaction.
#pragma once

#include "transaction/block_environment.hpp"
#include "transaction/journal.hpp"
#include "transaction/machine.hpp"
#include "transaction/trace_recorder.hpp"

#include <vector>

namespace braid::transaction {

/// Who computes the address of a contract that a frame creates.
enum class NewAddress : uint8_t {
    /// The host.
    derived,
    /// The VM (EVMC 18): it is the message's recipient.
    given
};

/// Serves one VM for one transaction after another. Single-threaded.
class Host final : public evm::StepHost {
  public:
    /// The machine must outlive the host.
    explicit Host(Machine& machine) noexcept : machine_{machine} { journal_.set_stop(stop_); }

    /// Sets the block, and what can end the frames that run in it; null: nothing. Both must outlive
    /// the transactions.
    void begin_block(const BlockEnvironment& environment,
                     const Cancellation* cancellation) noexcept;

    /// Starts a transaction.
    void begin_transaction(state::StateView& view, const Address& origin, const uint256& gas_price,
                           std::span<const Bytes32> blob_hashes) noexcept;

    /// Ends a block: gives back memory beyond a budget.
    void end_block() {
        journal_.trim();
        machine_.trim();
        braid::trim(precompile_output_, size_t{1} << 20);
    }

    [[nodiscard]] Journal& journal() noexcept { return journal_; }
    [[nodiscard]] Machine& machine() noexcept { return machine_; }

    /// Sets who writes down what transactions do from now on; null: nobody.
    void set_recorder(TraceRecorder* recorder) noexcept;

    /// Runs a call or creation frame, depth 0 included: transfers the value, runs the code or the
    /// precompile, and undoes everything where the frame fails. The output lives as long as
    /// Machine says. Once it is cancelled every frame fails, and so does the transaction.
    ///
    /// Where the VM gives the address of a CREATE, another than the sender's nonce leads to is an
    /// internal error of the VM. That of a CREATE2 is taken as it is: the salt it comes from does
    /// not get here. The worst that a wrong one does is what a VM can do with any storage value.
    evmc_result call(const evmc_message& message,
                     NewAddress new_address = NewAddress::derived) noexcept;

    // The rest of the host interface.
    [[nodiscard]] bool account_exists(const Address& address) noexcept;
    [[nodiscard]] Bytes32 get_balance(const Address& address) noexcept;
    [[nodiscard]] uint64_t get_nonce(const Address& address) noexcept;
    [[nodiscard]] size_t get_code_size(const Address& address) noexcept;
    [[nodiscard]] Bytes32 get_code_hash(const Address& address) noexcept;
    size_t copy_code(const Address& address, size_t offset, uint8_t* buffer, size_t size) noexcept;
    /// True the first time the account is destroyed in the transaction.
    bool selfdestruct(const Address& address, const Address& beneficiary) noexcept;
    [[nodiscard]] Bytes32 get_block_hash(int64_t number) noexcept;
    evmc_access_status access_account(const Address& address) noexcept;
    void emit_log(const Address& address, BytesView data,
                  std::span<const Bytes32> topics) noexcept {
        if (recorder_ != nullptr) [[unlikely]]
            recorder_->log(address, data, topics, journal_.log_count());
        journal_.log(address, data, topics);
    }
    [[nodiscard]] const evmc_tx_context& context() const noexcept { return context_; }

    // What a VM that is watched asks for.
    [[nodiscard]] bool is_warm(const Address& address) noexcept override;
    [[nodiscard]] bool is_warm(const Address& address, const Bytes32& key) noexcept override;
    [[nodiscard]] evmc_storage_status status_of_store(const Address& address, const Bytes32& key,
                                                      const Bytes32& value) noexcept override;
    [[nodiscard]] Bytes32 value_of(const Address& address, const Bytes32& key) noexcept override;
    [[nodiscard]] bool is_destroyed(const Address& address) noexcept override;
    [[nodiscard]] bool has_account(const Address& address) noexcept override;
    [[nodiscard]] bool has_balance(const Address& address) noexcept override;
    [[nodiscard]] BytesView code_of(const Address& address) noexcept override;

  private:
    /// Ends a transaction with its block, or alone where its journal is exhausted.
    class Stop final : public Cancellation {
      public:
        using Cancellation::set_whole;
        using Cancellation::withdraw;
    };

    evmc_result perform(const evmc_message& message, NewAddress new_address) noexcept;
    /// As perform(), with precompiles at prices that are not the protocol's.
    evmc_result perform_priced(const evmc_message& message, NewAddress new_address) noexcept;
    /// As perform(), and tells the recorder.
    evmc_result record(const evmc_message& message, NewAddress new_address) noexcept;
    [[nodiscard]] Address address_to_record(const evmc_message& message) noexcept;
    [[nodiscard]] FrameError error_to_record(const evmc_result& result) noexcept;
    evmc_result call_account(const evmc_message& message) noexcept;
    evmc_result run_code(const evmc_message& message) noexcept;
    evmc_result run_precompile(uint32_t index, const evmc_message& message) noexcept;
    evmc_result create(const evmc_message& message, NewAddress new_address) noexcept;
    evmc_result run_initcode(const evmc_message& message, const Address& address) noexcept;
    /// Makes the account a contract under construction, with the value it is given.
    void begin_contract(const evmc_message& message, JournalAccount& account) noexcept;
    /// Takes what initcode returned for the code of the contract. It is the output of a transaction
    /// that creates, owned by the journal; other frames get none.
    void deposit_code(const evmc_message& message, evmc_result& result,
                      JournalAccount& account) noexcept;
    /// Moves a call's value. False where the sender cannot pay.
    [[nodiscard]] bool pay(const evmc_message& message) noexcept;
    void transfer(const Address& from, JournalAccount& to, uint256 value) noexcept;
    [[nodiscard]] bool can_pay(const Address& sender, const uint256& value) noexcept;
    void settle(const Journal::Checkpoint& checkpoint, evmc_result& result) noexcept;
    void report(evmc_status_code status, const Address& recipient) noexcept;

    Machine& machine_;
    Journal journal_;
    Stop stop_;
    const BlockEnvironment* environment_ = nullptr;
    evmc_tx_context context_{};
    std::vector<uint8_t> precompile_output_;
    TraceRecorder* recorder_ = nullptr;
    /// Why the host has made the frame fail that has just ended, for the recorder.
    FrameError frame_error_ = FrameError::none;
};

} // namespace braid::transaction
