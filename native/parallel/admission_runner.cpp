#include "parallel/admission_runner.hpp"

#include "transaction/delegation.hpp"

#include <vector>

namespace braid::parallel {
namespace {

/// How many signatures, and how many transactions, a thread takes at a time.
constexpr size_t signatures_per_part = 64;
constexpr size_t transactions_per_part = 256;

wire::AdmissionsOutput header_of(wire::ErrorCode error) noexcept {
    wire::AdmissionsOutput header{};
    header.magic = wire::magic::admissions_output;
    header.version = wire::version;
    header.error = static_cast<uint32_t>(error);
    return header;
}

wire::PackedBuffer failed(wire::ErrorCode error) noexcept {
    const wire::AdmissionsOutput header = header_of(error);
    return wire::copy_buffer(std::span{&header, 1});
}

/// What the state knows of a sender. An account that the state cannot tell of is unknown.
void read_account(const transaction::Rules& rules, state::StateView& state,
                  wire::Admission& admission) noexcept {
    state::AccountState account;
    bool exists = false;
    if (state.load_account(admission.sender, account, exists) != state::ReadStatus::ok) {
        admission.flags |= wire::admission_flag::account_unknown;
        return;
    }
    admission.nonce = account.nonce;
    admission.balance = to_bytes32(account.balance);
    if (account.code_hash == state::empty_code_hash)
        return;
    const Code* code = nullptr;
    if (state.load_code(admission.sender, account.code_hash, code) != state::ReadStatus::ok)
        admission.flags |= wire::admission_flag::account_unknown;
    else if (rules.delegation && code != nullptr && transaction::is_delegation(code->bytes()))
        admission.flags |= wire::admission_flag::delegated;
    else
        admission.flags |= wire::admission_flag::has_code;
}

wire::Admission admission_of(const transaction::BlockEnvironment& environment,
                             const transaction::TransactionInput& input,
                             state::StateView& state) noexcept {
    wire::Admission admission{};
    transaction::TransactionFees fees;
    const transaction::Failure failure = transaction::validate_stateless(environment, input, fees);
    admission.error = static_cast<uint32_t>(failure.code);
    admission.error_expected = failure.expected;
    admission.error_actual = failure.actual;
    if (!input.sender.valid)
        return admission;
    admission.sender = input.sender.address;
    uint256 cost;
    if (!transaction::maximum_cost(*input.record, cost))
        cost = uint256::max();
    admission.cost = to_bytes32(cost);
    read_account(*environment.rules, state, admission);
    return admission;
}

std::vector<wire::Authority> authorities_of(const wire::BlockView& block,
                                            const block::SenderTable& senders) {
    std::vector<wire::Authority> authorities(block.authorizations.size());
    for (const wire::Transaction& transaction : block.transactions) {
        size_t at = transaction.authorization_start;
        for (const transaction::Signer& signer : senders.authorities(transaction)) {
            wire::Authority& authority = authorities[at++];
            if (!signer.valid)
                continue;
            authority.address = signer.address;
            authority.flags = wire::authority_flag::recovered;
        }
    }
    return authorities;
}

wire::PackedBuffer packed(std::span<const wire::Admission> admissions,
                          std::span<const wire::Authority> authorities) noexcept {
    wire::AdmissionsOutput header = header_of(wire::ErrorCode::ok);
    wire::SectionPlanner planner{sizeof(header)};
    header.admissions = planner.place(admissions);
    header.authorities = planner.place(authorities);
    if (!planner.fits())
        return failed(wire::ErrorCode::out_of_memory);
    wire::PackedBuffer buffer = wire::allocate_buffer(planner.size());
    if (buffer.data == nullptr)
        return failed(wire::ErrorCode::out_of_memory);
    std::memset(buffer.data.get(), 0, buffer.size);
    std::memcpy(buffer.data.get(), &header, sizeof(header));
    const auto put = [&](const wire::Section& section, auto records) {
        if (!records.empty())
            std::memcpy(buffer.data.get() + section.offset, records.data(), records.size_bytes());
    };
    put(header.admissions, admissions);
    put(header.authorities, authorities);
    return buffer;
}

} // namespace

wire::PackedBuffer AdmissionRunner::run(BytesView input, state::StateView& state,
                                        const Cancellation* cancellation) const {
    const auto block = wire::read_block(input);
    if (!block)
        return failed(wire::ErrorCode::input_malformed);
    if (block->header->revision > EVMC_LATEST_STABLE_REVISION)
        return failed(wire::ErrorCode::unsupported_revision);
    const size_t threads = blocks_->threads_for(*block);
    block::SenderTable senders;
    senders.begin(*block);
    blocks_->pool_.parallel_for(senders.job_count(), signatures_per_part, threads,
                                [&](size_t begin, size_t end) noexcept {
                                    if (!is_cancelled(cancellation))
                                        senders.recover(begin, end);
                                });
    const transaction::BlockEnvironment environment{*block, cancellation};
    const std::span<const wire::Transaction> transactions = block->transactions;
    std::vector<wire::Admission> admissions(transactions.size());
    blocks_->pool_.parallel_for(
        transactions.size(), transactions_per_part, threads,
        [&](size_t begin, size_t end) noexcept {
            for (size_t i = begin; i < end && !is_cancelled(cancellation); ++i)
                admissions[i] = admission_of(
                    environment,
                    {&transactions[i], senders.sender(i), senders.authorities(transactions[i])},
                    state);
        });
    if (is_cancelled(cancellation))
        return failed(wire::ErrorCode::cancelled);
    return packed(admissions, authorities_of(*block, senders));
}

} // namespace braid::parallel
