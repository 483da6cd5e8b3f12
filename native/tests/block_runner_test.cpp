/// Whole packed blocks, on states of which every read takes its time.
#include "parallel/block_runner.hpp"
#include "state/delayed_state.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/packed_blocks.hpp"
#include "tests/signed_senders.hpp"

#include <chrono>
#include <pthread.h>
#include <string>
#include <thread>

namespace braid::test {
namespace {

/// A slow state that counts how often it is asked.
class SlowState final : public state::StateView {
  public:
    explicit SlowState(state::StateView& base) : base_{base} {}
    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        reads.fetch_add(1);
        return base_.load_account(address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        reads.fetch_add(1);
        return base_.load_storage(address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return base_.load_code(address, code_hash, code);
    }
    bool is_slow() const noexcept override { return true; }

    std::atomic<uint64_t> reads{0};

  private:
    state::StateView& base_;
};

/// A state that keeps what was read. Who executes the block, and so asks for the account of its
/// first transaction, which nobody reads ahead, does not get an answer about one account before
/// somebody has asked for another.
class KeepingState final : public state::StateView {
  public:
    struct Accounts {
        Address first;
        Address held;
        Address awaited;
    };
    KeepingState(state::StateView& base, const Accounts& accounts)
        : base_{base}, accounts_{accounts} {}
    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        std::thread::id nobody;
        if (address == accounts_.first)
            executing_ = std::this_thread::get_id();
        if (address == accounts_.awaited)
            asking_.compare_exchange_strong(nobody, std::this_thread::get_id());
        if (address == accounts_.held && executing_.load() == std::this_thread::get_id()) {
            const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
            while (asking_.load() == nobody && std::chrono::steady_clock::now() < end)
                std::this_thread::yield();
            was_read_ahead =
                asking_.load() != nobody && asking_.load() != std::this_thread::get_id();
        }
        return base_.load_account(address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        return base_.load_storage(address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return base_.load_code(address, code_hash, code);
    }
    bool keeps_reads() const noexcept override { return true; }

    std::atomic<bool> was_read_ahead{false};

  private:
    state::StateView& base_;
    const Accounts accounts_;
    std::atomic<std::thread::id> executing_{};
    std::atomic<std::thread::id> asking_{}; ///< for the account that is awaited, first
};

/// A block of one sender's calls of one contract that reads a slot.
class CountedBlock : public BlockFixture {
  public:
    CountedBlock() : BlockFixture{EVMC_PRAGUE} {
        const Program program = Program{}.push(7).op(evm::OP_SLOAD, evm::OP_POP);
        const Bytes32 hash = crypto::keccak256(program.bytes());
        state.add_code(program.bytes(), hash);
        state.set_account({contract, 1, uint256{}, hash});
        for (int i = 0; i < 50; ++i)
            add_call(contract).max_fee_per_gas = word(10);
    }

