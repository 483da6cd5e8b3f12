/// The world behind the EVMC host interface: state, calls, creations and logs of one transaction.
#pragma once

#include "executor/block_environment.hpp"
#include "executor/journal.hpp"
#include "executor/machine.hpp"

#include <vector>

namespace braid::executor {

/// Serves one VM for one transaction after another. Single-threaded.
class Host {
  public:
    /// The machine must outlive the host.
    explicit Host(Machine& machine) noexcept : machine_{machine} {}

    /// Sets the block; it must outlive the transactions that run in it.
    void begin_block(const BlockEnvironment& environment) noexcept;

    /// Starts a transaction.
    void begin_transaction(state::StateView& view, const Address& origin, const uint256& gas_price,
                           std::span<const Bytes32> blob_hashes) noexcept;

    [[nodiscard]] Journal& journal() noexcept { return journal_; }

    /// Runs a call or creation frame, depth 0 included: transfers the value, runs the code or the
    /// precompile, and undoes everything where the frame fails. The output lives as long as
    /// Machine says. Once the block is cancelled every frame fails, and so does the transaction.
    evmc_result call(const evmc_message& message) noexcept;

    // The rest of the host interface.
    [[nodiscard]] bool account_exists(const Address& address) noexcept;
    [[nodiscard]] Bytes32 get_balance(const Address& address) noexcept;
    [[nodiscard]] size_t get_code_size(const Address& address) noexcept;
    [[nodiscard]] Bytes32 get_code_hash(const Address& address) noexcept;
    size_t copy_code(const Address& address, size_t offset, uint8_t* buffer, size_t size) noexcept;
    /// True the first time the account is destroyed in the transaction.
    bool selfdestruct(const Address& address, const Address& beneficiary) noexcept;
    [[nodiscard]] Bytes32 get_block_hash(int64_t number) noexcept;
    evmc_access_status access_account(const Address& address) noexcept;
    [[nodiscard]] const evmc_tx_context& context() const noexcept { return context_; }

  private:
    evmc_result call_account(const evmc_message& message) noexcept;
    evmc_result run_code(const evmc_message& message) noexcept;
    evmc_result run_precompile(uint32_t index, const evmc_message& message) noexcept;
    evmc_result create(const evmc_message& message) noexcept;
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
    const BlockEnvironment* environment_ = nullptr;
    evmc_tx_context context_{};
    std::vector<uint8_t> precompile_output_;
};

} // namespace braid::executor
