#include "transaction/delegation.hpp"

#include "crypto/keccak.hpp"

namespace braid::transaction {
namespace {

/// EIP-7702: PER_EMPTY_ACCOUNT_COST - PER_AUTH_BASE_COST.
constexpr int64_t existing_authority_refund = 25'000 - 12'500;

CodeRef make_designator(const Address& target) {
    std::vector<uint8_t> bytes(delegation_prefix, delegation_prefix + sizeof(delegation_prefix));
    bytes.insert(bytes.end(), target.bytes, target.bytes + sizeof(target.bytes));
    const Bytes32 hash = crypto::keccak256(bytes);
    return std::make_shared<const Code>(std::move(bytes), hash);
}

/// Carries out one authorization; the refund it earns.
int64_t apply(const Address& authority_address, const wire::Authorization& authorization,
              Journal& journal) noexcept {
    JournalAccount& authority = journal.account(authority_address);
    journal.access(authority);
    if (journal.has_code(authority)) {
        const Code* code = journal.code_of(authority);
        if (code == nullptr || !is_delegation(code->bytes()))
            return 0;
    }
    if (journal.nonce_of(authority) != authorization.nonce)
        return 0;
    const int64_t refund = journal.exists(authority) ? existing_authority_refund : 0;
    journal.set_code(authority, is_zero(authorization.address)
                                    ? nullptr
                                    : make_designator(authorization.address));
    journal.set_nonce(authority, authority.nonce + 1);
    return refund;
}

} // namespace

int64_t apply_authorizations(const BlockEnvironment& environment, const TransactionInput& input,
                             Journal& journal) noexcept {
    const wire::Transaction& transaction = *input.record;
    const auto authorizations = environment.block.authorizations.subspan(
        transaction.authorization_start, transaction.authorization_count);
    int64_t refund = 0;
    for (size_t i = 0; i < authorizations.size(); ++i) {
        const wire::Authorization& authorization = authorizations[i];
        const bool any_chain = is_zero(authorization.chain_id);
        if ((any_chain || authorization.chain_id == environment.context.chain_id) &&
            authorization.nonce != UINT64_MAX && input.authorities[i].valid)
            refund += apply(input.authorities[i].address, authorization, journal);
    }
    return refund;
}

} // namespace braid::transaction
