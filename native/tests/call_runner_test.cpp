/// Calls that have nothing to do with each other, on one thread and on several.
#include "parallel/call_runner.hpp"
#include "tests/conflicting_blocks.hpp"
#include "tests/harness.hpp"
#include "tests/packed_blocks.hpp"

#include <chrono>
#include <string_view>
#include <thread>

namespace braid::test {
namespace {

constexpr uint32_t call_flags =
    wire::transaction_flag::has_to | wire::transaction_flag::has_sender |
    wire::transaction_flag::skip_nonce_check | wire::transaction_flag::simulated |
    wire::transaction_flag::free_without_fees;

/// Calls of contracts: one counts in a slot, one reverts, one fails, one runs until it is stopped.
class Calls : public BlockFixture {
  public:
    Calls() : BlockFixture{EVMC_PRAGUE} {
        header.flags = wire::block_flag::explain_failures;
        // Adds 1 to slot 0 and returns it.
        add_contract(counter, {0x60, 0x00, 0x54, 0x60, 0x01, 0x01, 0x80, 0x60, 0x00, 0x55, 0x60,
                               0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3});
        add_contract(reverter, {0x60, 0x00, 0x60, 0x00, 0xfd});
        add_contract(failing, {0x01});
        add_contract(endless, {0x5b, 0x60, 0x00, 0x56});
    }

    void add(const Address& to, int64_t gas = 100'000) {
        wire::Transaction& transaction = add_call(to);
        transaction.flags = call_flags;
        transaction.gas_limit = static_cast<uint64_t>(gas);
        transaction.max_fee_per_gas = {};
        transaction.max_priority_fee_per_gas = {};
    }

    static inline const Address counter = address_of(0xc1);
    static inline const Address reverter = address_of(0xc2);
    static inline const Address failing = address_of(0xc3);
    static inline const Address endless = address_of(0xc4);

  private:
    void add_contract(const Address& address, std::vector<uint8_t> code) {
        const Bytes32 hash = crypto::keccak256(code);
        state.add_code(code, hash);
        state.set_account({address, 1, uint256{}, hash});
    }
};

const wire::CallsOutput& calls_of(const wire::PackedBuffer& output) {
    return *reinterpret_cast<const wire::CallsOutput*>(output.data.get());
}

std::span<const wire::CallOutcome> outcomes_of(const wire::PackedBuffer& output) {
    const wire::Section& section = calls_of(output).outcomes;
    return {reinterpret_cast<const wire::CallOutcome*>(output.data.get() + section.offset),
            section.count};
}

std::string_view text_of(const wire::PackedBuffer& output, uint32_t offset, uint32_t size) {
    const auto* pool =
        reinterpret_cast<const char*>(output.data.get() + calls_of(output).pool.offset);
    return {pool + offset, size};
}

wire::PackedBuffer run(Calls& calls, size_t threads, const Cancellation* stop = nullptr) {
    parallel::CallRunner runner{parallel::BlockRunner::create(nullptr, threads)};
    return runner.run(packed(calls, 1).view(), calls.state, stop);
}

} // namespace

TEST("call runner: calls do not see each other, on however many threads they run") {
    Calls calls;
    const Address targets[] = {Calls::counter, Calls::reverter, Calls::failing};
    for (size_t i = 0; i < 500; ++i)
        calls.add(targets[i % 3]);
    calls.transactions[7].value = word(5);
    calls.transactions[9].gas_limit = 20'000;
    const wire::PackedBuffer expected = run(calls, 1);
    CHECK_EQ(calls_of(expected).error, uint32_t{0});
    const auto outcomes = outcomes_of(expected);
    CHECK_EQ(outcomes.size(), size_t{500});
    for (size_t i = 0; i < outcomes.size(); ++i) {
        const wire::CallOutcome& outcome = outcomes[i];
        if (i == 9) {
            CHECK_EQ(outcome.error,
                     static_cast<uint32_t>(wire::ErrorCode::tx_intrinsic_gas_too_low));
            continue;
        }
        CHECK_EQ(outcome.error, uint32_t{0});
        const evmc_status_code statuses[] = {EVMC_SUCCESS, EVMC_REVERT, EVMC_STACK_UNDERFLOW};
        CHECK_EQ(outcome.evm_status, int32_t{statuses[i % 3]});
        if (i % 3 == 0) {
            CHECK_EQ(outcome.output_size, uint32_t{32});
            CHECK_EQ(text_of(expected, outcome.output_offset, 32).back(), '\x01');
        }
        if (i % 3 == 2)
            CHECK(text_of(expected, outcome.text_offset, outcome.text_size) ==
                  "stack underflow (0 <=> 2)");
    }
    for (const size_t threads : {2, 4}) {
        const wire::PackedBuffer output = run(calls, threads);
        CHECK_EQ(output.size, expected.size);
        CHECK(std::memcmp(output.data.get(), expected.data.get(), expected.size) == 0);
    }
}

TEST("call runner: what is looked up is told where it is asked for") {
    Calls calls;
    calls.header.flags |= wire::block_flag::record_accesses;
    calls.add(Calls::counter);
    calls.add(Calls::reverter);
    const wire::PackedBuffer output = run(calls, 1);
    const auto outcomes = outcomes_of(output);
    CHECK_EQ(outcomes[0].access_count, uint32_t{1});
    CHECK_EQ(outcomes[1].access_count, uint32_t{0});
    const auto* key = reinterpret_cast<const wire::PrefetchKey*>(output.data.get() +
                                                                 calls_of(output).accessed.offset);
    CHECK(key->address == Calls::counter && is_zero(key->key));
    CHECK_EQ(key->flags, uint32_t{wire::prefetch_flag::has_key});
}

TEST("call runner: ends when it is asked to, and refuses what is no block") {
    Calls calls;
    for (int i = 0; i < 8; ++i)
        calls.add(Calls::endless, int64_t{1} << 60);
    Cancellation stop;
    std::thread other{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        stop.request();
    }};
    const wire::PackedBuffer output = run(calls, 2, &stop);
    other.join();
    CHECK_EQ(calls_of(output).error, static_cast<uint32_t>(wire::ErrorCode::cancelled));

    parallel::CallRunner runner{parallel::BlockRunner::create(nullptr, 1)};
    const wire::PackedBuffer input = packed(calls, 1);
    const wire::PackedBuffer refused =
        runner.run(input.view().subspan(0, sizeof(wire::BlockInput) - 8), calls.state);
    CHECK_EQ(calls_of(refused).error, static_cast<uint32_t>(wire::ErrorCode::input_malformed));
    calls.header.revision = EVMC_LATEST_STABLE_REVISION + 1;
    const wire::PackedBuffer unknown = runner.run(packed(calls, 1).view(), calls.state);
    CHECK_EQ(calls_of(unknown).error, static_cast<uint32_t>(wire::ErrorCode::unsupported_revision));
}

} // namespace braid::test
