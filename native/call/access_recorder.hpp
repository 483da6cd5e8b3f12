/// The accounts and slots that a transaction's instructions name.
#pragma once

#include "transaction/step_recorder.hpp"
#include "wire/layout.hpp"

#include <set>
#include <span>
#include <vector>

namespace braid::call {

/// Takes down what an access list could hold (EIP-2930), as `eth_createAccessList` of geth sees it:
/// what the operands of instructions name, whether or not there is gas for the instruction.
class AccessRecorder final : public transaction::StepRecorder {
  public:
    void begin_transaction() noexcept override { keys_.clear(); }
    void end_transaction(const transaction::TransactionOutcome& /*outcome*/) noexcept override {}
    void on_step(const evm::Step& step) noexcept override;
    void on_fault(const evm::Step& /*step*/) noexcept override {}

    /// What the latest transaction has named: accounts and slots, by address and key, each once. An
    /// account whose slots are named need not be among the accounts. Valid until the next one.
    [[nodiscard]] std::span<const wire::PrefetchKey> accessed();

  private:
    struct Less {
        bool operator()(const wire::PrefetchKey& a, const wire::PrefetchKey& b) const noexcept;
    };

    void add_account(const Address& address);
    void add_slot(const Address& address, const Bytes32& key);

    std::set<wire::PrefetchKey, Less> keys_;
    std::vector<wire::PrefetchKey> sorted_;
};

} // namespace braid::call
