/// Transactions of a block under other rules than its own.
#pragma once

#include "block/block_executor.hpp"
#include "transaction/gas_costs.hpp"
#include "transaction/transaction_executor.hpp"

#include <optional>
#include <string>
#include <vector>

namespace braid::what_if {

/// Executes a block in order by its own rules, and each transaction once more beside, by others:
/// on the state that the block's own rules have left before it. Nothing of that is committed, so no
/// transaction's outcome depends on what another one does under the other rules.
///
/// The other rules are those of a revision, with single gas costs changed; header values, base fees
/// and the bounds on blobs are the block's. Only on the built-in EVM.
class OtherRulesLoop final : public block::TransactionLoop {
  public:
    /// A loop for a block whose input says the other rules, and for which transactions it is to be
    /// found out how much gas they need to succeed. The machine must outlive the loop.
    OtherRulesLoop(transaction::Machine& machine, const wire::BlockView& block) noexcept;
    ~OtherRulesLoop() override;

    /// Whether the input's revision and gas costs are such that there are.
    [[nodiscard]] bool is_valid() const noexcept { return costs_.has_value(); }

    bool run(block::BlockExecutor& block) override;

    /// What came of it: for each transaction a wire::RunUnderRules and its wire::Frame records.
    [[nodiscard]] std::vector<std::string> take() noexcept { return std::move(runs_); }

  private:
    bool begin(block::BlockExecutor& block);
    void run_beside(block::BlockExecutor& block, size_t index);
    [[nodiscard]] uint64_t search_gas(block::BlockExecutor& block, size_t index);
    [[nodiscard]] bool succeeds_with(block::BlockExecutor& block, size_t index, uint64_t gas);

    transaction::Machine& machine_;
    const wire::BlockView& block_;
    wire::BlockInput header_; ///< the block's, with the other revision
    const std::optional<transaction::GasCosts> costs_;
    const bool reprices_; ///< whether any gas cost is changed
    transaction::TransactionExecutor transactions_;
    std::optional<transaction::BlockEnvironment> environment_;
    std::optional<transaction::PrecompileSet> precompile_set_;
    transaction::TransactionOutcome outcome_;
    std::vector<std::string> runs_;
    size_t held_ = 0; ///< bytes of frames
    std::vector<bool> is_searched_;
};

} // namespace braid::what_if
