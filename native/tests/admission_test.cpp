/// What a pool is told of transactions that somebody offers it.
#include "parallel/admission_runner.hpp"
#include "tests/harness.hpp"
#include "tests/packed_blocks.hpp"
#include "tests/signed_senders.hpp"
#include "transaction/delegation.hpp"

#include <cstring>
#include <vector>

namespace braid::test {
namespace {

wire::PackedBuffer asked(BlockFixture& block, size_t threads, BytesView input,
                         const Cancellation* cancellation = nullptr) {
    const parallel::AdmissionRunner runner{parallel::BlockRunner::create(nullptr, threads)};
    return runner.run(input, block.state, cancellation);
}

wire::AdmissionsOutput head_of(const wire::PackedBuffer& output) {
    wire::AdmissionsOutput header{};
    std::memcpy(&header, output.data.get(), sizeof(header));
    return header;
}

std::vector<wire::Admission> admissions_in(const wire::PackedBuffer& output) {
    const wire::AdmissionsOutput header = head_of(output);
    std::vector<wire::Admission> admissions(header.admissions.count);
    if (!admissions.empty())
        std::memcpy(admissions.data(), output.data.get() + header.admissions.offset,
                    admissions.size() * sizeof(wire::Admission));
    return admissions;
}

bool is_ok(const wire::Admission& admission) {
    return admission.error == static_cast<uint32_t>(wire::ErrorCode::ok);
}

} // namespace

TEST("admission: says the same on any number of threads") {
    BlockFixture block{EVMC_OSAKA};
    for (uint64_t i = 0; i < 700; ++i) {
        wire::Transaction& transaction = block.add_call(address_of(0x1000 + i));
        transaction.value = word(i);
        transaction.max_fee_per_gas = word(10);
        if (i % 7 == 0)
            transaction.gas_limit = 20'999;
    }
    sign_transactions(block);
    const wire::PackedBuffer input = packed(block, 1);
    const wire::PackedBuffer expected = asked(block, 1, input.view());
    const std::vector<wire::Admission> admissions = admissions_in(expected);
    CHECK_EQ(admissions.size(), size_t{700});
    for (size_t i = 0; i < admissions.size(); ++i) {
        CHECK_EQ(is_ok(admissions[i]), i % 7 != 0);
        CHECK_EQ(admissions[i].flags, uint32_t{0});
        const uint256 gas = block.transactions[i].gas_limit;
        CHECK(admissions[i].cost == to_bytes32(gas * uint256{10} + uint256{i}));
    }
    for (const size_t threads : {2, 4}) {
        const wire::PackedBuffer output = asked(block, threads, input.view());
        CHECK_EQ(output.size, expected.size);
        CHECK(std::memcmp(output.data.get(), expected.data.get(), output.size) == 0);
    }
}

TEST("admission: tells delegations from contracts, and what a sender has") {
    BlockFixture block{EVMC_OSAKA};
    block.add_call(address_of(0x1000));
    const Address sender = block.transactions[0].sender;
    const auto flags_with = [&](std::vector<uint8_t> code) {
        const Bytes32 hash = crypto::keccak256(code);
        block.state.add_code(code, hash);
        block.state.set_account({sender, 9, uint256{77}, hash});
        const wire::Admission admission =
            admissions_in(asked(block, 1, packed(block, 1).view())).front();
        CHECK(admission.sender == sender);
        CHECK_EQ(admission.nonce, uint64_t{9});
        CHECK(admission.balance == word(77));
        return admission.flags;
    };
    CHECK_EQ(flags_with({0x00}), wire::admission_flag::has_code);
    std::vector<uint8_t> delegation(23, 0x11);
    std::memcpy(delegation.data(), transaction::delegation_prefix, 3);
    CHECK_EQ(flags_with(delegation), wire::admission_flag::delegated);
    block.header.revision = EVMC_CANCUN;
    CHECK_EQ(flags_with(delegation), wire::admission_flag::has_code);
}

TEST("admission: a signature of nobody, costs beyond 256 bits, input that is none, an end in "
     "between") {
    BlockFixture block{EVMC_OSAKA};
    block.add_call(address_of(0x1000)).max_fee_per_gas = to_bytes32(uint256::max());
    block.add_call(address_of(0x1001));
    wire::Transaction& unsigned_one = block.transactions[1];
    unsigned_one.flags &= static_cast<uint8_t>(~wire::transaction_flag::has_sender);
    const auto admissions = admissions_in(asked(block, 1, packed(block, 1).view()));
    CHECK(admissions[0].cost == to_bytes32(uint256::max()));
    CHECK_EQ(admissions[1].error, static_cast<uint32_t>(wire::ErrorCode::tx_signature_invalid));
    CHECK(admissions[1].sender == Address{});

    const wire::PackedBuffer input = packed(block, 1);
    const auto error_of = [](const wire::PackedBuffer& output) {
        return static_cast<wire::ErrorCode>(head_of(output).error);
    };
    CHECK(error_of(asked(block, 1, input.view().first(100))) == wire::ErrorCode::input_malformed);
    Cancellation cancellation;
    cancellation.request();
    CHECK(error_of(asked(block, 1, input.view(), &cancellation)) == wire::ErrorCode::cancelled);
    block.header.revision = EVMC_LATEST_STABLE_REVISION + 1;
    CHECK(error_of(asked(block, 1, packed(block, 1).view())) ==
          wire::ErrorCode::unsupported_revision);
}

} // namespace braid::test
