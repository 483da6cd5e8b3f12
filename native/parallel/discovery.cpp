#include "parallel/discovery.hpp"

#include "base/ticks.hpp"

#include <algorithm>
#include <utility>

namespace braid::parallel {
namespace {

/// What a parked block keeps of its runs at most; beyond it, all are forgotten and run again.
constexpr size_t most_kept_bytes = size_t{256} << 20;

size_t bytes_of(const AheadRun& run) noexcept {
    const transaction::TransactionOutcome& outcome = run.outcome;
    size_t bytes = outcome.output.size() + outcome.logs.data.size();
    bytes += outcome.accounts.size() * sizeof(transaction::AccountWrite);
    bytes += outcome.slots.size() * sizeof(transaction::SlotWrite);
    bytes += outcome.logs.entries.size() * sizeof(wire::Log);
    bytes += outcome.logs.topics.size() * sizeof(Bytes32);
    bytes += run.reads.accounts.size() * sizeof(transaction::AccountRead);
    bytes += run.reads.slots.size() * sizeof(transaction::SlotRead);
    return bytes + run.missing.size() * sizeof(wire::MissingKey);
}

} // namespace

void Discovery::begin(size_t transactions) {
    runs_.clear();
    runs_.resize(transactions);
    surroundings_.clear();
    knows_surroundings_ = false;
    run_count_.store(0, std::memory_order_relaxed); // relaxed: nobody works
}

void Discovery::end() {
    runs_ = {};
    surroundings_ = {};
}

size_t Discovery::make_workers(size_t wanted) {
    while (workers_.size() < wanted) {
        std::unique_ptr<transaction::Machine> machine = make_machine_();
        if (machine == nullptr)
            break;
        workers_.push_back(std::make_unique<Worker>(std::move(machine), store_,
                                                    static_cast<uint16_t>(workers_.size())));
    }
    return std::min(workers_.size(), wanted);
}

void Discovery::run(block::BlockExecutor& block, state::StateView& known, size_t workers,
                    uint64_t waited) {
    const uint32_t first = block.next_transaction();
    const size_t left = runs_.size() - first;
    const size_t count = make_workers(std::max<size_t>(1, std::min(workers, left)));
    if (count == 0)
        return; // no VM to be had: the lane finds out alone
    for (size_t i = 0; i < count; ++i) {
        Worker& worker = *workers_[i];
        worker.committed.open(&block.block_state(), known.reader(worker.misses));
        worker.view.begin_block(worker.committed);
        worker.executor.begin_block(block.environment());
    }
    bound_memory(first);
    store_.begin(runs_.size(), left, block.environment().block.header->gas_limit);
    publish_kept(block, first);
    next_.store(first, std::memory_order_relaxed); // relaxed: the workers start after this
    pool_.parallel_for(count, 1, count, [&](size_t begin, size_t end) noexcept {
        for (size_t i = begin; i < end; ++i)
            work(*workers_[i], block, waited);
    });
    if (!knows_surroundings_ && !block.cancelled()) {
        Worker& worker = *workers_[0];
        worker.misses.clear();
        worker.view.begin(static_cast<uint32_t>(runs_.size()), {}, 0);
        block.scout_surroundings(worker.view);
        const auto keys = worker.misses.keys();
        surroundings_.assign(keys.begin(), keys.end());
        knows_surroundings_ = surroundings_.empty();
    }
    for (uint32_t i = first; i < runs_.size(); ++i)
        runs_[i].earlier_codes.clear();
    for (size_t i = 0; i < count; ++i) {
        Worker& worker = *workers_[i];
        worker.executor.end_block();
        worker.committed.open(nullptr, nullptr);
        worker.misses.clear();
        worker.arena.reset();
    }
}

void Discovery::publish_kept(block::BlockExecutor& block, uint32_t first) {
    for (uint32_t i = first; i < runs_.size(); ++i) {
        const transaction::TransactionInput input = block.input(i);
        if (runs_[i].has_run && runs_[i].outcome.failure.code == wire::ErrorCode::ok)
            store_.publish(i, 0, runs_[i].outcome, workers_[0]->arena, &input.sender.address);
    }
}

void Discovery::bound_memory(uint32_t first) {
    size_t bytes = 0;
    for (uint32_t i = first; i < runs_.size(); ++i)
        bytes += bytes_of(runs_[i]);
    if (bytes > most_kept_bytes)
        for (uint32_t i = first; i < runs_.size(); ++i)
            forget(i);
}

void Discovery::work(Worker& worker, block::BlockExecutor& block, uint64_t waited) noexcept {
    while (!block.cancelled()) {
        // relaxed: a claim says nothing about other data.
        const uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
        if (index >= runs_.size())
            return;
        look(worker, block, index, waited);
    }
}

/// Whether another run would be told anything else than the latest one was.
bool Discovery::has_news(Worker& worker, const AheadRun& latest) noexcept {
    block::CheckResult difference;
    if (!worker.view.agrees_with(latest.reads, difference))
        return true;
    for (const wire::MissingKey& key : latest.missing) {
        worker.misses.clear();
        state::AccountState account;
        bool exists = false;
        Bytes32 value;
        const Code* code = nullptr;
        if (key.kind == static_cast<uint32_t>(wire::MissingKind::account))
            static_cast<void>(worker.committed.load_account(key.address, account, exists));
        else if (key.kind == static_cast<uint32_t>(wire::MissingKind::slot))
            static_cast<void>(worker.committed.load_storage(key.address, key.key, value));
        else
            static_cast<void>(worker.committed.load_code(key.address, key.key, code));
        if (!worker.misses.any())
            return true;
    }
    return false;
}

void Discovery::look(Worker& worker, block::BlockExecutor& block, uint32_t index,
                     uint64_t waited) noexcept {
    AheadRun& latest = runs_[index];
    const transaction::TransactionInput input = block.input(index);
    worker.view.begin(index, input.sender.address, input.record->nonce);
    if (latest.has_run && !has_news(worker, latest))
        return;
    worker.misses.clear();
    worker.view.begin(index, input.sender.address, input.record->nonce);
    run_count_.fetch_add(1, std::memory_order_relaxed); // relaxed: a statistic
    latest.has_run = true;
    latest.run = {};
    latest.run.worker = worker.number;
    latest.run.start = read_ticks() - waited;
    latest.earlier_codes = std::exchange(latest.outcome.codes, {});
    worker.executor.execute(worker.view, input, latest.outcome, latest.reads);
    latest.is_trusting = latest.outcome.failure.code != wire::ErrorCode::ok;
    if (latest.is_trusting) {
        // What its sender has may not be known, or may come from before it: look further.
        wire::Transaction trusting = *input.record;
        trusting.flags |=
            wire::transaction_flag::skip_nonce_check | wire::transaction_flag::skip_balance_check;
        worker.executor.execute(worker.view, {&trusting, input.sender, input.authorities},
                                latest.outcome, latest.reads);
    }
    latest.run.end = read_ticks() - waited;
    const auto keys = worker.misses.keys();
    latest.missing.assign(keys.begin(), keys.end());
    if (latest.outcome.failure.code == wire::ErrorCode::ok)
        store_.publish(index, 1, latest.outcome, worker.arena, &input.sender.address);
}

} // namespace braid::parallel