    static inline const Address contract = address_of(0xc0de);
};

} // namespace

TEST("block runner: a slow state gives the same result, one after another and in parallel") {
    for (const size_t threads : {1, 2, 4}) {
        const auto runner = parallel::BlockRunner::create(nullptr, threads);
        for (uint64_t seed = 0; seed < 60; ++seed) {
            ConflictingBlock block{seed % 2 == 0 ? EVMC_OSAKA : EVMC_LONDON, seed, 1 + seed % 30};
            const wire::PackedBuffer sequential = packed(block, 1);
            const wire::PackedBuffer parallel = packed(block, 4);
            const wire::PackedBuffer expected = runner->run(sequential.view(), block.state);
            state::DelayedState slow{block.state, std::chrono::microseconds{1}};
            CHECK(slow.is_slow());
            const bool same = same_output(expected, runner->run(sequential.view(), slow)) &&
                              same_output(expected, runner->run(parallel.view(), slow)) &&
                              same_output(expected, runner->run(parallel.view(), block.state));
            if (!same)
                fail(__FILE__, __LINE__, "same_output",
                     "seed " + std::to_string(seed) + ", threads " + std::to_string(threads));
        }
    }
}

TEST("block runner: a slow state is asked once for what one thread needs, and for nothing else") {
    CountedBlock block;
    // An access list is priced, not read: a single thread gains nothing by reading it early.
    block.access_entries.push_back({address_of(0xacce55), 0, 1});
    block.storage_keys.push_back(word(1));
    block.transactions[0].type = 1;
    block.transactions[0].access_count = 1;
    SlowState slow{block.state};
    const auto runner = parallel::BlockRunner::create(nullptr, 1);
    const wire::PackedBuffer output = runner->run(packed(block, 1).view(), slow);
    CHECK(header_of(output).error == static_cast<uint32_t>(wire::ErrorCode::ok));
    CHECK_EQ(header_of(output).receipts.count, uint32_t{50});
    CHECK_EQ(slow.reads.load(), uint64_t{4}); // sender, contract, slot, coinbase
}

TEST("block runner: a thread without work reads ahead where the state keeps what was read") {
    const auto runner = parallel::BlockRunner::create(nullptr, 2);
    for (const bool is_signed : {false, true}) {
        BlockFixture block{EVMC_PRAGUE};
        for (uint64_t i = 0; i < 200; ++i)
            block.add_call(address_of(0x1000 + i)).value = word(1);
        if (is_signed)
            sign_transactions(block);
        const wire::PackedBuffer input = packed(block, 1);
        const wire::PackedBuffer expected = runner->run(input.view(), block.state);
        KeepingState keeping{
            block.state, {address_of(0x1000), address_of(0x1000 + 100), address_of(0x1000 + 150)}};
        CHECK(same_output(expected, runner->run(input.view(), keeping)));
        CHECK(keeping.was_read_ahead.load());
    }
    // Alone, nobody reads more than it needs.
    BlockFixture block{EVMC_PRAGUE};
    block.add_call(address_of(0x1000)).value = word(1);
    KeepingState keeping{block.state, {address_of(0x1000), address_of(1), address_of(0x1000)}};
    const auto alone = parallel::BlockRunner::create(nullptr, 1);
    CHECK(same_output(alone->run(packed(block, 1).view(), block.state),
                      alone->run(packed(block, 1).view(), keeping)));
}

TEST("block runner: on a stack too small for nested calls, without any thread, nothing runs") {
    const auto start_none = [](void* (*)(void*), void*) noexcept { return false; };
    static auto* const none =
        new parallel::WorkerPool{2, start_none}; // is never freed, as every pool
    parallel::WorkerPool& pool = *none;
    const auto runner = parallel::BlockRunner::create(nullptr, 2, pool);
    CountedBlock block;
    SlowState counting{block.state};
    struct Attempt {
        parallel::BlockRunner& runner;
        wire::PackedBuffer input;
        state::StateView& state;
        wire::PackedBuffer output;
    } attempt{*runner, packed(block, 2), counting, {}};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    CHECK_EQ(pthread_attr_setstacksize(&attributes, size_t{1} << 20), 0);
    pthread_t thread;
    const auto run = [](void* argument) -> void* {
        auto& own = *static_cast<Attempt*>(argument);
        own.output = own.runner.run(own.input.view(), own.state);
        return nullptr;
    };
    CHECK_EQ(pthread_create(&thread, &attributes, run, &attempt), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    CHECK(header_of(attempt.output).error ==
          static_cast<uint32_t>(wire::ErrorCode::thread_unavailable));
    CHECK_EQ(counting.reads.load(), uint64_t{0});
}

TEST("block runner: a block keeps to the threads that it may have") {
    CountedBlock block;
    const auto runner = parallel::BlockRunner::create(nullptr, 4);
    for (const auto& [threads, workers] : {std::pair{0U, 4U}, {3U, 3U}, {9U, 4U}}) {
        block.header.threads = threads;
        const wire::PackedBuffer output = runner->run(packed(block, 8).view(), block.state);
        CHECK_EQ(header_of(output).workers, workers);
    }
    // With one thread nothing is read ahead.
    block.access_entries.push_back({address_of(0xacce55), 0, 1});
    block.storage_keys.push_back(word(1));
    block.transactions[0].type = 1;
    block.transactions[0].access_count = 1;
    block.header.threads = 1;
    SlowState slow{block.state};
    const wire::PackedBuffer output = runner->run(packed(block, 8).view(), slow);
    CHECK(header_of(output).error == static_cast<uint32_t>(wire::ErrorCode::ok));
    CHECK(header_of(output).workers <= 1);
    CHECK_EQ(slow.reads.load(), uint64_t{4}); // sender, contract, slot, coinbase
}

TEST("block runner: several threads ask a slow state ahead for what the block names") {
    CountedBlock block;
    block.access_entries.push_back({address_of(0xacce55), 0, 2});
    block.storage_keys.push_back(word(1));
    block.storage_keys.push_back(word(2));
    block.transactions[0].type = 1;
    block.transactions[0].access_count = 1;
    block.withdrawals.push_back({1, address_of(0x3172), 0});
    const wire::PrefetchKey foretold{CountedBlock::contract, wire::prefetch_flag::has_key,
                                     word(0xf00)};
    SlowState slow{block.state};
    const auto runner = parallel::BlockRunner::create(nullptr, 2);
    const wire::PackedBuffer input = packed(block, 1, std::span{&foretold, 1});
    const wire::PackedBuffer output = runner->run(input.view(), slow);
    CHECK(header_of(output).error == static_cast<uint32_t>(wire::ErrorCode::ok));
    // Besides sender, contract, slot and coinbase: an access list of three, a withdrawal, a hint.
    // Two threads may ask for the same thing at once, seldom.
    CHECK(slow.reads.load() >= 9);
    CHECK(slow.reads.load() < 30);
    CHECK(header_of(output).execute_nanoseconds <= header_of(output).total_nanoseconds);
}

TEST("block runner: whichever way a block is run, its phases and its runs lie within its time") {
    CountedBlock block;
    sign_transactions(block);
    SlowState slow{block.state};
    struct Way {
        size_t threads;
        uint32_t workers;
    };
    for (const Way way : {Way{1, 1}, Way{2, 1}, Way{2, 2}}) {
        const auto runner = parallel::BlockRunner::create(nullptr, way.threads);
        const wire::PackedBuffer input = packed(block, way.workers);
        for (const bool is_slow : {false, true}) {
            state::StateView& state = is_slow ? static_cast<state::StateView&>(slow) : block.state;
            const wire::PackedBuffer output = runner->run(input.view(), state);
            const wire::BlockOutput& header = header_of(output);
            CHECK(header.error == static_cast<uint32_t>(wire::ErrorCode::ok));
            CHECK_EQ(header.workers, way.workers);
            CHECK(header.senders_nanoseconds > 0 && header.execute_nanoseconds > 0);
            const uint64_t end = header.senders_nanoseconds + header.execute_nanoseconds;
            CHECK(end <= header.total_nanoseconds);
            // Beside recovery only loops that share it execute anything.
            const bool overlaps = way.threads > 1 && !is_slow;
            const uint64_t begin = overlaps ? 0 : header.senders_nanoseconds;
            CHECK(header.runs.count >= block.transactions.size());
            const auto* run = reinterpret_cast<const wire::TransactionRun*>(output.data.get() +
                                                                            header.runs.offset);
            for (uint32_t i = 0; i < header.runs.count; ++i, ++run)
                CHECK(begin <= run->start_nanoseconds &&
                      run->start_nanoseconds <= run->end_nanoseconds &&
                      run->end_nanoseconds <= end);
        }
    }
}

} // namespace braid::test
