#include "transaction/rules.hpp"

#include <array>

namespace braid::transaction {
namespace {

using RuleTable = std::array<Rules, EVMC_MAX_REVISION + 1>;

/// Every revision starts from its predecessor.
constexpr RuleTable make_rules() noexcept {
    RuleTable table{};
    Rules rules;
    for (int revision = 0; revision <= EVMC_MAX_REVISION; ++revision) {
        rules.revision = static_cast<evmc_revision>(revision);
        switch (rules.revision) {
        case EVMC_HOMESTEAD:
            rules.creation_gas = 32'000;
            rules.failed_deposit_fails = true;
            rules.low_s = true;
            break;
        case EVMC_SPURIOUS_DRAGON:
            rules.replay_protection = true;
            rules.max_code_size = 24'576;
            rules.created_nonce = 1;
            rules.clear_empty = true;
            break;
        case EVMC_BYZANTIUM:
            rules.receipt_status = true;
            break;
        case EVMC_ISTANBUL:
            rules.data_nonzero_gas = 16;
            break;
        case EVMC_BERLIN:
            rules.warm_access = true;
            rules.max_transaction_type = 1;
            break;
        case EVMC_LONDON:
            rules.base_fee = true;
            rules.refund_quotient = 5;
            rules.reject_ef_code = true;
            rules.max_transaction_type = 2;
            break;
        case EVMC_PARIS:
            rules.pays_reward = false;
            break;
        case EVMC_SHANGHAI:
            rules.warm_coinbase = true;
            rules.initcode_word_gas = 2;
            rules.max_initcode_size = 49'152;
            break;
        case EVMC_CANCUN:
            rules.destroy_only_created = true;
            rules.max_transaction_type = 3;
            break;
        case EVMC_PRAGUE:
            rules.floor_token_gas = 10;
            rules.delegation = true;
            rules.max_transaction_type = 4;
            break;
        case EVMC_OSAKA:
            rules.max_transaction_gas = uint64_t{1} << 24;
            break;
        default:
            break;
        }
        table[static_cast<size_t>(revision)] = rules;
    }
    return table;
}

constexpr RuleTable all_rules = make_rules();

} // namespace

const Rules& rules_of(evmc_revision revision) noexcept {
    return all_rules[static_cast<size_t>(revision)];
}

} // namespace braid::transaction
