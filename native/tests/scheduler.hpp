/// Real workers that go on one at a time, in an order that a test decides.
#pragma once

#include "parallel/interleaving.hpp"
#include "state/state_view.hpp"
#include "tests/evm/random.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace braid::test {

/// Lets one of a loop's workers go on at a time. Whenever it comes between two steps, somebody
/// decides who goes on from there. What the workers do depends on nothing else, so the same
/// decisions give the same block again. The pool must have a thread for each worker.
class Scheduler : public parallel::Interleaving {
  public:
    static constexpr size_t max_workers = 8;
    static constexpr size_t nobody = SIZE_MAX;

    /// Forgets the decisions so far. No block may be under way.
    void reset() noexcept { decisions_.clear(); }

    /// Whom each decision since the start let go on.
    [[nodiscard]] const std::vector<uint8_t>& decisions() const noexcept { return decisions_; }

    void begin(size_t worker, size_t workers) noexcept override {
        std::unique_lock lock{mutex_};
        ready_.insert(std::ranges::lower_bound(ready_, worker), worker);
        scheduler_here_ = this;
        worker_here_ = worker;
        if (ready_.size() == workers) // before that, who is there would be up to the system
            decide(nobody);
        wait(lock, worker);
    }

    void step(size_t worker) noexcept override {
        std::unique_lock lock{mutex_};
        decide(worker);
        wait(lock, worker);
    }

    void stall(size_t worker) noexcept override {
        std::unique_lock lock{mutex_};
        std::vector<size_t> others = ready_;
        std::erase(others, worker);
        if (others.empty())
            return;
        running_ = choose(others, nobody);
        decisions_.push_back(static_cast<uint8_t>(running_));
        resumed_[running_].notify_one();
        wait(lock, worker);
    }

    void end(size_t worker) noexcept override {
        const std::lock_guard lock{mutex_};
        scheduler_here_ = nullptr;
        std::erase(ready_, worker);
        running_ = nobody;
        if (!ready_.empty())
            decide(nobody);
    }

    /// A step of the worker whose thread this is, where it is one.
    static void step_here() noexcept {
        if (scheduler_here_ != nullptr)
            scheduler_here_->step(worker_here_);
    }

    /// As above, where it cannot go on before another has.
    static void stall_here() noexcept {
        if (scheduler_here_ != nullptr)
            scheduler_here_->stall(worker_here_);
    }

  protected:
    /// Decides who of `ready` (ascending) goes on. `running` is who did until now, or nobody where
    /// that one has ended. One thread at a time.
    virtual size_t choose(const std::vector<size_t>& ready, size_t running) noexcept = 0;

  private:
    void decide(size_t running) noexcept {
        running_ = choose(ready_, running);
        decisions_.push_back(static_cast<uint8_t>(running_));
        if (running_ != running)
            resumed_[running_].notify_one();
    }

    void wait(std::unique_lock<std::mutex>& lock, size_t worker) noexcept {
        resumed_[worker].wait(lock, [&] { return running_ == worker; });
    }

    // Of the thread that asks.
    static inline thread_local Scheduler* scheduler_here_ = nullptr;
    static inline thread_local size_t worker_here_ = 0;

    std::mutex mutex_;
    std::array<std::condition_variable, max_workers> resumed_;
    std::vector<size_t> ready_;      ///< under mutex_: who has begun and not ended
    size_t running_ = nobody;        ///< under mutex_
    std::vector<uint8_t> decisions_; ///< under mutex_
};

/// Decides by a seed: some seeds switch at nearly every step, others rarely.
class SeededScheduler final : public Scheduler {
  public:
    /// Starts a block whose decisions the seed determines.
    void seed(uint64_t seed) noexcept {
        reset();
        random_ = Random{seed};
        switch_percent_ = static_cast<unsigned>(5 + random_.below(90));
    }

  protected:
    size_t choose(const std::vector<size_t>& ready, size_t running) noexcept override {
        if (running != nobody && !random_.chance(switch_percent_))
            return running;
        return ready[random_.below(ready.size())];
    }

  private:
    Random random_{0};
    unsigned switch_percent_ = 50;
};

/// A state whose every read is a step of the worker that asks: so transactions are interrupted in
/// the middle, and may see one thing before and another after what somebody else does.
class SteppingState final : public state::StateView {
  public:
    explicit SteppingState(state::StateView& base) noexcept : base_{base} {}

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        Scheduler::step_here();
        return base_.load_account(address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        Scheduler::step_here();
        return base_.load_storage(address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return base_.load_code(address, code_hash, code);
    }

  private:
    state::StateView& base_;
};

} // namespace braid::test
