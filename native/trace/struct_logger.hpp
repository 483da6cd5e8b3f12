/// The answers of geth's default tracer: every instruction of a transaction.
#pragma once

#include "trace/stack_text.hpp"
#include "trace/step_tracer.hpp"

#include <map>
#include <utility>

namespace braid::trace {

/// What the default tracer is asked for.
struct StructLogOptions {
    bool enable_memory = false;
    bool disable_stack = false;
    bool disable_storage = false;
    bool enable_return_data = false;
    /// After how many bytes of a transaction's instructions no more of them are written; 0: all
    /// are.
    uint64_t limit = 0;
    size_t most_bytes = StepTracer::usual_bytes; ///< of all answers together
};

/// Writes the instructions of one transaction after another: geth's members, in its order.
class StructLogger final : public StepTracer {
  public:
    explicit StructLogger(const StructLogOptions& options) noexcept
        : StepTracer{options.most_bytes}, options_{options} {}

    void begin_transaction() noexcept override;
    void on_step(const evm::Step& step) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

  private:
    using Slots = std::map<Bytes32, Bytes32, bool (*)(const Bytes32&, const Bytes32&)>;

    void write_head(const evm::Step& step);
    void write_memory(BytesView memory);
    void write_storage(const evm::Step& step);

    const StructLogOptions options_;
    std::string text_; ///< of the instructions so far
    StackText stack_;
    uint64_t steps_size_ = 0;                        ///< their bytes without what is between them
    std::vector<std::pair<Address, Slots>> storage_; ///< what was read and written, by contract
    bool returns_data_ = false; ///< whether the transaction's own frame has returned some
};

} // namespace braid::trace
