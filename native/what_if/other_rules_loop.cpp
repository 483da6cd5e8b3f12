#include "what_if/other_rules_loop.hpp"

#include "trace/frame_records.hpp"
#include "what_if/effects_hash.hpp"

#include <algorithm>

namespace braid::what_if {
namespace {

/// A search starts with so small a part of the gas limit added, and ends that near to the answer.
constexpr uint64_t first_parts = 64;
constexpr uint64_t last_parts = 1024;

/// How many times its gas limit a transaction is tried with at most.
constexpr uint64_t most_times = 64;

/// How many bytes are kept of the frames of all transactions of a block.
constexpr size_t most_bytes = size_t{1} << 29;

/// Has every transaction run instruction by instruction, and is interested in none of them: so they
/// pay what is asked of them.
class NoRecorder final : public transaction::StepRecorder {
  public:
    void on_step(const evm::Step&) noexcept override {}
    void on_fault(const evm::Step&) noexcept override {}
    void begin_transaction() noexcept override {}
    void end_transaction(const transaction::TransactionOutcome&) noexcept override {}
};

NoRecorder no_recorder;

std::optional<transaction::GasCosts> costs_of(const wire::BlockView& block) noexcept {
    const uint32_t revision = block.header->other_revision;
    if (revision > EVMC_MAX_REVISION)
        return std::nullopt;
    return transaction::GasCosts::make(static_cast<evmc_revision>(revision), block.gas_costs);
}

bool is_about_state(wire::ErrorCode code) noexcept {
    switch (code) {
    case wire::ErrorCode::vm_internal_error:
    case wire::ErrorCode::cancelled:
    case wire::ErrorCode::out_of_memory:
    case wire::ErrorCode::state_missing_code:
    case wire::ErrorCode::state_missing_block_hash:
    case wire::ErrorCode::state_unavailable:
        return true;
    default:
        return false;
    }
}

} // namespace

OtherRulesLoop::OtherRulesLoop(transaction::Machine& machine, const wire::BlockView& block) noexcept
    : machine_{machine}, block_{block}, header_{*block.header}, costs_{costs_of(block)},
      reprices_{!block.gas_costs.empty()}, transactions_{machine} {
    header_.revision = block.header->other_revision;
    is_searched_.resize(block.transactions.size());
    for (const wire::GasSearch& search : block.gas_searches)
        if (search.transaction < is_searched_.size())
            is_searched_[search.transaction] = true;
}

OtherRulesLoop::~OtherRulesLoop() { machine_.set_prices(nullptr); }

bool OtherRulesLoop::run(block::BlockExecutor& block) {
    const size_t count = block.environment().block.transactions.size();
    bool is_done = begin(block);
    runs_.assign(count, {});
    for (size_t i = 0; i < count && is_done; ++i) {
        run_beside(block, i);
        is_done = block.run_transaction(i);
    }
    transactions_.end_block();
    machine_.set_prices(nullptr);
    return is_done;
}

bool OtherRulesLoop::begin(block::BlockExecutor& block) {
    wire::BlockView view = block.environment().block;
    view.header = &header_;
    environment_.emplace(view, block.environment().cancellation);
    environment_->rules = &costs_->rules;
    environment_->runs_plain_transfers = false;
    if (costs_->precompiles.changes_anything())
        environment_->precompile_prices = &costs_->precompiles;
    std::optional<Address> wrong;
    precompile_set_ = transaction::PrecompileSet::make(costs_->rules.revision,
                                                       block.base().precompile_overrides(), wrong);
    if (precompile_set_)
        environment_->set_precompiles(*precompile_set_);
    transactions_.begin_block(*environment_);
    transactions_.set_step_recorder(reprices_ ? &no_recorder : nullptr);
    machine_.set_prices(reprices_ ? &costs_->vm : nullptr);
    return true;
}

void OtherRulesLoop::run_beside(block::BlockExecutor& block, size_t index) {
    transaction::TransactionInput input = block.input(index);
    input.is_traced = true;
    transaction::TraceOptions options;
    options.frames = true;
    transactions_.set_trace(options);
    transactions_.execute(block.committed(), input, outcome_);

    wire::RunUnderRules run{};
    run.error = static_cast<uint32_t>(outcome_.failure.code);
    std::string& bytes = runs_[index];
    if (outcome_.failure.code == wire::ErrorCode::ok && outcome_.trace != nullptr) {
        const transaction::TransactionTrace& trace = *outcome_.trace;
        held_ += trace.frames.size() * sizeof(wire::Frame);
        if (trace.is_cut || held_ > most_bytes)
            run.error = static_cast<uint32_t>(wire::ErrorCode::out_of_memory);
        run.gas_used = outcome_.gas_used;
        run.gas_before_refund = outcome_.gas_before_refund;
        run.evm_status = outcome_.status;
        run.output_size = static_cast<uint32_t>(outcome_.output.size());
        run.log_count = static_cast<uint32_t>(outcome_.logs.entries.size());
        run.frame_count = static_cast<uint32_t>(trace.frames.size());
        run.effects_hash = effects_hash(outcome_, input.sender.address, header_.coinbase);
    }
    bytes.assign(sizeof(run), '\0');
    if (outcome_.trace != nullptr && held_ <= most_bytes)
        trace::append_frames(bytes, *outcome_.trace);
    outcome_.trace.reset();
    if (is_searched_[index] && !is_about_state(outcome_.failure.code))
        run.needed_gas = search_gas(block, index);
    std::memcpy(bytes.data(), &run, sizeof(run));
}

bool OtherRulesLoop::succeeds_with(block::BlockExecutor& block, size_t index, uint64_t gas) {
    transaction::TransactionInput input = block.input(index);
    wire::Transaction transaction = *input.record;
    transaction.gas_limit = gas;
    // Whether the sender could pay for more gas is another question.
    transaction.flags |= wire::transaction_flag::skip_balance_check;
    input.record = &transaction;
    transactions_.execute(block.committed(), input, outcome_);
    outcome_.trace.reset();
    return outcome_.failure.code == wire::ErrorCode::ok && outcome_.status == EVMC_SUCCESS;
}

/// The least gas limit with which a transaction succeeds that does not with its own, but for one
/// 1024th of that; 0 where none up to 64 times as much does. More gas need not be better, so the
/// limit that is found is the first one of a growing sequence, and then halved down.
uint64_t OtherRulesLoop::search_gas(block::BlockExecutor& block, size_t index) {
    const uint64_t limit = std::max<uint64_t>(block.input(index).record->gas_limit, first_parts);
    const uint64_t most = std::min({limit > UINT64_MAX / most_times ? limit : limit * most_times,
                                    costs_->rules.max_transaction_gas, environment_->gas_limit});
    uint64_t fails = limit;
    uint64_t succeeds = 0;
    for (uint64_t added = limit / first_parts; succeeds == 0 && fails < most; added *= 2) {
        const uint64_t tried = std::min(limit + added, most);
        if (block.cancelled())
            return 0;
        (succeeds_with(block, index, tried) ? succeeds : fails) = tried;
    }
    const uint64_t near = std::max<uint64_t>(limit / last_parts, 1);
    while (succeeds != 0 && succeeds - fails > near && !block.cancelled()) {
        const uint64_t middle = fails + (succeeds - fails) / 2;
        (succeeds_with(block, index, middle) ? succeeds : fails) = middle;
    }
    return succeeds;
}

} // namespace braid::what_if
