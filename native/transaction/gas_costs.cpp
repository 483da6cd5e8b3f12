#include "transaction/gas_costs.hpp"

#include "evm/opcodes.hpp"

namespace braid::transaction {
namespace {

using wire::GasCost;

// The protocol's, as the operations have them: Yellow Paper, appendix G; EIP-2929.
constexpr int64_t keccak256_word_gas = 6;
constexpr int64_t copy_word_gas = 3;
constexpr int64_t memory_word_gas = 3;
constexpr int64_t log_byte_gas = 8;
constexpr int64_t call_value_gas = 9'000;
constexpr int64_t new_account_gas = 25'000;
constexpr int64_t delegation_access_gas = 100;

constexpr uint32_t first_precompile = static_cast<uint32_t>(GasCost::ecrecover);

/// The costs from which several rules follow.
struct AccessCosts {
    int64_t warm = 100;
    int64_t cold_account = 2'600;
    int64_t cold_slot = 2'100;
    int64_t set = 20'000;
    int64_t reset = 2'900;
    int64_t clear_refund = 4'800;
    int64_t log = 375;
    int64_t log_topic = 375;
};

void apply(const AccessCosts& costs, evm::Rules& rules) noexcept {
    for (int topics = 0; topics <= 4; ++topics)
        rules.opcodes[static_cast<size_t>(evm::OP_LOG0 + topics)].gas =
            static_cast<uint32_t>(costs.log + topics * costs.log_topic);
    if (!rules.has_access_lists)
        return;
    for (const int op :
         {evm::OP_BALANCE, evm::OP_EXTCODESIZE, evm::OP_EXTCODECOPY, evm::OP_EXTCODEHASH,
          evm::OP_CALL, evm::OP_CALLCODE, evm::OP_DELEGATECALL, evm::OP_STATICCALL, evm::OP_SLOAD})
        rules.opcodes[static_cast<size_t>(op)].gas = static_cast<uint32_t>(costs.warm);
    rules.storage_costs = evm::detail::net_storage_costs(
        static_cast<int>(costs.warm), static_cast<int>(costs.set), static_cast<int>(costs.reset),
        static_cast<int>(costs.clear_refund));
    rules.cold_storage_gas = costs.cold_slot;
    rules.cold_sload_gas = costs.cold_slot - costs.warm;
    rules.cold_account_gas = costs.cold_account - costs.warm;
    rules.cold_beneficiary_gas = costs.cold_account;
}

/// An instruction's price of its own; PUSH1, DUP1 and SWAP1 stand for all of their kind.
bool set_opcode(evm::Rules& rules, uint32_t op, uint32_t gas) noexcept {
    uint32_t last = op;
    if (op == evm::OP_PUSH1)
        last = evm::OP_PUSH32;
    else if (op == evm::OP_DUP1 || op == evm::OP_SWAP1)
        last = op + 15;
    if (!rules.opcodes[op].defined)
        return false;
    for (uint32_t each = op; each <= last; ++each)
        rules.opcodes[each].gas = gas;
    return true;
}

bool set_precompile(precompiles::Prices& prices, uint32_t cost, int64_t value) noexcept {
    const uint32_t index = (cost - first_precompile) / 2;
    if (index >= precompiles::Prices::count)
        return false;
    auto& price = prices.contracts[index];
    ((cost - first_precompile) % 2 == 0 ? price.call : price.item) = value;
    return true;
}

/// Sets a cost that stands for itself; false where it is none.
bool set_parameter(GasCosts& costs, AccessCosts& access, GasCost cost, int64_t value) noexcept {
    const auto unsigned_value = static_cast<uint64_t>(value);
    Rules& rules = costs.rules;
    IntrinsicCosts& intrinsic = *rules.intrinsic_costs;
    evm::PricedRules& vm = costs.vm;
    switch (cost) {
    case GasCost::warm_access:
        access.warm = value;
        vm.delegation_access = value - delegation_access_gas;
        return true;
    case GasCost::cold_account_access:
        access.cold_account = value;
        return true;
    case GasCost::cold_sload:
        access.cold_slot = value;
        return true;
    case GasCost::storage_set:
        access.set = value;
        return true;
    case GasCost::storage_reset:
        access.reset = value;
        return true;
    case GasCost::storage_clear_refund:
        access.clear_refund = value;
        return true;
    case GasCost::keccak256_word:
        vm.keccak256_word = value - keccak256_word_gas;
        return true;
    case GasCost::copy_word:
        vm.copy_word = value - copy_word_gas;
        return true;
    case GasCost::memory_word:
        vm.memory_word = value - memory_word_gas;
        return true;
    case GasCost::exp_byte:
        vm.rules.exp_byte_gas = value;
        return true;
    case GasCost::log:
        access.log = value;
        return true;
    case GasCost::log_topic:
        access.log_topic = value;
        return true;
    case GasCost::log_byte:
        vm.log_byte = value - log_byte_gas;
        return true;
    case GasCost::call_value:
        vm.call_value = value - call_value_gas;
        return true;
    case GasCost::new_account:
        vm.new_account = value - new_account_gas;
        if (vm.rules.selfdestruct_new_account_gas != 0)
            vm.rules.selfdestruct_new_account_gas = value;
        return true;
    case GasCost::create:
        return set_opcode(vm.rules, evm::OP_CREATE, static_cast<uint32_t>(value)) &&
               (!vm.rules.opcodes[evm::OP_CREATE2].defined ||
                set_opcode(vm.rules, evm::OP_CREATE2, static_cast<uint32_t>(value)));
    case GasCost::initcode_word:
        vm.rules.initcode_word_gas = value;
        rules.initcode_word_gas = value;
        return true;
    case GasCost::code_deposit_byte:
        rules.code_deposit_gas = value;
        return true;
    case GasCost::transaction:
        intrinsic.transaction = unsigned_value;
        return true;
    case GasCost::transaction_create:
        rules.creation_gas = value;
        return true;
    case GasCost::calldata_zero:
        intrinsic.data_zero = unsigned_value;
        return true;
    case GasCost::calldata_nonzero:
        rules.data_nonzero_gas = value;
        return true;
    case GasCost::calldata_floor_token:
        rules.floor_token_gas = value;
        return true;
    case GasCost::access_list_address:
        intrinsic.access_address = unsigned_value;
        return true;
    case GasCost::access_list_key:
        intrinsic.access_key = unsigned_value;
        return true;
    case GasCost::authorization:
        intrinsic.authorization = unsigned_value;
        return true;
    default:
        return false;
    }
}

} // namespace

std::optional<GasCosts> GasCosts::make(evmc_revision revision,
                                       std::span<const wire::GasCostChange> changes) noexcept {
    GasCosts costs;
    costs.rules = rules_of(revision);
    costs.rules.intrinsic_costs.emplace();
    costs.vm.rules = evm::all_rules[static_cast<size_t>(revision)];
    AccessCosts access;
    if (revision == EVMC_BERLIN)
        access.clear_refund = 15'000; // until EIP-3529
    for (const auto& [cost, value] : changes) {
        if (value > evm::largest_price)
            return std::nullopt;
        const bool is_known =
            cost < 256 ? set_opcode(costs.vm.rules, cost, value)
            : cost >= first_precompile
                ? set_precompile(costs.precompiles, cost, value)
                : set_parameter(costs, access, static_cast<GasCost>(cost), int64_t{value});
        if (!is_known)
            return std::nullopt;
    }
    apply(access, costs.vm.rules);
    return costs;
}

} // namespace braid::transaction
