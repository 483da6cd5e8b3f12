/// Blocks that follow one another, executed one after another and by a window.
#pragma once

#include "parallel/window.hpp"
#include "state/packed_state.hpp"
#include "tests/forced_orders.hpp"
#include "tests/packed_blocks.hpp"

#include <functional>
#include <memory>
#include <pthread.h>
#include <thread>
#include <vector>

namespace braid::test {

/// A pool that has no thread and gets none: what there is to do, callers do.
inline parallel::WorkerPool& threadless_pool() {
    static auto* const pool = new parallel::WorkerPool{
        2, [](void* (*)(void*), void*) noexcept { return false; }}; // is never freed, as every pool
    return *pool;
}

/// Calls something on a thread whose stack is large enough for a block, sanitizers' frames
/// included.
inline void on_large_stack(std::function<void()> work) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size_t{256} << 20); // only touched pages count
    pthread_t thread;
    const auto run = [](void* argument) -> void* {
        (*static_cast<std::function<void()>*>(argument))();
        return nullptr;
    };
    const int status = pthread_create(&thread, &attributes, run, &work);
    pthread_attr_destroy(&attributes);
    CHECK_EQ(status, 0);
    if (status == 0)
        pthread_join(thread, nullptr);
}

/// A state in memory that blocks are committed to.
inline std::shared_ptr<state::LayeredMemory> layered(const state::MemoryState& state) {
    auto result = std::make_shared<state::LayeredMemory>();
    result->prepare(0);
    state.for_each_account([&](const Address& address, const state::AccountState& account) {
        if (const Code* const code = state.find_code(account.code_hash))
            result->add_code(code->bytes(), account.code_hash);
        result->set_account({address, account.nonce, account.balance, account.code_hash});
        state.for_each_slot(address, [&](const Bytes32& key, const Bytes32& value) {
            result->set_storage(address, key, value);
        });
    });
    return result;
}

/// Some blocks, the states before each, and what executing one after another gives: up to the first
/// that is invalid.
struct BlockChain {
    std::vector<wire::PackedBuffer> inputs;
    std::vector<std::shared_ptr<state::LayeredMemory>> states;
    std::vector<wire::PackedBuffer> expected;

    /// Adds a block; false where nothing can follow it.
    bool add(wire::PackedBuffer input) {
        const auto runner = parallel::BlockRunner::create(nullptr, 1, ordered_pool());
        expected.push_back(runner->run(input.view(), *states.back()));
        inputs.push_back(std::move(input));
        const auto output = wire::read_output(expected.back().view());
        if (!output || output->header->error != static_cast<uint32_t>(wire::ErrorCode::ok))
            return false;
        auto after = std::make_shared<state::LayeredMemory>(*states.back());
        state::apply_output(*after, *output);
        states.push_back(std::move(after));
        return true;
    }

    [[nodiscard]] wire::PackedBuffer input(size_t index) const {
        const BytesView bytes = inputs[index].view();
        wire::PackedBuffer copy = wire::allocate_buffer(bytes.size());
        std::memcpy(copy.data.get(), bytes.data(), bytes.size());
        return copy;
    }
};

/// Has the senders of a block go on where a state has left them; its nonces are as if it were the
/// first.
inline void follow(BlockFixture& block, state::LayeredMemory& state) {
    for (wire::Transaction& transaction : block.transactions) {
        state::AccountState account;
        if (state.find_account(transaction.sender, account))
            transaction.nonce += account.nonce;
    }
}

/// How many committed runs of an output were made by a worker of that number or a higher one.
inline size_t committed_by(const wire::PackedBuffer& output, uint16_t first_worker) {
    const wire::BlockOutput& header = header_of(output);
    const auto* run =
        reinterpret_cast<const wire::TransactionRun*>(output.data.get() + header.runs.offset);
    size_t count = 0;
    for (uint32_t i = 0; i < header.runs.count; ++i, ++run)
        count += run->worker >= first_worker && (run->flags & wire::run_flag::committed) != 0;
    return count;
}

/// Hands the steps of loops on to the scheduler of the thread that makes them.
class StepsHere final : public parallel::Interleaving {
  public:
    void begin(size_t, size_t) noexcept override {}
    void step(size_t) noexcept override { Scheduler::step_here(); }
    void stall(size_t) noexcept override { Scheduler::stall_here(); }
    void end(size_t) noexcept override {}
};

/// Two threads, one of which executes the blocks in their order while the other does what there is
/// to do ahead, interleaved by a scheduler.
class WindowPair {
  public:
    explicit WindowPair(Scheduler& scheduler) : scheduler_{scheduler} {}

    /// Executes a chain. The first block whose output is another, or SIZE_MAX.
    size_t run(const BlockChain& chain) {
        size_t wrong = SIZE_MAX;
        on_large_stack([&] { wrong = run_here(chain); });
        return wrong;
    }

    size_t ran_ahead = 0; ///< how many committed runs were the helper's

  private:
    size_t run_here(const BlockChain& chain) {
        std::vector<std::shared_ptr<parallel::WindowBlock>> blocks;
        parallel::Window window{runner_};
        for (size_t i = 0; i < chain.inputs.size(); ++i) {
            blocks.push_back(window.add(chain.input(i)));
            blocks.back()->set_interleaving(&steps_);
        }
        std::atomic<bool> is_done{false};
        std::thread helper{[&] {
            scheduler_.begin(1, 2);
            while (!is_done.load()) {
                bool did = false;
                for (const auto& block : blocks)
                    did = block->step() || did;
                if (did)
                    Scheduler::step_here();
                else
                    Scheduler::stall_here();
            }
            scheduler_.end(1);
        }};
        size_t wrong = SIZE_MAX;
        ran_ahead = 0;
        scheduler_.begin(0, 2);
        for (size_t i = 0; i < blocks.size() && wrong == SIZE_MAX; ++i) {
            Scheduler::step_here();
            const wire::PackedBuffer output =
                blocks[i]->run(std::make_shared<SteppingState>(*chain.states[i]));
            ran_ahead += committed_by(output, header_of(output).workers - 1);
            if (!same_output(chain.expected[i], output))
                wrong = i;
        }
        is_done.store(true);
        scheduler_.end(0);
        helper.join();
        return wrong;
    }

    Scheduler& scheduler_;
    StepsHere steps_;
    const std::shared_ptr<parallel::BlockRunner> runner_ =
        parallel::BlockRunner::create(nullptr, 2, threadless_pool());
};

} // namespace braid::test
